/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/kernel_call.h"
#include "../kernel/kernel_ns.h"
#include "../ns/ns.h"
#include "../rights/rights.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static int open_dir(int cwd_fd, const char *path)
{
	return openat(cwd_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* -1 with errno. EEXIST is fine: another run made it at the same time. */
static int open_or_make(int cwd_fd, const char *path, int may_make)
{
	int fd = open_dir(cwd_fd, path);

	if (fd >= 0 || errno != ENOENT || !may_make)
		return fd;
	if (mkdirat(cwd_fd, path, 0700) < 0 && errno != EEXIST)
		return -1;
	return open_dir(cwd_fd, path);
}

/* Checks the open descriptor, which nobody can exchange. */
static int check_dir(int fd, const char *path, struct vst_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look at state directory '%s'",
			VST_QUOTE(path));
	if (st.st_uid != geteuid())
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"state directory '%s' is of uid %u and has to be of uid %u, who runs this",
			VST_QUOTE(path), st.st_uid, (unsigned)geteuid());
	if (st.st_mode & 077)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"state directory '%s' has mode %04o and has to be for its owner alone: look at what is in it, then chmod 0700",
			VST_QUOTE(path), st.st_mode & 07777);
	return 0;
}

static int is_no_directory(int code)
{
	return code == ENOTDIR || code == ELOOP;
}

/* Trims --root's trailing slashes: with one, the kernel would follow a symbolic link there. */
static int trim_root(const char *root, char ret[VST_PATH_MAX + 1], struct vst_err *err)
{
	size_t len = strlen(root);

	if (len > VST_PATH_MAX)
		return vst_fail(err, VST_EXIT_USAGE, 0, "--root: the path is too long");
	while (len > 1 && root[len - 1] == '/')
		len--;
	memcpy(ret, root, len);
	ret[len] = '\0';
	return 0;
}

static int open_root(const char *root, int cwd_fd, int *ret_fd, struct vst_err *err)
{
	char path[VST_PATH_MAX + 1];
	int fd;

	if (trim_root(root, path, err) < 0)
		return -1;
	fd = open_or_make(cwd_fd, path, 1);
	if (fd < 0 && is_no_directory(errno))
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"state directory '%s' is not a directory, or is a symbolic link",
			VST_QUOTE(root));
	if (fd < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"open or make state directory '%s'", VST_QUOTE(root));
	*ret_fd = fd;
	return 0;
}

static int open_default(const struct caller *caller, int *ret_fd, struct vst_err *err)
{
	int fd;

	/* Its owner would be the root of a user namespace. */
	if (!caller->in_init_userns)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"in a user namespace there is no " STATE_DIR
			": name a state directory with --root DIR");
	fd = open_or_make(AT_FDCWD, STATE_DIR, caller->is_root);
	if (fd < 0 && is_no_directory(errno))
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"state directory " STATE_DIR
			" is not a directory, or is a symbolic link");
	if (fd < 0)
		return vst_fail(err, VST_EXIT_USAGE, errno,
			"open or make state directory " STATE_DIR
			": run as root, or name another one with --root DIR");
	*ret_fd = fd;
	return 0;
}

/* The directory of a caller with less: root's, so that what is written there is what this
 * program wrote. One a uid, so that nobody waits for, fills or sees another's. */
