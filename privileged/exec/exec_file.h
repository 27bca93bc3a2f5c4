/* The empty files that namespaces are bound on. */
#pragma once

#include "../act/exec.h"

/* Makes sure that `name` beneath parent_fd is an empty regular file, made 0644 if missing, and
 * opens it (O_PATH, or for reading if it was made). An object that is not an empty regular file
 * is VST_EXIT_CONFLICT; one on nsfs is left to the caller: opened, *ret_fd, *ret_is_ns 1.
 * is_new_dir: nothing is expected in the directory, and it is made without a look. */
int exec_file_make(const struct plan_allowed *allowed, struct exec_run *run, int parent_fd,
	int is_new_dir, const char *name, uint32_t pin_rec, const char *rec_rest, int *ret_fd,
	int *ret_is_ns, struct vst_err *err);

/* The file that the run's record behind `since` made as `name` in parent_fd turned out to be
 * where the journal does not find it: removes it by descriptor, or leaves its record to undo.
 */
void exec_file_unmake(struct exec_run *run, uint32_t since, int parent_fd, const char *name);

/* See exec.h. base_fd is the pin's directory. */
int exec_file_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* The most that the journal needs for a path of this length. */
size_t exec_file_space(size_t rest_len);
