/* SPDX-License-Identifier: Apache-2.0 */
/* The empty files that namespaces are bound on. */
#pragma once

#include "../act/exec.h"

/* Makes sure that the place, one component in its directory, is an empty regular file, made
 * with mode 0644 if missing. *ret_fd is the caller's: O_PATH, or for reading if the file was
 * made. Returns 0; 1 if a namespace is bound on it, and the caller judges that; -1. Any other
 * object is VST_EXIT_CONFLICT. */
int exec_file_make(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *place, int *ret_fd, struct vst_err *err);

/* Removes the file that a record of the run behind `since` made as `name` in parent_fd, if it
 * turned out not to be where the journal says. If it cannot be removed, its record is left to
 * undo. */
void exec_file_unmake(struct exec_run *run, uint32_t since, int parent_fd, const char *name);

/* The undo function (exec.h) of a JOURNAL_FILE. base_fd is the pin's directory. */
int exec_file_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* The most journal bytes that a path of this length needs. */
size_t exec_file_space(size_t rest_len);
