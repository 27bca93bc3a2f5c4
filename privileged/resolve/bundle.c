/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_mount.h"
#include "lookup.h"

/* Looks a name up: 1 if it is of the wanted kind, 0 if it is missing, -1. */
static int look(
	int dir_fd, const char *name, uint32_t kind, struct statx *ret, struct vst_err *err)
{
	if (statx(dir_fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, ret) <
		0) {
		if (errno == ENOENT)
			return 0;
		return vst_fail(err, VST_EXIT_INVALID, errno, "look at %s in the bundle", name);
	}
	if ((ret->stx_mode & S_IFMT) == kind)
		return 1;
	return vst_fail(err, VST_EXIT_INVALID, 0, "%s in the bundle is not a %s%s", name,
		kind == S_IFDIR ? "directory" : "regular file",
		S_ISLNK(ret->stx_mode) ? " but a symbolic link" : "");
}

static int check_layout(int dir_fd, struct bundle_layout *ret, struct vst_err *err)
{
	struct statx st;
	int has_tmp, has_lower, has_rootfs, config;

	has_rootfs = look(dir_fd, "rootfs", S_IFDIR, &st, err);
	if (has_rootfs < 0)
		return -1;
	if (!has_rootfs)
		return vst_fail(err, VST_EXIT_INVALID, 0, "the bundle has no directory rootfs");
	ret->rootfs_is_mount = !!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
	has_lower = look(dir_fd, "lower", S_IFDIR, &st, err);
	has_tmp = has_lower < 0 ? -1 : look(dir_fd, "tmp", S_IFDIR, &st, err);
	config = has_tmp < 0 ? -1 : look(dir_fd, "config.json", S_IFREG, &st, err);
	if (config < 0)
		return -1;
	if (has_lower && !has_tmp)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"the bundle has a directory lower but no directory tmp for the overlay");
	ret->has_lower = has_lower;
	return 0;
}

/* Checks the file type before opening: opening a FIFO would block, a device might act. Then
 * proves that the opened file is the checked one. */
static int open_document(
	int dir_fd, const struct caller *caller, int *ret_fd, struct vst_err *err)
{
	struct statx st;
	struct stat opened;
	vst_auto_fd fd = -1;
	int there = look(dir_fd, "runtime.json", S_IFREG, &st, err);

	if (there <= 0)
		return there;
	if (st.stx_size == 0)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"runtime.json is empty; remove the file to say that nothing is wanted");
	if (st.stx_size > VST_DOC_MAX)
		return vst_fail(err, VST_EXIT_INVALID, 0, "runtime.json is larger than 1 MiB");
	fd = openat(dir_fd, "runtime.json",
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &opened) < 0)
		return vst_fail(
			err, VST_EXIT_INVALID, errno, "open runtime.json in the bundle");
	if (opened.st_ino != st.stx_ino ||
		opened.st_dev != makedev(st.stx_dev_major, st.stx_dev_minor))
		return vst_fail(
			err, VST_EXIT_INVALID, 0, "runtime.json was replaced meanwhile");
	if (caller_is_machine_root(caller) && (opened.st_uid != 0 || opened.st_mode & 022))
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"runtime.json is uid %u's, mode %04o, and what root does by it would be done for whoever can write it: 'chown root' and 'chmod go-w' it, or act as that user with --allow-owner UID",
			opened.st_uid, opened.st_mode & 07777);
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

int bundle_open(const char *path, int cwd_fd, const struct caller *caller, int with_doc,
	struct bundle *ret, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	struct object object;

	if (lookup_bundle(cwd_fd, path, caller, with_doc, &fd, err) < 0)
		return -1;
	if (beneath_stat(fd, &object) < 0 || !S_ISDIR(object.mode))
		return vst_fail(err, VST_EXIT_INVALID, 0, "bundle %s is not a directory",
			VST_QUOTE(path));
	/* getcwd tells the path of a descriptor without /proc. */
	if (fchdir(fd) < 0)
		return vst_fail(
			err, VST_EXIT_INVALID, errno, "enter bundle %s", VST_QUOTE(path));
	if (syscall(SYS_getcwd, ret->path, sizeof ret->path) < 0 || ret->path[0] != '/')
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"bundle %s has no absolute path of at most 4095 bytes",
			VST_QUOTE(path));
	if (chdir("/") < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "change directory to /");
	if (with_doc && open_document(fd, caller, &ret->doc_fd, err) < 0)
		return -1;
	ret->fd = vst_fd_take(&fd);
	ret->dev = object.dev;
	ret->ino = object.ino;
	return 0;
}

int bundle_look(struct bundle *bundle, struct vst_err *err)
{
	return check_layout(bundle->fd, &bundle->layout, err);
}
