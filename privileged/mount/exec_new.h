/* mounts[]: a new file system, detached, with its attributes. */
#pragma once

#include "../act/exec.h"

/* STEP_MOUNT_NEW and STEP_MOUNT_OVERLAY. layers: a descriptor (O_PATH) for each source of the
 * step's mount, in their order; NULL where there are none. *ret_is_others: the file system was
 * there before, and is others' too: it comes with the options that are in force, and is refused
 * (VST_EXIT_CONFLICT) where others were asked for. */
int exec_new_tree(const struct plan_allowed *allowed, uint32_t step, const int *layers,
	int *ret_tree_fd, int *ret_is_others, struct vst_err *err);
