/* SPDX-License-Identifier: Apache-2.0 */
#include "footing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../policy/confirm.h"
#include "../kernel/beneath.h"
#include "../resolve/image.h"
#include "../resolve/link_steps.h"
#include "../resolve/lookup.h"

int footing_pin_record(const struct plan_allowed *allowed, struct exec_run *run, uint32_t pin,
	uint32_t *ret_place, struct vst_err *err)
{
	const struct pin *p = &allowed->pins[pin];
	struct rec_pin rec = {.dev = p->dev, .ino = p->ino};
	char path[VST_PATH_MAX + 1];
	size_t len = p->path_len ? p->path_len : strlen(p->path);

	if (!run->pin_rec[pin]) {
		memcpy(path, p->path, len);
		path[len] = '\0';
		if (journal_append(run->journal, JOURNAL_PIN, &rec, sizeof rec, path, len + 1,
			    0, &run->pin_rec[pin], err) < 0)
			return -1;
	}
	*ret_place = run->pin_rec[pin];
	return 0;
}

/* The part of path beneath dir, without the slash between; NULL: it is not beneath dir. */
static const char *path_beneath(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (strncmp(path, dir, len) != 0 || (path[len] && path[len] != '/' && len != 1))
		return NULL;
	return path + len + (path[len] == '/');
}

int footing_of_dir(const struct plan_allowed *allowed, struct exec_run *run, int dir_fd,
	int *ret_base_fd, uint32_t *ret_pin_rec, char ret_rest[VST_PATH_MAX + 16],
	struct vst_err *err)
{
	char path[VST_PATH_MAX + 1];
	const char *rest;
	uint32_t pin = PIN_BUNDLE;
	int found = beneath_path_of(dir_fd, path);

	if (found < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "change directory to /");
	if (!found)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"a directory on the way was removed or moved meanwhile");
	rest = path_beneath(path, allowed->pins[PIN_BUNDLE].path);
	if (!rest) {
		pin = PIN_ROOT;
		rest = path + 1;
	}
	strcpy(ret_rest, rest);
	*ret_base_fd = allowed->pins[pin].fd;
	return footing_pin_record(allowed, run, pin, ret_pin_rec, err);
}

/* Joins a directory and a path beneath it, as the journal names them. */
static int join(
	char ret[VST_PATH_MAX + 16], const char *dir, const char *rest, struct vst_err *err)
{
	char joined[2 * VST_PATH_MAX + 32];
	int len =
		snprintf(joined, sizeof joined, "%s%s%s", dir, *dir && *rest ? "/" : "", rest);

	if (len > VST_PATH_MAX)
		return vst_fail(
			err, VST_EXIT_INVALID, 0, "the path is too long where it really lies");
	memcpy(ret, joined, (size_t)len + 1);
	return 0;
}

static const struct exec_mount_made *made_by(const struct exec_run *run, uint32_t step)
{
	for (uint32_t m = 0; m < run->n_mounts; m++)
		if (run->mounts[m].step == step)
			return &run->mounts[m];
	return NULL;
}

/* Resolves a path on or beneath a mount of this run from that mount's root. */
static int deferred(const struct plan_allowed *allowed, uint32_t i, const struct step_path *at,
	struct exec_run *run, struct footing *ret, struct vst_err *err)
{
	const struct exec_mount_made *made = made_by(run, at->base);
	struct pin base = {.fd = made ? made->fd : -1, .mode = made ? made->mode : 0};
	struct journal_rec rec;
	const struct rec_mount *mount;

	if (confirm_deferred(allowed, i, &base, err) < 0)
		return -1;
	ret->fd = base.fd;
	journal_read(run->journal, made->place, &rec);
	mount = rec.body;
	ret->pin_rec = mount->pin;
	return join(ret->rec_rest, (const char *)(mount + 1), ret->rest, err);
}

/* Whether an object of the image lies on rootfs's own mount or on one that this run made.
 * Mounts that a recursive bind brought along were asked for by the document. */
static int is_ours(const struct plan_allowed *allowed, const struct step_path *at,
	const struct exec_run *run, int root_fd, const struct object *object)
{
	struct object root;

	if (at->flags & PATH_DEFERRED) {
		const struct step *below = &allowed->steps[at->base];

		if (below->kind == STEP_MOUNT_BIND &&
			allowed->mounts[below->mount].is_recursive)
			return 1;
	}
	if (beneath_stat(root_fd, &root) == 0 && root.mnt_id == object->mnt_id)
		return 1;
	for (uint32_t m = 0; m < run->n_mounts; m++)
		if (run->mounts[m].mnt_id == object->mnt_id)
			return 1;
	return 0;
}

