/*
 * Kernel interfaces that Debian 12's headers (6.1), glibc 2.36 or musl 1.2.3 do not have yet,
 * and those where a libc does more than the call. Included for statx(2) and the mount calls,
 * too.
 */
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* musl has it since 1.2.5. */
#ifndef STATX_TYPE
#include <linux/stat.h>

static inline int statx(
	int dirfd, const char *path, int flags, unsigned mask, struct statx *ret)
{
	return (int)syscall(SYS_statx, dirfd, path, flags, mask, ret);
}
#endif

/* The mount calls of 5.2 and 5.12: glibc has them since 2.36, musl not yet. */
#ifndef FSOPEN_CLOEXEC
#include <linux/mount.h>

static inline int open_tree(int dirfd, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dirfd, path, flags);
}

static inline int move_mount(
	int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags)
{
	return (int)syscall(SYS_move_mount, from_dirfd, from, to_dirfd, to, flags);
}

static inline int mount_setattr(
	int dirfd, const char *path, unsigned flags, struct mount_attr *attr, size_t size)
{
	return (int)syscall(SYS_mount_setattr, dirfd, path, flags, attr, size);
}

static inline int fsopen(const char *fs, unsigned flags)
{
	return (int)syscall(SYS_fsopen, fs, flags);
}

static inline int fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux)
{
	return (int)syscall(SYS_fsconfig, fd, cmd, key, value, aux);
}

static inline int fsmount(int fd, unsigned flags, unsigned attrs)
{
	return (int)syscall(SYS_fsmount, fd, flags, attrs);
}

static inline int fspick(int dirfd, const char *path, unsigned flags)
{
	return (int)syscall(SYS_fspick, dirfd, path, flags);
}
#endif

/* statx: the 64-bit mount id, never reused (6.8). */
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

/* ioctls of a pidfd that give a namespace's descriptor (6.11), permission as for ptrace read.
 */
#ifndef PIDFD_GET_CGROUP_NAMESPACE
#define PIDFD_GET_CGROUP_NAMESPACE _IO(0xFF, 1)
#define PIDFD_GET_IPC_NAMESPACE _IO(0xFF, 2)
#define PIDFD_GET_MNT_NAMESPACE _IO(0xFF, 3)
#define PIDFD_GET_NET_NAMESPACE _IO(0xFF, 4)
#define PIDFD_GET_PID_NAMESPACE _IO(0xFF, 5)
#define PIDFD_GET_USER_NAMESPACE _IO(0xFF, 9)
#define PIDFD_GET_UTS_NAMESPACE _IO(0xFF, 10)
#endif

/* ioctl of a mount namespace's descriptor: its 64-bit id, never reused (6.11). */
#ifndef NS_GET_MNTNS_ID
#define NS_GET_MNTNS_ID _IOR(0xb7, 0x5, uint64_t)
#endif

/* ioctl of a namespace's descriptor: its 64-bit id, never reused (6.18). A network namespace's
 * is its SO_NETNS_COOKIE, which a socket there tells since 5.14. */
#ifndef NS_GET_ID
#define NS_GET_ID _IOR(0xb7, 13, uint64_t)
#endif
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* The facts of a pidfd's process (6.13); the first of its sizes. */
struct kernel_pidfd_info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid;
	uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
#define KERNEL_PIDFD_INFO_PID 0x01 /* pid, tgid, ppid */
#define KERNEL_PIDFD_GET_INFO _IOWR(0xFF, 11, struct kernel_pidfd_info)

/* statmount(2) and listmount(2) (6.8), by unique mount id. */
#define KERNEL_SYS_STATMOUNT 457
#define KERNEL_SYS_LISTMOUNT 458
#define KERNEL_STATMOUNT_SB_BASIC 0x01
#define KERNEL_STATMOUNT_MNT_BASIC 0x02
#define KERNEL_STATMOUNT_MNT_POINT 0x10

struct kernel_mnt_id_req {
	uint32_t size, spare;
	uint64_t mnt_id, param;
};

struct kernel_statmount {
	uint32_t size, spare1;
	uint64_t mask;
	uint32_t sb_dev_major, sb_dev_minor;
	uint64_t sb_magic;
	uint32_t sb_flags, fs_type;
	uint64_t mnt_id, mnt_parent_id;
	uint32_t mnt_id_old, mnt_parent_id_old;
	uint64_t mnt_attr, mnt_propagation, mnt_peer_group, mnt_master, propagate_from;
	uint32_t mnt_root, mnt_point; /* offsets in str */
	uint64_t spare2[50];
	char str[4096];
};

/* fsconfig: creates a file system that does not exist yet, else EBUSY (6.6). */
#define KERNEL_FSCONFIG_CMD_CREATE_EXCL 8

/* Magic numbers of statfs. */
#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif
#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

/* Inode numbers of the initial namespaces (include/linux/proc_ns.h, since 3.8). */
#define KERNEL_INIT_USERNS_INO 0xEFFFFFFDU
#define KERNEL_INIT_PIDNS_INO 0xEFFFFFFCU

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

static inline int kernel_pidfd_open(int pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* A namespace by what it is known by, whoever holds it (6.18): CAP_SYS_ADMIN over its owner.
 * ESTALE: there is none, or that is missing. Only of nsfs: the first argument says so. */
#define KERNEL_FD_NSFS_ROOT (-10003)
#define KERNEL_FILEID_NSFS 0xf1

static inline int kernel_open_ns(uint64_t id, uint32_t clone_flag, uint32_t ino)
{
	struct {
		uint32_t len;
		int32_t type;
		uint64_t id;
		uint32_t clone_flag, ino;
	} handle = {16, KERNEL_FILEID_NSFS, id, clone_flag, ino};

	return (int)syscall(
		SYS_open_by_handle_at, KERNEL_FD_NSFS_ROOT, &handle, O_RDONLY | O_CLOEXEC);
}

static inline int kernel_statmount(uint64_t mnt_id, uint64_t mask, struct kernel_statmount *ret)
{
	struct kernel_mnt_id_req req = {.size = sizeof req, .mnt_id = mnt_id, .param = mask};

	return (int)syscall(KERNEL_SYS_STATMOUNT, &req, ret, sizeof *ret, 0);
}

#define KERNEL_LSMT_ROOT UINT64_MAX

/* The first n mounts of the mount namespace that has this id (6.11). ENOENT: there is none, or
 * none that the kernel lets us look into. */
static inline long kernel_listmount_of(uint64_t mntns_id, uint64_t *ret_ids, size_t n)
{
	const struct {
		uint32_t size, spare;
		uint64_t mnt_id, param, mntns_id;
	} req = {.size = sizeof req, .mnt_id = KERNEL_LSMT_ROOT, .mntns_id = mntns_id};

	return syscall(KERNEL_SYS_LISTMOUNT, &req, ret_ids, n, 0);
}

/* The first n mounts that lie inside mnt_id, at any depth, with ids greater than `after`; in
 * ascending order. KERNEL_LSMT_ROOT: inside our root. */
static inline long kernel_listmount_after(
	uint64_t mnt_id, uint64_t after, uint64_t *ret_ids, size_t n)
{
	struct kernel_mnt_id_req req = {.size = sizeof req, .mnt_id = mnt_id, .param = after};

	return syscall(KERNEL_SYS_LISTMOUNT, &req, ret_ids, n, 0);
}

static inline long kernel_listmount(uint64_t mnt_id, uint64_t *ret_ids, size_t n)
{
	return kernel_listmount_after(mnt_id, 0, ret_ids, n);
}
