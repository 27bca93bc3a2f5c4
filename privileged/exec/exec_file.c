/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_ns.h"
#include "made.h"

/* Journals the file, then makes and opens it. 0, 1 if one exists by now, -1. */
static int make(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *at, int *ret_fd, struct vst_err *err)
{
	struct rec_file rec = {
		.born_after = made_now(), .pin = at->pin_rec, .uid = allowed->caller_uid};
	const char *rec_rest = at->rec_rest;
	struct rec_file_result result;
	vst_auto_fd fd = -1;
	struct object object;
	uint32_t place;

	if (journal_append(run->journal, JOURNAL_FILE, &rec, sizeof rec, rec_rest,
		    strlen(rec_rest) + 1, sizeof result, &place, err) < 0)
		return -1;
	fd = openat(
		at->fd, at->rest, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		int code = errno;

		journal_undone(run->journal, place);
		if (code == EEXIST)
			return 1;
		return vst_fail(
			err, made_exit(code), code, "make file '%s'", VST_QUOTE(rec_rest));
	}
	if (beneath_stat(fd, &object) < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "stat file '%s'", VST_QUOTE(rec_rest));
	result = (struct rec_file_result){.dev = object.dev, .ino = object.ino};
	journal_done(run->journal, place, &result, sizeof result);
	/* A default ACL of the directory changes the mode. */
	if ((object.mode & 07777) != 0644 && fchmod(fd, 0644) < 0)
		return vst_fail(err, made_exit(errno), errno, "set mode 0644 of '%s'",
			VST_QUOTE(rec_rest));
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

/* Judges an existing object: 0 if a namespace can be bound on it, or is already (*ret_is_ns).
 */
static int judge(const struct plan_allowed *allowed, int fd, const char *path, int *ret_is_ns,
	struct vst_err *err)
{
	struct object object;
	const char *what = NULL;

	if (beneath_stat(fd, &object) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat '%s'", VST_QUOTE(path));
	*ret_is_ns = beneath_fs_magic(fd) == NSFS_MAGIC;
	if (*ret_is_ns)
		return 0;
	if (S_ISLNK(object.mode))
		what = "is a symbolic link, which is not followed; name the file it points to";
	else if (S_ISDIR(object.mode))
		what = "is a directory; a namespace is bound on a file: name a path in it";
	else if (!S_ISREG(object.mode))
		what = "is not a regular file; move it away or name another path";
	else if (object.size != 0)
		what = "is a file that is not empty; it is not overwritten: move it away";
	if (what)
		return vst_fail(err, VST_EXIT_CONFLICT, 0, "'%s' %s", VST_QUOTE(path), what);
	if (allowed->caller_has_less && object.uid != allowed->caller_uid)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"'%s' is uid %u's file: name one of your own, or one that is not there",
			VST_QUOTE(path), object.uid);
	return 0;
}

int exec_file_make(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *place, int *ret_fd, struct vst_err *err)
{
	static const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	vst_auto_fd fd = place->is_missing ? -1 : openat(place->fd, place->rest, flags);
	int is_ns = 0, made = -1;

	if (place->is_missing || (fd < 0 && errno == ENOENT)) {
		made = make(allowed, run, place, &fd, err);
		if (made < 0)
			return -1;
		if (made == 1)
			fd = openat(place->fd, place->rest, flags);
	}
	if (fd < 0)
		return vst_fail(err, made_exit(errno), errno, "open file '%s'",
			VST_QUOTE(place->rec_rest));
	/* A new file is known by the descriptor that made it: nothing to judge. */
	if (made != 0 && judge(allowed, fd, place->rec_rest, &is_ns, err) < 0)
		return -1;
	*ret_fd = vst_fd_take(&fd);
	return is_ns;
}

int exec_file_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err)
{
	const struct rec_file *body = rec->body;
	const struct rec_file_result *result = rec->result;
	const char *rest = (const char *)(body + 1), *name;
	vst_auto_fd parent = -1, fd = -1;
	enum made_born born;
	struct object object;
	int ours;

	fd = made_find(base_fd, rest, &parent, &name, &object, err);
	if (fd < 0)
		return fd == -2 ? made_missing(base_fd, rest, err) : -1;
	born = made_born(fd, &object, body->born_after);
	ours = S_ISREG(object.mode) && object.size == 0 && born != MADE_OLDER &&
	       (result ? object.dev == result->dev && object.ino == result->ino
		       : object.uid == body->uid && (object.mode & 07777) == 0644 &&
				       object.nlink == 1);
	if (ours && !result && born == MADE_UNKNOWN) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"file '%s' is left: it may be the one that was made, but its file system does not tell by this machine's clock when that was; remove it if it is of no use",
			VST_QUOTE(rest));
		return UNDO_LEFT;
	}
	if (ours && unlinkat(parent, name, 0) == 0)
		return UNDO_DONE;
	if (ours && errno == ENOENT)
		return made_vanished(base_fd, fd, rest, err);
	if (ours && errno != EBUSY)
		return vst_fail(
			err, made_exit(errno), errno, "remove file '%s'", VST_QUOTE(rest));
	vst_fail(err, VST_EXIT_CONFLICT, 0,
		"'%s' is left: it is not the empty file any more that was made",
		VST_QUOTE(rest));
	return result ? UNDO_LEFT : UNDO_MISSING;
}

void exec_file_unmake(struct exec_run *run, uint32_t since, int parent_fd, const char *name)
{
	for (uint32_t place = journal_last(run->journal); place > since;
		place = journal_prev(run->journal, place)) {
		struct journal_rec rec;
		const struct rec_file_result *result;
		struct object object;

		journal_read(run->journal, place, &rec);
		if (rec.kind != JOURNAL_FILE || !rec.result)
			continue;
		result = rec.result;
		if (beneath_stat_name(parent_fd, name, &object) == 0 &&
			object.ino == result->ino && object.dev == result->dev &&
			object.size == 0 && unlinkat(parent_fd, name, 0) == 0)
			journal_undone(run->journal, place);
	}
}

size_t exec_file_space(size_t rest_len)
{
	return journal_space(
		sizeof(struct rec_file) + rest_len + 1, sizeof(struct rec_file_result));
}