static int in_root_failed(const char *path, struct vst_err *err)
{
	int code = errno;
	const char *why = NULL;

	if (code == ENOTDIR)
		why = "something that is no directory is where one should be";
	else if (code == ELOOP)
		why = "the symbolic links on the way are too many, or one is a magic link";
	else if (code == EMLINK)
		why = "the symbolic links that this run follows are too long in all; name what they lead to";
	else if (code == EXDEV || code == EAGAIN)
		why = "somebody keeps changing what is on the way";
	if (why)
		return vst_fail(err, VST_EXIT_CONFLICT, 0, "'%s' beneath rootfs: %s",
			VST_QUOTE(path), why);
	return vst_fail(err, code == EACCES ? VST_EXIT_DENIED : VST_EXIT_FAILED, code,
		"look up '%s' beneath rootfs", VST_QUOTE(path));
}

/* A missing component is made by name, and a file is mounted on by name: the name must not be a
 * dangling symbolic link. */
static int judge_rest(int dir_fd, const char *path, const char *rest, struct vst_err *err)
{
	char name[VST_COMPONENT_MAX + 1], target[VST_COMPONENT_MAX + 1];
	size_t len = strcspn(rest, "/");
	ssize_t target_len;
	struct stat st;

	memcpy(name, rest, len);
	name[len] = '\0';
	if (len == 0 || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISLNK(st.st_mode))
		return 0;
	target_len = readlinkat(dir_fd, name, target, sizeof target - 1);
	target[target_len < 0 ? 0 : target_len] = '\0';
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"'%s' beneath rootfs: '%s' is a symbolic link to '%s' that leads to no directory inside rootfs; nothing is made through it",
		VST_QUOTE(path), VST_QUOTE(name), VST_QUOTE(target));
}

/* Reads the link `name` in a directory whose path beneath rootfs is `dir`: *ret is what it
 * leads to, beneath rootfs. 0, or -1 with errno. */
static int read_link(int dir_fd, const char *dir, const char *name, char ret[VST_PATH_MAX + 1])
{
	char target[VST_PATH_MAX + 1], joined[2 * VST_PATH_MAX + 4];
	ssize_t len = readlinkat(dir_fd, name, target, sizeof target - 1);
	int all;

	if (len < 0)
		return -1;
	target[len] = '\0';
	all = snprintf(joined, sizeof joined, "%s/%s", target[0] == '/' ? "" : dir, target);
	if (len == VST_PATH_MAX || all > VST_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(ret, joined, (size_t)all + 1);
	return 0;
}

/* What following a link to a file costs of VST_LINK_STEPS_MAX. With the most mounts allowed,
 * one each, that is half of it. */
#define FOLLOWED_COMPONENTS (VST_LINK_STEPS_MAX / VST_MOUNTS_MAX / 2)

/* Follows one link of a chain that leads to a file: from the link at the footing's rest to the
 * name it leads to, in the footing's own_fd. */
static int follow_one(const struct plan_allowed *allowed, struct exec_run *run, int root_fd,
	struct footing *at, struct vst_err *err)
{
	char dir[VST_PATH_MAX + 16], path[VST_PATH_MAX + 1], *slash;
	const char *beneath;
	uint32_t pin_rec;
	int base_fd;

	/* The kernel also follows links in the middle of this path, and does not say how many.
	 */
	if (link_steps_spend(FOLLOWED_COMPONENTS) < 0)
		return in_root_failed(at->rest, err);
	if (footing_of_dir(allowed, run, at->own_fd, &base_fd, &pin_rec, dir, err) < 0)
		return -1;
	beneath = base_fd == allowed->pins[PIN_BUNDLE].fd ? path_beneath(dir, "rootfs") : NULL;
	errno = EAGAIN; /* It was moved out of rootfs meanwhile. */
	if (!beneath || read_link(at->own_fd, beneath, at->rest, path) < 0)
		return in_root_failed(at->rest, err);
	slash = strrchr(path, '/');
	errno = ENAMETOOLONG;
	if (strlen(slash + 1) > VST_COMPONENT_MAX)
		return in_root_failed(at->rest, err);
	strcpy(at->name, slash + 1);
	*slash = '\0';
	vst_fd_close(&at->own_fd);
	at->own_fd = beneath_open_in_root(root_fd, path, O_PATH | O_DIRECTORY);
	at->rest = at->name;
	return at->own_fd < 0 ? in_root_failed(path, err) : 0;
}

/* Turns a path of the image that leads to a file through links into the file's real directory
 * and name. The kernel has followed the links already, so the result must be the file that it
 * found. */
static int follow_to_file(const struct plan_allowed *allowed, struct exec_run *run, int root_fd,
	const char *path, struct footing *at, struct vst_err *err)
{
	vst_auto_fd fd = beneath_open_in_root(root_fd, path, O_PATH);
	struct object wanted, found;

	if (fd < 0 || beneath_stat(fd, &wanted) < 0)
		return in_root_failed(path, err);
	for (unsigned links = 0; links <= VST_SYMLINKS_MAX; links++) {
		if (beneath_stat_name(at->own_fd, at->rest, &found) < 0)
			return in_root_failed(path, err);
		if (!S_ISLNK(found.mode)) {
			if (found.ino == wanted.ino && found.dev == wanted.dev &&
				found.mnt_id == wanted.mnt_id)
				return 0;
			break;
		}
		if (follow_one(allowed, run, root_fd, at, err) < 0)
			return -1;
	}
	errno = EAGAIN;
	return in_root_failed(path, err);
}

static int in_root(const struct plan_allowed *allowed, const struct step_path *at, int file,
	struct exec_run *run, struct footing *ret, struct vst_err *err)
{
	const char *path = allowed_text(allowed, at->path.off);
	char dir[VST_PATH_MAX + 16];
	struct object object;
	int base_fd, root_fd = ret->fd, is_file;

	if (image_deepest(root_fd, path, &ret->own_fd, &ret->rest, &is_file) < 0)
		return in_root_failed(path, err);
	errno = ENOTDIR;
	if (is_file && (!file || follow_to_file(allowed, run, root_fd, path, ret, err) < 0))
		return file ? -1 : in_root_failed(path, err);
	if (!is_file && judge_rest(ret->own_fd, path, ret->rest, err) < 0)
		return -1;
	ret->fd = ret->own_fd;
	if (beneath_stat(ret->fd, &object) < 0)
		return in_root_failed(path, err);
	/* A file that is mounted on is on a mount of its own. */
	if (file && ret->rest[0])
		beneath_stat_name(ret->fd, ret->rest, &object);
	if (!is_ours(allowed, at, run, root_fd, &object))
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"'%s' beneath rootfs lies on a mount that this run did not make; unmount that first",
			VST_QUOTE(path));
	if (footing_of_dir(allowed, run, ret->fd, &base_fd, &ret->pin_rec, dir, err) < 0)
		return -1;
	if (base_fd != allowed->pins[PIN_BUNDLE].fd || !path_beneath(dir, "rootfs"))
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"'%s' beneath rootfs: somebody moves directories out of it meanwhile",
			VST_QUOTE(path));
	return join(ret->rec_rest, dir, ret->rest, err);
}

