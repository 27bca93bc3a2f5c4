/*
 * The mounts that a recursive bind brought along: copies of the source's, ours to take back. A
 * copy of a shared mount is its peer, and so unmounting in it would unmount at the source, here
 * and in other mount namespaces: that must never happen.
 */
#pragma once

#include "../act/exec.h"

/* Unmounts what lies in the record's mount (root_fd is its root, n_ids is known), at any depth.
 * UNDO_DONE: nothing is left in it. UNDO_LEFT: somebody else's mount lies in it, and nothing
 * was changed. UNDO_BUSY: what is left is ours, and nobody's peer. *ret_copies: whether copies
 * of the whole may stay where the mount that holds it has peers. */
int subtree_undo(
	int root_fd, const struct rec_mount *rec, int *ret_copies, struct vst_err *err);

/* The record's mount is left because of the one inside: err says so, and UNDO_LEFT. */
int subtree_left(const struct rec_mount *rec, uint64_t inside, struct vst_err *err);

/* Whether rec's mount lies where other's does, or beneath that place: then the later of the two
 * hides the earlier. Both exist, and the kernel tells (6.8); else 0. */
int subtree_is_beneath(const struct rec_mount *rec, const struct rec_mount *other);
