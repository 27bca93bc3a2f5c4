/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_dir.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_call.h"
#include "made.h"

/* Results of undo_one beside UNDO_*: the directory was there before the run, or may have been.
 */
#define NOT_OURS 16
#define PERHAPS_OURS 17

/* Copies the component at *at and advances *at past it and its slash. 0 at the end. */
static int next_component(const char **at, char name[VST_COMPONENT_MAX + 1])
{
	size_t len = strcspn(*at, "/");

	assert(len <= VST_COMPONENT_MAX);
	if (!len)
		return 0;
	memcpy(name, *at, len);
	name[len] = '\0';
	*at += len + ((*at)[len] == '/');
	return 1;
}

static uint32_t count_components(const char *path)
{
	char name[VST_COMPONENT_MAX + 1];
	uint32_t n = 0;

	while (next_component(&path, name))
		n++;
	return n;
}

/* The directory reached so far: `held`, or the base before any. */
static int reached(int base_fd, int held)
{
	return held >= 0 ? held : base_fd;
}

static int open_dir(int dir_fd, const char *name)
{
	return openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
}

/* Sets err for a component that cannot be opened as a directory; errno says why. */
static int fail_component(int dir_fd, const char *name, const char *rest, struct vst_err *err)
{
	int code = errno;
	struct stat st;

	if (code != ENOTDIR && code != ELOOP)
		return vst_fail(err, made_exit(code), code, "open directory '%s' of '%s'",
			VST_QUOTE(name), VST_QUOTE(rest));
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"'%s' of '%s' is a symbolic link, which is not followed here; name the directory that it points to",
			VST_QUOTE(name), VST_QUOTE(rest));
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"'%s' of '%s' is not a directory; move it away or name another path",
		VST_QUOTE(name), VST_QUOTE(rest));
}

/* Descends the path as long as there are directories. *at is left at the first missing
 * component, *n counts those found, *held is the last of them. */
static int find_missing(
	const struct place *place, const char **at, uint32_t *n, int *held, struct vst_err *err)
{
	char name[VST_COMPONENT_MAX + 1];
	const char *next = place->rest;

	for (*at = place->rest; next_component(&next, name); *at = next) {
		int fd = open_dir(reached(place->fd, *held), name);

		if (fd < 0 && errno == ENOENT)
			return 0;
		if (fd < 0)
			return fail_component(
				reached(place->fd, *held), name, place->rec_rest, err);
		vst_fd_close(held);
		*held = fd;
		(*n)++;
	}
	return 0;
}

/* A default ACL or a setgid parent changes the mode that mkdirat sets. Before 6.6 neither
 * fchmod nor fchmodat takes an O_PATH descriptor, so the directory is reopened for reading. */
static int fix_mode(
	int dir_fd, const char *name, const struct object *made, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	struct object again;

	if ((made->mode & 07777) == 0755)
		return 0;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || beneath_stat(fd, &again) < 0)
		return vst_fail(err, made_exit(errno), errno, "open new directory '%s'",
			VST_QUOTE(name));
	if (again.dev != made->dev || again.ino != made->ino)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"new directory '%s' was replaced by another one; find out by whom",
			VST_QUOTE(name));
	if (fchmod(fd, 0755) < 0 || beneath_stat(fd, &again) < 0)
		return vst_fail(
			err, made_exit(errno), errno, "set mode 0755 of '%s'", VST_QUOTE(name));
	if ((again.mode & 07777) != 0755)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"the file system of '%s' does not keep mode 0755; use another one",
			VST_QUOTE(name));
	return 0;
}

/* A component was made but could not be inspected: only its name and birth time identify it. */
#define MADE_UNSEEN (-2)

/* Inspects a component that was made or found. It is opened only if something will be made in
 * it: opening goes by the name as well, so it proves no more than a stat of the name. */
static int look(int dir_fd, const char *name, int open_it, int *ret_fd, struct object *ret)
{
	*ret_fd = -1;
	if (!open_it) {
		if (beneath_stat_name(dir_fd, name, ret) < 0)
			return -1;
		if (S_ISDIR(ret->mode))
			return 0;
		errno = S_ISLNK(ret->mode) ? ELOOP : ENOTDIR;
		return -1;
	}
	*ret_fd = open_dir(dir_fd, name);
	return *ret_fd < 0 ? -1 : beneath_stat(*ret_fd, ret);
}

