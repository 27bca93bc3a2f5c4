/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a namespace is: with namespaces that a child makes, and with answers of the kernel that
 * it seldom gives. */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulated.h"
#include "privileged/kernel/kernel_ns.h"
#include "privileged/ns/owner.h"

#define ALL                                                                                    \
	(CLONE_NEWUSER | CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET |         \
		CLONE_NEWPID | CLONE_NEWUTS)

/* Of the makers, if root runs this; the kernel is asked for them, no account. */
#define OUTER 70001
#define INNER 70002

static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};

/* The request that fails with this errno; 0: none. */
static unsigned long failing;
static int failing_with;
/* So many more user namespaces than there are lie between one and its parent. */
static unsigned between, n_parents;
static int fstat_fails;

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_fstat(int fd, struct stat *ret);
int __wrap_fstat(int fd, struct stat *ret);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (failing == request) {
		errno = failing_with;
		return -1;
	}
	/* What an earlier call has left. */
	errno = ENOTTY;
	if (request == NS_GET_PARENT && ++n_parents <= between)
		return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return __real_ioctl(fd, request, arg);
}

int __wrap_fstat(int fd, struct stat *ret)
{
	if (fstat_fails) {
		errno = EIO;
		return -1;
	}
	return __real_fstat(fd, ret);
}

static struct vst_err err;

struct maker {
	pid_t outer, inner; /* Both are there until end_makers. */
};

/* In the child: tells where the inner process is, and waits for the end, which a test that
 * fails brings, too. A change of the uid would have reset that. */
static _Noreturn void tell(int fd, pid_t inner)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)!write(fd, &inner, sizeof inner);
	for (;;)
		pause();
}

/* The first process of the PID namespace: another one has none to look at. */
static pid_t inhabit(void)
{
	char ready = 0;
	int out[2];
	pid_t pid;

	if (pipe(out) < 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)!write(out[1], &ready, 1);
		for (;;)
			pause();
	}
	/* Only then does it end with us. */
	return read(out[0], &ready, 1) == 1 ? pid : -1;
}

static pid_t wait_for(int fd)
{
	pid_t pid = -1;

	assert_int_equal(read(fd, &pid, sizeof pid), sizeof pid);
	assert_true(pid > 0);
	return pid;
}

static void needs_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("# needs root\n");
	skip();
}

/* As owner_of does. */
static void needs_initial(void)
{
	struct stat st;

	if (qemu_lacks("the ioctls of namespaces"))
		skip();
	if (stat("/proc/self/ns/user", &st) == 0 && st.st_ino == KERNEL_INIT_USERNS_INO)
		return;
	print_message("# needs the initial user namespace\n");
	skip();
}

/* Namespaces of each type, which uid has made; 0: whoever runs this. */
static struct maker make(uid_t uid)
{
	struct maker ret;
	int out[2];

	needs_initial();
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	ret.outer = fork();
	if (ret.outer == 0) {
		if ((uid && setresuid(uid, uid, uid) < 0) || unshare(ALL) < 0)
			tell(out[1], -1);
		tell(out[1], inhabit());
	}
	close(out[1]);
	ret.inner = wait_for(out[0]);
	close(out[0]);
	return ret;
}

static void map(pid_t pid, const char *what)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "0 0 80000", 9), 9);
	close(fd);
}

/* A user namespace that outer has made, and in it one of each type, which inner has made. Root
 * only. */
static struct maker nest(uid_t outer, uid_t inner)
{
	struct maker ret;
	int out[2], go[2];
	char byte = 0;

	needs_initial();
	assert_int_equal(pipe2(out, O_CLOEXEC) | pipe2(go, O_CLOEXEC), 0);
	ret.outer = fork();
	if (ret.outer == 0) {
		if (setresuid(outer, outer, outer) < 0 || unshare(CLONE_NEWUSER) < 0)
			tell(out[1], -1);
		(void)!write(out[1], &ret.outer, sizeof ret.outer);
		(void)!read(go[0], &byte, 1);
		if (setresuid(inner, inner, inner) < 0 || unshare(ALL) < 0)
			tell(out[1], -1);
		tell(out[1], inhabit());
	}
	close(out[1]);
	close(go[0]);
	assert_int_equal(read(out[0], &ret.inner, sizeof ret.inner), sizeof ret.inner);
	assert_int_equal(ret.inner, 0);
	map(ret.outer, "uid_map");
	map(ret.outer, "gid_map");
	assert_int_equal(write(go[1], &byte, 1), 1);
	ret.inner = wait_for(out[0]);
	close(out[0]);
	close(go[1]);
	return ret;
}

static void end_makers(const struct maker *maker)
{
	kill(maker->outer, SIGKILL);
	assert_int_equal(waitpid(maker->outer, NULL, 0), maker->outer);
	/* Ours by now: main has asked for it. */
	kill(maker->inner, SIGKILL);
	assert_int_equal(waitpid(maker->inner, NULL, 0), maker->inner);
}

static int open_ns(pid_t pid, enum vst_ns type)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, names[type]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static int n_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* What owner_of says must be -1 with this status; nothing is filled in, nothing left open. */
static void assert_fails(int fd, enum vst_ns type, enum vst_exit exit)
{
	enum owner owner = (enum owner)77;
	uint32_t uid = 4711;
	int before = n_fds();

	memset(&err, 0, sizeof err);
	n_parents = 0;
	assert_int_equal(owner_of(fd, type, &owner, &uid, &err), -1);
	assert_int_equal(err.exit, exit);
	assert_non_null(strstr(err.text, "find out who owns a namespace"));
	assert_int_equal(owner, 77);
	assert_int_equal(uid, 4711);
	assert_int_equal(n_fds(), before);
}