static int open_users(const struct caller *caller, int may_make, int *ret_fd,
	const char **ret_path, struct vst_err *err)
{
	static char path[sizeof STATE_DIR "/users/4294967295"];
	vst_auto_fd state = open_or_make(AT_FDCWD, STATE_DIR, may_make), users = -1, own = -1;
	char name[16];

	snprintf(path, sizeof path, STATE_DIR "/users/%u", caller->uid);
	snprintf(name, sizeof name, "%u", caller->uid);
	if (state >= 0 && check_dir(state, STATE_DIR, err) < 0)
		return -1;
	if (state >= 0)
		users = open_or_make(state, "users", may_make);
	if (users >= 0 && check_dir(users, STATE_DIR "/users", err) < 0)
		return -1;
	if (users >= 0)
		own = open_or_make(users, name, may_make);
	if (own >= 0 && check_dir(own, path, err) < 0)
		return -1;
	if (own < 0 && errno == ENOENT && !may_make)
		return 0;
	if (own < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open state directory %s", path);
	*ret_fd = vst_fd_take(&own);
	*ret_path = path;
	return 1;
}

static int look_for_users(const struct caller *caller, int may_make, int *ret_fd,
	const char **ret_path, struct vst_err *err)
{
	int r;

	rights_as_owner();
	r = open_users(caller, may_make, ret_fd, ret_path, err);
	rights_as_caller();
	return r;
}

static int refuse_root(const char *root, const struct caller *caller, struct vst_err *err)
{
	if (!root || !caller->has_less)
		return 0;
	return vst_fail(err, VST_EXIT_DENIED, 0,
		"--root is for callers with the program's own rights: leave it out");
}

int state_open(const char *root, int cwd_fd, const struct caller *caller, int *ret_dir_fd,
	const char **ret_path, struct vst_err *err)
{
	const char *path = root ? root : STATE_DIR;
	vst_auto_fd fd = -1;

	if (refuse_root(root, caller, err) < 0)
		return -1;
	if (caller->has_less)
		return look_for_users(caller, 1, ret_dir_fd, ret_path, err) < 0 ? -1 : 0;
	if ((root ? open_root(root, cwd_fd, &fd, err) : open_default(caller, &fd, err)) < 0 ||
		check_dir(fd, path, err) < 0)
		return -1;
	*ret_dir_fd = vst_fd_take(&fd);
	*ret_path = path;
	return 0;
}

int state_look(const char *root, int cwd_fd, const struct caller *caller, int *ret_dir_fd,
	const char **ret_path, struct vst_err *err)
{
	char path[VST_PATH_MAX + 1] = STATE_DIR;
	vst_auto_fd fd = -1;

	if (refuse_root(root, caller, err) < 0)
		return -1;
	if (caller->has_less)
		return look_for_users(caller, 0, ret_dir_fd, ret_path, err);
	/* In a user namespace there is no default directory. */
	if (!root && !caller->in_init_userns)
		return 0;
	if (root && trim_root(root, path, err) < 0)
		return -1;
	fd = open_dir(cwd_fd, path);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open state directory '%s'",
			VST_QUOTE(path));
	if (check_dir(fd, path, err) < 0)
		return -1;
	*ret_dir_fd = vst_fd_take(&fd);
	*ret_path = root ? root : STATE_DIR;
	return 1;
}

/* "4b2d4ae1-64cd-4a4a-8c2c-…": 32 hex digits in groups of 8, 4, 4, 4, 12, and a newline. */
static int parse_boot_id(const char *text, size_t len, unsigned char ret[16])
{
	unsigned char id[16] = {0};
	size_t digits = 0;

	if (len != 37 || text[36] != '\n')
		return -1;
	for (size_t i = 0; i < 36; i++) {
		static const char hex[] = "0123456789abcdef";
		const char *digit = memchr(hex, text[i], 16);

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return -1;
			continue;
		}
		if (!digit)
			return -1;
		id[digits / 2] = (unsigned char)(id[digits / 2] << 4 | (digit - hex));
		digits++;
	}
	memcpy(ret, id, sizeof id);
	return 0;
}

