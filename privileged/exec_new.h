/* mounts[]: a new file system, detached, with its attributes. */
#pragma once

#include "exec.h"

/* STEP_MOUNT_NEW and STEP_MOUNT_OVERLAY. layers: a descriptor (O_PATH) for each source of the
 * step's mount, in their order; NULL where there are none. */
int exec_new_tree(const struct plan_allowed *allowed, uint32_t step, const int *layers,
	int *ret_tree_fd, struct vst_err *err);
