/* SPDX-License-Identifier: Apache-2.0 */
#include "usage.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../rights/rights.h"
#include "state.h"

struct counting {
	int dir_fd;
	const struct journal_key *own;
	struct usage *usage;
};

int usage_lock(int dir_fd, int *ret_fd, struct vst_err *err)
{
	vst_auto_fd fd = -1;

	rights_as_owner();
	fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rights_as_caller();
	if (fd < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "open the state directory to lock it");
	if (journal_lock(fd, "the count of what you have", err) < 0)
		return -1;
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

/* A run that is not finished counts with all that it has begun to do. */
static void count_binds(const struct journal *journal, struct usage *usage)
{
	enum journal_state run = JOURNAL_UNDONE;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_RUN) {
			run = rec.state;
			if (run == JOURNAL_INTENT)
				usage->binds += ((const struct rec_run *)rec.body)->n_binds;
		} else if (rec.kind == JOURNAL_MOUNT && run == JOURNAL_DONE &&
			   rec.state != JOURNAL_UNDONE) {
			usage->binds +=
				!!(((const struct rec_mount *)rec.body)->flags & REC_MOUNT_NS);
		}
	}
}

static int count_one(void *arg, const char *name, struct vst_err *err)
{
	const struct counting *counting = arg;
	struct journal journal;
	size_t size;
	int found = journal_glance(&journal, counting->dir_fd, name, counting->own, &size, err);

	if (found < 0)
		return -1;
	counting->usage->journals++;
	counting->usage->bytes += size;
	if (found > 0)
		count_binds(&journal, counting->usage);
	journal_close(&journal);
	return 0;
}

int usage_count(
	int dir_fd, const struct journal_key *own, struct usage *ret, struct vst_err *err)
{
	struct counting counting = {dir_fd, own, ret};

	*ret = (struct usage){.journals = 0};
	return state_list(dir_fd, count_one, &counting, err);
}

/* Whether the journal's file is there: 1, 0, -1. */
static int is_there(int dir_fd, const char *name)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : -1;
}

int usage_has_room(int dir_fd, const struct usage *usage, size_t bytes, struct vst_err *err)
{
	struct statfs fs;

	if (usage->bytes + bytes > VST_LESS_JOURNAL_BYTES)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"your bundles have %llu bytes of records, this would be %zu more, and %d is the most: detach some, or run 'vestibule gc'",
			(unsigned long long)usage->bytes, bytes, VST_LESS_JOURNAL_BYTES);
	if (fstatfs(dir_fd, &fs) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"look what the state directory's file system has left");
	if (fs.f_blocks && fs.f_bavail < fs.f_blocks / 4)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"less than a quarter of the state directory's file system is free, which is kept for root: ask the administrator to make room in " STATE_DIR);
	return 0;
}

static int may_have_more(int dir_fd, const struct journal_key *key, struct vst_err *err)
{
	struct usage usage;

	if (usage_count(dir_fd, key, &usage, err) < 0)
		return -1;
	if (usage.journals >= VST_LESS_JOURNALS)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"%u bundles of yours have records, and %d is the most: detach some, or run 'vestibule gc'",
			usage.journals, VST_LESS_JOURNALS);
	return usage_has_room(dir_fd, &usage, 0, err);
}

static int make_room(int dir_fd, const struct journal_key *key, struct vst_err *err)
{
	vst_auto_fd file = -1;
	char name[64];
	int there;

	journal_name(key, name);
	rights_as_owner();
	there = is_there(dir_fd, name);
	rights_as_caller();
	if (there < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look for journal %s", name);
	if (there)
		return 0;
	if (may_have_more(dir_fd, key, err) < 0)
		return -1;
	rights_as_owner();
	file = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	rights_as_caller();
	if (file < 0 && errno != EEXIST)
		return vst_fail(err, VST_EXIT_FAILED, errno, "make journal %s", name);
	return 0;
}

int usage_make_room(int dir_fd, const struct journal_key *key, struct vst_err *err)
{
	vst_auto_fd lock = -1;

	if (usage_lock(dir_fd, &lock, err) < 0)
		return -1;
	return make_room(dir_fd, key, err);
}
