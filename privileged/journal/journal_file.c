/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's file: open, lock, check, close. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../kernel/clock.h"
#include "../rights/rights.h"
#include "journal_form.h"

/* Polls: only a signal could end a blocking flock, and signals are blocked. */
static int lock_until(int fd, int64_t deadline, const char *held, struct vst_err *err)
{
	long sleep_ms = 1;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		struct timespec pause = {.tv_nsec = sleep_ms * 1000000};

		if (errno != EWOULDBLOCK && errno != EINTR)
			return vst_fail(err, VST_EXIT_FAILED, errno, "lock %s", held);
		if (kernel_now_ms() >= deadline)
			return vst_fail(err, VST_EXIT_BUSY, 0,
				"another run holds %s; try again when it is done", held);
		/* Not nanosleep, which is a different system call in each libc. */
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		sleep_ms = sleep_ms < 32 ? sleep_ms * 2 : 50;
	}
	return 0;
}

int journal_lock(int fd, const char *held, struct vst_err *err)
{
	return lock_until(fd, kernel_now_ms() + VST_LOCK_TIMEOUT_MS, held, err);
}

static int open_file(const struct journal *journal, int *ret_fd, struct vst_err *err)
{
	int fd = openat(journal->dir_fd, journal->name,
		O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == ELOOP || errno == EISDIR))
		return vst_fail(err, VST_EXIT_CONFLICT, errno,
			"journal %s is not a file of ours: look at it, and remove it",
			journal->name);
	if (fd < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"open journal %s in the state directory", journal->name);
	*ret_fd = fd;
	return 0;
}

/* Opens and locks the file, and proves that it still has the name: the last holder of the lock
 * may have removed the file that we opened. */
static int open_locked(struct journal *journal, struct stat *ret_st, struct vst_err *err)
{
	int64_t deadline = kernel_now_ms() + VST_LOCK_TIMEOUT_MS;
	char held[96];

	snprintf(held, sizeof held, "this bundle (journal %s)", journal->name);
	for (;;) {
		vst_auto_fd fd = -1;
		struct stat named;

		if (open_file(journal, &fd, err) < 0 || lock_until(fd, deadline, held, err) < 0)
			return -1;
		if (fstat(fd, ret_st) < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno, "look at journal %s",
				journal->name);
		if (fstatat(journal->dir_fd, journal->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
			named.st_dev == ret_st->st_dev && named.st_ino == ret_st->st_ino) {
			journal->fd = vst_fd_take(&fd);
			return 0;
		}
		if (kernel_now_ms() >= deadline)
			return vst_fail(err, VST_EXIT_BUSY, 0,
				"other runs keep replacing journal %s; try again when they are done",
				journal->name);
	}
}

int journal_check_file(
	const struct journal *journal, const struct stat *st, struct vst_err *err)
{
	if (S_ISREG(st->st_mode) && st->st_nlink == 1 && st->st_uid == geteuid() &&
		(st->st_mode & 077) == 0 && st->st_size <= VST_JOURNAL_MAX)
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"journal %s is not a file of ours: it has to be a regular file of uid %u, mode 0600, one link, at most %d bytes; look at it, and remove it",
		journal->name, (unsigned)geteuid(), VST_JOURNAL_MAX);
}

static int damaged(const struct journal *journal, size_t byte, struct vst_err *err)
{
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"journal %s is damaged (byte %zu), so what was done for bundle '%s' is not known for sure: take back by hand what is still mounted, bound or linked for it, then remove the file",
		journal->name, byte, VST_QUOTE(journal->bundle_path));
}

/* Whether two boot ids may be the same. Zero is unknown, and matches any. */
static int same_id(const void *a, const void *b, size_t len)
{
	static const unsigned char unknown[16];

	return !memcmp(a, b, len) || !memcmp(a, unknown, len) || !memcmp(b, unknown, len);
}

int journal_check_header(
	const struct journal *journal, size_t size, size_t *ret_used, struct vst_err *err)
{
	const struct journal_header *header =
		(const struct journal_header *)(const void *)journal->map;
	const struct journal_key *key = &journal->key;

	*ret_used = 0;
	if (size < sizeof *header || header->magic == 0)
		return 0;
	if (header->magic != JOURNAL_MAGIC)
		return damaged(journal, 0, err);
	if (header->version != JOURNAL_VERSION)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"journal %s is of version %u, this program writes version %d: run cleanup and detach with the program that wrote it",
			journal->name, header->version, JOURNAL_VERSION);
	if (!header->path_len || header->path_len > sizeof header->path ||
		header->sum != journal_header_sum(header) ||
		memchr(header->path, '\0', header->path_len) !=
			header->path + header->path_len - 1)
		return damaged(journal, offsetof(struct journal_header, sum), err);
	if (!same_id(header->key.boot_id, key->boot_id, sizeof key->boot_id))
		return 0;
	if (header->key.bundle_dev != key->bundle_dev ||
		header->key.bundle_ino != key->bundle_ino)
		return damaged(journal, offsetof(struct journal_header, key), err);
	if (strcmp(header->path, journal->bundle_path) != 0)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"journal %s is of the bundle at '%s', which is now at '%s', or was removed and this one was given its inode: move it back, or take back by hand what was done for it and remove the file",
			journal->name, VST_QUOTE(header->path),
			VST_QUOTE(journal->bundle_path));
	*ret_used = sizeof *header;
	return 0;
}