/* Directories in the making. */
struct making {
	const struct place *place;
	const char *at;      /* What is still missing of the path. */
	int keep_last;       /* The last component is wanted, not only what it lies in. */
	uint64_t born_after; /* When the record was written. */
	int *held;           /* The last component if keep_last, else its parent. */
	struct rec_dir_result result;
};

/* Makes the components from `at` on. The result counts them as they are made, also on failure.
 * 0, -1 or MADE_UNSEEN. */
static int make_missing(struct making *making, struct vst_err *err)
{
	const char *at = making->at, *whole = making->place->rec_rest;
	struct rec_dir_result *result = &making->result;
	char name[VST_COMPONENT_MAX + 1];
	struct object object;

	while (next_component(&at, name)) {
		int dir_fd = reached(making->place->fd, *making->held), made;
		vst_auto_fd fd = -1;

		made = mkdirat(dir_fd, name, 0755) == 0;
		if (!made && errno != EEXIST)
			return vst_fail(err, made_exit(errno), errno,
				"make directory '%s' of '%s'", VST_QUOTE(name),
				VST_QUOTE(whole));
		if (look(dir_fd, name, *at || making->keep_last, &fd, &object) < 0) {
			fail_component(dir_fd, name, whole, err);
			return made ? MADE_UNSEEN : -1;
		}
		if (made && made_born(dir_fd, &object, making->born_after) == MADE_OLDER) {
			vst_fail(err, VST_EXIT_CONFLICT, 0,
				"new directory '%s' of '%s' was replaced by another one; find out by whom",
				VST_QUOTE(name), VST_QUOTE(whole));
			return MADE_UNSEEN;
		}
		result->n++;
		result->ino = object.ino;
		/* Somebody else made it first: it stays, and so does all above it. */
		if (!made)
			result->first = result->n;
		else if (fix_mode(dir_fd, name, &object, err) < 0)
			return -1;
		if (!*at && !making->keep_last)
			break;
		vst_fd_close(making->held);
		*making->held = vst_fd_take(&fd);
	}
	return 0;
}

/* As exec_dir_make, without opening. *held is as make_missing leaves it, or the last component
 * of a path that exists. 0 if the last component was made, 1 if it existed or somebody else
 * made it first, -1. */
static int make(const struct plan_allowed *allowed, struct exec_run *run, struct making *making,
	struct vst_err *err)
{
	const struct place *to = making->place;
	struct rec_dir rec = {.pin = to->pin_rec, .uid = allowed->caller_uid};
	struct rec_dir_result *result = &making->result;
	uint32_t found = count_components(to->rec_rest) - count_components(to->rest), place;
	int r;

	making->at = to->rest;
	if (!to->is_missing && find_missing(to, &making->at, &found, making->held, err) < 0)
		return -1;
	if (!*making->at)
		return 1;
	rec.born_after = making->born_after = made_now();
	rec.first = result->first = result->n = found;
	if (journal_append(run->journal, JOURNAL_DIR, &rec, sizeof rec, to->rec_rest,
		    strlen(to->rec_rest) + 1, sizeof *result, &place, err) < 0)
		return -1;
	r = make_missing(making, err);
	/* After a partial failure, the result names the part that was made. If that could not
	 * be inspected, the record stays INTENT. */
	if (r != MADE_UNSEEN && result->first == result->n)
		journal_undone(run->journal, place);
	else if (r != MADE_UNSEEN)
		journal_done(run->journal, place, result, sizeof *result);
	return r < 0 ? -1 : result->first == result->n;
}

int exec_dir_make(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *place, int *ret_fd, int *ret_is_new, struct vst_err *err)
{
	vst_auto_fd held = -1;
	struct making making = {.place = place, .keep_last = ret_fd != NULL, .held = &held};
	int r = make(allowed, run, &making, err);

	if (r < 0)
		return -1;
	if (ret_is_new)
		*ret_is_new = r == 0;
	if (!ret_fd)
		return 0;
	if (held < 0 && (held = beneath_open(place->fd, "", O_PATH | O_DIRECTORY)) < 0)
		return vst_fail(err, made_exit(errno), errno, "open directory '%s'",
			VST_QUOTE(place->rec_rest));
	*ret_fd = vst_fd_take(&held);
	return 0;
}

int exec_dir_make_in(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *place, int *ret_parent_fd, struct vst_err *err)
{
	vst_auto_fd held = -1;
	struct making making = {.place = place, .held = &held};
	int r = make(allowed, run, &making, err);

	if (r == 0 && held >= 0)
		*ret_parent_fd = vst_fd_take(&held);
	return r < 0 ? -1 : 0;
}

