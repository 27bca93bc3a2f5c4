/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order matters. Limits come before anything that can be slow. RLIMIT_NOFILE comes after
 * Landlock, which needs a descriptor. The filter comes last, because it forbids the calls of
 * all other parts. Each part is verified after it was set, because a kernel, a container's
 * filter or a tracer may report success and do nothing.
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "filter_parser.h"

#ifdef VST_INSTRUMENTED
#define IS_INSTRUMENTED 1
/* LeakSanitizer runs at exit and traces the process, which the filter does not allow. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#else
#define IS_INSTRUMENTED 0
#endif

/* More than the 4 MiB of address space that the program has when it starts. */
#define ADDRESS_SPACE_MAX (16 << 20)

struct limit {
	int resource;
	rlim_t value;
	int not_instrumented; /* sanitizers map terabytes, coverage writes files */
};

static int confine_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static int confine_limit(const struct limit *limit)
{
	struct rlimit want = {limit->value, limit->value},
		      have = {RLIM_INFINITY, RLIM_INFINITY};

	if (limit->not_instrumented && IS_INSTRUMENTED)
		return 1;
	/* EPERM: the hard limit is already lower and cannot be raised. That one will do. */
	if (setrlimit(limit->resource, &want) != 0) {
		if (errno != EPERM || getrlimit(limit->resource, &have) != 0)
			return 0;
		want.rlim_cur = want.rlim_max = have.rlim_max;
		if (want.rlim_max > limit->value || setrlimit(limit->resource, &want) != 0)
			return 0;
	}
	if (getrlimit(limit->resource, &have) != 0)
		return 0;
	return have.rlim_cur == want.rlim_cur && have.rlim_max == want.rlim_max;
}

static int confine_limits(void)
{
	static const struct limit limits[] = {
		{RLIMIT_CPU, (VST_PARSER_TIMEOUT_MS + 999) / 1000, 0},
		{RLIMIT_AS, ADDRESS_SPACE_MAX, 1},
		{RLIMIT_DATA, 0, 1},
		{RLIMIT_FSIZE, 0, 1},
		{RLIMIT_CORE, 0, 0},
		{RLIMIT_NPROC, 0, 0},
	};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (!confine_limit(&limits[i]))
			return 0;
	return 1;
}

/* The parser's own deadline: a parent without CAP_KILL cannot kill a process of another uid. */
static int confine_timer(void)
{
	const struct itimerval want = {
		.it_value = {.tv_sec = VST_PARSER_TIMEOUT_MS / 1000,
			.tv_usec = VST_PARSER_TIMEOUT_MS % 1000 * 1000L}};
	struct itimerval have = {0};
	struct sigaction action = {.sa_handler = SIG_IGN};
	sigset_t mask;

	/* An ignored or blocked SIGALRM would survive exec, and the alarm would not kill. */
	if (signal(SIGALRM, SIG_DFL) == SIG_ERR || sigaction(SIGALRM, NULL, &action) != 0 ||
		action.sa_handler != SIG_DFL)
		return 0;
	sigemptyset(&mask);
	if (sigprocmask(SIG_SETMASK, &mask, NULL) != 0)
		return 0;
	sigfillset(&mask);
	if (sigprocmask(SIG_SETMASK, NULL, &mask) != 0 || sigismember(&mask, SIGALRM) != 0)
		return 0;
	if (setitimer(ITIMER_REAL, &want, NULL) != 0 || getitimer(ITIMER_REAL, &have) != 0)
		return 0;
	return have.it_value.tv_sec * 1000 + have.it_value.tv_usec / 1000 <=
		       VST_PARSER_TIMEOUT_MS &&
	       (have.it_value.tv_sec > 0 || have.it_value.tv_usec > 0);
}

/* Constants that the headers of Linux 6.1 lack, and struct landlock_ruleset_attr as of Linux
 * 6.12 (ABI 6). */
#define ACCESS_FS_TRUNCATE (1ULL << 14)  /* ABI 3 */
#define ACCESS_FS_IOCTL_DEV (1ULL << 15) /* ABI 5 */
#define ACCESS_NET_ALL 3ULL              /* ABI 4: TCP bind, connect */
#define SCOPE_ALL 3ULL                   /* ABI 6: abstract UNIX sockets, signals */
struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

static struct ruleset_attr ruleset_for(int abi, size_t *ret_len)
{
	/* ABI 1 has all rights with bits below REFER. */
	struct ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_REFER - 1};

	*ret_len = offsetof(struct ruleset_attr, handled_access_net);
	if (abi >= 2)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		attr.handled_access_fs |= ACCESS_FS_TRUNCATE;
	if (abi >= 4) {
		attr.handled_access_net = ACCESS_NET_ALL;
		*ret_len = offsetof(struct ruleset_attr, scoped);
	}
	if (abi >= 5)
		attr.handled_access_fs |= ACCESS_FS_IOCTL_DEV;
	if (abi >= 6) {
		attr.scoped = SCOPE_ALL;
		*ret_len = sizeof attr;
	}
	return attr;
}

/* Forbids all that the kernel's Landlock can forbid, without exceptions. A kernel without
 * Landlock (not built, or not enabled at boot) is accepted: LinuxKit's kernels are such. */
static int confine_landlock(void)
{
	long abi = syscall(
		SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset_attr attr;
	size_t len;
	long fd;

	if (abi < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP;
	if (abi < 1)
		return 0;
	attr = ruleset_for((int)abi, &len);
	fd = syscall(SYS_landlock_create_ruleset, &attr, len, 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, (int)fd, 0) != 0 ||
		close((int)fd) != 0)
		return 0;
	return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) == -1 && errno == EACCES;
}

static int check_no_caps(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{.effective = ~0u}};

	if (syscall(SYS_capget, &head, data) != 0)
		return 0;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if (data[i].effective || data[i].permitted || data[i].inheritable)
			return 0;
	return 1;
}

static int confine_filter(void)
{
	const struct sock_fprog prog = {
		.len = sizeof filter_parser / sizeof *filter_parser,
		.filter = (struct sock_filter *)filter_parser,
	};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != 0)
		return 0;
	return syscall(SYS_getppid) == -1 && errno == ENOANO;
}

int confine(void)
{
	static const struct limit no_descriptors = {RLIMIT_NOFILE, 0, 1};

	if (!confine_dumpable())
		return VST_PARSER_DUMPABLE;
	if (!confine_limits())
		return VST_PARSER_RLIMIT;
	if (!confine_timer())
		return VST_PARSER_TIMER;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return VST_PARSER_NNP;
	if (!check_no_caps())
		return VST_PARSER_CAPS;
	if (!IS_INSTRUMENTED && !confine_landlock())
		return VST_PARSER_LANDLOCK;
	if (!confine_limit(&no_descriptors))
		return VST_PARSER_RLIMIT;
	if (!confine_filter())
		return VST_PARSER_FILTER;
	return 0;
}
