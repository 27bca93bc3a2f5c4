/* Calls where a libc does more than the call, or has none. */
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline int kernel_openat2(
	int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};

	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
}

/* Signals as the kernel has them: 64 of them, of which a libc keeps two or three to itself. */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static inline int kernel_sigaction(
	int sig, const struct kernel_sigaction *act, struct kernel_sigaction *ret_old)
{
	return (int)syscall(SYS_rt_sigaction, sig, act, ret_old, sizeof(uint64_t));
}

/* Sets the signal mask if there is one; bit n - 1 is signal n. */
static inline int kernel_sigmask(const uint64_t *mask, uint64_t *ret_old)
{
	return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, ret_old, sizeof *mask);
}

/* The signal of the set that came within the timeout and is taken; -1. */
static inline int kernel_sigtimedwait(const uint64_t *set, const struct timespec *timeout)
{
	return (int)syscall(SYS_rt_sigtimedwait, set, NULL, timeout, sizeof *set);
}

/* musl's fcntl sets FD_CLOEXEC once more, in a call of its own. Never 0, 1 or 2. */
static inline int kernel_dup(int fd)
{
	return (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
}

/* The number is 32 bits to the kernel, an int to musl, and an unsigned long to glibc. */
static inline int kernel_ioctl(int fd, unsigned request, void *arg)
{
#ifdef __GLIBC__
	return ioctl(fd, request, arg);
#else
	return ioctl(fd, (int)request, arg);
#endif
}

/* From `first` to `last`, none if that is less (5.9). */
static inline int kernel_close_range(int first, int last)
{
	return first > last ? 0 : (int)syscall(SYS_close_range, first, last, 0);
}
