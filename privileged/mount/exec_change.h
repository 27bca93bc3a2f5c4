/* mounts[]: remount and propagation of a mount that is there. */
#pragma once

#include "../act/exec.h"

/* STEP_MOUNT_CHANGE of the mount whose root place->fd (O_PATH) is; what is no mount's root is
 * VST_EXIT_CONFLICT. Only what is listed changes. is_own: this run made it, and taking it back
 * takes this back. Else what it was like is noted first, by the place, and what could
 * not be taken back is VST_EXIT_UNSUPPORTED: data and flags of the file system, recursive forms
 * where mounts lie beneath it, kernels below 6.8. Data and flags of the file system are so for
 * a bind of this run as well: others use that file system. */
int exec_change(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	const struct place *place, int is_own, struct vst_err *err);

/* See exec.h. base_fd is -1 if the pin's directory is not there: the mount is found by its id
 * wherever it is. UNDO_OTHERWISE: it is shared again, but with other peers, or no slave any
 * more.
 */
int exec_change_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* Whether the record's mount is gone, wherever its directory is: 1 or 0. */
int exec_change_is_gone(const struct journal_rec *rec);

/* The most that the journal needs for one change of a mount point with this path. */
size_t exec_change_space(size_t rest_len);
