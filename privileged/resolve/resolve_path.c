/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/kernel_call.h"
#include "../kernel/kernel_mount.h"
#include "pins.h"

/* The last step that mounts on this directory; STEP_NO_BASE: none. */
static uint32_t mounted_by(const struct resolver *r, const struct object *at)
{
	for (unsigned i = r->n_targets; i > 0; i--)
		if (beneath_same(&r->targets[i - 1], at))
			return r->target_steps[i - 1];
	return STEP_NO_BASE;
}

static int refuse_kind(const char *path, struct vst_err *err)
{
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"path %s: something that is no directory is where one should be",
		VST_QUOTE(path));
}

static void lies_at(struct step_path *at, uint32_t base, uint32_t done)
{
	at->base = base;
	at->rest = (uint16_t)(done < at->path.len ? done + 1 : done);
}

static void deferred(struct step_path *at, uint32_t step, uint32_t done)
{
	lies_at(at, step, done);
	at->flags |= PATH_DEFERRED;
}

/* Whether the component exists and is neither a directory nor a link: then the path ends at its
 * directory. */
static int is_file(const struct walk *walk, const char *name, uint32_t len)
{
	char text[VST_COMPONENT_MAX + 1];
	struct stat st;

	memcpy(text, name, len);
	text[len] = '\0';
	return fstatat(walk->fd, text, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 &&
	       !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode);
}

/* Successive missing names in one directory, after which it is listed to see whether it is
 * empty. */
#define MISSING_MANY 16

/* File systems whose directory listing is complete and starts quickly. An overlay's is neither:
 * it lists what its layers list, and reads all of them before the first name. */
static int lists_all(uint32_t magic)
{
	return magic == TMPFS_MAGIC || magic == RAMFS_MAGIC || magic == EXT4_SUPER_MAGIC ||
	       magic == XFS_SUPER_MAGIC || magic == BTRFS_SUPER_MAGIC;
}

/* Whether the directory is empty; 0 if unknown. */
static int is_empty(int dir_fd)
{
	_Alignas(struct dirent64) char entries[512];
	vst_auto_fd fd = -1;
	long len = -1;

	if (!lists_all(beneath_fs_magic(dir_fd)))
		return 0;
	fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && (len = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0)
		for (long at = 0; at < len;) {
			const struct dirent64 *entry = (const void *)(entries + at);

			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
				return 0;
			at += entry->d_reclen;
		}
	return len == 0;
}

/* Notes that the component at `name` is missing beneath the pin. */
static void note_missing(struct resolver *r, uint32_t pin, const char *name)
{
	r->n_missing = r->missing && r->missing_pin == pin ? r->n_missing + 1 : 1;
	if (r->n_missing == MISSING_MANY && r->n_listed < RESOLVE_LISTED_MAX) {
		r->n_listed++;
		if (is_empty(pins_get(pin)->fd))
			r->empty_pin = pin;
	}
	r->missing = name;
	r->missing_len = (uint32_t)strcspn(name, "/");
	r->missing_pin = pin;
}

static int is_known_missing(
	const struct resolver *r, uint32_t pin, const char *name, size_t len)
{
	if (r->empty_pin == pin)
		return 1;
	return r->missing && r->missing_pin == pin && r->missing_len == len &&
	       memcmp(r->missing, name, len) == 0;
}

/* Resolves a mount point that is a file, reached through links: its real directory gets a pin
 * of its own, and the path becomes the file's real name there. */
static int lies_at_file(struct resolver *r, struct step_path *at, struct walk *walk,
	const char *path, struct vst_err *err)
{
	__attribute__((cleanup(walk_close))) struct walk holder = WALK_NONE;
	char dir[VST_PATH_MAX + 1];
	const char *kept_dir, *name;
	int found = beneath_path_of(walk->holder_fd, dir);

	if (found <= 0 || walk_start_with(&holder, &walk->holder_fd, r->caller) < 0)
		return vst_fail(err, VST_EXIT_FAILED, found < 0 ? errno : 0,
			"path %s: find the directory that holds what it leads to",
			VST_QUOTE(path));
	kept_dir = pins_keep(dir);
	name = pins_keep(walk->name);
	if (!kept_dir || !name)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"the symbolic links of the document's destinations lead to paths that are too long in all; name the files themselves");
	if (pins_add(&holder, kept_dir, 0, &at->base, err) < 0)
		return -1;
	pins_get(at->base)->file = name;
	at->rest = (uint16_t)at->path.len;
	at->flags |= PATH_FILE | PATH_LINK;
	return 0;
}

/* Whether the walk is in a rootfs where an earlier step mounts something that only execute.c
 * finds: what is there now need not be there then. */
static int is_unsettled(const struct resolver *r, uint32_t in_image)
{
	return r->n_in_root > 0 && in_image;
}

