/* SPDX-License-Identifier: Apache-2.0 */
/* The first acts, each in a child that was left in a bad state; and who the caller is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emulated.h"
#include "in_child.h"
#include "ipc/limits.h"
#include "privileged/kernel/kernel_call.h"
#include "privileged/self/caller.h"
#include "privileged/self/startup.h"

static struct vst_err err;

static int is_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

static int act_environment(void)
{
	setenv("LD_PRELOAD", "x", 1);
	WANT(startup_first(1, &err) == 0);
	WANT(!getenv("LD_PRELOAD") && !getenv("PATH"));
	WANT(!environ || !*environ);
	return 0;
}

static int act_argc(void)
{
	WANT(startup_first(0, &err) == -1);
	WANT(err.exit == VST_EXIT_USAGE);
	return 0;
}

static int act_stdio(void)
{
	/* Each subset of 0, 1 and 2 missing; what is there stays what it is. */
	for (int missing = 0; missing < 8; missing++) {
		int pipes[2];

		close_range(3, ~0U, 0);
		for (int fd = 0; fd <= 2; fd++)
			close(fd);
		WANT(pipe(pipes) == 0 && pipes[0] == 0 && pipes[1] == 1 && dup(1) == 2);
		for (int fd = 0; fd <= 2; fd++)
			if (missing >> fd & 1)
				close(fd);
		WANT(startup_first(1, &err) == 0);
		for (int fd = 0; fd <= 2; fd++)
			WANT(is_null(fd) == (missing >> fd & 1));
		WANT(fcntl(3, F_GETFD) == -1);
	}
	return 0;
}

static int act_signals(void)
{
	struct itimerval soon = {.it_value = {0, 50000}}, now;
	const struct kernel_sigaction ignore = {.handler = SIG_IGN};
	struct kernel_sigaction act;
	uint64_t blocked;

	/* All of them: a libc keeps two or three to itself, but exec and kill do not. */
	for (int sig = 1; sig <= 64; sig++)
		kernel_sigaction(sig, &ignore, NULL);
	kernel_sigmask(&(uint64_t){~0ULL}, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	setitimer(ITIMER_VIRTUAL, &soon, NULL);
	setitimer(ITIMER_PROF, &soon, NULL);
	WANT(startup_first(1, &err) == 0);
	for (int sig = 1; sig <= 64; sig++) {
		WANT(kernel_sigaction(sig, NULL, &act) == 0);
		WANT(act.handler == (sig == SIGPIPE || sig == SIGXFSZ || sig == SIGXCPU
						    ? SIG_IGN
						    : SIG_DFL));
	}
	WANT(kernel_sigmask(NULL, &blocked) == 0 && blocked == 0);
	for (int timer = 0; timer < 3; timer++)
		WANT(getitimer(timer, &now) == 0 && now.it_value.tv_sec == 0 &&
			now.it_value.tv_usec == 0 && now.it_interval.tv_usec == 0);
	return 0;
}

static int act_process(void)
{
	struct rlimit core = {1000, 1000};

	umask(077);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &core);
	WANT(startup_first(1, &err) == 0);
	WANT(umask(0) == 0);
	WANT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	WANT(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
	return 0;
}

static int act_close(void)
{
	for (int fd = 3; fd < 40; fd++)
		dup2(0, fd);
	WANT(startup_close(17, &err) == 0);
	for (int fd = 0; fd < 64; fd++)
		WANT((fcntl(fd, F_GETFD) >= 0) == (fd <= 2 || fd == 17));
	WANT(fcntl(17, F_GETFD) == FD_CLOEXEC);
	WANT(startup_close(-1, &err) == 0);
	WANT(fcntl(17, F_GETFD) == -1 && fcntl(2, F_GETFD) >= 0);
	WANT(dup2(0, 3) == 3 && dup2(0, 4) == 4);
	WANT(startup_close(3, &err) == 0);
	WANT(fcntl(3, F_GETFD) == FD_CLOEXEC && fcntl(4, F_GETFD) == -1);
	WANT(startup_close(33, &err) == -1 && err.exit == VST_EXIT_USAGE);
	WANT(strstr(err.text, "descriptor 33"));
	return 0;
}

static int act_limits(void)
{
	struct rlimit limit = {16, 500};

	setrlimit(RLIMIT_NOFILE, &limit);
	WANT(startup_descriptors(400, &err) == 0);
	WANT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 400);
	WANT(limit.rlim_max == 500);
	WANT(startup_descriptors(300, &err) == 0);
	WANT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 400);
	WANT(startup_descriptors(501, &err) == -1 && err.exit == VST_EXIT_DENIED);
	WANT(strstr(err.text, "RLIMIT_NOFILE is 500 and 501"));
	limit = (struct rlimit){0, VST_JOURNAL_MAX};
	setrlimit(RLIMIT_FSIZE, &limit);
	WANT(startup_limits(&err) == 0);
	WANT(getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur == VST_JOURNAL_MAX);
	limit = (struct rlimit){0, VST_JOURNAL_MAX - 1};
	setrlimit(RLIMIT_FSIZE, &limit);
	WANT(startup_limits(&err) == -1 && err.exit == VST_EXIT_DENIED);
	WANT(strstr(err.text, "RLIMIT_FSIZE"));
	return 0;
}

