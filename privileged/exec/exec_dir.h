/* Directories. */
#pragma once

#include "../act/exec.h"

/* Makes the components of rest (canonical, relative) that are missing beneath base_fd, exactly
 * 0755, and opens the last one (O_PATH) in *ret_fd if it is not NULL. pin_rec is the record of
 * base_fd's directory and rec_rest is rest as seen from it. An existing directory is fine;
 * anything else, a symbolic link included, is VST_EXIT_CONFLICT. A failure in the middle leaves
 * what was made to the record. A rest of one component that is rec_rest, too, was missing when
 * it was resolved: it is made without another look. *ret_is_new, if not NULL: whether this call
 * has made the last component, so that nothing was in it. */
int exec_dir_make(const struct plan_allowed *allowed, struct exec_run *run, int base_fd,
	const char *rest, uint32_t pin_rec, const char *rec_rest, int *ret_fd, int *ret_is_new,
	struct vst_err *err);

/* The same without opening the last component; is_missing: rest is one, which was looked for a
 * moment ago and is not there. If that was missing, and in another directory
 * than base_fd's, *ret_parent_fd gets that directory (O_PATH); else it is left alone. */
int exec_dir_make_in(const struct plan_allowed *allowed, struct exec_run *run, int base_fd,
	const char *rest, uint32_t pin_rec, const char *rec_rest, int is_missing,
	int *ret_parent_fd, struct vst_err *err);

/* The run's records behind `since` of directories that the journal finds in dir_rest: what they
 * made is removed, by descriptor, from dir_fd, where it really is; with the directories that
 * were made for it, from there upwards, or where the kernel does not go up from base_fd (-1:
 * none), which is `skip` components above their path. The record of what stays is left to
 * undo. Changes the working directory to "/". */
void exec_dir_unmake(struct exec_run *run, uint32_t since, int base_fd, uint32_t skip,
	int dir_fd, const char *dir_rest);

/* See exec.h. base_fd is the pin's directory. */
int exec_dir_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* The most that the journal needs for a path of this length. */
size_t exec_dir_space(size_t rest_len);