/* Reads it from a procfs only: something else may be mounted at the path. */
static int read_boot_id(unsigned char ret[16])
{
	vst_auto_fd fd =
		openat(AT_FDCWD, BOOT_ID, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct statfs fs;
	char text[64];
	ssize_t n;

	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return -1;
	n = read(fd, text, sizeof text);
	return n < 0 ? -1 : parse_boot_id(text, (size_t)n, ret);
}

static int get_boot_id(int dir_fd, unsigned char ret[16], struct vst_err *err)
{
	struct statfs fs;

	if (read_boot_id(ret) == 0)
		return 0;
	/* A directory in memory does not outlive a boot, so no boot id is needed. */
	if (fstatfs(dir_fd, &fs) == 0 &&
		(fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)) {
		memset(ret, 0, 16);
		return 0;
	}
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"read " BOOT_ID
		": a state directory on a disk needs /proc, which tells one boot from the next; mount it, or use a state directory on a tmpfs");
}

int state_key(int dir_fd, int bundle_fd, struct journal_key *ret_key, struct vst_err *err)
{
	struct journal_key key = {0};
	vst_auto_fd ns_fd = -1;
	struct ns_own own;
	struct stat st;

	if (fstat(bundle_fd, &st) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look at the bundle's directory");
	key.bundle_dev = st.st_dev;
	key.bundle_ino = st.st_ino;
	if (ns_own_open(VST_NS_MNT, &ns_fd, err) < 0 || ns_own(VST_NS_MNT, &own, err) < 0)
		return -1;
	key.mntns_ino = own.ino;
	/* 6.11. Tells the namespace from a later one that reuses its inode. */
	if (kernel_ioctl(ns_fd, NS_GET_MNTNS_ID, &key.mntns_id) < 0)
		key.mntns_id = 0;
	if (get_boot_id(dir_fd, key.boot_id, err) < 0)
		return -1;
	*ret_key = key;
	return 0;
}

/* Whether journal_name could have made the name. */
static int is_journal(const char *name)
{
	static const char suffix[] = ".journal";
	size_t len = strlen(name);

	return len > sizeof suffix && len < 64 && name[0] != '.' &&
	       strcmp(name + len - (sizeof suffix - 1), suffix) == 0;
}

/* A uid as state_users made the name of its directory. -1: it did not. */
static int parse_uid(const char *name, uint32_t *ret)
{
	uint64_t uid = 0;

	if (!*name || (name[0] == '0' && name[1]))
		return -1;
	for (; *name; name++) {
		if (*name < '0' || *name > '9' || uid > UINT32_MAX)
			return -1;
		uid = uid * 10 + (uint64_t)(*name - '0');
	}
	*ret = (uint32_t)uid;
	return uid < UINT32_MAX ? 0 : -1;
}

int state_users(int (*each)(void *arg, uint32_t uid, struct vst_err *err), void *arg,
	struct vst_err *err)
{
	_Alignas(struct dirent64) char entries[8192];
	vst_auto_fd fd = open_dir(AT_FDCWD, STATE_DIR "/users");
	long len = 0;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd >= 0 && check_dir(fd, STATE_DIR "/users", err) < 0)
		return -1;
	while (fd >= 0 && (len = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0)
		for (long at = 0; at < len;) {
			const struct dirent64 *entry = (const void *)(entries + at);
			uint32_t uid;

			at += entry->d_reclen;
			if (parse_uid(entry->d_name, &uid) == 0 && each(arg, uid, err) < 0)
				return -1;
		}
	if (fd < 0 || len < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "list " STATE_DIR "/users");
	return 0;
}

int state_list(int dir_fd, int (*each)(void *arg, const char *name, struct vst_err *err),
	void *arg, struct vst_err *err)
{
	_Alignas(struct dirent64) char entries[8192];
	vst_auto_fd fd = -1;
	long len = 0;

	rights_as_owner();
	fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rights_as_caller();

	while (fd >= 0 && (len = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0)
		for (long at = 0; at < len;) {
			const struct dirent64 *entry = (const void *)(entries + at);

			at += entry->d_reclen;
			if (is_journal(entry->d_name) && each(arg, entry->d_name, err) < 0)
				return -1;
		}
	if (fd < 0 || len < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "list the state directory");
	return 0;
}
