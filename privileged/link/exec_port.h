/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The veth of a caller with less than the program. Its host end is a port of a bridge, with a
 * name that is ours (policy/slot.h); its other end is created in the process's network
 * namespace and stays down.
 */
#pragma once

#include "../act/exec.h"

/* The executor (exec.h) of such a step, on the bridge `on`, with what the policy grants. Takes
 * the first slot that is free, and first takes back what anybody left behind unfinished. Needs
 * run->here. VST_EXIT_DENIED: all slots are taken, or the bridge has as many such ports as it
 * may have; VST_EXIT_CONFLICT, as port_bridge_look; VST_EXIT_UNSUPPORTED: this kernel cannot
 * secure a port. */
int exec_port(const struct plan_allowed *allowed, uint32_t step, const char *on,
	const struct grant_port *granted, struct exec_run *run, struct vst_err *err);

/* The most journal bytes that one needs. */
size_t exec_port_space(const struct grant_port *granted);
