/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With whose rights a call is made, in children as a setuid program's: what the kernel says in
 * /proc/self/status is what was asked for, and what fails ends the process. Needs root.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "in_child.h"
#include "privileged/rights/caps.h"
#include "privileged/rights/rights.h"

#define BIT(cap) (1ULL << CAP_##cap)
#define UID 70001
#define GID 70002
/* Of the lower and of the upper half. */
#define KEPT (BIT(SYS_ADMIN) | BIT(SYS_PTRACE) | BIT(SETUID) | BIT(SYSLOG))

static struct vst_err err;
static struct caller less, other;

/* Calls that do nothing. */
static int dead_fsuid, dead_fsgid, dead_dumpable, dead_hold, dead_limit;
/* Which of the three ids (from 1) is not what the kernel says; 4: it says nothing. 0: all are.
 */
static int lying_uid, lying_gid;
static uid_t lie;
/* The real group is told as root's. */
static int lying_real_gid;

int __real_setfsuid(uid_t uid);
int __wrap_setfsuid(uid_t uid);
int __real_setfsgid(gid_t gid);
int __wrap_setfsgid(gid_t gid);
int __real_prctl(int what, ...);
int __wrap_prctl(int what, ...);
int __real_caps_hold(struct vst_err *ret);
int __wrap_caps_hold(struct vst_err *ret);
int __real_caps_limit(uint64_t keep, uint64_t required, const char *what, struct vst_err *ret);
int __wrap_caps_limit(uint64_t keep, uint64_t required, const char *what, struct vst_err *ret);
gid_t __real_getgid(void);
gid_t __wrap_getgid(void);
int __real_getresuid(uid_t *real, uid_t *effective, uid_t *saved);
int __wrap_getresuid(uid_t *real, uid_t *effective, uid_t *saved);
int __real_getresgid(gid_t *real, gid_t *effective, gid_t *saved);
int __wrap_getresgid(gid_t *real, gid_t *effective, gid_t *saved);

/* As any call that succeeds, it may change errno. */
int __wrap_setfsuid(uid_t uid)
{
	errno = ENOTRECOVERABLE;
	return __real_setfsuid(uid == (uid_t)-1 || !dead_fsuid ? uid : (uid_t)-1);
}

int __wrap_setfsgid(gid_t gid)
{
	return __real_setfsgid(gid == (gid_t)-1 || !dead_fsgid ? gid : (gid_t)-1);
}

int __wrap_prctl(int what, ...)
{
	va_list ap;
	unsigned long arg;

	va_start(ap, what);
	arg = va_arg(ap, unsigned long);
	va_end(ap);
	if (what == PR_SET_DUMPABLE && dead_dumpable) {
		errno = EINVAL;
		return -1;
	}
	return __real_prctl(what, arg, 0, 0, 0);
}

int __wrap_caps_hold(struct vst_err *ret)
{
	errno = ENOTRECOVERABLE;
	return dead_hold ? vst_fail(ret, VST_EXIT_FAILED, EPERM, "hold")
			 : __real_caps_hold(ret);
}

int __wrap_caps_limit(uint64_t keep, uint64_t required, const char *what, struct vst_err *ret)
{
	return dead_limit ? vst_fail(ret, VST_EXIT_FAILED, EPERM, "limit")
			  : __real_caps_limit(keep, required, what, ret);
}

int __wrap_getresuid(uid_t *real, uid_t *effective, uid_t *saved)
{
	uid_t *const all[] = {real, effective, saved};
	int r = __real_getresuid(real, effective, saved);

	if (lying_uid > 3) {
		errno = EFAULT;
		return -1;
	}
	if (lying_uid)
		*all[lying_uid - 1] = lie;
	return r;
}

gid_t __wrap_getgid(void)
{
	return lying_real_gid ? 0 : __real_getgid();
}

int __wrap_getresgid(gid_t *real, gid_t *effective, gid_t *saved)
{
	gid_t *const all[] = {real, effective, saved};
	int r = __real_getresgid(real, effective, saved);

	if (lying_gid > 3)
		return -1;
	if (lying_gid)
		*all[lying_gid - 1] = 0;
	return r;
}

struct now {
	unsigned uid[4], gid[4]; /* Real, effective, saved, of the filesystem. */
	uint64_t effective, permitted, inheritable;
	int dumpable;
};

static struct now now(void)
{
	static struct now ret;
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	int found = 0;

	while (status && fgets(line, sizeof line, status)) {
		found += sscanf(line, "Uid: %u %u %u %u", &ret.uid[0], &ret.uid[1], &ret.uid[2],
			&ret.uid[3]);
		found += sscanf(line, "Gid: %u %u %u %u", &ret.gid[0], &ret.gid[1], &ret.gid[2],
			&ret.gid[3]);
		found += sscanf(line, "CapInh: %" SCNx64, &ret.inheritable);
		found += sscanf(line, "CapPrm: %" SCNx64, &ret.permitted);
		found += sscanf(line, "CapEff: %" SCNx64, &ret.effective);
	}
	if (found != 11)
		_exit(99);
	fclose(status);
	ret.dumpable = __real_prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	return ret;
}

