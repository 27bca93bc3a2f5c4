/* SPDX-License-Identifier: Apache-2.0 */
/* Proves that what was made is where the journal says. The owner of a directory on the way can
 * move it while something is made in it. */
#pragma once

#include "../act/exec.h"

/* dir_fd is where something was made since the journal's record `since`; in->fd is -1 if it is
 * closed by now. Proves that the journal's path, without its last component, leads to dir_fd.
 * If not, VST_EXIT_CONFLICT, and the directories made there are removed by descriptor; records
 * of those that cannot be are left to undo. */
int execute_prove(const struct plan_allowed *allowed, struct exec_run *run, uint32_t since,
	const struct place *in, int dir_fd, struct vst_err *err);

/* As execute_prove, for a directory that was made: made_fd is that directory itself. */
int execute_prove_dir(const struct plan_allowed *allowed, struct exec_run *run, uint32_t since,
	const struct place *in, int made_fd, struct vst_err *err);

/* Proves that the pin's path still leads to the pin, else VST_EXIT_CONFLICT. Undo opens the pin
 * by its path. */
int execute_prove_pin(const struct plan_allowed *allowed, uint32_t pin, struct vst_err *err);

/* The descriptor of the pin with this record, borrowed; -1: there is none. */
int execute_pin_fd(
	const struct plan_allowed *allowed, const struct exec_run *run, uint32_t pin_rec);
