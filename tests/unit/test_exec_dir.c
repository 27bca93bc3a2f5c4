/* SPDX-License-Identifier: Apache-2.0 */
/* Directories and empty files: made exactly, noted before, taken back only if they are ours. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipc/fd.h"
#include "privileged/exec/exec_dir.h"
#include "privileged/exec/exec_file.h"

/* A journal of one record, in memory. */
static struct {
	unsigned n;
	int state; /* enum journal_state */
	enum journal_kind kind;
	_Alignas(8) char body[4300];
	size_t body_len;
	_Alignas(8) char result[64];
	size_t result_len;
} fake;

int journal_append(struct journal *journal, enum journal_kind kind, const void *head,
	size_t head_len, const void *tail, size_t tail_len, size_t result_len,
	uint32_t *ret_place, struct vst_err *err)
{
	(void)journal;
	(void)err;
	fake.n++;
	fake.kind = kind;
	fake.state = JOURNAL_INTENT;
	memcpy(fake.body, head, head_len);
	memcpy(fake.body + head_len, tail, tail_len);
	fake.body_len = head_len + tail_len;
	fake.result_len = result_len;
	*ret_place = 1;
	return 0;
}

void journal_done(struct journal *journal, uint32_t place, const void *result, size_t len)
{
	(void)journal;
	assert_int_equal(place, 1);
	assert_int_equal(len, fake.result_len);
	memcpy(fake.result, result, len);
	fake.state = JOURNAL_DONE;
}

void journal_undone(struct journal *journal, uint32_t place)
{
	(void)journal;
	assert_int_equal(place, 1);
	fake.state = JOURNAL_UNDONE;
}

size_t journal_space(size_t body_len, size_t result_len)
{
	return body_len + result_len;
}

static struct journal_rec fake_rec(void)
{
	return (struct journal_rec){
		.kind = fake.kind,
		.state = (enum journal_state)fake.state,
		.body = fake.body,
		.body_len = fake.body_len,
		.result = fake.state == JOURNAL_DONE ? fake.result : NULL,
		.result_len = fake.result_len,
	};
}

/* Only for what is taken back by descriptor, which moved.sh tries. */
uint32_t journal_last(const struct journal *journal)
{
	(void)journal;
	return 0;
}

uint32_t journal_prev(const struct journal *journal, uint32_t place)
{
	(void)journal;
	return place;
}

void journal_read(const struct journal *journal, uint32_t place, struct journal_rec *ret_rec)
{
	(void)journal;
	(void)place;
	*ret_rec = fake_rec();
}

/* What the wrapped calls do: the n-th mkdirat (from 1) fails with mkdir_errno; somebody else is
 * faster at the n-th; the n-th is exchanged with "theirs"; a file system has no birth times. */
static int mkdir_nth, mkdir_errno, n_mkdirs, raced_nth, exchanged_nth, no_btime;
/* The clock that stamps is years behind; the file system is of this type (0: the real one). */
static int old_clock;
static unsigned fake_magic;
static int dir = -1;
int __real_mkdirat(int fd, const char *name, mode_t mode);
int __wrap_mkdirat(int fd, const char *name, mode_t mode);
int __real_statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret);
int __wrap_statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret);

int __wrap_mkdirat(int fd, const char *name, mode_t mode)
{
	n_mkdirs++;
	assert_int_equal(fake.n, 1);
	assert_int_equal(fake.state, JOURNAL_INTENT);
	if (n_mkdirs == mkdir_nth) {
		errno = mkdir_errno;
		return -1;
	}
	if (n_mkdirs == raced_nth)
		assert_int_equal(__real_mkdirat(fd, name, 0700), 0);
	if (n_mkdirs == exchanged_nth) {
		assert_int_equal(__real_mkdirat(fd, name, mode), 0);
		return renameat2(fd, name, dir, "theirs", RENAME_EXCHANGE);
	}
	return __real_mkdirat(fd, name, mode);
}