static void assert_owner(int fd, enum vst_ns type, enum owner want, uint32_t want_uid)
{
	enum owner owner = (enum owner)77;
	uint32_t uid = 4711;
	int before = n_fds();

	n_parents = 0;
	assert_int_equal(owner_of(fd, type, &owner, &uid, &err), 0);
	assert_int_equal(owner, want);
	assert_int_equal(uid, want == OWNER_UID ? want_uid : 4711);
	assert_int_equal(n_fds(), before);
}

static void assert_each(pid_t pid, enum owner want, uint32_t uid)
{
	for (int type = 0; type < VST_NS_COUNT; type++) {
		int fd = open_ns(pid, (enum vst_ns)type);

		assert_owner(fd, (enum vst_ns)type, want, uid);
		close(fd);
	}
}

static int setup(void **state)
{
	(void)state;
	failing = between = n_parents = 0;
	fstat_fails = 0;
	return 0;
}

/* Those of the machine, and those that its root makes without a user namespace. */
static void test_initial(void **state)
{
	struct maker maker;
	int out[2];

	(void)state;
	needs_initial();
	assert_each(getpid(), OWNER_INITIAL, 0);
	needs_root();
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	maker.outer = fork();
	if (maker.outer == 0) {
		if (unshare(ALL & ~CLONE_NEWUSER) < 0)
			tell(out[1], -1);
		tell(out[1], inhabit());
	}
	close(out[1]);
	maker.inner = wait_for(out[0]);
	close(out[0]);
	assert_each(maker.inner, OWNER_INITIAL, 0);
	end_makers(&maker);
}

static void test_own(void **state)
{
	uid_t uid = geteuid() == 0 ? OUTER : 0;
	struct maker maker = make(uid);

	(void)state;
	assert_each(maker.inner, OWNER_UID, uid ? uid : geteuid());
	end_makers(&maker);
}

static void test_roots(void **state)
{
	struct maker maker;

	(void)state;
	needs_root();
	maker = make(0);
	assert_each(maker.inner, OWNER_UID, 0);
	end_makers(&maker);
}

/* The topmost counts, whoever it is that made what lies in it. */
static void test_nested(void **state)
{
	static const uid_t makers[][2] = {
		{OUTER, INNER}, {INNER, OUTER}, {0, OUTER}, {OUTER, 0}};

	(void)state;
	needs_root();
	for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
		struct maker maker = nest(makers[i][0], makers[i][1]);

		assert_each(maker.inner, OWNER_UID, makers[i][0]);
		end_makers(&maker);
	}
}

/* A namespace of another type, and what is none. */
static void test_other_type(void **state)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct maker maker = make(0);

	(void)state;
	for (int type = 0; type < VST_NS_COUNT; type++) {
		int fd = open_ns(maker.inner, (enum vst_ns)type);

		assert_fails(null, (enum vst_ns)type, VST_EXIT_UNSUPPORTED);
		for (int other = 0; other < VST_NS_COUNT; other++)
			if (other != type)
				assert_fails(fd, (enum vst_ns)other, VST_EXIT_UNSUPPORTED);
		close(fd);
	}
	close(null);
	assert_fails(-1, VST_NS_USER, VST_EXIT_UNSUPPORTED);
	end_makers(&maker);
}

/* Whatever the kernel does not tell, nobody is the owner. */
static void test_untold(void **state)
{
	static const unsigned long requests[] = {
		NS_GET_NSTYPE, NS_GET_USERNS, NS_GET_PARENT, NS_GET_OWNER_UID};
	struct maker maker = make(0);
	int net = open_ns(maker.inner, VST_NS_NET), user = open_ns(maker.inner, VST_NS_USER);

	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		failing = requests[i];
		failing_with = ENOTTY;
		assert_fails(net, VST_NS_NET, VST_EXIT_UNSUPPORTED);
		failing_with = EPERM;
		/* What type it is, is a comparison: any other answer is another type. */
		assert_fails(net, VST_NS_NET,
			failing == NS_GET_NSTYPE ? VST_EXIT_UNSUPPORTED : VST_EXIT_FAILED);
		if (failing == NS_GET_USERNS)
			assert_owner(user, VST_NS_USER, OWNER_UID, geteuid());
		else
			assert_fails(user, VST_NS_USER,
				failing == NS_GET_NSTYPE ? VST_EXIT_UNSUPPORTED
							 : VST_EXIT_FAILED);
	}
	failing = 0;
	fstat_fails = 1;
	assert_fails(net, VST_NS_NET, VST_EXIT_FAILED);
	close(net);
	close(user);
	end_makers(&maker);
}

/* As deep as they may lie; and without end, which the kernel does not know. */
static void test_depth(void **state)
{
	struct maker maker = make(0);
	int user = open_ns(maker.inner, VST_NS_USER);

	(void)state;
	between = 33;
	assert_owner(user, VST_NS_USER, OWNER_UID, geteuid());
	assert_int_equal(n_parents, 34);
	between = 1000;
	assert_fails(user, VST_NS_USER, VST_EXIT_FAILED);
	assert_true(n_parents < 100);
	close(user);
	end_makers(&maker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_initial, setup),
		cmocka_unit_test_setup(test_own, setup),
		cmocka_unit_test_setup(test_roots, setup),
		cmocka_unit_test_setup(test_nested, setup),
		cmocka_unit_test_setup(test_other_type, setup),
		cmocka_unit_test_setup(test_untold, setup),
		cmocka_unit_test_setup(test_depth, setup),
	};

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests_name("owner", tests, NULL, NULL);
}
