/* mounts[]: a bind of a file or a directory, detached, with its attributes. */
#pragma once

#include "exec.h"

/* STEP_MOUNT_BIND. source_fd is O_PATH. What the source's own mount forbids stays forbidden. */
int exec_bind_tree(const struct plan_allowed *allowed, uint32_t step, int source_fd,
	int *ret_tree_fd, struct vst_err *err);