/* Walks path[done..max) from pin `base`, and sets the path's base and rest. */
static int walk_path(struct resolver *r, struct step_path *at, enum want want, uint32_t base,
	uint32_t done, uint32_t max, struct vst_err *err)
{
	const char *path = plan_text(r->plan, at->path.off);
	__attribute__((cleanup(walk_close))) struct walk walk = WALK_NONE;
	uint32_t start = done, target = STEP_NO_BASE;
	enum walk_end end = WALK_OK;

	if (walk_start(&walk, pins_get(base)->fd, r->caller) < 0)
		return walk_fail(WALK_ERRNO, path, err);
	walk.hidden = r->targets;
	walk.n_hidden = r->n_targets;
	walk.image = &r->rootfs;
	walk.in_image = pins_get(base)->in_image;
	while (done < max && target == STEP_NO_BASE && !is_unsettled(r, walk.in_image)) {
		uint32_t from = done + 1; /* Behind the slash. */
		uint32_t len = (uint32_t)strcspn(path + from, "/");

		if (want == WANT_POINT && from + len == max &&
			is_file(&walk, path + from, len)) {
			at->flags |= PATH_FILE;
			break;
		}
		end = walk_step(&walk, path + from, len);
		if (end == WALK_MISSING)
			break;
		if (end != WALK_OK)
			return walk_fail(end, path, err);
		done = from + len;
		target = mounted_by(r, &walk.at);
	}
	if (!S_ISDIR(walk.at.mode) && want == WANT_POINT && done == max)
		return lies_at_file(r, at, &walk, path, err);
	if (!S_ISDIR(walk.at.mode) && (want != WANT_THERE || done < max))
		return refuse_kind(path, err);
	if (done < max && target == STEP_NO_BASE && is_unsettled(r, walk.in_image))
		at->flags |= PATH_LATE | PATH_UNSETTLED;
	/* Only a directory gets a pin with a path: only it can be on the way of other paths. A
	 * mount point's pin saves the next path beneath it the walk. */
	if (done > start &&
		pins_add(&walk, path, S_ISDIR(walk.at.mode) ? done : 0, &base, err) < 0)
		return -1;
	lies_at(at, base, done);
	if (end == WALK_MISSING)
		note_missing(r, base, path + done + 1);
	if (target != STEP_NO_BASE)
		deferred(at, target, done);
	return 0;
}

/* Resolves an absolute path. The common case, a name missing in a pinned directory, takes one
 * system call; none if the step before missed it as well, or the directory is known to be
 * empty. */
static int resolve_host(
	struct resolver *r, struct step_path *at, enum want want, struct vst_err *err)
{
	const char *path = plan_text(r->plan, at->path.off);
	uint32_t len = at->path.len, done, base, max, target;
	char name[VST_COMPONENT_MAX + 1];
	struct object object;
	struct statx st;
	size_t n;

	if (len == 1)
		len = 0; /* "/" has no component. */
	max = len;
	if (want == WANT_FILE) {
		while (max > 0 && path[max - 1] != '/')
			max--;
		if (max == 0)
			return vst_fail(err, VST_EXIT_CONFLICT, 0,
				"path /: is a directory, not a file");
		max--;
	}
	base = pins_deepest(path, max, &done);
	lies_at(at, base, done < len ? done : at->path.len);
	object = pins_object(base);
	target = r->n_targets ? mounted_by(r, &object) : STEP_NO_BASE;
	if (target != STEP_NO_BASE) {
		deferred(at, target, done < len ? done : at->path.len);
		return 0;
	}
	if (done == max)
		return 0;
	if (is_unsettled(r, pins_get(base)->in_image)) {
		at->flags |= PATH_LATE | PATH_UNSETTLED;
		return 0;
	}
	n = strcspn(path + done + 1, "/");
	if (is_known_missing(r, base, path + done + 1, n))
		return 0;
	memcpy(name, path + done + 1, n);
	name[n] = '\0';
	if (statx(pins_get(base)->fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE,
		    &st) < 0 &&
		errno == ENOENT) {
		note_missing(r, base, path + done + 1);
		return 0;
	}
	return walk_path(r, at, want, base, done, max, err);
}

/* Resolves a relative path: the image is looked at when the step acts. */
static int resolve_in_root(struct resolver *r, struct step_path *at, struct vst_err *err)
{
	__attribute__((cleanup(walk_close))) struct walk walk = WALK_NONE;
	uint32_t target = mounted_by(r, &r->rootfs);
	vst_auto_fd fd = -1;

	at->flags |= PATH_IN_ROOT;
	at->rest = 0;
	if (target != STEP_NO_BASE) {
		at->flags |= PATH_DEFERRED;
		at->base = target;
		return 0;
	}
	if (!r->rootfs_pin) {
		fd = openat(
			r->bundle->fd, "rootfs", O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || walk_start_with(&walk, &fd, r->caller) < 0)
			return vst_fail(
				err, VST_EXIT_INVALID, errno, "open rootfs in the bundle");
		walk.in_image = 1;
		if (pins_add(&walk, "rootfs", 0, &r->rootfs_pin, err) < 0)
			return -1;
	}
	at->base = r->rootfs_pin;
	return 0;
}

/* Length of `dir` at the beginning of `rest`, with the slash behind it; 0: it is not there. */
static size_t len_of_dir(const char *rest, const char *dir)
{
	size_t len = strlen(dir);

	if (strncmp(rest, dir, len) != 0 || (rest[len] && rest[len] != '/'))
		return 0;
	return len + (rest[len] == '/');
}

/* Defers a path whose missing part lies beneath a mount point that an earlier step makes: to
 * the last such step, which covers the others. */
static void lies_late(const struct resolver *r, struct step_path *at)
{
	const char *rest = plan_text(r->plan, at->path.off + at->rest);
	struct object base = pins_object(at->base);

	for (unsigned i = r->n_late; i > 0; i--) {
		const struct resolve_late *late = &r->late[i - 1];
		struct object other = pins_object(late->base);
		size_t len = beneath_same(&base, &other) ? len_of_dir(rest, late->rest) : 0;

		if (!len)
			continue;
		at->base = late->step;
		at->rest = (uint16_t)(at->rest + len);
		at->flags |= PATH_DEFERRED;
		return;
	}
}

int resolve_path(struct resolver *r, struct step_path *at, enum want want, struct vst_err *err)
{
	if (plan_text(r->plan, at->path.off)[0] != '/')
		return resolve_in_root(r, at, err);
	if (resolve_host(r, at, want, err) < 0)
		return -1;
	if (at->rest < at->path.len && !(at->flags & (PATH_DEFERRED | PATH_FILE | PATH_LATE)))
		lies_late(r, at);
	return 0;
}
