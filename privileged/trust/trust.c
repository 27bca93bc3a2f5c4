/* SPDX-License-Identifier: Apache-2.0 */
#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/beneath.h"

/* Sets err for what could not be opened or looked at, by errno. */
static enum trust unseen(const char *path, size_t len, struct vst_err *err)
{
	int code = errno;

	vst_fail(err,
		code == EACCES || code == EPERM ? VST_EXIT_DENIED
		: code == ENOENT                ? VST_EXIT_INVALID
						: VST_EXIT_FAILED,
		code, "open %s", VST_QUOTE_N(path, len));
	return code == ENOENT ? TRUST_MISSING : TRUST_UNSEEN;
}

/* Judges an open directory, which path[0..len) led to. */
static enum trust judge_dir(const struct object *dir, const char *path, size_t len,
	uint32_t uid, struct vst_err *err)
{
	if (!S_ISDIR(dir->mode))
		vst_fail(err, VST_EXIT_INVALID, 0, "%s is %s; name a directory itself",
			VST_QUOTE_N(path, len),
			S_ISLNK(dir->mode) ? "a symbolic link, which is not followed"
					   : "no directory");
	else if (dir->uid != 0 && dir->uid != uid)
		vst_fail(err, VST_EXIT_INVALID, 0,
			"directory %s is of uid %u and has to be root's: chown it",
			VST_QUOTE_N(path, len), dir->uid);
	else if (dir->mode & 022)
		vst_fail(err, VST_EXIT_INVALID, 0,
			"directory %s can be written by others than its owner: chmod go-w",
			VST_QUOTE_N(path, len));
	else
		return TRUST_OK;
	return TRUST_NOT;
}

enum trust trust_dir(
	const char *path, size_t len, uint32_t uid, int *ret_fd, struct vst_err *err)
{
	vst_auto_fd fd = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t done = 1;

	for (;;) {
		char name[VST_COMPONENT_MAX + 1];
		vst_auto_fd next = -1;
		struct object dir;
		const char *slash;
		enum trust trust;
		size_t n;

		if (fd < 0 || beneath_stat(fd, &dir) < 0)
			return unseen(path, done, err);
		trust = judge_dir(&dir, path, done, uid, err);
		if (trust != TRUST_OK)
			return trust;
		done += done > 1;
		if (done >= len)
			break;
		slash = memchr(path + done, '/', len - done);
		n = slash ? (size_t)(slash - path) - done : len - done;
		if (n > VST_COMPONENT_MAX) {
			errno = ENAMETOOLONG;
			return unseen(path, len, err);
		}
		memcpy(name, path + done, n);
		name[n] = '\0';
		done += n;
		next = beneath_open(fd, name, O_PATH | O_NOFOLLOW);
		vst_fd_close(&fd);
		fd = vst_fd_take(&next);
	}
	*ret_fd = vst_fd_take(&fd);
	return TRUST_OK;
}

/* Looks at the type before the file is opened, because some devices act when they are. By
 * statx, which the filter lets through whatever the path is: libc's fstatat may use another
 * call. */
static int look(int dir_fd, const char *name, int flags, const char *path, struct vst_err *err)
{
	struct object at;

	if ((flags & O_NOFOLLOW ? beneath_stat_name(dir_fd, name, &at)
				: beneath_stat_followed(dir_fd, name, &at)) < 0) {
		unseen(path, strlen(path), err);
		return -1;
	}
	if (S_ISREG(at.mode))
		return 0;
	return vst_fail(err, VST_EXIT_INVALID, 0, "%s is %s, not a regular file",
		VST_QUOTE(path),
		S_ISLNK(at.mode)   ? "a symbolic link"
		: S_ISDIR(at.mode) ? "a directory"
				   : "a special file");
}

/* Opens a regular file without waiting. */
static int open_regular(int dir_fd, const char *name, int flags, size_t max,
	struct trust_file *ret, struct vst_err *err)
{
	const char *path = ret->path;
	struct stat *st = &ret->before;

	if (look(dir_fd, name, flags, path, err) < 0)
		return -1;
	ret->fd = openat(dir_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
	if (ret->fd < 0 || fstat(ret->fd, st) < 0) {
		unseen(path, strlen(path), err);
		return -1;
	}
	if (!S_ISREG(st->st_mode))
		return vst_fail(
			err, VST_EXIT_INVALID, 0, "%s is not a regular file", VST_QUOTE(path));
	if (st->st_size < 0 || (uint64_t)st->st_size > max)
		return vst_fail(err, VST_EXIT_INVALID, 0, "%s has more than %zu bytes",
			VST_QUOTE(path), max);
	ret->size = (size_t)st->st_size;
	return 0;
}

/* Judges the open file. */
static int judge_file(const struct trust_file *file, struct vst_err *err)
{
	const struct stat *st = &file->before;

	if (st->st_uid != 0)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"%s is of uid %u and has to be root's: chown it", file->path,
			st->st_uid);
	if (st->st_mode & 022)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"%s can be written by others than its owner: chmod go-w", file->path);
	if (st->st_nlink != 1)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"%s has %u names and has to have one: copy it in its place", file->path,
			(unsigned)st->st_nlink);
	return 0;
}

int trust_open(const char *path, size_t max, struct trust_file *ret, struct vst_err *err)
{
	const char *name = strrchr(path, '/') + 1;
	struct trust_file file = {.fd = -1, .path = path};
	size_t dir_len = (size_t)(name - path) - (name - path > 1);
	vst_auto_fd dir = -1;
	enum trust trust = trust_dir(path, dir_len, 0, &dir, err);

	if (trust != TRUST_OK)
		return trust == TRUST_MISSING ? 0 : -1;
	if (open_regular(dir, name, O_NOFOLLOW, max, &file, err) == 0 &&
		judge_file(&file, err) == 0) {
		*ret = file;
		return 1;
	}
	vst_fd_close(&file.fd);
	return err->code == ENOENT ? 0 : -1;
}

int trust_open_any(
	int cwd_fd, const char *path, size_t max, struct trust_file *ret, struct vst_err *err)
{
	struct trust_file file = {.fd = -1, .path = path};

	if (open_regular(cwd_fd, path, 0, max, &file, err) == 0) {
		*ret = file;
		return 1;
	}
	vst_fd_close(&file.fd);
	if (err->code == ENOENT)
		err->exit = VST_EXIT_FAILED;
	return -1;
}

/* Whether nobody wrote to the file, or put another one in its place. mtime can be set back,
 * ctime cannot. */
static int is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_nlink == b->st_nlink &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int trust_read(const struct trust_file *file, char *bytes, struct vst_err *err)
{
	size_t len = 0;
	ssize_t n = 1;
	struct stat now;

	while (n > 0 && len < file->size) {
		n = read(file->fd, bytes + len, file->size - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n < 0 || fstat(file->fd, &now) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read %s", VST_QUOTE(file->path));
	if (len == file->size && is_same(&file->before, &now))
		return 0;
	return vst_fail(err, VST_EXIT_INVALID, 0,
		"%s was changed while it was read; try again when it is complete",
		VST_QUOTE(file->path));
}