/* Follows links of a host path beneath a mount of this run. Their owners were unknown when the
 * path was resolved, so resolve's rule is applied now. A link in the image is not followed. */
static int follow_on_host(const struct plan_allowed *allowed, const struct step_path *at,
	struct exec_run *run, struct footing *ret, struct vst_err *err)
{
	const struct caller caller = {
		.uid = allowed->caller_uid, .has_less = allowed->caller_has_less};
	const char *path = allowed_text(allowed, at->path.off);
	char dir[VST_PATH_MAX + 16];
	int base_fd, is_dir, in_image;
	struct walk walk;

	if (footing_of_dir(allowed, run, ret->fd, &base_fd, &ret->pin_rec, dir, err) < 0)
		return -1;
	in_image = base_fd == allowed->pins[PIN_BUNDLE].fd && path_beneath(dir, "rootfs");
	if (lookup_beneath(allowed->pins[PIN_BUNDLE].fd, ret->fd, in_image, &ret->rest, &caller,
		    path, &walk, err) < 0)
		return -1;
	is_dir = walk.holder_fd < 0;
	ret->own_fd = vst_fd_take(is_dir ? &walk.fd : &walk.holder_fd);
	if (!is_dir) {
		strcpy(ret->name, walk.name);
		ret->rest = ret->name;
	}
	walk_close(&walk);
	ret->fd = ret->own_fd;
	if (footing_of_dir(allowed, run, ret->fd, &base_fd, &ret->pin_rec, dir, err) < 0)
		return -1;
	return join(ret->rec_rest, dir, ret->rest, err);
}

/* Whether a symbolic link is on the way or at the end. Sets is_missing as well. */
static int has_link(struct footing *at)
{
	vst_auto_fd fd = -1;

	if (!at->rest[0])
		return 0;
	fd = beneath_open(at->fd, at->rest, O_PATH);
	at->is_missing = fd < 0 && errno == ENOENT && !strchr(at->rest, '/');
	return fd < 0 && errno == ELOOP;
}

int footing_find(const struct plan_allowed *allowed, uint32_t i, const struct step_path *at,
	int file, struct exec_run *run, struct footing *ret, struct vst_err *err)
{
	ret->own_fd = -1;
	ret->is_missing = 0;
	ret->rest = step_rest(allowed->bytes, allowed->pins, at);
	if (at->flags & PATH_DEFERRED) {
		if (deferred(allowed, i, at, run, ret, err) < 0)
			return -1;
	} else {
		ret->fd = allowed->pins[at->base].fd;
		strcpy(ret->rec_rest, ret->rest);
		if (!(at->flags & PATH_IN_ROOT) &&
			footing_pin_record(allowed, run, at->base, &ret->pin_rec, err) < 0)
			return -1;
	}
	if (at->flags & PATH_IN_ROOT)
		return in_root(allowed, at, file, run, ret, err);
	if (at->flags & (PATH_DEFERRED | PATH_LATE) && has_link(ret))
		return follow_on_host(allowed, at, run, ret, err);
	return 0;
}

void footing_close(struct footing *footing)
{
	vst_fd_close(&footing->own_fd);
}
