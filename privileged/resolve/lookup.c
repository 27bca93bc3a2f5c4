/* SPDX-License-Identifier: Apache-2.0 */
#include "lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "walk.h"

/* Walks a whole path that must exist. */
static enum walk_end walk_all(struct walk *walk, const char *path)
{
	enum walk_end end = WALK_OK;

	while (*path && end == WALK_OK) {
		size_t len = strcspn(path, "/");

		if (len > 0 && !(len == 1 && path[0] == '.'))
			end = walk_step(walk, path, len);
		path += len + (path[len] == '/');
	}
	return end;
}

/* What root does for a bundle is done for whoever can change it, or what its path leads to. */
static int judge_others(struct walk *walk, const char *path, struct vst_err *err)
{
	if (path[0] != '/' && !walk->is_others && walk_look_above(walk) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"look at the directories above bundle %s", VST_QUOTE(path));
	if (!walk->is_others)
		return 0;
	if (walk->others_uid == UINT32_MAX)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"bundle %s: others than root can write it, or a directory on the way to it, or serve its file system (FUSE): 'chmod go-w', or move it to where only root can",
			VST_QUOTE(path));
	return vst_fail(err, VST_EXIT_DENIED, 0,
		"bundle %s: it, or a directory on the way to it, is uid %u's, and what root does for it would be done for that user: 'chown root' it, or act as that user with --allow-owner %u",
		VST_QUOTE(path), walk->others_uid, walk->others_uid);
}

int lookup_bundle(int start_fd, const char *path, const struct caller *caller, int is_judged,
	int *ret_fd, struct vst_err *err)
{
	__attribute__((cleanup(walk_close))) struct walk walk = WALK_NONE;
	enum walk_end end;
	int started;

	if (!path[0])
		return vst_fail(err, VST_EXIT_INVALID, 0, "bundle: the path is empty");
	started = path[0] == '/' ? walk_start_root(&walk, caller)
				 : walk_start(&walk, start_fd, caller);
	if (started < 0)
		return vst_fail(err, VST_EXIT_INVALID, errno, "bundle %s", VST_QUOTE(path));
	walk.is_judged = is_judged && caller_is_machine_root(caller);
	end = walk_all(&walk, path);
	if (end == WALK_MISSING || end == WALK_ERRNO)
		return vst_fail(err, VST_EXIT_INVALID, errno, "bundle %s", VST_QUOTE(path));
	if (end != WALK_OK)
		return vst_fail(err, VST_EXIT_INVALID, 0, "bundle %s: %s", VST_QUOTE(path),
			walk_reason(end));
	if (walk.is_judged && judge_others(&walk, path, err) < 0)
		return -1;
	*ret_fd = vst_fd_take(&walk.fd);
	return 0;
}

int lookup_beneath(int bundle_fd, int dir_fd, int in_image, const char **rest,
	const struct caller *caller, const char *path, struct walk *ret, struct vst_err *err)
{
	vst_auto_fd fd =
		openat(bundle_fd, "rootfs", O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	struct object image;
	enum walk_end end = WALK_OK;

	if (fd < 0 || beneath_stat(fd, &image) < 0)
		return vst_fail(err, VST_EXIT_INVALID, errno, "open rootfs in the bundle");
	if (walk_start(ret, dir_fd, caller) < 0)
		return walk_fail(WALK_ERRNO, path, err);
	ret->image = &image;
	ret->in_image = (uint32_t)in_image;
	while (end == WALK_OK && **rest) {
		size_t len = strcspn(*rest, "/");

		end = walk_step(ret, *rest, len);
		if (end == WALK_OK)
			*rest += len + ((*rest)[len] == '/');
	}
	ret->image = NULL;
	if (end == WALK_OK || end == WALK_MISSING)
		return 0;
	walk_fail(end, path, err);
	walk_close(ret);
	return -1;
}

int lookup_again(
	const char *path, uint64_t dev, uint64_t ino, const struct caller *caller, int *ret_fd)
{
	__attribute__((cleanup(walk_close))) struct walk walk = WALK_NONE;

	if (walk_start_root(&walk, caller) < 0)
		return -1;
	switch (walk_all(&walk, path)) {
	case WALK_OK:
		if (walk.at.dev != dev || walk.at.ino != ino)
			return 0;
		*ret_fd = vst_fd_take(&walk.fd);
		return 1;
	case WALK_MISSING:
	case WALK_UNTRUSTED:
	case WALK_DANGLING:
	case WALK_NOT_DIR:
		return 0;
	case WALK_MAGIC:
	case WALK_LOOP:
	case WALK_LONG:
	case WALK_THROUGH:
	case WALK_IMAGE:
		errno = ELOOP;
		break;
	case WALK_ERRNO:
		break;
	}
	return -1;
}

/* Whether the path is the bundle's rootfs by name, or leads to that directory. */
static int leads_to(const char *path, const char *rootfs_path, const struct object *rootfs,
	const struct caller *caller)
{
	__attribute__((cleanup(walk_close))) struct walk walk = WALK_NONE;

	if (strcmp(path, rootfs_path) == 0)
		return 1;
	return walk_start_root(&walk, caller) == 0 && walk_all(&walk, path) == WALK_OK &&
	       beneath_same(&walk.at, rootfs);
}

int lookup_root_is_asked(const struct request *request, int bundle_fd, const char *bundle_path,
	const struct caller *caller)
{
	vst_auto_fd fd = -1;
	char rootfs_path[VST_PATH_MAX + sizeof "/rootfs"];
	struct object rootfs;
	struct request_op op;
	size_t cursor = 0;

	snprintf(rootfs_path, sizeof rootfs_path, "%s/rootfs", bundle_path);
	while (request_next(request, &cursor, &op)) {
		const char *path = (const char *)request->bytes + op.str[0].off;
		int action = op.arg & ~VST_MOUNT_RECURSIVE;

		if (op.kind != VST_OP_MOUNT || path[0] != '/' ||
			(action != VST_MOUNT_NEW && action != VST_MOUNT_BIND))
			continue;
		if (fd < 0)
			fd = openat(bundle_fd, "rootfs",
				O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || beneath_stat(fd, &rootfs) < 0)
			return 0;
		if (leads_to(path, rootfs_path, &rootfs, caller))
			return 1;
	}
	return 0;
}
