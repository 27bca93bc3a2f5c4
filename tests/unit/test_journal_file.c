/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's file: whose it is, who holds it, where there is no space, and kills. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "journal_sample.h"
#include "no_rights.h"
#include "own_mounts.h"

/* What the wrapped fallocate does: 0 the real thing, or it fails with this, first once with
 * EINTR. */
static int fallocate_errno;
static int fallocate_eintr;
int __real_fallocate(int fd, int mode, off_t off, off_t len);
int __wrap_fallocate(int fd, int mode, off_t off, off_t len);
int __wrap_fallocate(int fd, int mode, off_t off, off_t len)
{
	if (fallocate_eintr) {
		fallocate_eintr = 0;
		errno = EINTR;
		return -1;
	}
	if (fallocate_errno) {
		errno = fallocate_errno;
		return -1;
	}
	return __real_fallocate(fd, mode, off, len);
}

static void test_files_that_are_not_ours(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(symlinkat("other", dir, FILE_NAME), 0);
	refused(VST_EXIT_CONFLICT);
	assert_int_not_equal(faccessat(dir, "other", F_OK, 0), 0);
	unlinkat(dir, FILE_NAME, 0);

	assert_int_equal(mkfifoat(dir, FILE_NAME, 0600), 0);
	refused(VST_EXIT_CONFLICT);
	unlinkat(dir, FILE_NAME, 0);

	assert_int_equal(mkdirat(dir, FILE_NAME, 0700), 0);
	refused(VST_EXIT_CONFLICT);
	unlinkat(dir, FILE_NAME, AT_REMOVEDIR);

	put_file((const unsigned char *)"", 0);
	assert_int_equal(fchmodat(dir, FILE_NAME, 0640, 0), 0);
	refused(VST_EXIT_CONFLICT);
	assert_int_equal(fchmodat(dir, FILE_NAME, 0600, 0), 0);

	assert_int_equal(linkat(dir, FILE_NAME, dir, "other", 0), 0);
	refused(VST_EXIT_CONFLICT);
	unlinkat(dir, "other", 0);

	assert_int_equal(truncate(strcat(strcpy((char[128]){0}, dir_path), "/" FILE_NAME),
				 VST_JOURNAL_MAX + 1),
		0);
	refused(VST_EXIT_CONFLICT);
	assert_int_equal(fstatat(dir, FILE_NAME, &st, 0), 0);
	assert_int_equal(st.st_size, VST_JOURNAL_MAX + 1);

	if (geteuid() == 0) {
		put_file((const unsigned char *)"", 0);
		assert_int_equal(fchownat(dir, FILE_NAME, 1000, 0, 0), 0);
		refused(VST_EXIT_CONFLICT);
	}
	assert_true(file_exists());
}

/* Opens with a key or a path that differs from the sample's. */
static int open_as(const struct journal_key *as, const char *path, struct vst_err *err)
{
	struct journal journal;
	unsigned n;

	if (journal_open(&journal, dir, as, path, err) < 0)
		return -1;
	n = check_sample(&journal);
	journal_close(&journal);
	return (int)n;
}

