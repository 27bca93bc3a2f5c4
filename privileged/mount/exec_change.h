/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[]: remount, and propagation of an existing mount. */
#pragma once

#include "../act/exec.h"

/* Executes a STEP_MOUNT_CHANGE of the mount whose root is place->fd (O_PATH). An object that is
 * no mount's root is VST_EXIT_CONFLICT. Only what the step lists changes. is_own: this run made
 * the mount, so undoing the mount undoes the change. Else its former state is journalled by the
 * place's pin_rec and rec_rest, and a change that could not be undone is VST_EXIT_UNSUPPORTED:
 * options of the file system, recursive changes if mounts lie beneath, any change before 6.8.
 * Options of the file system are so for this run's own bind as well: others use that file
 * system. */
int exec_change(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	const struct place *place, int is_own, struct vst_err *err);

/* The undo function (exec.h) of a JOURNAL_CHANGE. base_fd is the pin's directory, -1 if it is
 * gone: the mount is found by its id wherever it is. UNDO_OTHERWISE: it is shared again, but
 * with other peers, or is no slave any more. */
int exec_change_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* Whether the record's mount is gone, wherever its directory is. */
int exec_change_is_gone(const struct journal_rec *rec);

/* The most journal bytes that a change of a mount point with this path needs. */
size_t exec_change_space(size_t rest_len);
