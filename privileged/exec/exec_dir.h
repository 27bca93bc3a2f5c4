/* SPDX-License-Identifier: Apache-2.0 */
/* Making directories, and taking them back. */
#pragma once

#include "../act/exec.h"

/* Makes the components of the place's path that are missing, with mode 0755 exactly. If ret_fd
 * is not NULL, the last one is opened (O_PATH) and handed to the caller. An existing directory
 * is fine; anything else, a symbolic link included, is VST_EXIT_CONFLICT. After a partial
 * failure, the record names what was made. *ret_is_new, if not NULL, says whether this call
 * made the last component, so that it is empty. */
int exec_dir_make(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *place, int *ret_fd, int *ret_is_new, struct vst_err *err);

/* As exec_dir_make, without opening the last component. If that was made, in a directory other
 * than the place's, *ret_parent_fd gets that directory (O_PATH, the caller's); else it is
 * untouched. */
int exec_dir_make_in(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *place, int *ret_parent_fd, struct vst_err *err);

/* Removes directories that were made in a place the journal does not name. For each directory
 * record of the run behind `since` whose path ends in dir_rest, the last component is removed
 * from dir_fd, where it really is. Then the directories made for it are removed upwards from
 * there; where ".." is refused, beneath base_fd, which is `skip` components below the pin (-1:
 * not possible). Records of what stays are left to undo. Changes the working directory to "/".
 */
void exec_dir_unmake(struct exec_run *run, uint32_t since, int base_fd, uint32_t skip,
	int dir_fd, const char *dir_rest);

/* The undo function (exec.h) of a JOURNAL_DIR. base_fd is the pin's directory. */
int exec_dir_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* The most journal bytes that a path of this length needs. */
size_t exec_dir_space(size_t rest_len);
