/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[]: a bind of a file or directory, detached, with its attributes. */
#pragma once

#include "../act/exec.h"

/* Builds the bind of a STEP_MOUNT_BIND. source_fd is O_PATH, *ret_tree_fd the caller's.
 * Restrictions of the source's own mount remain. *ret_n_ids is rec_mount's n_ids. */
int exec_bind_tree(const struct plan_allowed *allowed, uint32_t step, int source_fd,
	int *ret_tree_fd, uint32_t *ret_n_ids, struct vst_err *err);
