/* SPDX-License-Identifier: Apache-2.0 */
/* The target process: which ones are refused, what passes for a pidfd, its namespaces. Each on
 * this kernel and as if it were one without ioctls of pidfds. */
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
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "emulated.h"
#include "ipc/fd.h"
#include "no_rights.h"
#include "privileged/kernel/kernel_call.h"
#include "privileged/kernel/kernel_ns.h"
#include "privileged/kernel/proc.h"
#include "privileged/ns/ns.h"
#include "privileged/ns/process.h"

/* An older kernel has no ioctls of pidfds (6.11), and pidfds that are no files of pidfs (6.9).
 * No /proc: something else stands there. */
static int old_ioctl, old_pidfs, no_proc;
static const char *wrong_proc; /* what stands at /proc instead */
/* It is of another pid namespace, in which we are not. */
static int others_proc;
/* The n-th file of /proc (from 1) that is a namespace is this descriptor instead, which the
 * kernel takes for a namespace of any type if it is no namespace. 0: none is. */
static int fake_nth, fake_fd, n_opened;
/* An ioctl that opens a namespace answers this. */
static int lie, lie_with;
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_openat(int dir_fd, const char *path, int flags, ...);
int __wrap_openat(int dir_fd, const char *path, int flags, ...);
int __wrap___openat_2(int dir_fd, const char *path, int flags);
int __real_fstatfs(int fd, struct statfs *ret);
int __wrap_fstatfs(int fd, struct statfs *ret);

/* Of the namespaces, in their order. */
static const int types[] = {CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWNET,
	CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS};

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (old_ioctl && (request & 0xff00) == 0xff00) {
		errno = ENOTTY;
		return -1;
	}
	if (lie && (request & 0xff00) == 0xff00 && (request & 0xff) < 11)
		return lie_with;
	if (fake_nth && request == NS_GET_NSTYPE && __real_ioctl(fd, request, arg) < 0)
		return types[n_opened - 1];
	return __real_ioctl(fd, request, arg);
}

int __wrap_openat(int dir_fd, const char *path, int flags, ...)
{
	assert_false(flags & O_CREAT);
	if (dir_fd == AT_FDCWD && no_proc)
		path = "/nonexistent";
	if (dir_fd == AT_FDCWD && wrong_proc)
		path = wrong_proc;
	if (others_proc && strncmp(path, "self/", 5) == 0) {
		errno = ENOENT;
		return -1;
	}
	if (fake_nth && strstr(path, "ns/") && ++n_opened == fake_nth)
		return fcntl(fake_fd, F_DUPFD_CLOEXEC, 3);
	return __real_openat(dir_fd, path, flags);
}

/* What glibc makes of one whose flags are no constant. */
int __wrap___openat_2(int dir_fd, const char *path, int flags)
{
	return __wrap_openat(dir_fd, path, flags);
}

int __wrap_fstatfs(int fd, struct statfs *ret)
{
	int r = __real_fstatfs(fd, ret);

	if (r == 0 && old_pidfs && ret->f_type == PID_FS_MAGIC)
		ret->f_type = 0x09041934;
	return r;
}

static struct vst_err err;
static struct process target;
static pid_t child = -1;

static int setup(void **state)
{
	struct ns_own own;

	(void)state;
	/* The pidfd of ourselves that stays open. */
	assert_int_equal(ns_own(VST_NS_USER, &own, &err), 0);
	old_ioctl = old_pidfs = no_proc = fake_nth = 0;
	wrong_proc = NULL;
	memset(&err, 0, sizeof err);
	target = (struct process){.pidfd = -1};
	child = fork();
	if (child == 0)
		for (;;)
			pause();
	return child > 0 ? 0 : -1;
}

static void end_child(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	child = -1;
}

static int teardown(void **state)
{
	(void)state;
	old_ioctl = old_pidfs = no_proc = fake_nth = 0;
	wrong_proc = NULL;
	process_close(&target);
	if (child > 0)
		end_child();
	return 0;
}

static int n_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Opened and judged. On failure nothing is open. */
static int open_pid(pid_t pid, struct process *ret)
{
	if (process_open_pid((uint32_t)pid, ret, &err) < 0)
		return -1;
	if (process_judge(ret, &err) == 0)
		return 0;
	process_close(ret);
	return -1;
}