int journal_check_records(struct journal *journal, size_t size, struct vst_err *err)
{
	enum journal_form form;

	for (;;) {
		uint32_t place = (uint32_t)journal->used;

		form = journal_check(journal, place, journal->last, size);
		if (form != JOURNAL_WHOLE)
			break;
		journal->last = place;
		journal->used += journal_head(journal, place)->mark & 0xffff;
		journal_pass(journal, place, journal->used);
	}
	if (form == JOURNAL_DAMAGED)
		return damaged(journal, journal->used, err);
	return 0;
}

void journal_unmap(struct journal *journal)
{
	if (journal->map)
		munmap(journal->map, VST_JOURNAL_MAX);
	journal->map = NULL;
	vst_fd_close(&journal->fd);
}

/* Maps VST_JOURNAL_MAX bytes; only what the file has is touched. */
static int map_it(struct journal *journal, struct vst_err *err)
{
	void *map =
		mmap(NULL, VST_JOURNAL_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, journal->fd, 0);
	if (map == MAP_FAILED)
		return vst_fail(err, VST_EXIT_FAILED, errno, "map journal %s", journal->name);
	journal->map = map;
	return 0;
}

static int map_file(struct journal *journal, const struct stat *st, struct vst_err *err)
{
	return journal_check_file(journal, st, err) < 0 ? -1 : map_it(journal, err);
}

/* Checks the whole file, and cuts off what a killed run left behind the last whole record. */
static int check_and_trim(struct journal *journal, size_t size, struct vst_err *err)
{
	if (journal_check_header(journal, size, &journal->used, err) < 0)
		return -1;
	if (journal->used && journal_check_records(journal, size, err) < 0)
		return -1;
	if (size > journal->used && ftruncate(journal->fd, (off_t)journal->used) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"cut the unfinished end off journal %s", journal->name);
	journal->map_len = journal->used;
	return 0;
}

void journal_name(const struct journal_key *key, char ret[64])
{
	snprintf(ret, 64, "%llx-%llx.journal", (unsigned long long)key->bundle_dev,
		(unsigned long long)key->bundle_ino);
}

int journal_open(struct journal *journal, int dir_fd, const struct journal_key *key,
	const char *bundle_path, struct vst_err *err)
{
	struct stat st;
	int r;

	*journal = (struct journal){
		.dir_fd = dir_fd,
		.fd = -1,
		.key = *key,
		.bundle_path = bundle_path,
	};
	journal_name(key, journal->name);
	rights_as_owner();
	r = open_locked(journal, &st, err);
	rights_as_caller();
	if (r < 0)
		return -1;
	if (map_file(journal, &st, err) < 0 ||
		check_and_trim(journal, (size_t)st.st_size, err) < 0) {
		journal_unmap(journal);
		return -1;
	}
	return 0;
}

int journal_memory(void)
{
	return (int)syscall(SYS_memfd_create, "vestibule-journal", MFD_CLOEXEC);
}

int journal_open_memory(struct journal *journal, int *fd, const struct journal_key *key,
	const char *bundle_path, struct vst_err *err)
{
	*journal = (struct journal){.dir_fd = -1,
		.fd = vst_fd_take(fd),
		.key = *key,
		.name = "in memory",
		.bundle_path = bundle_path};
	if (map_it(journal, err) == 0)
		return 0;
	journal_unmap(journal);
	return -1;
}

/* Locks without waiting. JOURNAL_OURS: locked, and it still has the name. */
static enum journal_found try_lock(const struct journal *journal, struct stat *ret_st)
{
	struct stat named;

	if (flock(journal->fd, LOCK_EX | LOCK_NB) < 0)
		return JOURNAL_HELD;
	if (fstat(journal->fd, ret_st) < 0 ||
		fstatat(journal->dir_fd, journal->name, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
		named.st_dev != ret_st->st_dev || named.st_ino != ret_st->st_ino)
		return JOURNAL_VANISHED;
	return JOURNAL_OURS;
}

enum journal_found journal_whose(struct journal *journal, size_t size)
{
	const struct journal_header *header =
		(const struct journal_header *)(const void *)journal->map;