int __wrap_statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret)
{
	int r = __real_statx(fd, path, flags, mask, ret);

	if (no_btime)
		ret->stx_mask &= ~(unsigned)STATX_BTIME;
	if (old_clock)
		ret->stx_btime.tv_sec = 1000;
	return r;
}

int __real_fstatfs(int fd, struct statfs *ret);
int __wrap_fstatfs(int fd, struct statfs *ret);
int __wrap_fstatfs(int fd, struct statfs *ret)
{
	int r = __real_fstatfs(fd, ret);

	if (fake_magic)
		ret->f_type = fake_magic;
	return r;
}

static char dir_path[64];
static struct exec_run run;
static struct plan_allowed allowed;
static struct vst_err err;

static int setup(void **state)
{
	(void)state;
	umask(0);
	memset(&fake, 0, sizeof fake);
	mkdir_nth = mkdir_errno = n_mkdirs = raced_nth = exchanged_nth = no_btime = 0;
	old_clock = 0;
	fake_magic = 0;
	memset(&err, 0, sizeof err);
	allowed.caller_uid = geteuid();
	snprintf(dir_path, sizeof dir_path, "/tmp/vestibule-exec_dir.XXXXXX");
	assert_non_null(mkdtemp(dir_path));
	dir = open(dir_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	close(dir);
	snprintf(command, sizeof command, "rm -rf %s", dir_path);
	return system(command);
}

static int make(const char *rest)
{
	return exec_dir_make(&allowed, &run,
		&(struct place){dir, rest, 7, rest, !strchr(rest, '/')}, NULL, NULL, &err);
}

static int undo(void)
{
	struct journal_rec rec = fake_rec();

	return exec_dir_undo(dir, &rec, &err);
}

static int there(const char *path)
{
	return faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static void pass_a_tick(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
}

/* user::rwx, user:4711:rwx, group::rwx, mask::rwx, other::---, for all that is made in path. 0
 * if the file system has no ACLs. */
static int set_default_acl(const char *path)
{
	/* Little-endian everywhere. */
	const struct {
		uint32_t version;
		struct {
			uint16_t tag, perm;
			uint32_t id;
		} entry[5];
	} acl = {htole32(2), {{htole16(0x01), htole16(7), UINT32_MAX},
				     {htole16(0x02), htole16(7), htole32(4711)},
				     {htole16(0x04), htole16(7), UINT32_MAX},
				     {htole16(0x10), htole16(7), UINT32_MAX},
				     {htole16(0x20), 0, UINT32_MAX}}};

	if (setxattr(path, "system.posix_acl_default", &acl, sizeof acl, 0) == 0)
		return 1;
	assert_int_equal(errno, EOPNOTSUPP);
	return 0;
}

static void test_makes_and_undoes(void **state)
{
	const struct rec_dir *rec = (void *)fake.body;
	const struct rec_dir_result *result = (void *)fake.result;
	struct stat st;
	vst_auto_fd fd = -1;

	(void)state;
	assert_int_equal(__real_mkdirat(dir, "old", 0700), 0);
	assert_int_equal(
		exec_dir_make(&allowed, &run,
			&(struct place){dir, "old/a/b", 7, "up/old/a/b", 0}, &fd, NULL, &err),
		0);
	assert_int_equal(mode_of("old"), 0700);
	assert_int_equal(mode_of("old/a"), 0755);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(fake.kind, JOURNAL_DIR);
	assert_int_equal(fake.state, JOURNAL_DONE);
	assert_int_equal(rec->pin, 7);
	assert_string_equal((const char *)(rec + 1), "up/old/a/b");
	/* As seen from the pin: up and old were there. */
	assert_int_equal(rec->first, 2);
	assert_int_equal(result->first, 2);
	assert_int_equal(result->n, 4);
	assert_int_equal(result->ino, st.st_ino);
	/* The pin's directory, as undo gets it, would hold "up". */
	assert_int_equal(__real_mkdirat(dir, "up", 0755), 0);
	assert_int_equal(renameat(dir, "old", dir, "up/old"), 0);
	assert_int_equal(undo(), UNDO_DONE);
	assert_false(there("up/old/a"));
	assert_true(there("up/old"));
	/* Nothing tells that this was us. */
	assert_int_equal(undo(), UNDO_MISSING);
}

static int make_in(const char *rest, int *ret_fd)
{
	memset(&fake, 0, sizeof fake);
	return exec_dir_make_in(
		&allowed, &run, &(struct place){dir, rest, 7, rest, 0}, ret_fd, &err);
}

static ino_t ino_of(int dir_fd, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(dir_fd, path, &st, AT_EMPTY_PATH), 0);
	return st.st_ino;
}

/* What holds the last component is handed out, and the next one is made in it, wherever it has
 * gone since; the record of that says where it was. */
static void test_hands_out_the_parent(void **state)
{
	const struct rec_dir_result *result = (void *)fake.result;
	vst_auto_fd fd = -1, other = -1;
	int none = -1;

	(void)state;
	assert_int_equal(make_in("a/b/c", &fd), 0);
	assert_int_equal(ino_of(fd, ""), ino_of(dir, "a/b"));
	assert_int_equal(result->ino, ino_of(dir, "a/b/c"));
	assert_int_equal(make_in("a/b/d", &other), 0);
	assert_int_equal(ino_of(other, ""), ino_of(dir, "a/b"));
	/* Not if it is there, or the directory is the base. */
	assert_int_equal(make_in("a/b/d", &none), 0);
	assert_int_equal(make_in("e", &none), 0);
	assert_int_equal(fake.state, JOURNAL_DONE);
	mkdir_nth = ++n_mkdirs + 2;
	mkdir_errno = ENOSPC;
	assert_int_equal(make_in("f/g", &none), -1);
	assert_int_equal(none, -1);
	mkdir_nth = 0;
	assert_int_equal(renameat(dir, "a/b", dir, "was"), 0);
	assert_int_equal(__real_mkdirat(dir, "a/b", 0755), 0);
	memset(&fake, 0, sizeof fake);
	assert_int_equal(exec_dir_make(&allowed, &run, &(struct place){fd, "h", 7, "a/b/h", 0},
				 NULL, NULL, &err),
		0);
	assert_true(there("was/h"));
	assert_false(there("a/b/h"));
	assert_int_equal(result->first, 2);
	assert_int_equal(result->n, 3);
	assert_int_equal(undo(), UNDO_MISSING);
	assert_non_null(strstr(err.text, "'a/b/h' is not where it was made any more"));
	assert_true(there("a/b"));
	assert_true(there("was/h"));
}

static void test_nothing_missing(void **state)
{
	vst_auto_fd fd = -1;

	(void)state;
	assert_int_equal(__real_mkdirat(dir, "a", 0700), 0);
	assert_int_equal(__real_mkdirat(dir, "a/b", 0700), 0);
	assert_int_equal(make("a/b"), 0);
	assert_int_equal(exec_dir_make(&allowed, &run, &(struct place){dir, "", 7, "", 0}, &fd,
				 NULL, &err),
		0);
	assert_true(fd >= 0);
	assert_int_equal(fake.n, 0);
	/* Missing when it was resolved, made since: noted, and taken back. */
	assert_int_equal(make("a"), 0);
	assert_int_equal(fake.n, 1);
	assert_int_equal(fake.state, JOURNAL_UNDONE);
	assert_int_equal(mode_of("a"), 0700);
}

/* Killed between mkdirat, which said that it is there, and the note of that: what is in use is
 * not ours. */
static void test_unconfirmed_and_in_use(void **state)
{
	(void)state;
	assert_int_equal(make("a"), 0);
	fake.state = JOURNAL_INTENT;
	assert_int_equal(__real_mkdirat(dir, "a/theirs", 0755), 0);
	assert_int_equal(undo(), UNDO_MISSING);
	assert_true(there("a/theirs"));
}

static void test_exactly_0755(void **state)
{
	(void)state;
	assert_int_equal(chmod(dir_path, 02777), 0);
	if (!set_default_acl(dir_path))
		skip();
	assert_int_equal(make("a/b"), 0);
	assert_int_equal(mode_of("a"), 0755);
	assert_int_equal(mode_of("a/b"), 0755);
}

static void test_somebody_is_faster(void **state)
{
	(void)state;
	raced_nth = 2;
	assert_int_equal(make("a/b/c"), 0);
	assert_int_equal(mode_of("a/b"), 0700);
	assert_int_equal(undo(), UNDO_DONE);
	assert_false(there("a/b/c"));
	assert_true(there("a/b"));
}

static void test_failure_at_each(void **state)
{
	(void)state;
	for (int nth = 1; nth <= 4; nth++) {
		memset(&fake, 0, sizeof fake);
		n_mkdirs = 0;
		mkdir_nth = nth;
		mkdir_errno = nth == 2 ? EACCES : ENOSPC;
		/* Exact even where a file system has no birth times. */
		no_btime = nth > 2;
		assert_int_equal(make("a/b/c/d"), -1);
		assert_int_equal(err.code, mkdir_errno);
		assert_int_equal(err.exit, nth == 2 ? VST_EXIT_DENIED : VST_EXIT_FAILED);
		assert_int_equal(fake.state, nth == 1 ? JOURNAL_UNDONE : JOURNAL_DONE);
		if (nth > 1)
			assert_int_equal(undo(), UNDO_DONE);
		assert_false(there("a"));
	}
}

/* A run that was killed: the record's result was never written. */
static void test_unconfirmed_directories(void **state)
{
	struct rec_dir *rec = (void *)fake.body;

	(void)state;
	assert_int_equal(make("a/b/c"), 0);
	fake.state = JOURNAL_INTENT;
	/* Without birth times nobody knows whose; of another owner, or with another mode, it is
	 * not ours. */
	no_btime = 1;
	assert_int_equal(undo(), UNDO_LEFT);
	assert_non_null(strstr(err.text, "may be the one that was made"));
	no_btime = 0;
	rec->uid++;
	assert_int_equal(undo(), UNDO_MISSING);
	rec->uid--;
	assert_int_equal(fchmodat(dir, "a/b/c", 0700, 0), 0);
	assert_int_equal(undo(), UNDO_MISSING);
	assert_int_equal(fchmodat(dir, "a/b/c", 0755, 0), 0);
	assert_true(there("a/b/c"));
	/* What was found there before is never ours, however young. */
	rec->first = 2;
	assert_int_equal(undo(), UNDO_DONE);
	assert_false(there("a/b/c"));
	assert_true(there("a/b"));
	/* It goes on above one that is gone by now. */
	rec->first = 0;
	assert_int_equal(undo(), UNDO_MISSING);
	assert_false(there("a"));
}

static void test_older_than_the_record(void **state)
{
	struct rec_dir *rec = (void *)fake.body;
	struct timespec now;

	(void)state;
	assert_int_equal(make("a/b"), 0);
	pass_a_tick();
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	rec->born_after = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	fake.state = JOURNAL_INTENT;
	assert_int_equal(undo(), UNDO_MISSING);
	assert_true(there("a/b"));
	fake.state = JOURNAL_DONE;
	assert_int_equal(undo(), UNDO_LEFT);
	assert_true(there("a/b"));
}

static void test_filled_or_replaced(void **state)
{
	(void)state;
	assert_int_equal(make("a/b"), 0);
	assert_int_equal(symlinkat("x", dir, "a/theirs"), 0);
	assert_int_equal(undo(), UNDO_LEFT);
	assert_non_null(strstr(err.text, "'a' is left: somebody filled it"));
	assert_false(there("a/b"));
	assert_int_equal(symlinkat("x", dir, "a/b"), 0);
	assert_int_equal(undo(), UNDO_LEFT);
	assert_true(there("a/b"));
}

/* An older directory is put in the place of the new one: it keeps its mode, and nothing is made
 * in it. */
static void test_exchanged(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(__real_mkdirat(dir, "theirs", 0700), 0);
	pass_a_tick();
	exchanged_nth = 2;
	assert_int_equal(make("a/b/c"), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(err.text, "was replaced"));
	assert_int_equal(fstatat(dir, "a/b", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_false(there("a/b/c"));
	/* Ours is somewhere else. */
	assert_int_equal(undo(), UNDO_MISSING);
	assert_true(there("a/b"));
}

/* Removed, or moved away: the two look alike, and only what cannot be moved is gone. */
static void test_missing(void **state)
{
	(void)state;
	assert_int_equal(make("a/b/c"), 0);
	assert_int_equal(renameat(dir, "a/b", dir, "theirs"), 0);
	assert_int_equal(undo(), UNDO_MISSING);
	assert_non_null(strstr(err.text, "'a/b' is not where it was made any more"));
	assert_true(there("theirs/c"));
	assert_false(there("a"));
	fake_magic = 0x63677270; /* cgroup2 */
	assert_int_equal(undo(), UNDO_DONE);
}

static void test_conflicts(void **state)
{
	(void)state;
	assert_int_equal(symlinkat(".", dir, "link"), 0);
	close(openat(dir, "file", O_CREAT | O_CLOEXEC | O_WRONLY, 0600));
	assert_int_equal(make("link/x"), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_int_equal(fake.n, 0);
	for (int i = 0; i < 2; i++) {
		fake.n = 0;
		assert_int_equal(make(i ? "file" : "link"), -1);
		assert_int_equal(err.exit, VST_EXIT_CONFLICT);
		assert_non_null(strstr(err.text, i ? "not a directory" : "symbolic link"));
		assert_int_equal(fake.state, JOURNAL_UNDONE);
	}
	assert_false(there("x"));
}

static int is_new_dir;

static int make_file(int *ret_fd)
{
	int r = exec_file_make(
		&allowed, &run, &(struct place){dir, "f", 7, "f", is_new_dir}, ret_fd, &err);

	assert_int_not_equal(r, 1); /* No namespace. */
	return r;
}

static int undo_file(void)
{
	struct journal_rec rec = fake_rec();

	return exec_file_undo(dir, &rec, &err);
}

static void test_file(void **state)
{
	const struct rec_file *rec = (void *)fake.body;
	vst_auto_fd fd = -1, again = -1;
	struct stat made, named;

	(void)state;
	set_default_acl(dir_path);
	assert_int_equal(make_file(&fd), 0);
	assert_int_equal(mode_of("f"), 0644);
	/* It is the file, and nothing can be written by it. */
	assert_int_equal(fstat(fd, &made), 0);
	assert_int_equal(fstatat(dir, "f", &named, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(made.st_ino, named.st_ino);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(fake.kind, JOURNAL_FILE);
	assert_int_equal(fake.state, JOURNAL_DONE);
	assert_string_equal((const char *)(rec + 1), "f");
	/* What is there already is used, not noted. */
	assert_int_equal(make_file(&again), 0);
	assert_int_equal(fcntl(again, F_GETFL) & O_PATH, O_PATH);
	assert_int_equal(fake.n, 1);
	assert_int_equal(undo_file(), UNDO_DONE);
	assert_false(there("f"));
	assert_int_equal(undo_file(), UNDO_MISSING);
	assert_non_null(strstr(err.text, "'f' is not where it was made any more"));
}

/* In a directory that the run has made nothing is looked for; if there is something in it all
 * the same, it is judged, and the record is taken back. */
static void test_file_in_a_new_directory(void **state)
{
	vst_auto_fd fd = -1, filled = -1, again = -1;

	(void)state;
	is_new_dir = 1;
	assert_int_equal(make_file(&fd), 0);
	assert_int_equal(fake.state, JOURNAL_DONE);
	assert_int_equal(make_file(&again), 0);
	assert_int_equal(fcntl(again, F_GETFL) & O_PATH, O_PATH);
	assert_int_equal(fake.state, JOURNAL_UNDONE);
	filled = openat(dir, "f", O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(filled, "x", 1), 1);
	assert_int_equal(make_file(&again), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_int_equal(fake.state, JOURNAL_UNDONE);
	assert_int_equal(unlinkat(dir, "f", 0), 0);
	is_new_dir = 0;
}

static void test_file_of_others(void **state)
{
	vst_auto_fd fd = -1;
	struct rec_file_result *result = (void *)fake.result;

	(void)state;
	assert_int_equal(make_file(&fd), 0);
	result->ino++;
	assert_int_equal(undo_file(), UNDO_LEFT);
	result->ino--;
	vst_auto_fd filled = openat(dir, "f", O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(filled, "x", 1), 1);
	assert_int_equal(undo_file(), UNDO_LEFT);
	assert_int_equal(make_file(&fd), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_int_equal(ftruncate(filled, 0), 0);
	/* Unconfirmed: a file with another name, too, is somebody's. */
	fake.state = JOURNAL_INTENT;
	assert_int_equal(linkat(dir, "f", dir, "other", 0), 0);
	assert_int_equal(undo_file(), UNDO_MISSING);
	assert_true(there("f"));
	assert_int_equal(unlinkat(dir, "other", 0), 0);
	no_btime = 1;
	assert_int_equal(undo_file(), UNDO_LEFT);
	assert_non_null(strstr(err.text, "may be the one that was made"));
	assert_true(there("f"));
	no_btime = 0;
	assert_int_equal(undo_file(), UNDO_DONE);
	assert_false(there("f"));
}

/* The clock that stamps is not this machine's: a server's, say. What was made is known by its
 * inode; what may have been made is named and stays. */
static void test_another_clock(void **state)
{
	static const unsigned foreign[] = {
		0x65735546 /* FUSE */, 0xff534d42 /* CIFS */, 0x4d44 /* vfat */};
	struct rec_dir *rec = (void *)fake.body;

	(void)state;
	old_clock = 1;
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
		memset(&fake, 0, sizeof fake);
		n_mkdirs = 0;
		fake_magic = foreign[i];
		assert_int_equal(make("a/b/c"), 0);
		fake.state = JOURNAL_INTENT;
		assert_int_equal(undo(), UNDO_LEFT);
		assert_non_null(strstr(err.text, "may be the one that was made"));
		assert_true(there("a/b/c"));
		fake.state = JOURNAL_DONE;
		assert_int_equal(undo(), UNDO_DONE);
		assert_false(there("a"));
	}
	/* By our own, what is older than the record is somebody else's. */
	memset(&fake, 0, sizeof fake);
	n_mkdirs = 0;
	fake_magic = 0x01021994; /* tmpfs */
	assert_int_equal(make("a/b/c"), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_int_equal(undo(), UNDO_MISSING);
	assert_true(there("a"));
	/* It was set back since. */
	rec->born_after = UINT64_MAX;
	assert_int_equal(undo(), UNDO_LEFT);
	assert_true(there("a"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_makes_and_undoes),
		TEST(test_another_clock),
		TEST(test_hands_out_the_parent),
		TEST(test_nothing_missing),
		TEST(test_exactly_0755),
		TEST(test_somebody_is_faster),
		TEST(test_failure_at_each),
		TEST(test_unconfirmed_directories),
		TEST(test_unconfirmed_and_in_use),
		TEST(test_older_than_the_record),
		TEST(test_filled_or_replaced),
		TEST(test_exchanged),
		TEST(test_missing),
		TEST(test_conflicts),
		TEST(test_file),
		TEST(test_file_in_a_new_directory),
		TEST(test_file_of_others),
	};

	return cmocka_run_group_tests_name("exec_dir", tests, NULL, NULL);
}
