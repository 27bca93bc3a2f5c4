/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of a journal in memory: read without keeping its lock, or without taking it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "../../ipc/fd.h"
#include "../rights/rights.h"
#include "journal_form.h"

/* Maps memory for a copy of the file; NULL with err. */
static void *map_copy(const struct journal *journal, struct vst_err *err)
{
	void *copy = mmap(NULL, VST_JOURNAL_MAX, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (copy != MAP_FAILED)
		return copy;
	vst_fail(err, VST_EXIT_FAILED, errno, "copy journal %s", journal->name);
	return NULL;
}

int journal_unlock(struct journal *journal, struct vst_err *err)
{
	void *copy = map_copy(journal, err);

	if (!copy)
		return -1;
	memcpy(copy, journal->map, journal->used);
	journal_unmap(journal);
	journal->map = copy;
	journal->bundle_path = ((const struct journal_header *)copy)->path;
	return 0;
}

/* Copies the whole file. 1, 0 if it was removed meanwhile, -1. */
static int copy_now(struct journal *journal, int fd, const struct stat *st, size_t *ret_size,
	struct vst_err *err)
{
	size_t len = 0;
	ssize_t n = 1;

	if (st->st_nlink == 0)
		return 0;
	if (journal_check_file(journal, st, err) < 0)
		return -1;
	journal->map = map_copy(journal, err);
	if (!journal->map)
		return -1;
	while (n > 0 && len < (size_t)st->st_size) {
		n = read(fd, journal->map + len, (size_t)st->st_size - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read journal %s", journal->name);
	*ret_size = len;
	return 1;
}

/* As copy_now, under a shared lock. */
static int copy_file(struct journal *journal, int fd, size_t *ret_size, struct vst_err *err)
{
	struct stat st;

	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return vst_fail(err, VST_EXIT_BUSY, 0, "another run holds this bundle");
	if (fstat(fd, &st) < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "look at journal %s", journal->name);
	return copy_now(journal, fd, &st, ret_size, err);
}

int journal_peek(struct journal *journal, int dir_fd, const struct journal_key *key,
	const char *bundle_path, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	size_t size = 0;
	int result;

	*journal = (struct journal){
		.dir_fd = dir_fd, .fd = -1, .key = *key, .bundle_path = bundle_path};
	journal_name(key, journal->name);
	rights_as_owner();
	fd = openat(dir_fd, journal->name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	rights_as_caller();
	if (fd < 0)
		return errno == ENOENT ? 0
				       : vst_fail(err, VST_EXIT_CONFLICT, errno,
						 "open journal %s", journal->name);
	result = copy_file(journal, fd, &size, err);
	if (result > 0 &&
		(journal_check_header(journal, size, &journal->used, err) < 0 ||
			(journal->used && journal_check_records(journal, size, err) < 0)))
		result = -1;
	if (result > 0 && !journal->last)
		result = 0;
	if (result <= 0)
		journal_unmap(journal);
	return result;
}

int journal_glance(struct journal *journal, int dir_fd, const char *name,
	const struct journal_key *own, size_t *ret_size, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	struct stat st;
	int result;

	*journal =
		(struct journal){.dir_fd = dir_fd, .fd = -1, .key = *own, .bundle_path = name};
	snprintf(journal->name, sizeof journal->name, "%s", name);
	*ret_size = 0;
	rights_as_owner();
	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	rights_as_caller();
	if (fd < 0)
		return errno == ENOENT ? 0
				       : vst_fail(err, VST_EXIT_CONFLICT, errno,
						 "open journal %s", VST_QUOTE(name));
	if (fstat(fd, &st) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look at journal %s", name);
	result = copy_now(journal, fd, &st, ret_size, err);
	if (result <= 0 || journal_whose(journal, *ret_size) != JOURNAL_OURS)
		return result < 0 ? -1 : 0;
	if (journal_check_header(journal, *ret_size, &journal->used, err) < 0 ||
		(journal->used && journal_check_records(journal, *ret_size, err) < 0))
		return -1;
	return journal->last != 0;
}
