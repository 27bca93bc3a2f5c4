/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/kernel_call.h"
#include "../kernel/mountinfo.h"
#include "link_steps.h"

/* Whoever owns a directory, or can write it, can put something else into it; with the sticky
 * bit only what is his. */
static void note_others(struct walk *walk, const struct object *object)
{
	int can_write =
		object->mode & 022 && !(S_ISDIR(object->mode) && object->mode & S_ISVTX);

	if (walk->is_others || (object->uid == 0 && !can_write))
		return;
	walk->is_others = 1;
	walk->others_uid = object->uid ? object->uid : UINT32_MAX;
}

int walk_start(struct walk *walk, int dir_fd, const struct caller *caller)
{
	int fd = kernel_dup(dir_fd);

	return walk_start_with(walk, &fd, caller);
}

int walk_start_root(struct walk *walk, const struct caller *caller)
{
	int fd = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return walk_start_with(walk, &fd, caller);
}

int walk_look_above(struct walk *walk)
{
	vst_auto_fd fd = kernel_dup(walk->fd);
	struct object at = walk->at;

	for (int n = 0; fd >= 0 && n < VST_PATH_MAX; n++) {
		int above = beneath_up(&fd, &at);

		if (above <= 0)
			return above;
		note_others(walk, &at);
	}
	return -1;
}

int walk_start_with(struct walk *walk, int *dir_fd, const struct caller *caller)
{
	*walk = (struct walk){.caller = caller,
		.fd = vst_fd_take(dir_fd),
		.holder_fd = -1,
		.others_uid = UINT32_MAX};
	if (walk->fd < 0 || beneath_stat(walk->fd, &walk->at) < 0) {
		vst_fd_close(&walk->fd);
		return -1;
	}
	note_others(walk, &walk->at);
	return 0;
}

static int is_hidden(const struct walk *walk)
{
	for (unsigned i = 0; i < walk->n_hidden; i++)
		if (beneath_same(&walk->hidden[i], &walk->at))
			return 1;
	return 0;
}

static int owned_by_trusted(const struct walk *walk, uint32_t uid)
{
	return uid == 0 || (!walk->caller->has_less && uid == walk->caller->uid);
}

static int has_parent(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 2 && path[0] == '.' && path[1] == '.')
			return 1;
		if (!path[len])
			return 0;
		path += len + 1;
	}
}

/* Whether a link may be followed: whoever could put it there could have chosen any target. */
static int link_is_trusted(const struct walk *walk, const struct object *link)
{
	return owned_by_trusted(walk, link->uid) && owned_by_trusted(walk, walk->at.uid) &&
	       !(walk->at.mode & 022);
}

/* Opens one component without following it. */
static enum walk_end open_component(
	const struct walk *walk, const char *name, int *ret_fd, struct object *ret)
{
	*ret_fd = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (*ret_fd < 0)
		return errno == ENOENT    ? WALK_MISSING
		       : errno == ENOTDIR ? WALK_NOT_DIR
					  : WALK_ERRNO;
	return beneath_stat(*ret_fd, ret) < 0 ? WALK_ERRNO : WALK_OK;
}

/* Puts the target of the link in front of `pending`. */
static enum walk_end expand_link(
	struct walk *walk, int link_fd, const struct object *link, char *pending, size_t size)
{
	char target[VST_PATH_MAX + 1];
	size_t rest = strlen(pending);
	ssize_t len;

	/* A magic link does not lead where its text says; other links of a procfs are refused
	 * along with them. */
	if (beneath_fs_magic(link_fd) == PROC_SUPER_MAGIC)
		return WALK_MAGIC;
	if (walk->in_image)
		return WALK_IMAGE;
	if (!link_is_trusted(walk, link))
		return WALK_UNTRUSTED;
	if (++walk->links > VST_SYMLINKS_MAX)
		return WALK_LOOP;
	len = readlinkat(link_fd, "", target, sizeof target);
	if (len < 0)
		return WALK_ERRNO;
	/* ".." would be that of wherever the caller has put the directory meanwhile. */
	if (walk->caller->has_less &&
		((size_t)len == sizeof target || (target[len] = '\0', has_parent(target))))
		return WALK_UNTRUSTED;
	if ((size_t)len == sizeof target || (size_t)len + 1 + rest + 1 > size)
		return WALK_LOOP;
	memmove(pending + len + 1, pending, rest + 1);
	memcpy(pending, target, (size_t)len);
	pending[len] = '/';
	return WALK_OK;
}

static int is_of_root(const struct mountinfo *mount, void *arg)
{
	return mount->dev == *(const uint64_t *)arg && strncmp(mount->type, "fuse", 4) == 0 &&
	       strstr(mount->options, "user_id=0,") != NULL;
}

/* Whether the file system on whose root the walk is has no server, or one of root's: FUSE. */
static int is_served_by_root(int fd, const struct object *root)
{
	uint32_t magic = beneath_fs_magic(fd);
	struct mountinfo mount;
	uint64_t dev = root->dev;

	/* 0: it does not answer. */
	if (magic != 0 && magic != FUSE_SUPER_MAGIC)
		return 1;
	return mountinfo_find(is_of_root, &dev, &mount) == 1;
}

