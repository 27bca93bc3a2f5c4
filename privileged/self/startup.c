/* SPDX-License-Identifier: Apache-2.0 */
#include "startup.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/kernel_call.h"

/* Bytes of stack. The deepest calls need a tenth of it; arguments are on it as well. */
#define STACK_NEEDED (256 << 10)

/* Seconds of CPU time. A document at all limits takes a tenth of it. */
#define CPU_NEEDED 30

/* Bytes of address space: the program with its tables and stack, and the longest journal and
 * plan text, which are mapped. Those may be private copies, so they count as data, too. */
#define SPACE_NEEDED ((16 << 20) + VST_JOURNAL_MAX + VST_EXPECT_MAX)
#define DATA_NEEDED SPACE_NEEDED

/* Opens missing descriptors 0 to 2, so that none opened later gets such a number: messages
 * would be written into it. */
static int startup_stdio(struct vst_err *err)
{
	for (int want = 0; want <= 2; want++) {
		struct stat st;
		int fd;

		if (fcntl(want, F_GETFD) >= 0)
			continue;
		/* The lowest free number is `want`, because all below exist. A missing stdout
		 * is opened read-only, so that writing a result fails instead of vanishing. */
		fd = openat(AT_FDCWD, "/dev/null", want == STDOUT_FILENO ? O_RDONLY : O_RDWR);
		if (fd < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno,
				"open /dev/null in place of missing descriptor %d", want);
		if (fd != want || fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
			st.st_rdev != makedev(1, 3))
			return vst_fail(err, VST_EXIT_FAILED, 0,
				"/dev/null is not the null device, and descriptor %d is missing",
				want);
	}
	return 0;
}

static int startup_disposition(int sig, void (*handler)(int), struct vst_err *err)
{
	const struct kernel_sigaction act = {.handler = handler};
	struct kernel_sigaction now;

	if (kernel_sigaction(sig, NULL, &now) < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "read disposition of signal %d", sig);
	if (now.handler == handler)
		return 0;
	if (kernel_sigaction(sig, &act, NULL) < 0 || kernel_sigaction(sig, NULL, &now) < 0 ||
		now.handler != handler)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "reset disposition of signal %d", sig);
	return 0;
}

static int startup_signals(struct vst_err *err)
{
	static const int timers[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
	static const struct itimerval off;
	static const uint64_t none;
	uint64_t blocked;

	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
		struct itimerval now;

		if (getitimer(timers[i], &now) == 0 && memcmp(&now, &off, sizeof now) == 0)
			continue;
		if (setitimer(timers[i], &off, NULL) < 0 || getitimer(timers[i], &now) < 0 ||
			memcmp(&now, &off, sizeof now) != 0)
			return vst_fail(err, VST_EXIT_FAILED, errno,
				"switch off interval timer %d", timers[i]);
	}
	for (int sig = 1; sig <= 64; sig++) {
		/* Their disposition cannot change. */
		if (sig == SIGKILL || sig == SIGSTOP)
			continue;
		/* SIGPIPE, SIGXFSZ: writing to a closed pipe or past a size limit fails with an
		 * errno instead. SIGXCPU: only the hard limit of CPU time counts. */
		if (startup_disposition(sig,
			    sig == SIGPIPE || sig == SIGXFSZ || sig == SIGXCPU ? SIG_IGN
									       : SIG_DFL,
			    err) < 0)
			return -1;
	}
	if (kernel_sigmask(&none, NULL) < 0 || kernel_sigmask(NULL, &blocked) < 0 || blocked)
		return vst_fail(err, VST_EXIT_FAILED, errno, "empty the signal mask");
	return 0;
}

/* Not to be traced, and no core: a setuid start is dumpable where fs.suid_dumpable is 1. */
static int startup_closed(struct vst_err *err)
{
	static const struct rlimit none;
	struct rlimit core;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "become non-dumpable");
	if (setrlimit(RLIMIT_CORE, &none) < 0 || getrlimit(RLIMIT_CORE, &core) < 0 ||
		core.rlim_cur != 0 || core.rlim_max != 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "set the core size limit");
	return 0;
}

int startup_first(int argc, struct vst_err *err)
{
	if (startup_closed(err) < 0)
		return -1;
	/* With argc 0, argv[1] would be the first environment variable (CVE-2021-4034). */
	if (argc < 1)
		return vst_fail(err, VST_EXIT_USAGE, 0, "started without a program name");
	if (clearenv() != 0 || (environ && *environ))
		return vst_fail(err, VST_EXIT_FAILED, 0, "empty the environment");
	if (startup_stdio(err) < 0 || startup_signals(err) < 0)
		return -1;
	umask(0); /* umask cannot fail. */
	return 0;
}