static int open_pidfd(int fd, struct process *ret)
{
	if (process_open_pidfd(fd, ret, &err) < 0)
		return -1;
	if (process_judge(ret, &err) == 0)
		return 0;
	process_close(ret);
	return -1;
}

static void assert_refused(uint32_t pid, enum vst_exit exit, const char *words)
{
	int before = n_fds();

	assert_int_equal(open_pid((pid_t)pid, &target), -1);
	assert_int_equal(err.exit, exit);
	assert_non_null(strstr(err.text, words));
	assert_int_equal(target.pidfd, -1);
	assert_int_equal(n_fds(), before);
}

/* Runs the test as on each kind of kernel. */
#define EACH_KERNEL for (old_ioctl = 0; old_ioctl < 2; old_ioctl++)

static void test_open(void **state)
{
	(void)state;
	EACH_KERNEL
	{
		assert_int_equal(open_pid(child, &target), 0);
		assert_int_equal(target.pid, child);
		assert_int_equal(fcntl(target.pidfd, F_GETFD), FD_CLOEXEC);
		process_close(&target);
		assert_int_equal(target.pidfd, -1);
	}
}

static void test_ident(void **state)
{
	struct process other = {.pidfd = -1};
	struct statfs sfs;

	(void)state;
	assert_int_equal(open_pid(child, &target), 0);
	assert_int_equal(fstatfs(target.pidfd, &sfs), 0);
	if (sfs.f_type != PID_FS_MAGIC) {
		print_message("# kernel: no pidfs\n");
		skip();
	}
	assert_true(target.ident != 0);
	assert_int_equal(open_pid(child, &other), 0);
	assert_true(target.ident == other.ident);
	process_close(&other);
	other = (struct process){.pidfd = -1};
	old_pidfs = old_ioctl = 1;
	assert_int_equal(open_pid(child, &other), 0);
	assert_true(other.ident == 0);
	process_close(&other);
}

static void test_refused(void **state)
{
	(void)state;
	EACH_KERNEL
	{
		assert_refused((uint32_t)getpid(), VST_EXIT_DENIED, "vestibule itself");
		assert_refused(1, VST_EXIT_DENIED, "init");
	}
}

static void test_none(void **state)
{
	uint32_t gone = (uint32_t)child;

	(void)state;
	end_child();
	EACH_KERNEL
	assert_refused(gone, VST_EXIT_FAILED, "No such process");
}

static void test_zombie(void **state)
{
	siginfo_t info;

	(void)state;
	kill(child, SIGKILL);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	EACH_KERNEL
	assert_refused((uint32_t)child, VST_EXIT_DENIED, "zombie");
}

static void test_kernel_thread(void **state)
{
	struct stat st;

	(void)state;
	if (stat("/proc/self/ns/pid", &st) < 0 || st.st_ino != KERNEL_INIT_PIDNS_INO)
		skip();
	EACH_KERNEL
	{
		assert_refused(2, VST_EXIT_DENIED, "kernel thread");
		/* rcu and its like: children of kthreadd. */
		assert_refused(3, VST_EXIT_DENIED, "kernel thread");
	}
}

static int thread_ready[2], thread_end[2];

static void *thread(void *arg)
{
	pid_t tid = gettid();
	char byte;

	(void)arg;
	assert_int_equal(write(thread_ready[1], &tid, sizeof tid), sizeof tid);
	assert_int_equal(read(thread_end[0], &byte, 1), 0);
	return NULL;
}

static void test_thread(void **state)
{
	pthread_t t;
	pid_t tid;
	int fd;

	(void)state;
	assert_int_equal(pipe(thread_ready) | pipe(thread_end), 0);
	assert_int_equal(pthread_create(&t, NULL, thread, NULL), 0);
	assert_int_equal(read(thread_ready[0], &tid, sizeof tid), sizeof tid);
	EACH_KERNEL
	{
		assert_refused((uint32_t)tid, VST_EXIT_DENIED, "thread");
		/* PIDFD_THREAD, 6.9. */
		fd = (int)syscall(SYS_pidfd_open, tid, O_EXCL);
		if (fd >= 0) {
			assert_int_equal(open_pidfd(fd, &target), -1);
			assert_int_equal(err.exit, VST_EXIT_DENIED);
			assert_non_null(strstr(err.text, "thread"));
		}
	}
	close(thread_end[1]);
	pthread_join(t, NULL);
	close(thread_end[0]);
	close(thread_ready[0]);
	close(thread_ready[1]);
}

