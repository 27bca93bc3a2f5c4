/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory: whose it has to be, and what a bundle's key is made of. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "no_rights.h"
#include "own_mounts.h"
#include "privileged/journal/state.h"
#include "privileged/ns/ns.h"

static const struct caller machine_root = {.is_root = 1, .in_init_userns = 1};

static char dir_path[] = "/tmp/vestibule-state.XXXXXX";
static int dir = -1;

/* What the wrapped calls answer: 0, the truth. The first fstatfs of state_key is of the boot
 * id's file, the second of the directory. */
static unsigned fs_types[2];
static unsigned n_statfs;
static uid_t fake_euid;

int __real_fstatfs(int fd, struct statfs *ret);
int __wrap_fstatfs(int fd, struct statfs *ret);
int __wrap_fstatfs(int fd, struct statfs *ret)
{
	int result = __real_fstatfs(fd, ret);

	if (n_statfs < 2 && fs_types[n_statfs])
		ret->f_type = fs_types[n_statfs];
	n_statfs++;
	return result;
}

uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);
uid_t __wrap_geteuid(void)
{
	return fake_euid ? fake_euid : __real_geteuid();
}

/* Somebody else makes the directory just before we do. */
static int is_raced;
int __real_mkdirat(int at, const char *path, mode_t mode);
int __wrap_mkdirat(int at, const char *path, mode_t mode);
int __wrap_mkdirat(int at, const char *path, mode_t mode)
{
	int result = __real_mkdirat(at, path, mode);

	return is_raced ? __real_mkdirat(at, path, mode) : result;
}

/* Stands in for ns.c. */
int ns_own_open(enum vst_ns ns, int *ret_fd, struct vst_err *err)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	assert_int_equal(ns, VST_NS_MNT);
	if (fd < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open /proc/self/ns/mnt");
	*ret_fd = fd;
	return 0;
}

