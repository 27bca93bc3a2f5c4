/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces and pidfds, where Debian 12's headers (6.1), glibc 2.36 or musl 1.2.3 lack them.
 */
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ioctls of a pidfd that return a namespace's descriptor (6.11). They need permission for
 * ptrace read access. */
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

/* ioctl of a namespace's descriptor: its 64-bit id, never reused (6.18). For a network
 * namespace it equals SO_NETNS_COOKIE of a socket in it (5.14). */
#ifndef NS_GET_ID
#define NS_GET_ID _IOR(0xb7, 13, uint64_t)
#endif
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* PIDFD_GET_INFO's answer (6.13), in its first size. */
struct kernel_pidfd_info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid;
	uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
#define KERNEL_PIDFD_INFO_PID 0x01 /* pid, tgid, ppid */
#define KERNEL_PIDFD_GET_INFO _IOWR(0xFF, 11, struct kernel_pidfd_info)

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

static inline int kernel_pidfd_open(int pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Opens a namespace by its id, whoever holds it (6.18). Needs CAP_SYS_ADMIN over the user
 * namespace that owns it. ESTALE: there is no such namespace, or the capability is missing. The
 * first argument, KERNEL_FD_NSFS_ROOT, restricts the call to nsfs. */
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