/* A soft limit is raised to the hard one, which is refused where it does not suffice. The two
 * that end a process are no different. */
static int act_others(void)
{
	static const struct {
		int resource;
		rlim_t soft;
		rlim_t enough;
	} all[] = {
		{RLIMIT_CPU, 5, 100},
		{RLIMIT_AS, 1 << 20, 1 << 30},
		{RLIMIT_DATA, 1 << 16, 1 << 30},
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct rlimit limit = {all[i].soft, all[i].enough};

		if (all[i].resource != RLIMIT_CPU && qemu_lacks("limits of memory"))
			continue;
		setrlimit(all[i].resource, &limit);
		WANT(startup_limits(&err) == 0);
		WANT(getrlimit(all[i].resource, &limit) == 0);
		WANT(limit.rlim_cur == all[i].enough && limit.rlim_max == all[i].enough);
	}
	/* Who is of no real-time class has no use for its limit. */
	WANT(setrlimit(RLIMIT_RTTIME, &(struct rlimit){1, 1}) == 0);
	WANT(startup_limits(&err) == 0);
	return 0;
}

static int act_too_low(int resource, rlim_t hard, const char *name)
{
	WANT(setrlimit(resource, &(struct rlimit){hard, hard}) == 0);
	WANT(startup_limits(&err) == -1 && err.exit == VST_EXIT_DENIED);
	WANT(strstr(err.text, name));
	return 0;
}

static int act_low_cpu(void)
{
	return act_too_low(RLIMIT_CPU, 20, "RLIMIT_CPU");
}

static int act_low_space(void)
{
	return act_too_low(RLIMIT_AS, 48 << 20, "RLIMIT_AS");
}

static int act_low_data(void)
{
	return act_too_low(RLIMIT_DATA, 8 << 20, "RLIMIT_DATA");
}

/* As far as it goes: less is no error. */
static int act_up_to(void)
{
	struct rlimit limit = {16, 200};

	setrlimit(RLIMIT_NOFILE, &limit);
	WANT(startup_descriptors_up_to(150, &err) == 0);
	WANT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 150);
	WANT(startup_descriptors_up_to(5000, &err) == 0);
	WANT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 200);
	return 0;
}

static void test_other_limits(void **state)
{
	(void)state;
	in_child(act_others);
	in_child(act_low_cpu);
	if (!qemu_lacks("limits of memory")) {
		in_child(act_low_space);
		in_child(act_low_data);
	}
	in_child(act_up_to);
}

