/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No code: assertions that the structures which cross a border are the kernel's, on this
 * architecture. It is compiled with both libcs. A program of musl contains libraries that were
 * compiled with glibc's headers and call musl's functions, so a structure that they pass must
 * be the same in both; and some of ours go to the kernel past the libc.
 */
#include <dirent.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "kernel_call.h"

_Static_assert(sizeof(long) == 8 && sizeof(void *) == 8, "an ABI with 64-bit addresses");

/* Before the kernel's headers come, which have the same names. */
enum {
	STAT_SIZE = sizeof(struct stat),
	STAT_DEV = offsetof(struct stat, st_dev),
	STAT_INO = offsetof(struct stat, st_ino),
	STAT_MODE = offsetof(struct stat, st_mode),
	STAT_NLINK = offsetof(struct stat, st_nlink),
	STAT_UID = offsetof(struct stat, st_uid),
	STAT_GID = offsetof(struct stat, st_gid),
	STAT_RDEV = offsetof(struct stat, st_rdev),
	STAT_STAT_SIZE = offsetof(struct stat, st_size),
	STAT_ATIME = offsetof(struct stat, st_atim),
	STAT_MTIME = offsetof(struct stat, st_mtim),
	STAT_CTIME = offsetof(struct stat, st_ctim),
	STATFS_SIZE = sizeof(struct statfs),
	STATFS_TYPE = offsetof(struct statfs, f_type),
	STATFS_TYPE_SIZE = sizeof((struct statfs){0}.f_type),
	STATFS_FSID = offsetof(struct statfs, f_fsid),
	STATFS_NAMELEN = offsetof(struct statfs, f_namelen),
	STATFS_FLAGS = offsetof(struct statfs, f_flags),
	TIMESPEC_SIZE = sizeof(struct timespec),
	TIMESPEC_NSEC = offsetof(struct timespec, tv_nsec),
};

#undef sa_handler
#undef st_atime
#undef st_mtime
#undef st_ctime
#undef statfs64
#undef _STRUCT_TIMESPEC
#define fsid_t asm_fsid_t
#define itimerspec asm_itimerspec
#define itimerval asm_itimerval
#define sigaction asm_sigaction
#define sigaltstack asm_sigaltstack
#define sigset_t asm_sigset_t
#define stack_t asm_stack_t
#define stat asm_stat
#define statfs asm_statfs
#define statfs64 asm_statfs64
#define timespec asm_timespec
#define timeval asm_timeval
#define timezone asm_timezone
#include <asm/signal.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/time_types.h>

#define SAME(value, type, member)                                                              \
	_Static_assert(value == offsetof(struct type, member), #type "." #member)

/* fstat and fstatfs, as libcap-ng calls them. */
_Static_assert(STAT_SIZE == sizeof(struct asm_stat), "stat");
SAME(STAT_DEV, asm_stat, st_dev);
SAME(STAT_INO, asm_stat, st_ino);
SAME(STAT_MODE, asm_stat, st_mode);
SAME(STAT_NLINK, asm_stat, st_nlink);
SAME(STAT_UID, asm_stat, st_uid);
SAME(STAT_GID, asm_stat, st_gid);
SAME(STAT_RDEV, asm_stat, st_rdev);
SAME(STAT_STAT_SIZE, asm_stat, st_size);
SAME(STAT_ATIME, asm_stat, st_atime);
SAME(STAT_MTIME, asm_stat, st_mtime);
SAME(STAT_CTIME, asm_stat, st_ctime);
_Static_assert(STATFS_SIZE == sizeof(struct asm_statfs), "statfs");
_Static_assert(STATFS_TYPE_SIZE == sizeof((struct asm_statfs){0}.f_type), "statfs.f_type");
SAME(STATFS_TYPE, asm_statfs, f_type);
SAME(STATFS_FSID, asm_statfs, f_fsid);
SAME(STATFS_NAMELEN, asm_statfs, f_namelen);
SAME(STATFS_FLAGS, asm_statfs, f_flags);

/* rt_sigaction. The mask is the last member: of 64 signals, whatever the header says. */
_Static_assert(
	offsetof(struct kernel_sigaction, flags) == offsetof(struct asm_sigaction, sa_flags),
	"sigaction.sa_flags");
_Static_assert(
	offsetof(struct kernel_sigaction, mask) == offsetof(struct asm_sigaction, sa_mask),
	"sigaction.sa_mask");
_Static_assert(sizeof(struct kernel_sigaction) == sizeof(struct asm_sigaction), "sigaction");

/* rt_sigtimedwait. */
_Static_assert(TIMESPEC_SIZE == sizeof(struct __kernel_timespec), "timespec");
SAME(TIMESPEC_NSEC, __kernel_timespec, tv_nsec);

/* getdents64, whose structure no header of the kernel has. */
_Static_assert(offsetof(struct dirent64, d_ino) == 0 && offsetof(struct dirent64, d_off) == 8 &&
		       offsetof(struct dirent64, d_reclen) == 16 &&
		       offsetof(struct dirent64, d_type) == 18 &&
		       offsetof(struct dirent64, d_name) == 19,
	"dirent64");
