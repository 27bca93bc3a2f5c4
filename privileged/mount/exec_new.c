/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_new.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../kernel/beneath.h"
#include "force.h"
#include "fs_context.h"
#include "mount_attr.h"

/* The layers among the sources, by kind. */
struct layers {
	int lower[VST_LAYERS_MAX];
	unsigned n_lower;
	int upper, work;
};

/* Sets the overlay's layers. *ret_alone: there is one lower layer and no upper directory. */
static int set_layers(const struct plan_allowed *allowed, const struct step_mount *mount,
	const int *fds, struct fs_context *fs, int *ret_alone, struct vst_err *err)
{
	struct layers layers = {.upper = -1, .work = -1};

	assert(mount->n_sources <= VST_LAYERS_MAX + 2);
	for (unsigned i = 0; i < mount->n_sources; i++) {
		uint8_t kind = allowed->sources[mount->first_source + i].kind;

		if (kind == VST_ITEM_UPPER)
			layers.upper = fds[i];
		else if (kind == VST_ITEM_WORK)
			layers.work = fds[i];
		else
			layers.lower[layers.n_lower++] = fds[i];
	}
	*ret_alone = layers.n_lower == 1 && layers.upper < 0;
	return fs_context_set_layers(
		fs, layers.lower, layers.n_lower, layers.upper, layers.work, err);
}

static int is_on_device(const struct plan_allowed *allowed, const struct step_mount *mount)
{
	return mount->source && allowed_text(allowed, mount->source)[0] == '/';
}

/* Sets everything but the layers. */
static int configure(const struct plan_allowed *allowed, const struct step_mount *mount,
	int is_overlay, const struct fs_context *fs, struct vst_err *err)
{
	if (mount->source &&
		fs_context_set(fs, "source", allowed_text(allowed, mount->source), err) < 0)
		return -1;
	/* A write-protected device mounts only if its superblock is read-only. A file system
	 * without a device may be the host's own, such as devtmpfs: only the mount becomes
	 * read-only. */
	if (mount->flags.set & VST_ATTR_RO && is_on_device(allowed, mount) &&
		fs_context_set(fs, "ro", NULL, err) < 0)
		return -1;
	/* In a user namespace an overlay mounts without userxattr, but then renaming or
	 * removing a directory fails with EIO. The option may be given twice. */
	if (is_overlay && !allowed->in_init_userns &&
		fs_context_set(fs, "userxattr", NULL, err) < 0)
		return -1;
	return fs_context_set_options(fs, allowed, mount, err);
}

/* Explains EACCES, EROFS and EBUSY for a device: it is write-protected, or in use with other
 * options. Returns -1. */
static int explain_device(
	const struct plan_allowed *allowed, const struct step_mount *mount, struct vst_err *err)
{
	if (!is_on_device(allowed, mount))
		return -1;
	if ((err->code == EACCES || err->code == EROFS) && !(mount->flags.set & VST_ATTR_RO)) {
		err->exit = VST_EXIT_FAILED;
		return vst_wrap(err,
			"the device is write-protected, or may not be written to; the option 'ro' mounts it read-only");
	}
	if (err->code == EBUSY) {
		err->exit = VST_EXIT_CONFLICT;
		return vst_wrap(err,
			"the device is mounted already with other options, as read-only or not, or something else uses it");
	}
	return -1;
}

/* Takes a file system that exists once and is mounted already: it keeps the options in force.
 */
static int create_again(const struct plan_allowed *allowed, const struct step_mount *mount,
	const struct mountinfo *there, const struct fs_context *fs, struct vst_err *err)
{
	if (there->is_cut)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"file system '%s' is mounted already, and its options are too long to be kept",
			VST_QUOTE(fs->type));
	if (force_agrees(allowed, mount, fs->type, there, err) < 0 ||
		force_keep(fs, there, err) < 0)
		return -1;
	if (mount->source &&
		fs_context_set(fs, "source", allowed_text(allowed, mount->source), err) < 0)
		return -1;
	return fs_context_create(fs, err);
}