/* Moves the walk to fd, which has this name in the walk's directory. */
static void enter(struct walk *walk, int *fd, const struct object *object, const char *name)
{
	vst_fd_close(&walk->holder_fd);
	if (!S_ISDIR(object->mode)) {
		walk->holder_fd = vst_fd_take(&walk->fd);
		strcpy(walk->name, name);
	}
	vst_fd_close(&walk->fd);
	walk->fd = vst_fd_take(fd);
	walk->at = *object;
	note_others(walk, object);
	/* What owner and mode are is what its server says, and that may be anybody's. */
	if (walk->is_judged && object->is_mount_root && !is_served_by_root(walk->fd, object))
		walk->is_others = 1;
	if (walk->image && beneath_same(walk->image, object))
		walk->in_image = 1;
}

static enum walk_end to_root(struct walk *walk)
{
	vst_auto_fd fd = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct object root;

	if (fd < 0 || beneath_stat(fd, &root) < 0)
		return WALK_ERRNO;
	enter(walk, &fd, &root, "/");
	return WALK_OK;
}

/* Walks all of `pending`, which begins with a symbolic link's target. */
static enum walk_end walk_pending(struct walk *walk, char *pending, size_t size)
{
	enum walk_end end = WALK_OK;

	if (pending[0] == '/')
		end = to_root(walk);
	while (end == WALK_OK && pending[0]) {
		char name[VST_COMPONENT_MAX + 1];
		size_t skip = strspn(pending, "/"), len = strcspn(pending + skip, "/");
		vst_auto_fd fd = -1;
		struct object object;

		if (len > VST_COMPONENT_MAX)
			return WALK_LOOP;
		if (link_steps_spend(1) < 0)
			return WALK_LONG;
		memcpy(name, pending + skip, len);
		name[len] = '\0';
		memmove(pending, pending + skip + len, strlen(pending + skip + len) + 1);
		if (len == 0 || strcmp(name, ".") == 0)
			continue;
		if (is_hidden(walk))
			return WALK_THROUGH;
		end = open_component(walk, name, &fd, &object);
		if (end == WALK_MISSING)
			return WALK_DANGLING;
		if (end != WALK_OK)
			return end;
		if (S_ISLNK(object.mode)) {
			end = expand_link(walk, fd, &object, pending, size);
			if (end == WALK_OK && pending[0] == '/')
				end = to_root(walk);
		} else {
			enter(walk, &fd, &object, name);
		}
	}
	return end;
}

enum walk_end walk_step(struct walk *walk, const char *component, size_t len)
{
	char name[VST_COMPONENT_MAX + 1], pending[2 * (VST_PATH_MAX + 1)];
	struct walk inner = *walk;
	struct object object;
	vst_auto_fd fd = -1;
	enum walk_end end;

	if (len > VST_COMPONENT_MAX) {
		errno = ENAMETOOLONG;
		return WALK_ERRNO;
	}
	memcpy(name, component, len);
	name[len] = '\0';
	end = open_component(walk, name, &fd, &object);
	if (end != WALK_OK)
		return end;
	if (!S_ISLNK(object.mode)) {
		enter(walk, &fd, &object, name);
		return WALK_OK;
	}
	pending[0] = '\0';
	end = expand_link(&inner, fd, &object, pending, sizeof pending);
	if (end != WALK_OK)
		return end;
	inner.fd = kernel_dup(walk->fd);
	inner.holder_fd = -1;
	if (inner.fd < 0)
		return WALK_ERRNO;
	end = walk_pending(&inner, pending, sizeof pending);
	if (end != WALK_OK) {
		walk_close(&inner);
		return end;
	}
	walk_close(walk);
	*walk = inner;
	return WALK_OK;
}

const char *walk_reason(enum walk_end end)
{
	switch (end) {
	case WALK_UNTRUSTED:
		return "a symbolic link on the way is not followed: neither root nor the caller owns it, or others can write its directory; name the directory itself (with a program that has more rights than its caller, only those of root without '..' are)";
	case WALK_MAGIC:
		return "a link of a proc file system on the way is not followed";
	case WALK_DANGLING:
		return "a symbolic link on the way leads to what does not exist";
	case WALK_LOOP:
		return "the symbolic links on the way are too many or too long";
	case WALK_LONG:
		return "the symbolic links that this run follows are too long in all; name the directories that they lead to";
	case WALK_THROUGH:
		return "a symbolic link on the way leads beneath a directory that is mounted on first; name the directory itself";
	case WALK_IMAGE:
		return "a symbolic link of the image is not followed by an absolute path; write the path relative, beneath rootfs, or name the directory itself";
	case WALK_NOT_DIR:
		return "a component on the way is not a directory";
	case WALK_OK:
	case WALK_MISSING:
	case WALK_ERRNO:
		break;
	}
	return "";
}

int walk_fail(enum walk_end end, const char *path, struct vst_err *err)
{
	int code = errno;

	switch (end) {
	case WALK_UNTRUSTED:
	case WALK_MAGIC:
		return vst_fail(err, VST_EXIT_DENIED, 0, "path %s: %s", VST_QUOTE(path),
			walk_reason(end));
	case WALK_DANGLING:
	case WALK_NOT_DIR:
	case WALK_LOOP:
	case WALK_LONG:
	case WALK_THROUGH:
	case WALK_IMAGE:
		return vst_fail(err, VST_EXIT_CONFLICT, 0, "path %s: %s", VST_QUOTE(path),
			walk_reason(end));
	case WALK_OK:
	case WALK_MISSING:
	case WALK_ERRNO:
		break;
	}
	return vst_fail(err,
		code == EACCES || code == EPERM ? VST_EXIT_DENIED : VST_EXIT_FAILED, code,
		"look up path %s", VST_QUOTE(path));
}

void walk_close(struct walk *walk)
{
	vst_fd_close(&walk->fd);
	vst_fd_close(&walk->holder_fd);
}
