/* SPDX-License-Identifier: Apache-2.0 */
#include "fs_context.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../ipc/limits.h"
#include "../act/attach.h"
#include "../kernel/kernel_mount.h"
#include "../rights/caps.h"

int fs_context_open(struct fs_context *fs, struct vst_err *err)
{
	fs->fd = fsopen(fs->type, FSOPEN_CLOEXEC);
	if (fs->fd >= 0)
		return 0;
	if (errno == ENODEV)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, errno,
			"this kernel has no file system '%s'; load its module", fs->type);
	return attach_refused(err, errno, "mount a file system of type", fs->type);
}

/* Sets err, with the kernel's text if the file system left one: each read returns a message,
 * whose first letter is the level. Preserves errno. */
static void fail(const struct fs_context *fs, const char *doing, struct vst_err *err)
{
	int code = errno;
	char said[200] = "", line[200];
	ssize_t n;

	while ((n = read(fs->fd, line, sizeof line - 1)) > 0) {
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "e ", 2) == 0)
			memcpy(said, line + 2, strlen(line + 2) + 1);
	}
	attach_refused(err, code, doing, fs->type);
	if (code == EPERM)
		vst_fail(err, VST_EXIT_DENIED, code,
			"%s '%s': the kernel wants CAP_SYS_ADMIN, for most types in the initial user namespace",
			doing, VST_QUOTE(fs->type));
	if (code == ENODEV || code == EOPNOTSUPP)
		err->exit = VST_EXIT_UNSUPPORTED;
	if (said[0])
		vst_wrap(err, "the kernel says '%s'", VST_QUOTE(said));
	errno = code;
}

int fs_context_set(
	const struct fs_context *fs, const char *key, const char *value, struct vst_err *err)
{
	unsigned cmd = value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

	if (fsconfig(fs->fd, cmd, key, value, 0) == 0)
		return 0;
	fail(fs, "configure file system", err);
	return vst_wrap(err, "option %s", VST_QUOTE(key));
}

int fs_context_set_options(const struct fs_context *fs, const struct plan_allowed *allowed,
	const struct step_mount *mount, struct vst_err *err)
{
	const struct step_option *options = &allowed->options[mount->first_option];

	for (unsigned i = 0; i < mount->n_options; i++) {
		const char *key = allowed_text(allowed, options[i].key), *value = NULL;

		if (options[i].value)
			value = allowed_text(allowed, options[i].value);
		if (fs_context_set(fs, key, value, err) < 0)
			return -1;
	}
	if (mount->flags.sb_clear & VST_SB_DIRSYNC)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"configure file system '%s': dirsync cannot be taken from it",
			VST_QUOTE(fs->type));
	if (mount->flags.sb_set & VST_SB_SYNC && fs_context_set(fs, "sync", NULL, err) < 0)
		return -1;
	if (mount->flags.sb_clear & VST_SB_SYNC && fs_context_set(fs, "async", NULL, err) < 0)
		return -1;
	if (mount->flags.sb_set & VST_SB_DIRSYNC &&
		fs_context_set(fs, "dirsync", NULL, err) < 0)
		return -1;
	return 0;
}

