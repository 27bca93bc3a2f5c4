/* SPDX-License-Identifier: Apache-2.0 */
/* The host's ends of users' veths, as status and gc look after them. */
#pragma once

#include "run.h"

/* Whether there are such ports to look at: users' for root of the machine, and a user's own. */
int run_sees_ports(const struct run *run);

/* Puts into words how many veths a user has of those that he may have, and which comes next, if
 * `before` more are made first. -1: none is free then, or they could not be listed. */
int run_ports_usage(
	struct nl *nl, uint32_t uid, uint32_t count, uint32_t before, struct vst_err *ret_said);

/* status: sets down what is not as it was made, and prints a row for each that needs attention.
 */
int run_ports_show(struct run *run, struct vst_err *err);

/* gc: that, and deletes what was left behind; with --uid everything that the user has, and with
 * --policy what it does not permit any more. Says what it did. VST_EXIT_CONFLICT: some need
 * attention; VST_EXIT_INCOMPLETE: of some it is not known whether they are permitted. */
int run_ports_sweep(struct run *run, struct vst_err *err);