int ns_own(enum vst_ns ns, struct ns_own *ret, struct vst_err *err)
{
	struct stat st;

	assert_int_equal(ns, VST_NS_MNT);
	if (stat("/proc/self/ns/mnt", &st) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat /proc/self/ns/mnt");
	*ret = (struct ns_own){.dev = st.st_dev, .ino = st.st_ino};
	return 0;
}

static int setup(void **state)
{
	(void)state;
	umask(0);
	strcpy(dir_path + sizeof dir_path - 7, "XXXXXX");
	if (!mkdtemp(dir_path))
		return -1;
	dir = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n_statfs = 0;
	fs_types[0] = fs_types[1] = 0;
	fake_euid = 0;
	return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	unlinkat(dir, "link", 0);
	unlinkat(dir, "s", 0);
	unlinkat(dir, "s", AT_REMOVEDIR);
	close(dir);
	return rmdir(dir_path);
}

static int open_state(const char *root, const struct caller *caller, struct vst_err *err)
{
	const char *path = "untouched";
	int fd = -1;

	if (state_open(root, dir, caller, &fd, &path, err) < 0) {
		assert_int_equal(fd, -1);
		assert_string_equal(path, "untouched");
		return -1;
	}
	assert_string_equal(path, caller->has_less ? STATE_DIR "/users/1000"
				  : root           ? root
						   : STATE_DIR);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	return fd;
}

static void refused(const char *root, enum vst_exit status, const char *words)
{
	struct vst_err err;

	assert_int_equal(open_state(root, &machine_root, &err), -1);
	assert_int_equal(err.exit, status);
	if (!strstr(err.text, words))
		fail_msg("no '%s' in: %s", words, err.text);
}

static void test_root_is_made(void **state)
{
	struct vst_err err;
	struct stat st, opened;
	int fd = open_state("s", &machine_root, &err);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstatat(dir, "s", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(fstat(fd, &opened), 0);
	assert_int_equal(opened.st_ino, st.st_ino);
	close(fd);
	/* Once more, with a slash, by its absolute path. */
	fd = open_state("s//", &machine_root, &err);
	assert_true(fd >= 0);
	close(fd);
	fd = open_state(dir_path, &machine_root, &err);
	assert_true(fd >= 0);
	close(fd);
}

static void test_look_makes_nothing(void **state)
{
	const struct caller user_root = {.in_init_userns = 0};
	const char *path = "untouched";
	struct vst_err err;
	int fd = -1;

	(void)state;
	assert_int_equal(state_look("s", dir, &machine_root, &fd, &path, &err), 0);
	assert_int_equal(state_look("s/deeper", dir, &machine_root, &fd, &path, &err), 0);
	assert_int_equal(state_look(NULL, dir, &user_root, &fd, &path, &err), 0);
	assert_int_not_equal(faccessat(dir, "s", F_OK, 0), 0);
	assert_int_equal(mkdirat(dir, "s", 0750), 0);
	assert_int_equal(state_look("s", dir, &machine_root, &fd, &path, &err), -1);
	assert_int_equal(fd, -1);
	assert_string_equal(path, "untouched");
	assert_int_equal(fchmodat(dir, "s", 0700, 0), 0);
	assert_int_equal(symlinkat("s", dir, "link"), 0);
	assert_int_equal(state_look("link/", dir, &machine_root, &fd, &path, &err), -1);
	assert_int_equal(state_look("s/", dir, &machine_root, &fd, &path, &err), 1);
	assert_true(fd >= 0);
	assert_string_equal(path, "s/");
	close(fd);
}

static void test_two_make_it_at_once(void **state)
{
	struct vst_err err;
	int fd;

	(void)state;
	is_raced = 1;
	fd = open_state("s", &machine_root, &err);
	is_raced = 0;
	assert_true(fd >= 0);
	close(fd);
}

static void test_root_is_refused(void **state)
{
	static const mode_t modes[] = {0701, 0710, 0704, 0740, 0702, 0720, 0755, 01777};
	char long_path[5000];

	(void)state;
	refused("no/such", VST_EXIT_FAILED, "no/such");
	assert_int_equal(symlinkat(dir_path, dir, "link"), 0);
	refused("link", VST_EXIT_CONFLICT, "symbolic link");
	refused("link/", VST_EXIT_CONFLICT, "symbolic link");
	unlinkat(dir, "link", 0);
	assert_int_equal(symlinkat("nowhere", dir, "link"), 0);
	refused("link", VST_EXIT_CONFLICT, "symbolic link");
	assert_int_not_equal(faccessat(dir, "nowhere", F_OK, 0), 0);
	assert_int_equal(mknodat(dir, "s", S_IFREG | 0600, 0), 0);
	refused("s", VST_EXIT_CONFLICT, "not a directory");
	unlinkat(dir, "s", 0);

	assert_int_equal(mkdirat(dir, "s", 0700), 0);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		assert_int_equal(fchmodat(dir, "s", modes[i], 0), 0);
		refused("s", VST_EXIT_CONFLICT, "chmod 0700");
	}
	assert_int_equal(fchmodat(dir, "s", 0700, 0), 0);
	fake_euid = 12345;
	refused("s", VST_EXIT_CONFLICT, "12345");
	fake_euid = 0;

	memset(long_path, 'x', sizeof long_path);
	long_path[sizeof long_path - 1] = '\0';
	refused(long_path, VST_EXIT_USAGE, "too long");
}

static void test_root_is_not_for_a_caller_with_less(void **state)
{
	struct caller less = {.uid = 1000, .has_less = 1, .in_init_userns = 1};
	const char *path;
	struct vst_err err;
	int fd;

	(void)state;
	assert_int_equal(open_state("s", &less, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_DENIED);
	assert_int_not_equal(faccessat(dir, "s", F_OK, 0), 0);
	/* Nor one that is there. */
	assert_int_equal(mkdirat(dir, "s", 0700), 0);
	err.exit = VST_EXIT_OK;
	assert_int_equal(state_look("s", dir, &less, &fd, &path, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_DENIED);
	assert_int_equal(unlinkat(dir, "s", AT_REMOVEDIR), 0);
}

static void test_a_user_namespace_wants_root(void **state)
{
	struct caller caller = {.in_init_userns = 0};
	struct vst_err err;
	int fd;

	(void)state;
	assert_int_equal(open_state(NULL, &caller, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
	assert_non_null(strstr(err.text, "--root"));
	fd = open_state("s", &caller, &err);
	assert_true(fd >= 0);
	close(fd);
}

static int see_user(void *arg, uint32_t uid, struct vst_err *err)
{
	(void)err;
	*(uint64_t *)arg += uid;
	return 0;
}

/* A caller with less has a directory of root's to himself, which is made in root's. */
static int users(const struct caller *less)
{
	static const char *const dirs[] = {
		STATE_DIR, STATE_DIR "/users", STATE_DIR "/users/1000"};
	const char *path = NULL;
	uint64_t sum = 0;
	struct vst_err err;
	struct stat st;
	int fd = -1;

	/* A look makes nothing. */
	if (state_look(NULL, dir, less, &fd, &path, &err) != 0 || stat(STATE_DIR, &st) == 0 ||
		state_users(see_user, &sum, &err) != 0 || sum != 0)
		return -1;
	fd = open_state(NULL, less, &err);
	for (int i = 0; i < 3; i++)
		if (stat(dirs[i], &st) < 0 || st.st_mode != (S_IFDIR | 0700) || st.st_uid != 0)
			return -1;
	if (fd < 0 || close(fd) < 0 || state_look(NULL, dir, less, &fd, &path, &err) != 1)
		return -1;
	close(fd);
	/* What is no uid is nobody's. */
	if (mkdir(STATE_DIR "/users/01", 0700) < 0 ||
		mkdir(STATE_DIR "/users/4294967295", 0700) < 0 ||
		mkdir(STATE_DIR "/users/x1", 0700) < 0 ||
		mkdir(STATE_DIR "/users/70001", 0700) < 0 ||
		state_users(see_user, &sum, &err) != 0 || sum != 71001)
		return -1;
	for (int i = 0; i < 3; i++) {
		if (chmod(dirs[i], 0750) < 0 || open_state(NULL, less, &err) >= 0 ||
			err.exit != VST_EXIT_CONFLICT || chmod(dirs[i], 0700) < 0)
			return -1;
	}
	return system("rm -r " STATE_DIR);
}

/* With a /run of its own: what becomes of /run/vestibule. Returns the number of what failed. */
static int in_own_run(void)
{
	/* Ordinary callers, the second by SECBIT_NOROOT. */
	struct caller user = {.uid = 1000, .in_init_userns = 1};
	struct caller noroot = {.uid = 0, .in_init_userns = 1};
	struct caller less = {.uid = 1000, .has_less = 1, .in_init_userns = 1};
	struct vst_err err;
	struct stat st;
	int fd;

	if (open_state(NULL, &noroot, &err) >= 0 || err.exit != VST_EXIT_USAGE ||
		stat(STATE_DIR, &st) == 0)
		return 8;
	/* Somebody who is not root does not make it, and is told what to do. */
	fake_euid = 1000;
	if (open_state(NULL, &user, &err) >= 0 || err.exit != VST_EXIT_USAGE ||
		!strstr(err.text, "--root") || stat(STATE_DIR, &st) == 0)
		return 1;
	/* Nothing of a directory that is not the program's own. */
	if (open_state(NULL, &less, &err) >= 0 || err.exit != VST_EXIT_CONFLICT ||
		strstr(err.text, "--root"))
		return 2;
	fake_euid = 0;
	if (rmdir(STATE_DIR) < 0 || users(&less) < 0)
		return 9;
	fd = open_state(NULL, &machine_root, &err);
	if (fd < 0 || stat(STATE_DIR, &st) < 0 || st.st_mode != (S_IFDIR | 0700))
		return 3;
	close(fd);
	fd = open_state(NULL, &machine_root, &err);
	if (fd < 0)
		return 4;
	if (chmod(STATE_DIR, 0770) < 0 || open_state(NULL, &machine_root, &err) >= 0 ||
		err.exit != VST_EXIT_CONFLICT)
		return 5;
	if (rmdir(STATE_DIR) < 0 || symlink("/tmp", STATE_DIR) < 0 ||
		open_state(NULL, &machine_root, &err) >= 0 || err.exit != VST_EXIT_CONFLICT)
		return 6;
	if (unlink(STATE_DIR) < 0 ||
		mount(NULL, "/run", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0 ||
		open_state(NULL, &machine_root, &err) >= 0 || err.exit != VST_EXIT_USAGE ||
		err.code != EROFS)
		return 7;
	return 0;
}

static void test_run_vestibule(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (own_mounts() < 0 ||
			mount("tmpfs", "/run", "tmpfs", 0, "size=64k,mode=0755") < 0)
			_exit(99);
		_exit(in_own_run());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static struct journal_key key_of(int dir_fd)
{
	int bundle = open(dir_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct journal_key key;
	struct vst_err err;

	n_statfs = 0;
	if (state_key(dir_fd, bundle, &key, &err) < 0)
		fail_msg("%s", err.text);
	close(bundle);
	return key;
}

static void test_key(void **state)
{
	static const unsigned char zero[16];
	struct journal_key key = key_of(dir), again = key_of(dir);
	struct stat st;
	char hex[64], id[64] = "";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	(void)state;
	assert_int_equal(stat(dir_path, &st), 0);
	assert_int_equal(key.bundle_dev, st.st_dev);
	assert_int_equal(key.bundle_ino, st.st_ino);
	assert_int_equal(stat("/proc/self/ns/mnt", &st), 0);
	assert_int_equal(key.mntns_ino, st.st_ino);
	assert_memory_equal(&key, &again, sizeof key);
	assert_memory_not_equal(key.boot_id, zero, sizeof zero);

	assert_non_null(file);
	assert_non_null(fgets(id, sizeof id, file));
	fclose(file);
	for (size_t i = 0, at = 0; i < 16; i++) {
		at += (size_t)snprintf(hex + at, sizeof hex - at, "%02x", key.boot_id[i]);
		if (i == 3 || i == 5 || i == 7 || i == 9)
			at += (size_t)snprintf(hex + at, sizeof hex - at, "-");
	}
	id[36] = '\0';
	assert_string_equal(hex, id);
}

/* What stands at the boot id's path is not the kernel's: there is no /proc. */
static void test_key_without_proc(void **state)
{
	static const unsigned char zero[16];
	struct journal_key key;
	struct vst_err err;

	(void)state;
	fs_types[0] = TMPFS_MAGIC;
	fs_types[1] = TMPFS_MAGIC;
	key = key_of(dir);
	assert_memory_equal(key.boot_id, zero, sizeof zero);
	assert_int_not_equal(key.bundle_ino, 0);
	fs_types[1] = RAMFS_MAGIC;
	key = key_of(dir);
	assert_memory_equal(key.boot_id, zero, sizeof zero);

	fs_types[1] = EXT4_SUPER_MAGIC;
	n_statfs = 0;
	assert_int_equal(state_key(dir, dir, &key, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
	assert_non_null(strstr(err.text, "/proc"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_root_is_made),
		TEST(test_look_makes_nothing),
		TEST(test_two_make_it_at_once),
		TEST(test_root_is_refused),
		TEST(test_root_is_not_for_a_caller_with_less),
		TEST(test_a_user_namespace_wants_root),
		TEST(test_run_vestibule),
		TEST(test_key),
		TEST(test_key_without_proc),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