	if (size < sizeof *header || header->magic == 0)
		return JOURNAL_VANISHED;
	/* A damaged header is not compared: journal_check_header reports it. */
	if (header->magic != JOURNAL_MAGIC || !header->path_len ||
		header->path_len > sizeof header->path ||
		header->sum != journal_header_sum(header) || header->path[header->path_len - 1])
		return JOURNAL_OURS;
	if (!same_id(header->key.boot_id, journal->key.boot_id, sizeof header->key.boot_id))
		return JOURNAL_OTHER_BOOT;
	journal->key.bundle_dev = header->key.bundle_dev;
	journal->key.bundle_ino = header->key.bundle_ino;
	journal->bundle_path = header->path;
	return JOURNAL_OURS;
}

static int visit(struct journal *journal, int dir_fd, const char *name,
	const struct journal_key *own, int forget, enum journal_found *ret, struct vst_err *err)
{
	struct stat st;
	int result = 0;

	*journal =
		(struct journal){.dir_fd = dir_fd, .fd = -1, .key = *own, .bundle_path = name};
	snprintf(journal->name, sizeof journal->name, "%s", name);
	*ret = JOURNAL_VANISHED;
	journal->fd =
		openat(dir_fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (journal->fd < 0)
		return errno == ENOENT ? 0
				       : vst_fail(err, VST_EXIT_CONFLICT, errno,
						 "open journal %s", VST_QUOTE(name));
	*ret = try_lock(journal, &st);
	if (*ret == JOURNAL_OURS)
		result = map_file(journal, &st, err);
	if (*ret == JOURNAL_OURS && result == 0)
		*ret = journal_whose(journal, (size_t)st.st_size);
	/* A vanished one that is mapped is an empty one that is locked and has the name. */
	if (forget &&
		(*ret == JOURNAL_OTHER_BOOT || (*ret == JOURNAL_VANISHED && journal->map)))
		(void)unlinkat(dir_fd, name, 0);
	if (*ret == JOURNAL_OURS && result == 0)
		result = check_and_trim(journal, (size_t)st.st_size, err);
	if (*ret != JOURNAL_OURS || result < 0)
		journal_unmap(journal);
	return result;
}

int journal_visit(struct journal *journal, int dir_fd, const char *name,
	const struct journal_key *own, int forget, enum journal_found *ret, struct vst_err *err)
{
	int r;

	rights_as_owner();
	r = visit(journal, dir_fd, name, own, forget, ret, err);
	rights_as_caller();
	return r;
}

/* Whether the record is of an object that can be taken back on request. */
static int is_object(const struct journal_rec *rec)
{
	switch (rec->kind) {
	case JOURNAL_FILE:
	case JOURNAL_MOUNT:
	case JOURNAL_LINK:
	case JOURNAL_MOVE:
		return 1;
	case JOURNAL_RUN:
	case JOURNAL_PIN:
	case JOURNAL_DIR:
	case JOURNAL_CHANGE:
		break;
	}
	return 0;
}

/* Returns the end of the last record worth keeping, 0 if none. An unfinished run is kept whole;
 * a finished run up to its last object, as long as any of its objects is held: undone records
 * tell that the rest is not all there was. */
static uint32_t held_end(const struct journal *journal)
{
	enum journal_state run = JOURNAL_UNDONE;
	uint32_t end = 0, run_end = 0;
	int held = 0;

	for (uint32_t place = journal_first(journal); place;) {
		uint32_t next = journal_next(journal, place);
		struct journal_rec rec;

		journal_read(journal, place, &rec);
		if (rec.kind == JOURNAL_RUN) {
			run = rec.state;
			held = run == JOURNAL_INTENT;
		}
		if (run == JOURNAL_INTENT || is_object(&rec))
			run_end = next ? next : (uint32_t)journal->used;
		if (run == JOURNAL_DONE && is_object(&rec) && rec.state != JOURNAL_UNDONE)
			held = 1;
		if (held)
			end = run_end;
		journal_pass(journal, place, next);
		place = next;
	}
	return end;
}

void journal_close(struct journal *journal)
{
	uint32_t end;

	if (journal->fd < 0) {
		journal_unmap(journal);
		return;
	}
	end = held_end(journal);
	/* Under the lock: give back unused space and cut off runs that hold nothing, or
	 * repeated attaches would fill the journal. The next run can read what a failure
	 * leaves. */
	if (end == 0 && journal->dir_fd >= 0) {
		rights_as_owner();
		(void)unlinkat(journal->dir_fd, journal->name, 0);
		rights_as_caller();
	} else if (end < journal->map_len) {
		(void)!ftruncate(journal->fd, (off_t)end);
	}
	journal_unmap(journal);
}
