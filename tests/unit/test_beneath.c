/* SPDX-License-Identifier: Apache-2.0 */
/* What lies beneath a descriptor: no link followed, never above it, never waited for. */
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
#include <unistd.h>

#include <cmocka.h>

#include "emulated.h"
#include "ipc/fd.h"
#include "ipc/limits.h"
#include "privileged/kernel/beneath.h"
#include "privileged/kernel/kernel_mount.h"

static char dir_path[64];
static int dir = -1;

/* How often openat2 answers EAGAIN; negative: always. And an older statx. */
static int eagain;
static int opens;
static int old_statx;
int __real_statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret);
int __wrap_statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret);
long __real_syscall(long nr, ...);
long __wrap_syscall(long nr, ...);

int __wrap_statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret)
{
	if (old_statx)
		mask &= ~(STATX_MNT_ID_UNIQUE | STATX_BTIME);
	int r = __real_statx(fd, path, flags, mask, ret);

	if (old_statx)
		ret->stx_mask &= ~(unsigned)STATX_BTIME;
	return r;
}

long __wrap_syscall(long nr, ...)
{
	va_list ap;
	long a[4];

	va_start(ap, nr);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	opens += nr == SYS_openat2;
	if (nr == SYS_openat2 && eagain) {
		eagain -= eagain > 0;
		errno = EAGAIN;
		return -1;
	}
	return __real_syscall(nr, a[0], a[1], a[2], a[3]);
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir_path, sizeof dir_path, "/tmp/vestibule-beneath.XXXXXX");
	assert_non_null(mkdtemp(dir_path));
	dir = open(dir_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	assert_int_equal(mkdirat(dir, "in", 0755), 0);
	assert_int_equal(mkdirat(dir, "in/deep", 0755), 0);
	assert_int_equal(symlinkat("in", dir, "link"), 0);
	assert_int_equal(symlinkat("/", dir, "root"), 0);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	eagain = old_statx = 0;
	close(dir);
	snprintf(command, sizeof command, "rm -rf %s", dir_path);
	return system(command);
}

static void assert_open(const char *rest, int flags, int want_errno)
{
	vst_auto_fd fd = beneath_open(dir, rest, flags);

	if (want_errno) {
		assert_int_equal(fd, -1);
		assert_int_equal(errno, want_errno);
	} else {
		assert_true(fd >= 0);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	}
}

static void test_open(void **state)
{
	(void)state;
	assert_open("in/deep", O_PATH, 0);
	assert_open("", O_PATH | O_DIRECTORY, 0);
	assert_open(".", O_PATH | O_DIRECTORY, 0);
	assert_open("missing", O_PATH, ENOENT);
	assert_open("link/deep", O_PATH, ELOOP);
	assert_open("link", O_PATH | O_DIRECTORY, ELOOP);
	assert_open("root/etc", O_PATH, ELOOP);
	assert_open("../etc", O_PATH, EXDEV);
	assert_open("/etc", O_PATH, EXDEV);
}

static void assert_parent(const char *rest, const char *want_dir, const char *want_name)
{
	const char *name = NULL;
	vst_auto_fd fd = beneath_open_parent(dir, rest, &name);
	struct stat got, want;

	assert_true(fd >= 0);
	assert_string_equal(name, want_name);
	assert_int_equal(fstat(fd, &got), 0);
	assert_int_equal(fstatat(dir, want_dir, &want, 0), 0);
	assert_int_equal(got.st_ino, want.st_ino);
}

static void test_open_parent(void **state)
{
	const char *name = "untouched";
	char *path;

	(void)state;
	assert_parent("in/deep/missing", "in/deep", "missing");
	assert_parent("in", ".", "in");
	assert_int_equal(beneath_open_parent(dir, "link/x", &name), -1);
	assert_int_equal(errno, ELOOP);
	path = malloc(6000);
	memset(path, 'a', 5998);
	path[5997] = '/';
	path[5998] = 'b';
	path[5999] = '\0';
	assert_int_equal(beneath_open_parent(dir, path, &name), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_string_equal(name, "untouched");
	free(path);
}

static void test_eagain_is_retried_but_bounded(void **state)
{
	(void)state;
	eagain = 5;
	assert_open("in", O_PATH, 0);
	eagain = -1;
	opens = 0;
	assert_open("in", O_PATH, EAGAIN);
	assert_int_equal(opens, VST_RETRY_TRIES + 1);
}

static void test_stat(void **state)
{
	vst_auto_fd fd = openat(dir, "in", O_PATH | O_CLOEXEC);
	struct object got, again;
	struct stat want;

	(void)state;
	assert_int_equal(fstat(fd, &want), 0);
	assert_int_equal(beneath_stat(fd, &got), 0);
	assert_int_equal(got.dev, want.st_dev);
	assert_int_equal(got.ino, want.st_ino);
	assert_int_equal(got.uid, want.st_uid);
	assert_int_equal(got.mode, want.st_mode);
	assert_int_equal(got.nlink, want.st_nlink);
	assert_int_equal(got.size, want.st_size);
	old_statx = 1;
	assert_int_equal(beneath_stat(fd, &again), 0);
	assert_false(again.mnt_id_unique);
	assert_int_equal(again.btime_ns, 0);
	if (!qemu_lacks("ids of mounts in statx")) {
		assert_true(again.mnt_id > 0);
		if (got.mnt_id_unique)
			assert_true(again.mnt_id != got.mnt_id);
	}
	assert_int_equal(beneath_stat(-1, &again), -1);
}

static void test_fs_magic(void **state)
{
	vst_auto_fd proc = open("/proc", O_PATH | O_CLOEXEC);

	(void)state;
	assert_int_equal(beneath_fs_magic(-1), 0);
	if (proc >= 0)
		assert_int_equal(beneath_fs_magic(proc), 0x9fa0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_open),
		TEST(test_open_parent),
		TEST(test_eagain_is_retried_but_bounded),
		TEST(test_stat),
		TEST(test_fs_magic),
	};

	return cmocka_run_group_tests_name("beneath", tests, NULL, NULL);
}