/* Takes a file system that exists, but is not mounted where we can see it. */
static int create_unseen(const struct plan_allowed *allowed, const struct step_mount *mount,
	struct fs_context *fs, struct vst_err *err)
{
	/* New options would apply to all its users. */
	if (force_is_once(fs->type) && force_agrees(allowed, mount, fs->type, NULL, err) < 0)
		return -1;
	if (strcmp(fs->type, "cgroup2") == 0)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"cgroup2 is mounted in another mount namespace, and mounting it here would change its options there; bind it from where it is mounted");
	fs_context_close(fs);
	if (fs_context_open(fs, err) < 0 || configure(allowed, mount, 0, fs, err) < 0)
		return -1;
	return fs_context_create(fs, err);
}

/* Creates the file system, or takes an existing one. */
static int create(const struct plan_allowed *allowed, const struct step_mount *mount,
	struct fs_context *fs, enum fs_created *ret, struct vst_err *err)
{
	struct mountinfo there;
	int found = force_is_once(fs->type) ? force_find_type(fs->type, &there) : 0;

	if (found < 0)
		return vst_fail(err, VST_EXIT_CONFLICT, errno,
			"file system '%s' exists once, and without /proc nobody can see which options it has; mount /proc",
			VST_QUOTE(fs->type));
	if (found) {
		*ret = FS_EXISTS;
		return create_again(allowed, mount, &there, fs, err);
	}
	if (configure(allowed, mount, 0, fs, err) < 0 ||
		fs_context_create_new(fs, ret, err) < 0)
		return -1;
	return *ret == FS_EXISTS ? create_unseen(allowed, mount, fs, err) : 0;
}

/* Proves that an existing file system has the requested options: the kernel ignores those of a
 * second mount. Resolves FS_UNKNOWN in *created. */
static int prove_options(const struct plan_allowed *allowed, const struct step_mount *mount,
	const struct fs_context *fs, int tree_fd, enum fs_created *created, struct vst_err *err)
{
	struct mountinfo there;
	struct object root;
	int found;

	if (*created == FS_NEW || force_is_once(fs->type))
		return 0;
	if (beneath_stat(tree_fd, &root) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat the file system");
	found = force_find_dev(root.dev, &there);
	if (*created == FS_UNKNOWN && found <= 0) {
		*created = FS_NEW;
		return 0;
	}
	*created = FS_EXISTS;
	return force_agrees(allowed, mount, fs->type, found > 0 ? &there : NULL, err);
}

static int new_tree(const struct plan_allowed *allowed, const struct step_mount *mount,
	struct fs_context *fs, int *ret_tree_fd, int *ret_is_others, struct vst_err *err)
{
	enum fs_created created = FS_NEW;
	vst_auto_fd tree = -1;

	if (create(allowed, mount, fs, &created, err) < 0)
		return explain_device(allowed, mount, err);
	if (fs_context_mount(fs, mount_attr_set(&mount->flags), &tree, err) < 0 ||
		prove_options(allowed, mount, fs, tree, &created, err) < 0)
		return -1;
	*ret_tree_fd = vst_fd_take(&tree);
	*ret_is_others = created != FS_NEW;
	return 0;
}

int exec_new_tree(const struct plan_allowed *allowed, uint32_t step, const int *layers,
	int *ret_tree_fd, int *ret_is_others, struct vst_err *err)
{
	const struct step_mount *mount = &allowed->mounts[allowed->steps[step].mount];
	vst_auto_fs_context fs = {.type = allowed_text(allowed, mount->type), .fd = -1};
	int alone = 0;

	if (fs_context_open(&fs, err) < 0)
		return -1;
	if (allowed->steps[step].kind != STEP_MOUNT_OVERLAY)
		return new_tree(allowed, mount, &fs, ret_tree_fd, ret_is_others, err);
	if (set_layers(allowed, mount, layers, &fs, &alone, err) < 0 ||
		configure(allowed, mount, 1, &fs, err) < 0)
		return -1;
	if (fs_context_create_overlay(&fs, err) < 0)
		return alone && err->code == EINVAL
			       ? vst_wrap(err,
					 "an overlay with nothing to write to wants two layers")
			       : -1;
	*ret_is_others = 0;
	return fs_context_mount(&fs, mount_attr_set(&mount->flags), ret_tree_fd, err);
}