static void test_pidfd(void **state)
{
	int fd;

	(void)state;
	EACH_KERNEL
	for (old_pidfs = 0; old_pidfs < 2; old_pidfs++) {
		fd = kernel_pidfd_open(child);
		assert_int_equal(open_pidfd(fd, &target), 0);
		assert_int_equal(target.pid, child);
		process_close(&target);
		assert_int_equal(fcntl(fd, F_GETFD), -1);
	}
	/* Where only its link tells a pidfd, there must be a /proc to read it. */
	old_pidfs = no_proc = 1;
	fd = kernel_pidfd_open(child);
	assert_int_equal(open_pidfd(fd, &target), -1);
	assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
	/* What can be no pidfd on any kernel needs none to be told. */
	fd = kernel_openat2(AT_FDCWD, "/dev/null", O_RDONLY, 0, 0);
	assert_int_equal(open_pidfd(fd, &target), -1);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
}

static void assert_no_pidfd(int fd)
{
	assert_true(fd >= 0);
	assert_int_equal(open_pidfd(fd, &target), -1);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
	assert_int_equal(target.pidfd, -1);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void test_no_pidfd(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof path, "/proc/%d", (int)child);
	EACH_KERNEL
	{
		assert_no_pidfd(open("/dev/null", O_RDONLY));
		assert_no_pidfd(open(path, O_RDONLY | O_DIRECTORY));
		assert_no_pidfd(open("/proc/self/ns/net", O_RDONLY));
		assert_no_pidfd(epoll_create1(0));
		assert_int_equal(open_pidfd(250, &target), -1);
		assert_int_equal(err.exit, VST_EXIT_USAGE);
	}
}

static void test_pidfd_of_the_dead(void **state)
{
	int fds[2] = {kernel_pidfd_open(child), kernel_pidfd_open(child)};

	(void)state;
	end_child();
	EACH_KERNEL
	{
		assert_int_equal(open_pidfd(fds[old_ioctl], &target), -1);
		assert_int_equal(err.exit, VST_EXIT_FAILED);
	}
}

static void test_without_proc(void **state)
{
	struct ns_fact facts[VST_NS_COUNT];
	int fd = kernel_pidfd_open(child);
	int net = kernel_ioctl(fd, PIDFD_GET_NET_NAMESPACE, NULL);

	(void)state;
	close(fd);
	if (net < 0) {
		print_message("# kernel: a pidfd gives no namespaces\n");
		skip();
	}
	close(net);
	for (int how = 0; how < 2; how++) {
		no_proc = !how;
		wrong_proc = how ? "/tmp" : NULL;
		old_ioctl = 0;
		assert_int_equal(open_pid(child, &target), 0);
		assert_int_equal(process_namespaces(&target, 0x7f, facts, &err), 0);
		for (int i = 0; i < VST_NS_COUNT; i++)
			close(facts[i].fd);
		old_ioctl = 1;
		assert_int_equal(process_namespaces(&target, 0x7f, facts, &err), -1);
		assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
		assert_non_null(strstr(err.text, "/proc"));
		process_close(&target);
		target = (struct process){.pidfd = -1};
		assert_refused((uint32_t)child, VST_EXIT_UNSUPPORTED, "/proc");
	}
}

/* A directory of a procfs in the place of its root has what its binder put there. */
static void test_part_of_proc(void **state)
{
	static const char *const there[] = {"/proc/self", "/proc/sys", "/tmp"};
	int fd = proc_open("self", O_PATH | O_NOFOLLOW);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
		wrong_proc = there[i];
		errno = 0;
		fd = proc_open(i == 0 ? "status" : ".", O_RDONLY);
		wrong_proc = NULL;
		assert_int_equal(fd, -1);
		assert_int_equal(errno, ENOTDIR);
	}
}

/* With our own. */
static int is_compared(int ns)
{
	return ns == VST_NS_MNT || ns == VST_NS_NET;
}

