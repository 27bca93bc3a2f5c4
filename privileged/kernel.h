/* Kernel interfaces that Debian 12's headers (6.1) and glibc 2.36 do not have yet. */
#pragma once

#include <linux/openat2.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

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

static inline int kernel_pidfd_open(int pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int kernel_statmount(uint64_t mnt_id, uint64_t mask, struct kernel_statmount *ret)
{
	struct kernel_mnt_id_req req = {.size = sizeof req, .mnt_id = mnt_id, .param = mask};

	return (int)syscall(KERNEL_SYS_STATMOUNT, &req, ret, sizeof *ret, 0);
}

/* The first n mounts that lie inside mnt_id, at any depth. */
static inline long kernel_listmount(uint64_t mnt_id, uint64_t *ret_ids, size_t n)
{
	struct kernel_mnt_id_req req = {.size = sizeof req, .mnt_id = mnt_id};

	return syscall(KERNEL_SYS_LISTMOUNT, &req, ret_ids, n, 0);
}