int fs_context_create(const struct fs_context *fs, struct vst_err *err)
{
	if (fsconfig(fs->fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		return 0;
	fail(fs, "create file system", err);
	return -1;
}

int fs_context_create_new(
	const struct fs_context *fs, enum fs_created *ret, struct vst_err *err)
{
	if (fsconfig(fs->fd, KERNEL_FSCONFIG_CMD_CREATE_EXCL, NULL, NULL, 0) == 0) {
		*ret = FS_NEW;
		return 0;
	}
	if (errno == EBUSY) {
		*ret = FS_EXISTS;
		return 0;
	}
	if (errno == EOPNOTSUPP && fsconfig(fs->fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0) {
		*ret = FS_UNKNOWN;
		return 0;
	}
	fail(fs, "create file system", err);
	return -1;
}

int fs_context_mount(
	const struct fs_context *fs, uint64_t attr, int *ret_tree_fd, struct vst_err *err)
{
	*ret_tree_fd = fsmount(fs->fd, FSMOUNT_CLOEXEC, (unsigned)attr);
	if (*ret_tree_fd >= 0)
		return 0;
	fail(fs, "mount file system", err);
	return -1;
}

static int layers_by_fd(
	const struct fs_context *fs, const int *lower, unsigned n_lower, int upper, int work)
{
	for (unsigned i = 0; i < n_lower; i++)
		if (fsconfig(fs->fd, FSCONFIG_SET_FD, "lowerdir+", NULL, lower[i]) < 0)
			return -1;
	if (upper < 0)
		return 0;
	if (fsconfig(fs->fd, FSCONFIG_SET_FD, "upperdir", NULL, upper) < 0)
		return -1;
	return fsconfig(fs->fd, FSCONFIG_SET_FD, "workdir", NULL, work);
}

static int set_by_proc(
	const struct fs_context *fs, const char *key, int fd, struct vst_err *err)
{
	char path[40];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return fs_context_set(fs, key, path, err);
}

/* Sets all lower layers as one value if they fit, else one by one with "lowerdir+" (6.8). */
static int lower_by_proc(
	const struct fs_context *fs, const int *lower, unsigned n_lower, struct vst_err *err)
{
	char text[VST_FS_VALUE_MAX + 1];
	size_t len = 0;

	for (unsigned i = 0; i < n_lower && len < sizeof text; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s/proc/self/fd/%d",
			i ? ":" : "", lower[i]);
	if (len < sizeof text)
		return fs_context_set(fs, "lowerdir", text, err);
	for (unsigned i = 0; i < n_lower; i++) {
		if (set_by_proc(fs, "lowerdir+", lower[i], err) == 0)
			continue;
		if (err->code == EINVAL)
			err->exit = VST_EXIT_UNSUPPORTED;
		return vst_wrap(err, "this kernel does not take %u layers", n_lower);
	}
	return 0;
}

int fs_context_set_layers(struct fs_context *fs, const int *lower, unsigned n_lower, int upper,
	int work, struct vst_err *err)
{
	if (layers_by_fd(fs, lower, n_lower, upper, work) == 0)
		return 0;
	/* Layers by O_PATH descriptor need 6.13. Older kernels fail with EBADF (6.12),
	 * EOPNOTSUPP (6.1) or EINVAL, and the context is then unusable. */
	if (errno != EBADF && errno != EOPNOTSUPP && errno != EINVAL) {
		fail(fs, "give the layers to file system", err);
		return -1;
	}
	fs_context_close(fs);
	if (fs_context_open(fs, err) < 0 || lower_by_proc(fs, lower, n_lower, err) < 0)
		return -1;
	if (upper < 0)
		return 0;
	if (set_by_proc(fs, "upperdir", upper, err) < 0)
		return -1;
	return set_by_proc(fs, "workdir", work, err);
}

int fs_context_create_overlay(const struct fs_context *fs, struct vst_err *err)
{
	struct vst_err lower_err;
	int r;

	if (caps_raise(CAPS_OF_OVERLAY, err) < 0)
		return -1;
	r = fs_context_create(fs, err);
	if (caps_lower(CAPS_OF_OVERLAY, r < 0 ? &lower_err : err) < 0)
		return -1;
	return r;
}

int fs_context_pick(struct fs_context *fs, int fd, struct vst_err *err)
{
	fs->fd = fspick(fd, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);
	if (fs->fd >= 0)
		return 0;
	attach_refused(err, errno, "configure anew file system", fs->type);
	if (errno == EOPNOTSUPP)
		err->exit = VST_EXIT_UNSUPPORTED;
	return -1;
}

int fs_context_reconfigure(const struct fs_context *fs, struct vst_err *err)
{
	if (fsconfig(fs->fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) == 0)
		return 0;
	fail(fs, "configure anew file system", err);
	return -1;
}