static void test_another_boot_namespace_or_path(void **state)
{
	static unsigned char bytes[16384];
	size_t used, len = sample_bytes(bytes, sizeof bytes, &used);
	struct journal_key as = key;
	struct journal journal;
	struct vst_err err;

	(void)state;
	assert_int_equal(open_as(&as, "/elsewhere", &err), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(err.text, BUNDLE));
	assert_non_null(strstr(err.text, "/elsewhere"));

	/* An unknown id may be the same one. */
	memset(as.boot_id, 0, sizeof as.boot_id);
	assert_int_equal(open_as(&as, BUNDLE, &err), RECORDS);
	as = key;
	as.mntns_id = 0;
	assert_int_equal(open_as(&as, BUNDLE, &err), RECORDS);

	assert_int_equal(unlinkat(dir, FILE_NAME, 0), 0);
	memset(as.boot_id, 0, sizeof as.boot_id);
	assert_int_equal(journal_open(&journal, dir, &as, BUNDLE, &err), 0);
	write_sample(&journal);
	journal_close(&journal);
	assert_int_equal(open_as(&key, BUNDLE, &err), RECORDS);
	put_file(bytes, len);

	as = key;
	as.boot_id[15]++;
	assert_int_equal(open_as(&as, BUNDLE, &err), 0);
	assert_false(file_exists());
	put_file(bytes, len);
	/* Each run says which mount namespace it is of: from another one, and from one that was
	 * given the same inode, nothing is erased. */
	as = key;
	as.mntns_id++;
	assert_int_equal(open_as(&as, BUNDLE, &err), RECORDS);
	as.mntns_ino++;
	assert_int_equal(open_as(&as, BUNDLE, &err), RECORDS);
	assert_true(file_exists());

	/* A file that was renamed is not of this bundle. */
	put_file(bytes, len);
	as = key;
	as.bundle_ino++;
	assert_int_equal(renameat(dir, FILE_NAME, dir, "fd01-1268.journal"), 0);
	assert_int_equal(open_as(&as, BUNDLE, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_int_equal(unlinkat(dir, "fd01-1268.journal", 0), 0);
}

static void test_another_boot_is_written_over(void **state)
{
	static unsigned char bytes[16384];
	struct journal_key as = key;
	struct journal journal;
	struct vst_err err;
	size_t used;

	(void)state;
	sample_bytes(bytes, sizeof bytes, &used);
	as.boot_id[0]++;
	assert_int_equal(journal_open(&journal, dir, &as, "/b", &err), 0);
	begin(&journal, 1);
	assert_int_equal(journal_next(&journal, journal.run), 0);
	journal_close(&journal);
	assert_int_equal(journal_open(&journal, dir, &as, "/b", &err), 0);
	assert_int_equal(journal_unfinished(&journal), JOURNAL_FIRST);
	journal_close(&journal);
}

static void test_no_fallocate(void **state)
{
	struct journal journal = opened();
	struct stat st;

	(void)state;
	fallocate_errno = EOPNOTSUPP;
	write_sample(&journal);
	assert_int_equal(fstat(journal.fd, &st), 0);
	assert_int_equal(st.st_size, journal.map_len);
	assert_true(st.st_blocks * 512 >= st.st_size);
	journal_close(&journal);
	fallocate_errno = 0;
	journal = opened();
	assert_int_equal(check_sample(&journal), RECORDS);
	fallocate_eintr = 1;
	begin(&journal, 1);
	journal_close(&journal);
}

static void test_reserve_grows_to_its_end(void **state)
{
	static char path[VST_PATH_MAX + 1];
	struct journal journal = opened();
	struct vst_err err;
	uint32_t n = 0, place, pin;
	struct rec_dir rec = {.born_after = 1};

	(void)state;
	memset(path, 'p', VST_PATH_MAX);
	begin(&journal, 1);
	pin = append_pin(&journal, "/");
	rec.pin = pin;
	while (journal_append(&journal, JOURNAL_DIR, &rec, sizeof rec, path, sizeof path,
		       sizeof(struct rec_dir_result), &place, &err) == 0)
		n++;
	assert_int_equal(err.exit, VST_EXIT_FAILED);
	assert_non_null(strstr(err.text, "full"));
	assert_true(n > VST_JOURNAL_MAX / 4300);
	journal_close(&journal);
	journal = opened();
	for (place = journal_last(&journal); place; place = journal_prev(&journal, place))
		n--;
	assert_int_equal(n + 2, 0);
	journal_close(&journal);
}

static void test_file_size_limit(void **state)
{
	struct journal journal = opened();
	struct rlimit old, low = {.rlim_cur = 8192};
	struct rec_run run = {.verb = 1};
	struct vst_err err;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	assert_int_equal(journal_begin(&journal, &run, 10000, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(err.exit, VST_EXIT_FAILED);
	assert_int_equal(err.code, EFBIG);
	assert_int_equal(journal.run, 0);
	journal_close(&journal);
	assert_false(file_exists());
}

/* Runs `test` in a child that has a tmpfs of its own on the directory; it returns 0. */
static void with_tmpfs(const char *options, unsigned long flags, int (*test)(void))
{
	int status;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (own_mounts() < 0 || mount("tmpfs", dir_path, "tmpfs", flags, options) < 0)
			_exit(99);
		dir = open(dir_path, O_RDONLY | O_DIRECTORY);
		_exit(test());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A full file system is a refusal before the act, never a SIGBUS in the middle of it. */
static int full_tmpfs(void)
{
	static char path[2048];
	struct rec_run run = {.verb = 1};
	struct rec_dir rec = {.born_after = 1};
	struct journal journal;
	struct vst_err err;
	uint32_t place;
	unsigned n = 0;

	if (journal_open(&journal, dir, &key, BUNDLE, &err) < 0)
		return 1;
	if (journal_begin(&journal, &run, 70000, &err) == 0 || err.code != ENOSPC)
		return 2;
	if (journal_begin(&journal, &run, 1000, &err) < 0)
		return 3;
	rec.pin = append_pin(&journal, "/a");
	memset(path, 'p', sizeof path - 1);
	while (journal_append(&journal, JOURNAL_DIR, &rec, sizeof rec, path, sizeof path,
		       sizeof(struct rec_dir_result), &place, &err) == 0)
		n++;
	if (err.exit != VST_EXIT_FAILED || err.code != ENOSPC || n < 20)
		return 4;
	journal_close(&journal);
	if (journal_open(&journal, dir, &key, BUNDLE, &err) < 0)
		return 5;
	for (place = journal_last(&journal); place; place = journal_prev(&journal, place))
		n--;
	return n + 2 == 0 ? 0 : 6;
}

static void test_full_tmpfs(void **state)
{
	(void)state;
	with_tmpfs("size=64k,mode=0700", 0, full_tmpfs);
}

static int read_only_tmpfs(void)
{
	struct journal journal;
	struct vst_err err;

	if (journal_open(&journal, dir, &key, BUNDLE, &err) == 0)
		return 1;
	return err.exit == VST_EXIT_FAILED && err.code == EROFS ? 0 : 2;
}

static void test_read_only_directory(void **state)
{
	(void)state;
	with_tmpfs("size=64k,mode=0700", MS_RDONLY, read_only_tmpfs);
}

/* A child that opens the journal, says so, and then does as `how` says. */
static pid_t holder(void (*how)(struct journal *))
{
	int pipe_fds[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct journal journal = opened();

		/* A test that fails leaves nobody behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(pipe_fds[1], "x", 1) != 1)
			_exit(1);
		how(&journal);
		_exit(0);
	}
	assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return pid;
}

static void hold_for_ever(struct journal *journal)
{
	(void)journal;
	raise(SIGSTOP);
	pause();
}

static void hold_shortly(struct journal *journal)
{
	usleep(150000);
	journal_close(journal);
}

static void hold_shortly_and_note(struct journal *journal)
{
	usleep(150000);
	write_sample(journal);
	journal_close(journal);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_a_stopped_holder_is_busy(void **state)
{
	pid_t pid = holder(hold_for_ever);
	double start = seconds(), took;
	struct journal journal;
	struct vst_err err;
	int result;

	(void)state;
	result = journal_open(&journal, dir, &key, BUNDLE, &err);
	took = seconds() - start;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(result, -1);
	assert_int_equal(err.exit, VST_EXIT_BUSY);
	assert_non_null(strstr(err.text, FILE_NAME));
	/* A machine that is busy itself is not what is tested. */
	assert_true(
		took > VST_LOCK_TIMEOUT_MS / 1e3 - 0.1 && took < VST_LOCK_TIMEOUT_MS / 1e3 + 2);
	/* The kernel takes a dead holder's lock back. */
	journal = opened();
	journal_close(&journal);
}

/* Who only looks lets others work: what was read stays, and the file is somebody else's. */
static void test_unlock_keeps_what_was_read(void **state)
{
	struct journal journal = opened(), other;
	enum journal_found found;
	struct vst_err err;

	(void)state;
	write_sample(&journal);
	journal_close(&journal);
	assert_int_equal(journal_visit(&journal, dir, FILE_NAME, &key, 0, &found, &err), 0);
	assert_int_equal(found, JOURNAL_OURS);
	assert_int_equal(journal_visit(&other, dir, FILE_NAME, &key, 0, &found, &err), 0);
	assert_int_equal(found, JOURNAL_HELD);
	assert_int_equal(journal_unlock(&journal, &err), 0);
	other = opened();
	begin(&other, 1);
	assert_int_equal(check_sample(&journal), RECORDS);
	assert_string_equal(journal.bundle_path, BUNDLE);
	journal_close(&journal);
	assert_null(journal.map);
	assert_true(file_exists());
	journal_close(&other);
}

static int peek(struct journal *journal, struct vst_err *err)
{
	return journal_peek(journal, dir, &key, BUNDLE, err);
}

/* A look leaves no file, no lock and no byte behind, not even where it marks what it read. */
static void test_peek_has_no_hand_in_it(void **state)
{
	struct journal journal, other;
	struct vst_err err;
	struct stat before, after;

	(void)state;
	assert_int_equal(peek(&journal, &err), 0);
	assert_false(file_exists());
	put_file((const unsigned char *)"", 0);
	assert_int_equal(peek(&journal, &err), 0);
	assert_true(file_exists());
	unlinkat(dir, FILE_NAME, 0);

	journal = opened();
	write_sample(&journal);
	/* Another run is at work. */
	assert_int_equal(peek(&other, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_BUSY);
	journal_close(&journal);
	assert_int_equal(fstatat(dir, FILE_NAME, &before, 0), 0);
	assert_int_equal(peek(&journal, &err), 1);
	other = opened(); /* it is not locked any more */
	journal_close(&other);
	assert_int_equal(check_sample(&journal), RECORDS);
	for (uint32_t at = journal_first(&journal); at; at = journal_next(&journal, at))
		journal_undone(&journal, at);
	journal_close(&journal);
	assert_null(journal.map);
	assert_int_equal(fstatat(dir, FILE_NAME, &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	journal = opened();
	assert_int_equal(check_sample(&journal), RECORDS);
	journal_close(&journal);
}

static void test_peek_judges_as_open_does(void **state)
{
	static unsigned char noise[8192];
	struct journal journal;
	struct vst_err err;

	(void)state;
	memset(noise, 0x5a, sizeof noise);
	put_file(noise, sizeof noise);
	assert_int_equal(peek(&journal, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(err.text, "damaged"));
	assert_null(journal.map);
	put_file((const unsigned char *)"", 0);
	assert_int_equal(fchmodat(dir, FILE_NAME, 0640, 0), 0);
	assert_int_equal(peek(&journal, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	unlinkat(dir, FILE_NAME, 0);
	alarm(5);
	assert_int_equal(mkfifoat(dir, FILE_NAME, 0600), 0);
	assert_int_equal(peek(&journal, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	alarm(0);
}

/* What a run left that was killed before its first word. */
static void test_empty_ones_are_forgotten(void **state)
{
	struct journal journal, holding;
	enum journal_found found;
	struct vst_err err;

	(void)state;
	put_file((const unsigned char *)"", 0);
	assert_int_equal(journal_visit(&journal, dir, FILE_NAME, &key, 0, &found, &err), 0);
	assert_int_equal(found, JOURNAL_VANISHED);
	assert_true(file_exists());
	holding = opened();
	assert_int_equal(journal_visit(&journal, dir, FILE_NAME, &key, 1, &found, &err), 0);
	assert_int_equal(found, JOURNAL_HELD);
	assert_true(file_exists());
	journal_close(&holding);
	put_file((const unsigned char *)"", 0);
	assert_int_equal(journal_visit(&journal, dir, FILE_NAME, &key, 1, &found, &err), 0);
	assert_int_equal(found, JOURNAL_VANISHED);
	assert_false(file_exists());
}

static void test_waits_for_a_holder(void **state)
{
	struct journal journal;
	pid_t pid = holder(hold_shortly);

	(void)state;
	/* The file that is opened first is removed by its holder. */
	journal = opened();
	begin(&journal, 1);
	journal_close(&journal);
	assert_true(file_exists());
	waitpid(pid, NULL, 0);
	unlinkat(dir, FILE_NAME, 0);

	pid = holder(hold_shortly_and_note);
	journal = opened();
	assert_int_equal(check_sample(&journal), RECORDS);
	journal_close(&journal);
	waitpid(pid, NULL, 0);
}

/* Many openers, each of which removes the file: never two of them at once. */
static void test_never_two_at_once(void **state)
{
	struct {
		int inside;
		int twice;
		int runs;
	} *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	enum { CHILDREN = 4, ROUNDS = 150 };

	(void)state;
	for (int i = 0; i < CHILDREN; i++) {
		if (fork())
			continue;
		for (int round = 0; round < ROUNDS; round++) {
			struct journal journal = opened();

			if (__atomic_add_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST) != 1)
				shared->twice++;
			if (round % 3) {
				begin(&journal, 1);
				journal_end(&journal, JOURNAL_UNDONE);
			}
			if (round % 16 == 0)
				sched_yield();
			shared->runs++;
			__atomic_sub_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST);
			journal_close(&journal);
			/* A lock that is polled gives no turns: let another one in. */
			usleep(200);
		}
		_exit(0);
	}
	for (int i = 0; i < CHILDREN; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(shared->twice, 0);
	assert_int_equal(shared->runs, CHILDREN * ROUNDS);
	assert_false(file_exists());
	munmap(shared, 4096);
}

/* The path of the n-th record of a run in the test of kills: its length varies. */
static size_t kill_path(uint32_t n, char *out)
{
	size_t len = 1 + n * 37 % 300;

	memset(out, 'a' + (int)(n % 26), len);
	out[len] = '\0';
	return len;
}

/* Writes runs until it is killed; counts what it has been told was noted. */
static void write_until_killed(volatile uint32_t *noted)
{
	for (;;) {
		struct journal journal = opened();
		uint32_t pin;

		begin(&journal, 7);
		pin = append_pin(&journal, "/k");
		for (uint32_t n = 0; n < 40; n++) {
			struct rec_dir_result result = {.ino = n};
			char path[512];
			uint32_t place;

			kill_path(n, path);
			place = append_dir(&journal, pin, path);
			(*noted)++;
			journal_done(&journal, place, &result, sizeof result);
		}
		append_mount(&journal, pin, "m");
		journal_end(&journal, JOURNAL_DONE);
		munmap(journal.map, VST_JOURNAL_MAX);
		close(journal.fd);
	}
}

/* Every record is whole and in its place; returns the number of DIR records. */
static uint32_t check_killed(const struct journal *journal)
{
	uint32_t n = 0, dirs = 0;

	for (uint32_t place = journal_first(journal); place;
		place = journal_next(journal, place)) {
		struct journal_rec rec;
		char path[512];

		journal_read(journal, place, &rec);
		if (rec.kind == JOURNAL_RUN)
			n = 0;
		if (rec.kind != JOURNAL_DIR)
			continue;
		assert_int_equal(rec.body_len, sizeof(struct rec_dir) + kill_path(n, path) + 1);
		assert_string_equal((const char *)rec.body + sizeof(struct rec_dir), path);
		if (rec.state == JOURNAL_DONE)
			assert_int_equal(((const struct rec_dir_result *)rec.result)->ino, n);
		n++;
		dirs++;
	}
	return dirs;
}

static void test_killed_at_any_instant(void **state)
{
	volatile uint32_t *noted =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned unfinished = 0;

	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 300; i++) {
		pid_t pid = fork();
		struct journal journal;
		uint32_t dirs;

		if (pid == 0)
			write_until_killed(noted);
		usleep((useconds_t)(random() % 1500));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		journal = opened();
		dirs = check_killed(&journal);
		/* The last one may be noted and not counted. */
		assert_true(dirs == *noted || dirs == *noted + 1);
		*noted = dirs;
		unfinished += journal_unfinished(&journal) != 0;
		munmap(journal.map, VST_JOURNAL_MAX);
		close(journal.fd);
		if (i % 20 == 19) {
			unlinkat(dir, FILE_NAME, 0);
			*noted = 0;
		}
	}
	assert_true(unfinished > 10);
	munmap((void *)noted, 4096);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files_that_are_not_ours),
		TEST(test_another_boot_namespace_or_path),
		TEST(test_another_boot_is_written_over),
		TEST(test_no_fallocate),
		TEST(test_reserve_grows_to_its_end),
		TEST(test_file_size_limit),
		TEST(test_full_tmpfs),
		TEST(test_read_only_directory),
		TEST(test_a_stopped_holder_is_busy),
		TEST(test_unlock_keeps_what_was_read),
		TEST(test_peek_has_no_hand_in_it),
		TEST(test_peek_judges_as_open_does),
		TEST(test_empty_ones_are_forgotten),
		TEST(test_waits_for_a_holder),
		TEST(test_never_two_at_once),
		TEST(test_killed_at_any_instant),
	};

	return cmocka_run_group_tests_name("journal_file", tests, NULL, NULL);
}
