/* mounts[]: a bind of a file or a directory, detached, with its attributes. */
#pragma once

#include "../act/exec.h"

/* STEP_MOUNT_BIND. source_fd is O_PATH. What the source's own mount forbids stays forbidden.
 * *ret_n_ids is for the record (struct rec_mount). */
int exec_bind_tree(const struct plan_allowed *allowed, uint32_t step, int source_fd,
	int *ret_tree_fd, uint32_t *ret_n_ids, struct vst_err *err);
