/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[]: a new file system, detached, with its attributes. */
#pragma once

#include "../act/exec.h"

/* Builds the mount of a STEP_MOUNT_NEW or STEP_MOUNT_OVERLAY. `layers` has a descriptor
 * (O_PATH) for each source of the step's mount, in their order, borrowed; NULL if there are
 * none. *ret_tree_fd is the caller's. *ret_is_others: the file system existed before and has
 * other users; it comes with the options in force, and VST_EXIT_CONFLICT if the step asks for
 * others. */
int exec_new_tree(const struct plan_allowed *allowed, uint32_t step, const int *layers,
	int *ret_tree_fd, int *ret_is_others, struct vst_err *err);
