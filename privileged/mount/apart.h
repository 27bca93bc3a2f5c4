/*
 * Attaching a mount with its propagation. Within a bundle it is kept apart: what names no
 * propagation is private before anybody sees it and afterwards, and a tree is never copied to
 * the peers of what it is mounted on, because no unmount here would reach its copies there.
 */
#pragma once

#include "../act/attach.h"

struct apart {
	struct attach_to to;
	uint8_t propagation; /* as struct vst_mount_flags has it */
	int is_bind; /* a clone, and so a peer of what it was made of where that is shared */
	int is_tree; /* a recursive one: perhaps of more than one mount */
};

/* Attaches the tree (*tree_fd is taken), keeps it for the steps that lie beneath it, and proves
 * its propagation (6.8). On failure the journal says what is left to undo. */
int apart_mount(struct exec_run *run, uint32_t step, int *tree_fd, const struct apart *place,
	struct vst_err *err);