static void test_namespaces(void **state)
{
	static const char *const names[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
	struct ns_fact facts[VST_NS_COUNT];
	int before;

	(void)state;
	if (qemu_lacks("the ioctls of namespaces"))
		skip();
	EACH_KERNEL
	{
		assert_int_equal(open_pid(child, &target), 0);
		before = n_fds();
		assert_int_equal(process_namespaces(&target, 0x7f, facts, &err), 0);
		for (int i = 0; i < VST_NS_COUNT; i++) {
			char path[64];
			struct stat st;

			snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)child, names[i]);
			assert_int_equal(stat(path, &st), 0);
			assert_true(facts[i].dev == st.st_dev && facts[i].ino == st.st_ino);
			if (is_compared(i)) {
				assert_int_equal(facts[i].is_own, 1);
				assert_true(facts[i].own_ino == st.st_ino);
			}
			assert_int_equal(fcntl(facts[i].fd, F_GETFD), FD_CLOEXEC);
			close(facts[i].fd);
		}
		assert_int_equal(n_fds(), before);
		assert_int_equal(process_namespaces(&target, 1u << VST_NS_NET, facts, &err), 0);
		assert_int_equal(facts[VST_NS_MNT].fd, -1);
		close(facts[VST_NS_NET].fd);
		assert_int_equal(n_fds(), before);
		process_close(&target);
	}
}

/* What is opened through /proc is proved each time: a file that passes for a namespace of the
 * right type, and a namespace of another type. */
static void test_no_namespace(void **state)
{
	int file = open("/", O_RDONLY | O_CLOEXEC);
	int user = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	struct ns_fact facts[VST_NS_COUNT];
	int before, own = -1;

	(void)state;
	if (qemu_lacks("the ioctls of namespaces"))
		skip();
	assert_int_equal(open_pid(child, &target), 0);
	old_ioctl = 1;
	/* Not to be counted: our own, once. */
	assert_int_equal(process_namespaces(&target, 0x7f, facts, &err), 0);
	for (int i = 0; i < VST_NS_COUNT; i++)
		close(facts[i].fd);
	before = n_fds();
	for (fake_nth = 1; fake_nth <= VST_NS_COUNT; fake_nth++) {
		fake_fd = file;
		n_opened = 0;
		assert_int_equal(process_namespaces(&target, 0x7f, facts, &err), -1);
		assert_non_null(strstr(err.text, "is not a"));
		assert_int_equal(n_fds(), before);
		if (types[fake_nth - 1] == CLONE_NEWUSER)
			continue;
		fake_fd = user;
		n_opened = 0;
		assert_int_equal(process_namespaces(&target, 0x7f, facts, &err), -1);
		assert_non_null(strstr(err.text, "is not a"));
		assert_int_equal(n_fds(), before);
	}
	/* Our own are asked by name, and only proved to be namespaces. */
	for (int ns = 0; ns < VST_NS_COUNT; ns++) {
		fake_fd = file;
		fake_nth = 1;
		n_opened = 0;
		assert_int_equal(ns_own_open((enum vst_ns)ns, &own, &err), -1);
		assert_non_null(strstr(err.text, "is not a"));
		assert_int_equal(own, -1);
		assert_int_equal(n_fds(), before);
	}
	close(file);
	close(user);
}

/* Our own, by either way, and from then on without asking. */
static void test_own(void **state)
{
	static const char *const names[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};

	(void)state;
	for (int ns = 0; ns < VST_NS_COUNT; ns++) {
		struct ns_own own;
		char path[64];
		struct stat st;
		int before;

		snprintf(path, sizeof path, "/proc/self/ns/%s", names[ns]);
		assert_int_equal(stat(path, &st), 0);
		EACH_KERNEL
		{
			int fd = -1;

			assert_int_equal(ns_own_open((enum vst_ns)ns, &fd, &err), 0);
			assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
			close(fd);
			assert_int_equal(ns_own((enum vst_ns)ns, &own, &err), 0);
			assert_true(own.ino == st.st_ino && own.dev == st.st_dev);
		}
		no_proc = old_ioctl = 1;
		before = n_fds();
		assert_int_equal(ns_own((enum vst_ns)ns, &own, &err), 0);
		assert_int_equal(ns_own_open((enum vst_ns)ns, &(int){-1}, &err), -1);
		assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
		assert_int_equal(n_fds(), before);
		no_proc = 0;
		others_proc = 1;
		assert_int_equal(ns_own_open((enum vst_ns)ns, &(int){-1}, &err), -1);
		assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
		assert_non_null(strstr(err.text, "another pid namespace"));
		others_proc = 0;
	}
}

