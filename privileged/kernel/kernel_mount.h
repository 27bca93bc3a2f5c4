/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount calls, statx(2), statmount(2) and listmount(2), where Debian 12's headers (6.1),
 * glibc 2.36 or musl 1.2.3 lack them.
 */
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* musl has none, or, since 1.2.5, one without ids of mounts (musl_stat.h). */
#ifndef STATX_MNT_ID
#include <linux/stat.h>

static inline int statx(
	int dirfd, const char *path, int flags, unsigned mask, struct statx *ret)
{
	return (int)syscall(SYS_statx, dirfd, path, flags, mask, ret);
}
#endif

/* The mount calls of 5.2 and 5.12 (mount_setattr): glibc has them since 2.36, musl lacks them.
 */
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

/* statmount(2) and listmount(2) (6.8), by unique mount id. */
#define KERNEL_SYS_STATMOUNT 457
#define KERNEL_SYS_LISTMOUNT 458
#define KERNEL_STATMOUNT_SB_BASIC 0x01
#define KERNEL_STATMOUNT_MNT_BASIC 0x02
#define KERNEL_STATMOUNT_PROPAGATE_FROM 0x04
#define KERNEL_STATMOUNT_MNT_ROOT 0x08
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
	uint32_t mnt_root, mnt_point; /* Offsets in str. */
	uint64_t spare2[50];
	char str[4096];
};

/* fsconfig command: creates a new superblock, and fails with EBUSY if it would be shared (6.6).
 */
#define KERNEL_FSCONFIG_CMD_CREATE_EXCL 8

static inline int kernel_statmount(uint64_t mnt_id, uint64_t mask, struct kernel_statmount *ret)
{
	struct kernel_mnt_id_req req = {.size = sizeof req, .mnt_id = mnt_id, .param = mask};

	return (int)syscall(KERNEL_SYS_STATMOUNT, &req, ret, sizeof *ret, 0);
}

#define KERNEL_LSMT_ROOT UINT64_MAX

/* The ids of the first n mounts of the mount namespace mntns_id (6.11). ENOENT: there is none,
 * or the kernel does not let us inspect it. */
static inline long kernel_listmount_of(uint64_t mntns_id, uint64_t *ret_ids, size_t n)
{
	const struct {
		uint32_t size, spare;
		uint64_t mnt_id, param, mntns_id;
	} req = {.size = sizeof req, .mnt_id = KERNEL_LSMT_ROOT, .mntns_id = mntns_id};

	return syscall(KERNEL_SYS_LISTMOUNT, &req, ret_ids, n, 0);
}

/* The ids of the first n mounts inside mnt_id, at any depth, that are greater than `after`,
 * ascending. KERNEL_LSMT_ROOT: inside our root. */
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
