/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that a libc lacks, or for which it does more than the call. */
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

/* The kernel's signal set: all 64 signals, of which a libc reserves two or three. riscv64 has
 * no restorer. layout.c compares this with the kernel's own header. */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
#ifndef __riscv
	void (*restorer)(void);
#endif
	uint64_t mask;
};

static inline int kernel_sigaction(
	int sig, const struct kernel_sigaction *act, struct kernel_sigaction *ret_old)
{
	return (int)syscall(SYS_rt_sigaction, sig, act, ret_old, sizeof(uint64_t));
}

/* Sets the signal mask if `mask` is not NULL; bit n - 1 is signal n. */
static inline int kernel_sigmask(const uint64_t *mask, uint64_t *ret_old)
{
	return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, ret_old, sizeof *mask);
}

/* Waits for a signal of the set, and consumes it. Returns it, or -1 with errno. */
static inline int kernel_sigtimedwait(const uint64_t *set, const struct timespec *timeout)
{
	return (int)syscall(SYS_rt_sigtimedwait, set, NULL, timeout, sizeof *set);
}

/* fork with flags of clone: returns twice, on the same stack. With CLONE_PIDFD, *ret_pidfd is
 * the child's pidfd. No libc is told, so the child may only make system calls. The order of
 * clone's arguments depends on the architecture. */
static inline long kernel_clone(unsigned long flags, int *ret_pidfd)
{
#ifdef __s390x__
	return syscall(SYS_clone, NULL, flags, ret_pidfd, NULL, 0);
#else
	return syscall(SYS_clone, flags, NULL, ret_pidfd, NULL, 0);
#endif
}

/* Never returns 0, 1 or 2. Not fcntl, because musl's sets FD_CLOEXEC again in a call of its
 * own. */
static inline int kernel_dup(int fd)
{
	return (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
}

/* The request is 32 bits in the kernel, an int in musl, an unsigned long in glibc. */
static inline int kernel_ioctl(int fd, unsigned request, void *arg)
{
#ifdef __GLIBC__
	return ioctl(fd, request, arg);
#else
	return ioctl(fd, (int)request, arg);
#endif
}

/* Closes `first` to `last`; nothing if that is an empty range (5.9). */
static inline int kernel_close_range(int first, int last)
{
	return first > last ? 0 : (int)syscall(SYS_close_range, first, last, 0);
}