/* Past the size limit is an error, not a death. */
static int act_fsize(void)
{
	struct rlimit limit = {0, 0};
	char name[] = "/tmp/vestibule-test.XXXXXX";
	int fd = mkstemp(name);

	WANT(fd >= 0 && unlink(name) == 0);
	WANT(startup_first(1, &err) == 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	WANT(write(fd, "x", 1) == -1 && errno == EFBIG);
	return 0;
}

static int act_block(void)
{
	WANT(startup_block_signals(&err) == 0);
	for (int sig = 1; sig <= 64; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			WANT(kill(getpid(), sig) == 0 ||
				(errno == EINVAL && qemu_lacks("a signal, which it keeps")));
	return 0;
}

static int act_caller(void)
{
	struct caller caller;
	struct stat st;

	WANT(caller_capture(&caller, &err) == 0);
	WANT(caller.uid == getuid() && caller.gid == getgid() && caller.has_less == 0);
	WANT(stat("/proc/self/ns/user", &st) == 0 && caller.userns_ino == st.st_ino);
	WANT(caller.in_init_userns == (st.st_ino == 0xEFFFFFFD));
	return 0;
}

/* Ids that differ: what a setuid program has. */
static int act_has_less(void)
{
	struct caller caller;

	WANT(setresgid((gid_t)-1, 12, (gid_t)-1) == 0);
	WANT(caller_capture(&caller, &err) == 0 && caller.has_less == 1);
	WANT(setresgid((gid_t)-1, 0, (gid_t)-1) == 0);
	WANT(setresuid(1234, 0, 0) == 0);
	WANT(caller_capture(&caller, &err) == 0);
	WANT(caller.uid == 1234 && caller.has_less == 1);
	return 0;
}

/* Keeps only these capabilities: inherited ones are ambient, too. */
static int keep(uint64_t permitted, uint64_t ambient)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	const struct __user_cap_data_struct data[2] = {
		{0, (uint32_t)permitted, (uint32_t)ambient},
		{0, (uint32_t)(permitted >> 32), (uint32_t)(ambient >> 32)},
	};

	if (syscall(SYS_capset, &head, data) < 0)
		return -1;
	for (unsigned cap = 0; cap < 64; cap++)
		if (ambient >> cap & 1 &&
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return -1;
	return 0;
}

/* uid 0, of which SECBIT_NOROOT makes an ordinary caller: what it has is what is ambient. */
static int act_noroot(void)
{
	const uint64_t all = UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_NET_ADMIN;
	struct caller caller;

	WANT(caller_capture(&caller, &err) == 0 && caller.is_root == 1);
	WANT(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0) == 0);
	WANT(caller_capture(&caller, &err) == 0);
	WANT(caller.uid == 0 && caller.is_root == 0 && caller.has_less == 1);
	WANT(keep(all, all) == 0);
	WANT(caller_capture(&caller, &err) == 0 && caller.has_less == 0);
	/* A file gave one of them. */
	WANT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_NET_ADMIN, 0, 0) == 0);
	WANT(caller_capture(&caller, &err) == 0 && caller.has_less == 1);
	WANT(keep(0, 0) == 0);
	WANT(caller_capture(&caller, &err) == 0);
	WANT(caller.is_root == 0 && caller.has_less == 0);
	return 0;
}

/* The same of any other uid; and uid 0 without a capability is still root: exec gives them. */
static int act_surplus(void)
{
	struct caller caller;

	WANT(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && setresuid(1234, 1234, 1234) == 0);
	WANT(caller_capture(&caller, &err) == 0);
	WANT(caller.uid == 1234 && caller.is_root == 0 && caller.has_less == 1);
	WANT(keep(0, 0) == 0);
	WANT(caller_capture(&caller, &err) == 0 && caller.has_less == 0);
	return 0;
}

static int act_root_without(void)
{
	struct caller caller;

	WANT(keep(0, 0) == 0);
	WANT(caller_capture(&caller, &err) == 0);
	WANT(caller.is_root == 1 && caller.has_less == 0);
	return 0;
}

static int act_fsuid(void)
{
	struct caller caller;

	setfsuid(12);
	WANT(caller_capture(&caller, &err) == -1 && err.exit == VST_EXIT_DENIED);
	setfsuid(0);
	WANT(caller_capture(&caller, &err) == 0);
	setfsgid(12);
	WANT(caller_capture(&caller, &err) == -1 && err.exit == VST_EXIT_DENIED);
	return 0;
}

IN_CHILD(environment)
IN_CHILD(argc)
IN_CHILD(stdio)
IN_CHILD(signals)
IN_CHILD(process)
IN_CHILD(close)
IN_CHILD(limits)
IN_CHILD(fsize)
IN_CHILD(block)
IN_CHILD(caller)

static void test_has_less(void **state)
{
	(void)state;
	if (qemu_lacks("the ioctls of namespaces"))
		skip();
	if (geteuid() != 0) {
		printf("# needs root\n");
		skip();
	}
	in_child(act_has_less);
	in_child(act_noroot);
	in_child(act_surplus);
	in_child(act_root_without);
	in_child(act_fsuid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_argc),
		cmocka_unit_test(test_stdio),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_other_limits),
		cmocka_unit_test(test_fsize),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_caller),
		cmocka_unit_test(test_has_less),
	};

	return cmocka_run_group_tests_name("startup", tests, NULL, NULL);
}
