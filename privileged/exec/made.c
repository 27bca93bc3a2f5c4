/* SPDX-License-Identifier: Apache-2.0 */
#include "made.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <time.h>

#include "../../ipc/fd.h"
#include "../act/exec.h"

enum vst_exit made_exit(int code)
{
	return code == EACCES || code == EPERM ? VST_EXIT_DENIED : VST_EXIT_FAILED;
}

/* The kernel stamps inodes with the coarse clock, up to a tick behind the fine one. By the fine
 * clock, a record would seem younger than what was made after it. */
uint64_t made_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* File systems whose inodes this kernel stamps. A server, or a FUSE process, uses its own
 * clock, and vfat rounds. */
static int has_our_clock(uint32_t magic)
{
	return magic == TMPFS_MAGIC || magic == RAMFS_MAGIC || magic == EXT4_SUPER_MAGIC ||
	       magic == XFS_SUPER_MAGIC || magic == BTRFS_SUPER_MAGIC ||
	       magic == F2FS_SUPER_MAGIC;
}

enum made_born made_born(int fd, const struct object *object, uint64_t born_after)
{
	if (!object->btime_ns)
		return MADE_UNKNOWN;
	if (object->btime_ns >= born_after)
		return MADE_BORN;
	/* The record is in the future: the clock was set back. */
	if (made_now() < born_after)
		return MADE_UNKNOWN;
	return has_our_clock(beneath_fs_magic(fd)) ? MADE_OLDER : MADE_UNKNOWN;
}

int made_find(int base_fd, const char *path, int *ret_parent_fd, const char **ret_name,
	struct object *ret, struct vst_err *err)
{
	vst_auto_fd parent = beneath_open_parent(base_fd, path, ret_name);
	vst_auto_fd fd = -1;

	if (parent >= 0)
		fd = openat(parent, *ret_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EXDEV))
		return -2;
	if (fd < 0 || beneath_stat(fd, ret) < 0)
		return vst_fail(err, made_exit(errno), errno, "look for '%s'", VST_QUOTE(path));
	*ret_parent_fd = vst_fd_take(&parent);
	return vst_fd_take(&fd);
}

int made_missing(int base_fd, const char *path, struct vst_err *err)
{
	if (beneath_fs_magic(base_fd) == CGROUP2_SUPER_MAGIC)
		return UNDO_DONE;
	vst_fail(err, VST_EXIT_INCOMPLETE, 0,
		"'%s' is not where it was made any more: it was removed, or it or a directory on the way was moved; what was moved is not searched for",
		VST_QUOTE(path));
	return UNDO_MISSING;
}

int made_vanished(int base_fd, int fd, const char *path, struct vst_err *err)
{
	struct object object;

	if (beneath_stat(fd, &object) == 0 && object.nlink == 0)
		return UNDO_DONE;
	return made_missing(base_fd, path, err);
}
