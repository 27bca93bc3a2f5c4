/* SPDX-License-Identifier: Apache-2.0 */
#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "kernel_call.h"
#include "kernel_mount.h"
#include "patience.h"

static int open_patiently(int dir_fd, const char *rest, int flags, uint64_t resolve)
{
	struct patience_wait wait = {0};
	int fd;

	if (rest[0] == '\0')
		rest = ".";
	/* EAGAIN: a rename or mount raced the walk. EXDEV: what the walk reached was moved out
	 * of dir_fd. Whoever keeps doing that must not hold us up, so the attempts are bounded.
	 */
	do
		fd = kernel_openat2(
			dir_fd, rest, (uint64_t)(unsigned)(flags | O_CLOEXEC), 0, resolve);
	while (fd < 0 && (errno == EAGAIN || errno == EXDEV) &&
		patience_again(PATIENCE_RACE, &wait));
	return fd;
}

int beneath_open(int dir_fd, const char *rest, int flags)
{
	return open_patiently(dir_fd, rest, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

int beneath_open_in_root(int root_fd, const char *path, int flags)
{
	return open_patiently(root_fd, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int beneath_open_parent(int dir_fd, const char *rest, const char **ret_name)
{
	const char *slash = strrchr(rest, '/');
	char parent[VST_PATH_MAX + 1];
	size_t len = slash ? (size_t)(slash - rest) : 0;
	int fd;

	if (len > VST_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(parent, rest, len);
	parent[len] = '\0';
	fd = beneath_open(dir_fd, parent, O_PATH | O_DIRECTORY);
	if (fd >= 0)
		*ret_name = slash ? slash + 1 : rest;
	return fd;
}

static int stat_at(int fd, const char *name, int flags, struct object *ret)
{
	struct statx stx;

	/* Before 6.8 the kernel ignores STATX_MNT_ID_UNIQUE and reports the 32-bit id (5.8). */
	if (statx(fd, name, flags | AT_NO_AUTOMOUNT,
		    STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID | STATX_MNT_ID_UNIQUE,
		    &stx) < 0)
		return -1;
	*ret = (struct object){
		.dev = makedev(stx.stx_dev_major, stx.stx_dev_minor),
		.ino = stx.stx_ino,
		.mnt_id = stx.stx_mnt_id,
		.uid = stx.stx_uid,
		.mode = stx.stx_mode,
		.nlink = stx.stx_nlink,
		.size = stx.stx_size,
		.mnt_id_unique = (stx.stx_mask & STATX_MNT_ID_UNIQUE) != 0,
		.is_mount_root = (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0,
	};
	if (stx.stx_mask & STATX_BTIME)
		ret->btime_ns =
			(uint64_t)stx.stx_btime.tv_sec * 1000000000 + stx.stx_btime.tv_nsec;
	return 0;
}

int beneath_stat(int fd, struct object *ret)
{
	return stat_at(fd, "", AT_EMPTY_PATH, ret);
}

int beneath_stat_name(int dir_fd, const char *name, struct object *ret)
{
	return stat_at(dir_fd, name, AT_SYMLINK_NOFOLLOW, ret);
}

int beneath_stat_followed(int dir_fd, const char *path, struct object *ret)
{
	return stat_at(dir_fd, path, 0, ret);
}

int beneath_same(const struct object *a, const struct object *b)
{
	return a->ino == b->ino && a->dev == b->dev && a->mnt_id == b->mnt_id;
}

int beneath_up(int *fd, struct object *at)
{
	vst_auto_fd up = openat(*fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct object above;

	if (up < 0 || beneath_stat(up, &above) < 0)
		return -1;
	/* "/" is its own parent. */
	if (beneath_same(at, &above))
		return 0;
	*at = above;
	vst_fd_close(fd);
	*fd = vst_fd_take(&up);
	return 1;
}

int beneath_is_in(int dir_fd, const struct object *dir)
{
	vst_auto_fd fd = kernel_dup(dir_fd);
	struct object at;
	int above = 1;

	if (fd < 0 || beneath_stat(fd, &at) < 0)
		return -1;
	for (int i = 0; i < VST_PATH_MAX && above > 0; i++) {
		if (beneath_same(&at, dir))
			return 1;
		above = beneath_up(&fd, &at);
	}
	if (above > 0)
		errno = ELOOP;
	return above > 0 ? -1 : above;
}

int beneath_path_of(int dir_fd, char ret[VST_PATH_MAX + 1])
{
	int known = fchdir(dir_fd) == 0 && syscall(SYS_getcwd, ret, VST_PATH_MAX + 1) > 0;

	if (chdir("/") < 0)
		return -1;
	return known && ret[0] == '/';
}

uint32_t beneath_fs_magic(int fd)
{
	struct statfs sfs;

	if (fstatfs(fd, &sfs) < 0)
		return 0;
	return (uint32_t)sfs.f_type;
}