int startup_close(int keep_fd, struct vst_err *err)
{
	int keep = keep_fd < 3 ? 2 : keep_fd;

	if (keep_fd >= 0 && fcntl(keep_fd, F_SETFD, FD_CLOEXEC) < 0)
		return vst_fail(
			err, VST_EXIT_USAGE, errno, "descriptor %d was not inherited", keep_fd);
	if (kernel_close_range(3, keep - 1) == 0 && kernel_close_range(keep + 1, INT_MAX) == 0)
		return 0;
	return vst_fail(err, errno == ENOSYS ? VST_EXIT_UNSUPPORTED : VST_EXIT_FAILED, errno,
		"close inherited descriptors (close_range, Linux 5.9)");
}

static int startup_raise(
	int resource, const char *name, rlim_t wanted, int to_hard, struct vst_err *err)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read the limit %s", name);
	if (limit.rlim_max < wanted)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"the hard limit %s is %llu and %llu are needed: raise it", name,
			(unsigned long long)limit.rlim_max, (unsigned long long)wanted);
	if (limit.rlim_cur >= wanted && (!to_hard || limit.rlim_cur == limit.rlim_max))
		return 0;
	limit.rlim_cur = to_hard ? limit.rlim_max : wanted;
	if (setrlimit(resource, &limit) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "raise the limit %s", name);
	return 0;
}

int startup_descriptors(unsigned n, struct vst_err *err)
{
	return startup_raise(RLIMIT_NOFILE, "RLIMIT_NOFILE", n, 0, err);
}

int startup_descriptors_up_to(unsigned n, struct vst_err *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read the limit RLIMIT_NOFILE");
	return startup_descriptors(limit.rlim_max < n ? (unsigned)limit.rlim_max : n, err);
}

/* CPU time counts from the start of the process, which may have run another program before. A
 * real-time process has a limit of its own. */
static int startup_time(struct vst_err *err)
{
	struct timespec used;
	/* musl's wrapper answers ENOSYS without asking. */
	int class = (int)syscall(SYS_sched_getscheduler, 0) & ~SCHED_RESET_ON_FORK;
	int is_real_time = class == SCHED_FIFO || class == SCHED_RR;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read the time that was used");
	if (startup_raise(
		    RLIMIT_CPU, "RLIMIT_CPU", (rlim_t)used.tv_sec + 1 + CPU_NEEDED, 1, err) < 0)
		return -1;
	return startup_raise(RLIMIT_RTTIME, "RLIMIT_RTTIME",
		is_real_time ? (rlim_t)CPU_NEEDED * 1000000 : 0, 1, err);
}

int startup_limits(struct vst_err *err)
{
	if (startup_time(err) < 0 ||
		startup_raise(RLIMIT_AS, "RLIMIT_AS", SPACE_NEEDED, 1, err) < 0 ||
		startup_raise(RLIMIT_DATA, "RLIMIT_DATA", DATA_NEEDED, 1, err) < 0)
		return -1;
	/* A stack that ran out in the middle of a step would be a death by signal. */
	if (startup_raise(RLIMIT_STACK, "RLIMIT_STACK", STACK_NEEDED, 0, err) < 0 ||
		startup_descriptors(VST_FDS_RESERVED, err) < 0)
		return -1;
	return startup_raise(RLIMIT_FSIZE, "RLIMIT_FSIZE", VST_JOURNAL_MAX, 1, err);
}

void startup_processes(void)
{
	static const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	struct rlimit now;

	if (setrlimit(RLIMIT_NPROC, &none) == 0 || getrlimit(RLIMIT_NPROC, &now) < 0)
		return;
	now.rlim_cur = now.rlim_max;
	(void)setrlimit(RLIMIT_NPROC, &now);
}

int startup_block_signals(struct vst_err *err)
{
	static const uint64_t all = ~0ULL;
	const uint64_t never = 1ULL << (SIGKILL - 1) | 1ULL << (SIGSTOP - 1);
	uint64_t blocked;

	if (kernel_sigmask(&all, NULL) < 0 || kernel_sigmask(NULL, &blocked) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "block signals");
	if (blocked != (all & ~never))
		return vst_fail(err, VST_EXIT_FAILED, 0, "a signal is not blocked");
	return 0;
}