/* An answer that is no descriptor which could have been opened, and a descriptor of something
 * else: nothing is taken for a namespace, and nothing of ours is closed. */
static void test_answers_nothing(void **state)
{
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC), own = -1;
	struct ns_fact facts[VST_NS_COUNT];
	int before;

	(void)state;
	assert_int_equal(open_pid(child, &target), 0);
	before = n_fds();
	lie = 1;
	no_proc = 1;
	for (lie_with = 0; lie_with <= 2; lie_with++) {
		assert_int_equal(process_namespaces(&target, 0x7f, facts, &err), -1);
		assert_int_equal(ns_own_open(VST_NS_UTS, &own, &err), -1);
		assert_int_equal(n_fds(), before);
	}
	no_proc = 0;
	for (int ns = 0; ns < VST_NS_COUNT; ns++) {
		lie_with = fcntl(file, F_DUPFD_CLOEXEC, 3);
		assert_int_equal(process_namespaces(&target, 1u << ns, facts, &err), -1);
		assert_non_null(strstr(err.text, "is not a"));
		lie_with = fcntl(file, F_DUPFD_CLOEXEC, 3);
		assert_int_equal(ns_own_open((enum vst_ns)ns, &own, &err), -1);
		assert_non_null(strstr(err.text, "is not a"));
		assert_int_equal(n_fds(), before);
	}
	lie = 0;
	close(file);
}

/* Dead between open and use, reaped or not: nothing is left open, nothing filled in. */
static void test_died_meanwhile(void **state)
{
	struct ns_fact facts[VST_NS_COUNT] = {{.fd = 77}};
	siginfo_t info;
	int before;

	(void)state;
	assert_int_equal(open_pid(child, &target), 0);
	before = n_fds();
	kill(child, SIGKILL);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	for (int reaped = 0; reaped < 2; reaped++) {
		EACH_KERNEL
		{
			assert_int_equal(process_namespaces(&target, 0x7f, facts, &err), -1);
			assert_int_equal(err.exit, VST_EXIT_FAILED);
			assert_non_null(strstr(err.text, ": No such process"));
			assert_null(strstr(err.text, "namespace"));
			assert_int_equal(facts[0].fd, 77);
			assert_int_equal(n_fds(), before);
		}
		if (!reaped)
			end_child();
	}
}

/* Its number belongs to somebody else by now: the namespaces come through /proc, and only the
 * pidfd knows. */
static void test_number_used_again(void **state)
{
	struct ns_fact facts[VST_NS_COUNT];

	(void)state;
	assert_int_equal(open_pid(child, &target), 0);
	end_child();
	target.pid = (uint32_t)getpid();
	old_ioctl = 1;
	assert_int_equal(process_namespaces(&target, 0x7f, facts, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_FAILED);
}

static void test_another_users(void **state)
{
	struct ns_fact facts[VST_NS_COUNT];
	uid_t uid = geteuid();

	(void)state;
	target.pidfd = kernel_pidfd_open(1);
	target.pid = 1;
	assert_true(target.pidfd >= 0);
	if (uid == 0)
		assert_int_equal(seteuid(1000), 0);
	EACH_KERNEL
	{
		assert_int_equal(
			process_namespaces(&target, 1u << VST_NS_NET, facts, &err), -1);
		assert_int_equal(err.exit, VST_EXIT_DENIED);
		assert_non_null(strstr(err.text, "CAP_SYS_PTRACE"));
	}
	assert_int_equal(seteuid(uid), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_open),
		TEST(test_ident),
		TEST(test_refused),
		TEST(test_none),
		TEST(test_zombie),
		TEST(test_kernel_thread),
		TEST(test_thread),
		TEST(test_pidfd),
		TEST(test_no_pidfd),
		TEST(test_pidfd_of_the_dead),
		TEST(test_without_proc),
		TEST(test_part_of_proc),
		TEST(test_namespaces),
		TEST(test_no_namespace),
		TEST(test_own),
		TEST(test_answers_nothing),
		TEST(test_died_meanwhile),
		TEST(test_number_used_again),
		TEST(test_another_users),
	};

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