static int are(
	const unsigned ids[4], unsigned real, unsigned effective, unsigned saved, unsigned fs)
{
	return ids[0] == real && ids[1] == effective && ids[2] == saved && ids[3] == fs;
}

/* Looking as the caller, with this effective set. */
static int looks_as_caller(uint64_t effective)
{
	const struct now is = now();

	return are(is.uid, UID, 0, 0, UID) && are(is.gid, GID, GID, GID, GID) &&
	       is.effective == effective && is.permitted == KEPT && is.inheritable == 0 &&
	       is.dumpable == 0;
}

/* As a setuid program of root's begins, whom UID has started. */
static int start(void)
{
	if (setresgid(GID, GID, GID) < 0 || setresuid(UID, 0, 0) < 0 ||
		caps_limit(KEPT, 0, "a test", &err) < 0)
		return -1;
	return __real_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int begin(void)
{
	return start() < 0 ? -1 : rights_begin(&less, &err);
}

static int act_begin(void)
{
	WANT(start() == 0);
	WANT(now().effective == (KEPT & ~CAPS_OF_OVERLAY) && now().uid[3] == 0);
	WANT(!rights_are_borrowed());
	WANT(rights_begin(&less, &err) == 0);
	WANT(rights_are_borrowed());
	WANT(looks_as_caller(0));
	/* ... and caps_limit leaves it so. */
	WANT(caps_limit(KEPT, 0, "a test", &err) == 0);
	WANT(looks_as_caller(0));
	return 0;
}

/* The group that a setgid program would have. */
static int act_begin_group(void)
{
	WANT(setresgid(GID, 0, 0) == 0 && setresuid(UID, 0, 0) == 0);
	WANT(caps_limit(KEPT, 0, "a test", &err) == 0);
	WANT(now().gid[3] == 0);
	WANT(rights_begin(&less, &err) == 0);
	WANT(are(now().gid, GID, 0, 0, GID) && are(now().uid, UID, 0, 0, UID));
	return 0;
}

static int act_begin_fails(void)
{
	int *const dead[] = {&dead_fsgid, &dead_fsuid, &dead_dumpable, &dead_hold};

	WANT(setresgid(GID, 0, 0) == 0 && setresuid(UID, 0, 0) == 0);
	for (int i = 0; i < 4; i++) {
		memset(&err, 0, sizeof err);
		*dead[i] = 1;
		WANT(rights_begin(&less, &err) == -1);
		WANT(err.exit == VST_EXIT_FAILED);
		WANT(i == 3 || strcmp(err.text, "look for files as uid 70001, gid 70002") == 0);
		*dead[i] = 0;
		setfsuid(0);
		setfsgid(0);
	}
	return 0;
}

static int act_raise(void)
{
	const uint64_t sets[] = {RIGHTS_MOUNT, RIGHTS_INSPECT, RIGHTS_MOUNT | RIGHTS_INSPECT};

	WANT(RIGHTS_MOUNT == BIT(SYS_ADMIN) && RIGHTS_INSPECT == BIT(SYS_PTRACE));
	WANT(begin() == 0);
	for (int i = 0; i < 3; i++) {
		WANT(rights_raise(sets[i], &err) == 0);
		WANT(looks_as_caller(sets[i]));
		errno = EXDEV;
		rights_lower();
		WANT(errno == EXDEV);
		WANT(looks_as_caller(0));
	}
	WANT(rights_raise(BIT(NET_ADMIN), &err) == -1);
	WANT(err.exit == VST_EXIT_DENIED);
	WANT(strcmp(err.text, "CAP_NET_ADMIN is not permitted any more") == 0);
	WANT(looks_as_caller(0));
	return 0;
}

static int act_owner(void)
{
	struct now is;

	WANT(begin() == 0);
	for (int i = 0; i < 2; i++) {
		WANT(__real_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
		errno = EXDEV;
		rights_as_owner();
		WANT(errno == EXDEV);
		is = now();
		WANT(are(is.uid, UID, 0, 0, 0) && are(is.gid, GID, GID, GID, GID));
		WANT(is.effective == 0 && is.permitted == KEPT && is.dumpable == 0);
		errno = EXDEV;
		rights_as_caller();
		WANT(errno == EXDEV);
		WANT(looks_as_caller(0));
	}
	return 0;
}

/* The own uid is what the program began with, root's or not. */
static int act_owner_is_other(void)
{
	WANT(setresgid(GID, GID, GID) == 0 && setresuid(UID, UID + 7, 0) == 0);
	WANT(rights_begin(&less, &err) == 0);
	rights_as_owner();
	WANT(now().uid[3] == UID + 7);
	rights_as_caller();
	WANT(now().uid[3] == UID);
	return 0;
}

/* What files say of it: a directory of root's alone. */
static int act_files(void)
{
	char dir[] = "/tmp/vestibule-rights.XXXXXX";

	WANT(mkdtemp(dir) != NULL && chmod(dir, 0700) == 0);
	WANT(begin() == 0);
	WANT(open(dir, O_RDONLY) < 0 && errno == EACCES);
	rights_raise(RIGHTS_MOUNT | RIGHTS_INSPECT, &err);
	WANT(open(dir, O_RDONLY) < 0 && errno == EACCES);
	rights_lower();
	rights_as_owner();
	WANT(open(dir, O_RDONLY) >= 0);
	rmdir(dir);
	rights_as_caller();
	return 0;
}

static int act_shed(void)
{
	struct now is;

	WANT(start() == 0);
	less.is_setuid = 1;
	WANT(rights_shed(&less, &err) == 0);
	is = now();
	WANT(are(is.uid, UID, UID, UID, UID) && are(is.gid, GID, GID, GID, GID));
	WANT(is.effective == 0 && is.permitted == 0 && is.inheritable == 0 && is.dumpable == 0);
	WANT(!less.has_less && !less.is_setuid);
	WANT(setresuid(0, 0, 0) == -1 && errno == EPERM);
	return 0;
}

/* ... the group as well, which a setgid program would have. */
static int act_shed_group(void)
{
	WANT(setresgid(GID, 0, 0) == 0 && setresuid(UID, 0, 0) == 0);
	WANT(rights_shed(&less, &err) == 0);
	WANT(are(now().gid, GID, GID, GID, GID));
	return 0;
}

static int shed_fails(const char *words)
{
	memset(&err, 0, sizeof err);
	return rights_shed(&less, &err) == -1 && err.exit == VST_EXIT_FAILED &&
	       strstr(err.text, words) && less.has_less;
}

/* Each of the ids, as if the kernel had left it; and a kernel that does not tell. */
static int act_shed_fails(void)
{
	WANT(start() == 0);
	for (lying_uid = 1; lying_uid < 4; lying_uid++)
		WANT(shed_fails("uid and gid are not those of the caller"));
	WANT(shed_fails("become uid 70001, gid 70002 for good"));
	lying_uid = 0;
	for (lying_gid = 1; lying_gid < 4; lying_gid++)
		WANT(shed_fails("uid and gid are not those of the caller"));
	WANT(shed_fails("become uid 70001, gid 70002 for good"));
	lying_gid = 0;
	dead_limit = 1;
	WANT(shed_fails("limit"));
	dead_limit = 0;
	/* By now without CAP_SETUID and CAP_SETGID. */
	less.gid = 0;
	WANT(shed_fails("become uid 70001, gid 0 for good"));
	less = other;
	less.has_less = 1;
	WANT(shed_fails("become uid 0, gid 70002 for good"));
	return 0;
}

static int has_groups(const uint32_t *want, int n)
{
	gid_t got[8];

	return getgroups(8, got) == n &&
	       (n == 0 || memcmp(got, want, (size_t)n * sizeof *want) == 0);
}

/* Root becomes what start() is, for a user. */
static int act_take(void)
{
	static const uint32_t groups[] = {GID, GID + 1, GID + 5};
	struct caller caller = {.is_root = 1, .in_init_userns = 1, .net_is_init = 1};
	struct now is;

	WANT(rights_take(&caller, UID, GID, groups, 3, &err) == 0);
	is = now();
	WANT(are(is.uid, UID, 0, 0, 0) && are(is.gid, GID, GID, GID, GID));
	WANT(has_groups(groups, 3));
	WANT(caller.uid == UID && caller.gid == GID);
	WANT(caller.has_less && caller.is_setuid && !caller.is_root);
	WANT(caller.in_init_userns && caller.net_is_init);
	WANT(caps_limit(KEPT, 0, "a test", &err) == 0 && rights_begin(&caller, &err) == 0);
	WANT(looks_as_caller(0));
	return 0;
}

static int take_fails(const char *words)
{
	struct caller caller = {.is_root = 1};
	const struct caller before = caller;

	memset(&err, 0, sizeof err);
	return rights_take(&caller, UID, GID, NULL, 0, &err) == -1 &&
	       err.exit == VST_EXIT_FAILED && strcmp(err.text, words) == 0 &&
	       memcmp(&caller, &before, sizeof caller) == 0;
}

static int act_take_fails(void)
{
	static const uint32_t groups[] = {GID + 5};

	WANT(syscall(SYS_setgroups, 1, groups) == 0);
	/* A real uid of 0, and other ids than 0. */
	for (lying_uid = 1; lying_uid < 4; lying_uid++) {
		lie = lying_uid == 1 ? 0 : UID;
		WANT(take_fails("ids are not those of uid 70001"));
	}
	WANT(take_fails("take the ids of uid 70001: Bad address"));
	lying_uid = 0;
	WANT(has_groups(NULL, 0));
	lying_real_gid = 1;
	WANT(take_fails("ids are not those of uid 70001"));
	lying_real_gid = 0;
	/* Without each of the rights to it. */
	WANT(caps_limit(BIT(SETUID), 0, "a test", &err) == 0);
	WANT(take_fails("take the ids of uid 70001: Operation not permitted"));
	return 0;
}

/* ... with the groups', and without the uid's. */
static int act_take_fails_uid(void)
{
	WANT(caps_limit(BIT(SETGID), 0, "a test", &err) == 0);
	WANT(take_fails("take the ids of uid 70001: Operation not permitted"));
	return 0;
}

/* What capabilities are left without a change of the uid are shed, too. */
static int act_shed_capabilities(void)
{
	WANT(caps_limit(KEPT, 0, "a test", &err) == 0);
	less.uid = less.gid = 0;
	WANT(rights_shed(&less, &err) == 0);
	WANT(now().permitted == 0 && now().effective == 0);
	return 0;
}

/* A caller who has what the program has: nothing happens. */
static int act_other(void)
{
	struct now is, before;

	WANT(caps_limit(KEPT, 0, "a test", &err) == 0);
	before = now();
	WANT(rights_begin(&other, &err) == 0);
	WANT(!rights_are_borrowed());
	WANT(rights_raise(BIT(NET_ADMIN), &err) == 0);
	rights_lower();
	rights_as_owner();
	rights_as_caller();
	WANT(rights_shed(&other, &err) == 0);
	is = now();
	WANT(memcmp(&is, &before, sizeof is) == 0);
	return 0;
}

/* ... who could not become anybody, either. */
static int act_other_user(void)
{
	struct now is, before;

	WANT(setresgid(GID, GID, GID) == 0 && setresuid(UID, UID, UID) == 0);
	other.uid = UID;
	before = now();
	WANT(rights_begin(&other, &err) == 0);
	WANT(rights_raise(RIGHTS_MOUNT, &err) == 0);
	rights_as_owner();
	rights_as_caller();
	rights_lower();
	WANT(rights_shed(&other, &err) == 0);
	is = now();
	WANT(memcmp(&is, &before, sizeof is) == 0);
	return 0;
}

static void lower(void)
{
	dead_hold = 1;
	rights_lower();
}

static void as_owner(void)
{
	dead_fsuid = 1;
	rights_as_owner();
}

static void as_caller(void)
{
	rights_as_owner();
	dead_fsuid = 1;
	rights_as_caller();
}

static void stays_dumpable(void)
{
	dead_dumpable = 1;
	rights_as_owner();
}

/* Ends with the status of a failed run, if the calls do; going on is 0. */
static int ends(void (*calls)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		calls();
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == VST_EXIT_FAILED;
}

static int act_ends(void)
{
	WANT(begin() == 0);
	WANT(ends(lower));
	WANT(ends(as_owner));
	WANT(ends(as_caller));
	WANT(ends(stays_dumpable));
	return 0;
}

/* A user namespace may have its root alone. */
static int has_uids(void)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned first, n;
	int found = map && fscanf(map, "%u %*u %u", &first, &n) == 2;

	if (map)
		fclose(map);
	return found && first == 0 && n > UID + 7;
}

static void run(int (*act)(void))
{
	if (geteuid() != 0 || !has_uids()) {
		print_message("# needs root\n");
		skip();
	}
	less = (struct caller){.uid = UID, .gid = GID, .has_less = 1};
	other = (struct caller){.uid = 0, .gid = GID};
	in_child(act);
}

#define TEST(name)                                                                             \
	static void test_##name(void **state)                                                  \
	{                                                                                      \
		(void)state;                                                                   \
		run(act_##name);                                                               \
	}
TEST(begin)
TEST(begin_group)
TEST(begin_fails)
TEST(raise)
TEST(owner)
TEST(owner_is_other)
TEST(files)
TEST(shed)
TEST(shed_group)
TEST(shed_fails)
TEST(shed_capabilities)
TEST(take)
TEST(take_fails)
TEST(take_fails_uid)
TEST(other)
TEST(other_user)
TEST(ends)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_begin_group),
		cmocka_unit_test(test_begin_fails),
		cmocka_unit_test(test_raise),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_owner_is_other),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_shed),
		cmocka_unit_test(test_shed_group),
		cmocka_unit_test(test_shed_fails),
		cmocka_unit_test(test_shed_capabilities),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_take_fails),
		cmocka_unit_test(test_take_fails_uid),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_other_user),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