/* A cgroup has no birth time. It was missing when the record was written, and is removed only
 * if it is empty. */
static int is_cgroup(int fd)
{
	uint32_t magic = beneath_fs_magic(fd);

	return magic == CGROUP_SUPER_MAGIC || magic == CGROUP2_SUPER_MAGIC;
}

static int remove_dir(int parent_fd, const char *name)
{
	return unlinkat(parent_fd, name, AT_REMOVEDIR);
}

/* Removes what an overlay leaves in its workdir: empty directories of mode 0, which the kernel
 * made for a mount of the same run that is gone by now. Returns whether there were any; errno
 * is ENOTEMPTY afterwards. */
static int sweep_workdir(int dir_fd, uint64_t born_after)
{
	static const char *const left[] = {"work", "index"};
	struct object object;
	int swept = 0;

	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		swept |= beneath_stat_name(dir_fd, left[i], &object) == 0 &&
			 object.mode == S_IFDIR &&
			 made_born(dir_fd, &object, born_after) != MADE_OLDER &&
			 remove_dir(dir_fd, left[i]) == 0;
	errno = ENOTEMPTY;
	return swept;
}

/* Removes the directory at path if it is ours. `confirmed`: the record is DONE. `ino`: its
 * inode; 0 if unknown. UNDO_*, NOT_OURS, PERHAPS_OURS or -1. */
static int undo_one(int base_fd, const char *path, const struct rec_dir *rec, int confirmed,
	uint64_t ino, struct vst_err *err)
{
	vst_auto_fd parent = -1, fd = -1;
	enum made_born born = MADE_BORN;
	struct object object;
	const char *name;
	int ours;

	fd = made_find(base_fd, path, &parent, &name, &object, err);
	if (fd < 0)
		return fd == -2 ? made_missing(base_fd, path, err) : -1;
	if (!is_cgroup(fd))
		born = made_born(fd, &object, rec->born_after);
	ours = S_ISDIR(object.mode) && born != MADE_OLDER &&
	       (ino ? object.ino == ino
		    : object.uid == rec->uid && (object.mode & 07777) == 0755);
	if (ours && born == MADE_UNKNOWN && !confirmed) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"directory '%s' is left: it may be the one that was made, but its file system does not tell by this machine's clock when that was; remove it if it is of no use",
			VST_QUOTE(path));
		return PERHAPS_OURS;
	}
	if (!ours) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"'%s' is not the directory any more that was made; it is left",
			VST_QUOTE(path));
		return confirmed ? UNDO_LEFT : NOT_OURS;
	}
	if (remove_dir(parent, name) == 0 ||
		(errno == ENOTEMPTY && confirmed && sweep_workdir(fd, rec->born_after) &&
			remove_dir(parent, name) == 0))
		return UNDO_DONE;
	if (errno == ENOENT)
		return made_vanished(base_fd, fd, path, err);
	if (errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"directory '%s' is left: somebody %s it meanwhile", VST_QUOTE(path),
			errno == EBUSY ? "mounted on" : "filled");
		return UNDO_LEFT;
	}
	return vst_fail(err, made_exit(errno), errno, "remove directory '%s'", VST_QUOTE(path));
}

int exec_dir_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err)
{
	const struct rec_dir *body = rec->body;
	const struct rec_dir_result *result = rec->result;
	const char *rest = (const char *)(body + 1);
	uint32_t all = count_components(rest), n = result && result->n < all ? result->n : all;
	uint32_t first = result ? result->first : body->first;
	char path[VST_PATH_MAX + 1];
	int found = UNDO_DONE;

	for (uint32_t left = n; left > first; left--) {
		const char *end = rest;
		char name[VST_COMPONENT_MAX + 1];
		size_t len;
		int r;

		for (uint32_t i = 0; i < left; i++)
			next_component(&end, name);
		len = (size_t)(end - rest) - (end > rest && end[-1] == '/');
		memcpy(path, rest, len);
		path[len] = '\0';
		r = undo_one(base_fd, path, body, result != NULL,
			result && left == n ? result->ino : 0, err);
		/* An unconfirmed directory that is in use may have been there before the run.
		 */
		if (r == NOT_OURS || (r == UNDO_LEFT && !result && left == all))
			return UNDO_MISSING;
		/* Directories above one that stays are not empty: stop. */
		if (r == PERHAPS_OURS)
			return UNDO_LEFT;
		if (r == UNDO_MISSING)
			found = r;
		else if (r != UNDO_DONE)
			return r;
	}
	return found;
}

