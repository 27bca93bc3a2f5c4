/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mounts that a recursive bind brought along: copies of the source's, ours to unmount. A
 * copy of a shared mount is its peer, so unmounting in it would unmount at the source, here and
 * in other mount namespaces. That must never happen.
 */
#pragma once

#include "../act/exec.h"

/* Unmounts all mounts inside the record's mount, whose root is root_fd and whose n_ids is
 * known. UNDO_DONE: none is left. UNDO_LEFT: another's mount is inside, and nothing was
 * changed. UNDO_BUSY: what is left is ours, and has no peers. *ret_copies: copies of the whole
 * may stay at the peers of the parent mount. */
int subtree_undo(
	int root_fd, const struct rec_mount *rec, int *ret_copies, struct vst_err *err);

/* Sets err: the record's mount is left because of the one inside. Returns UNDO_LEFT. */
int subtree_left(const struct rec_mount *rec, uint64_t inside, struct vst_err *err);

/* Whether rec's mount point is at or beneath other's: then the later mount covers the earlier.
 * 0 if either is gone or the kernel does not tell (before 6.8). */
int subtree_is_beneath(const struct rec_mount *rec, const struct rec_mount *other);
