/* A file system that is being configured, one key at a time: nothing is ever read as two. */
#pragma once

#include "../../ipc/err.h"
#include "../../ipc/fd.h"
#include "../../policy/allowed.h"

struct fs_context {
	const char *type;
	int fd; /* of the context; -1: none */
};

static inline void fs_context_close(struct fs_context *fs)
{
	vst_fd_close(&fs->fd);
}

/* A context that its scope closes. */
#define vst_auto_fs_context __attribute__((cleanup(fs_context_close))) struct fs_context

/* Every function returns 0 or -1, with the kernel's own words where it left any. */

/* VST_EXIT_UNSUPPORTED: the kernel has no such type. */
int fs_context_open(struct fs_context *fs, struct vst_err *err);

/* A key with a value, or a flag (NULL). */
int fs_context_set(
	const struct fs_context *fs, const char *key, const char *value, struct vst_err *err);

/* What a step's mount asks of the file system itself: its items that are data, in their order,
 * and its flags. */
int fs_context_set_options(const struct fs_context *fs, const struct plan_allowed *allowed,
	const struct step_mount *mount, struct vst_err *err);

/* The layers of an overlay, O_PATH: by descriptor (6.13), else by /proc/self/fd in a context
 * that is opened anew, so nothing must have been set before. lower[0] is the topmost; upper and
 * work may be -1. */
int fs_context_set_layers(struct fs_context *fs, const int *lower, unsigned n_lower, int upper,
	int work, struct vst_err *err);

int fs_context_create(const struct fs_context *fs, struct vst_err *err);

/* The same, and whether the file system is a new one. FS_EXISTS: nothing was done, and the
 * context cannot be used any further. FS_UNKNOWN: it was created, or is one that exists: before
 * 6.6, and of types that are configured in the old way, the kernel does not tell. */
enum fs_created { FS_NEW, FS_EXISTS, FS_UNKNOWN };

int fs_context_create_new(
	const struct fs_context *fs, enum fs_created *ret, struct vst_err *err);

/* The same for an overlay: raises what it captures, and lowers it again. */
int fs_context_create_overlay(const struct fs_context *fs, struct vst_err *err);

/* The mount, detached, with these MOUNT_ATTR_*: in a user namespace the kernel gives out some
 * file systems only with what holds of the mounts of them that are there. */
int fs_context_mount(
	const struct fs_context *fs, uint64_t attr, int *ret_tree_fd, struct vst_err *err);

/* Instead of the first three, the file system of the mount whose root fd is, to be configured
 * anew: only what is set changes, and only then. VST_EXIT_UNSUPPORTED: it cannot be. */
int fs_context_pick(struct fs_context *fs, int fd, struct vst_err *err);
int fs_context_reconfigure(const struct fs_context *fs, struct vst_err *err);