/* Removes an empty directory beneath base_fd that was made a moment ago. */
static int unlinkat_beneath(int base_fd, const char *path)
{
	const char *name;
	vst_auto_fd parent = beneath_open_parent(base_fd, path, &name);

	return parent < 0 ? -1 : remove_dir(parent, name);
}

/* The present name of the directory in its parent. Changes the working directory to "/". */
static int name_now(int fd, char name[VST_COMPONENT_MAX + 1])
{
	char path[VST_PATH_MAX + 16];
	const char *slash;
	int gone = fchdir(fd) < 0 || syscall(SYS_getcwd, path, sizeof path) < 0;

	if (chdir("/") < 0 || gone)
		return -1;
	slash = strrchr(path, '/');
	if (!slash || strlen(slash + 1) > VST_COMPONENT_MAX)
		return -1;
	strcpy(name, slash + 1);
	return 0;
}

/* Removes n directories, from this one upwards, each identified by inode whatever its name is.
 * Stops where ".." is refused, because the mount's root is not above any more. Returns how many
 * stay. */
static uint32_t unmake_upwards(int dir_fd, uint32_t n)
{
	vst_auto_fd fd = kernel_dup(dir_fd);

	for (; n > 0; n--) {
		vst_auto_fd up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		char name[VST_COMPONENT_MAX + 1];
		struct object one, named;

		if (up < 0 || name_now(fd, name) < 0 || beneath_stat(fd, &one) < 0 ||
			beneath_stat_name(up, name, &named) < 0 || one.ino != named.ino ||
			one.dev != named.dev || remove_dir(up, name) < 0)
			break;
		vst_fd_close(&fd);
		fd = vst_fd_take(&up);
	}
	return n;
}

/* Removes n components of a path beneath base_fd, those behind the first `skip`, deepest first.
 * Returns how many stay or are not found. */
static uint32_t unmake_beneath(int base_fd, const char *rest, uint32_t skip, uint32_t n)
{
	char path[VST_PATH_MAX + 1], name[VST_COMPONENT_MAX + 1];
	const char *start = rest, *end;
	uint32_t stay = n;

	for (uint32_t i = 0; i < skip; i++)
		next_component(&start, name);
	for (; n > 0; n--) {
		size_t len;

		end = start;
		for (uint32_t i = 0; i < n; i++)
			next_component(&end, name);
		len = (size_t)(end - start) - (end[-1] == '/');
		memcpy(path, start, len);
		path[len] = '\0';
		if (unlinkat_beneath(base_fd, path) == 0)
			stay--;
	}
	return stay;
}

void exec_dir_unmake(struct exec_run *run, uint32_t since, int base_fd, uint32_t skip,
	int dir_fd, const char *dir_rest)
{
	const size_t len = strlen(dir_rest);

	for (uint32_t place = journal_last(run->journal); place > since;
		place = journal_prev(run->journal, place)) {
		const struct rec_dir_result *result;
		const char *rest, *slash;
		struct vst_err ignored;
		struct journal_rec rec;
		uint32_t above, stay;

		journal_read(run->journal, place, &rec);
		if (rec.kind != JOURNAL_DIR || !rec.result)
			continue;
		rest = (const char *)((const struct rec_dir *)rec.body + 1);
		slash = strrchr(rest, '/');
		if ((slash ? (size_t)(slash - rest) : 0) != len ||
			memcmp(rest, dir_rest, len) != 0)
			continue;
		result = rec.result;
		above = result->n - 1 - result->first;
		stay = undo_one(dir_fd, slash ? slash + 1 : rest, rec.body, 1, result->ino,
			       &ignored) == UNDO_DONE
			       ? unmake_upwards(dir_fd, above)
			       : above + 1;
		if (stay && stay <= above && base_fd >= 0 && skip <= result->first)
			stay = unmake_beneath(base_fd, rest, skip, result->first - skip + stay);
		if (!stay)
			journal_undone(run->journal, place);
	}
}

size_t exec_dir_space(size_t rest_len)
{
	return journal_space(
		sizeof(struct rec_dir) + rest_len + 1, sizeof(struct rec_dir_result));
}
