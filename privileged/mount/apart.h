/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaching a mount with its propagation. In the bundle, a mount is kept apart: if no
 * propagation is named it is private, before and after it is attached. A tree is never
 * propagated to the peers of its parent mount, because no unmount here would reach the copies
 * inside it.
 */
#pragma once

#include "../act/attach.h"

struct apart {
	struct attach_to to;
	uint8_t propagation; /* vst_mount_flags.propagation. */
	int is_bind;         /* A clone, so a peer of its source if that is shared. */
	int is_tree;         /* Recursive, perhaps of more than one mount. */
};

/* Attaches the tree, adds it to run->mounts for later steps (*tree_fd is taken), and proves its
 * propagation (6.8). On failure the journal says what is left to undo. */
int apart_mount(struct exec_run *run, uint32_t step, int *tree_fd, const struct apart *place,
	struct vst_err *err);
