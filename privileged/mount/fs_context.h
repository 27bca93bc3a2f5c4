/* SPDX-License-Identifier: Apache-2.0 */
/* A file system being configured by fsconfig, one key at a time: no value is ever parsed as two
 * options. */
#pragma once

#include "../../ipc/err.h"
#include "../../ipc/fd.h"
#include "../../policy/allowed.h"

struct fs_context {
	const char *type;
	int fd; /* The context, owned; -1: none. */
};

static inline void fs_context_close(struct fs_context *fs)
{
	vst_fd_close(&fs->fd);
}

/* A context that is closed at the end of its scope. */
#define vst_auto_fs_context __attribute__((cleanup(fs_context_close))) struct fs_context

/* Every function returns 0, or -1 with err, which has the kernel's text if there is one. */

/* Opens a context for fs->type. VST_EXIT_UNSUPPORTED: the kernel has no such type. */
int fs_context_open(struct fs_context *fs, struct vst_err *err);

/* Sets a key to a value, or a flag (NULL). */
int fs_context_set(
	const struct fs_context *fs, const char *key, const char *value, struct vst_err *err);

/* Sets what a step's mount asks of the file system: data options, in their order, and flags. */
int fs_context_set_options(const struct fs_context *fs, const struct plan_allowed *allowed,
	const struct step_mount *mount, struct vst_err *err);

/* Sets the layers of an overlay, given as O_PATH descriptors, borrowed: by descriptor (6.13),
 * else by /proc/self/fd in a context opened anew, so it must come first. lower[0] is the
 * topmost; upper and work may be -1. */
int fs_context_set_layers(struct fs_context *fs, const int *lower, unsigned n_lower, int upper,
	int work, struct vst_err *err);

int fs_context_create(const struct fs_context *fs, struct vst_err *err);

/* As fs_context_create, and tells whether the file system is new. FS_EXISTS: nothing was done,
 * and the context is unusable. FS_UNKNOWN: it was created or existed; before 6.6, and for types
 * without the new mount API, the kernel does not tell. */
enum fs_created { FS_NEW, FS_EXISTS, FS_UNKNOWN };

int fs_context_create_new(
	const struct fs_context *fs, enum fs_created *ret, struct vst_err *err);

/* As fs_context_create, for an overlay: raises CAPS_OF_OVERLAY meanwhile, because the overlay
 * records its creator's capabilities and acts with them. */
int fs_context_create_overlay(const struct fs_context *fs, struct vst_err *err);

/* Makes the detached mount with these MOUNT_ATTR_*; *ret_tree_fd is the caller's. In a user
 * namespace the kernel mounts some file systems only with the restrictions of their existing
 * mounts, so the attributes are set here. */
int fs_context_mount(
	const struct fs_context *fs, uint64_t attr, int *ret_tree_fd, struct vst_err *err);

/* Opens a context for the existing file system of the mount whose root is fd. Only what is set
 * changes, at fs_context_reconfigure. VST_EXIT_UNSUPPORTED: it cannot be reconfigured. */
int fs_context_pick(struct fs_context *fs, int fd, struct vst_err *err);
int fs_context_reconfigure(const struct fs_context *fs, struct vst_err *err);
