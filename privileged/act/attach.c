/* SPDX-License-Identifier: Apache-2.0 */
#include "attach.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/kernel_mount.h"
#include "../kernel/mountinfo.h"
#include "../kernel/patience.h"
#include "../rights/rights.h"
#include "copies.h"

int attach_refused(struct vst_err *err, int code, const char *what, const char *path)
{
	if (code == ENOSYS)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, code,
			"%s '%s': this kernel is too old, 5.12 or newer is needed", what,
			VST_QUOTE(path));
	if (code == EPERM)
		return vst_fail(err, VST_EXIT_DENIED, code,
			"%s '%s': the kernel wants CAP_SYS_ADMIN over this mount namespace",
			what, VST_QUOTE(path));
	return vst_fail(err, code == EACCES ? VST_EXIT_DENIED : VST_EXIT_FAILED, code,
		"%s '%s'", what, VST_QUOTE(path));
}

int attach_is(int fd, const struct object *found, const struct rec_mount *rec)
{
	int unique = (rec->flags & REC_MOUNT_UNIQUE) != 0;

	if (found->mnt_id_unique != unique || found->mnt_id != rec->mnt_id)
		return 0;
	/* The kernel reuses 32-bit ids at once, so below 6.8 everything known must match. */
	return unique || (found->dev == rec->dev && found->ino == rec->ino &&
				 beneath_fs_magic(fd) == rec->fs_magic);
}

/* Whether the errno means that nothing is there. EXDEV: what the walk reached was moved out of
 * its base. */
static int is_not_there(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ELOOP || code == EXDEV;
}

/* Looks up the mount point. Without a walk if one component names it and a unique id identifies
 * the mount: then *ret_fd stays -1. -1 with errno. */
static int look_again(
	const struct attach_to *to, int is_unique, int *ret_fd, struct object *ret)
{
	if (is_unique && !strchr(to->at.rest, '/'))
		return beneath_stat_name(to->at.fd, to->at.rest, ret);
	*ret_fd = beneath_open(to->at.fd, to->at.rest, O_PATH | O_NOFOLLOW);
	return *ret_fd < 0 ? -1 : beneath_stat(*ret_fd, ret);
}

/* Looks the path up once more: it must lead to the mount. */
static int prove_attached(
	const struct attach_to *to, const struct rec_mount *rec, struct vst_err *err)
{
	struct object found;
	vst_auto_fd fd = -1;
	int is_there = look_again(to, rec->flags & REC_MOUNT_UNIQUE, &fd, &found) == 0;

	if (!is_there && !is_not_there(errno))
		return vst_fail(err, VST_EXIT_FAILED, errno, "prove %s on '%s'", to->what,
			VST_QUOTE(to->at.rec_rest));
	if (!is_there || !attach_is(fd, &found, rec) ||
		(to->ns && (found.dev != to->ns->dev || found.ino != to->ns->ino)))
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"%s was mounted, but '%s' leads elsewhere: somebody else changes mounts there",
			to->what, VST_QUOTE(to->at.rec_rest));
	return 0;
}

/* Unmounts a mount that was attached a moment ago and is not where it should be. No path leads
 * to it for certain, so it goes by the descriptor it was built with. That keeps it busy, so the
 * unmount is lazy; nobody knows of the mount yet. If a mount lies inside, it is left to undo.
 */
static void detach(struct journal *journal, uint32_t place, int tree_fd, uint64_t mnt_id)
{
	struct vst_err ignored;
	uint64_t inside;

	if (kernel_listmount(mnt_id, &inside, 1) == 0 && fchdir(tree_fd) == 0 &&
		rights_raise(RIGHTS_MOUNT, &ignored) == 0) {
		if (umount2(".", UMOUNT_NOFOLLOW | MNT_DETACH) == 0)
			journal_undone(journal, place);
		rights_lower();
	}
	(void)!chdir("/");
}

static int count_line(const struct mountinfo *mount, void *arg)
{
	const char *path = arg;
	const size_t len = strlen(path);

	return strncmp(mount->point, path, len) == 0 &&
	       (!mount->point[len] || mount->point[len] == '/');
}

/* Counts mounts at or beneath the place (below 6.8), so that undo can prove that no more are
 * left. */
static uint32_t count_before(const struct attach_to *to)
{
	char path[2 * VST_PATH_MAX + 2];
	long len = fchdir(to->at.fd) < 0 ? -1 : syscall(SYS_getcwd, path, VST_PATH_MAX + 1);
	int n;

	(void)!chdir("/");
	if (len < 2 || path[0] != '/' || strlen(to->at.rest) > VST_PATH_MAX)
		return REC_MOUNT_UNKNOWN;
	len = len == 2 ? 0 : len - 1;
	path[len] = '/';
	strcpy(path + len + 1, to->at.rest);
	n = mountinfo_count(count_line, path);
	return n < 0 ? REC_MOUNT_UNKNOWN : (uint32_t)n;
}

/* 0, an errno, or -1 with err. */
static int move(int tree_fd, int point_fd, struct vst_err *err)
{
	int r;

	if (patience_is_late())
		return vst_fail(err, VST_EXIT_FAILED, 0, EXEC_LATE, VST_LESS_S);
	if (rights_raise(RIGHTS_MOUNT, err) < 0)
		return -1;
	r = move_mount(tree_fd, "", point_fd, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
		    ? errno
		    : 0;
	rights_lower();
	return r;
}

int attach_mount(struct exec_run *run, int tree_fd, const struct attach_to *to,
	struct exec_mount_made *ret_made, struct vst_err *err)
{
	struct rec_mount rec = {
		.pin = to->at.pin_rec, .flags = to->rec_flags, .n_ids = to->n_ids};
	struct object root;
	uint32_t place;
	int code;

	/* Attaching keeps the mount id, so the record can name the mount beforehand. */
	if (beneath_stat(tree_fd, &root) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat %s", to->what);
	rec.mnt_id = root.mnt_id;
	rec.dev = root.dev;
	rec.ino = root.ino;
	if (root.mnt_id_unique)
		rec.flags |= REC_MOUNT_UNIQUE;
	else
		rec.fs_magic = beneath_fs_magic(tree_fd), rec.n_before = count_before(to);
	if (journal_append(run->journal, JOURNAL_MOUNT, &rec, sizeof rec, to->at.rec_rest,
		    strlen(to->at.rec_rest) + 1, 0, &place, err) < 0)
		return -1;
	code = move(tree_fd, to->point_fd, err);
	if (code != 0) {
		journal_undone(run->journal, place);
		if (code > 0)
			attach_refused(err, code, "mount on", to->at.rec_rest);
		return vst_wrap(err, "%s", to->what);
	}
	if (prove_attached(to, &rec, err) < 0) {
		detach(run->journal, place, tree_fd, rec.mnt_id);
		return -1;
	}
	/* A namespace's bind is a file: nothing can be mounted inside its copies. */
	if (!to->ns && copies_note(run, &rec, to->at.rec_rest, err) < 0)
		return -1;
	journal_done(run->journal, place, NULL, 0);
	if (ret_made) {
		ret_made->place = place;
		ret_made->mnt_id = rec.mnt_id;
		ret_made->is_unique = root.mnt_id_unique;
		ret_made->mode = root.mode;
	}
	return 0;
}

int attach_and_keep(struct exec_run *run, uint32_t step, int *tree_fd,
	const struct attach_to *to, struct vst_err *err)
{
	struct exec_mount_made *made = &run->mounts[run->n_mounts];

	assert(run->n_mounts < EXEC_MOUNTS_MAX);
	if (attach_mount(run, *tree_fd, to, made, err) < 0)
		return -1;
	made->step = step;
	made->fd = vst_fd_take(tree_fd);
	run->n_mounts++;
	return 0;
}

int attach_find(int base_fd, const char *rest, const struct rec_mount *rec, int *ret_fd,
	int *ret_parent_fd, const char **ret_name, struct vst_err *err)
{
	const char *name;
	vst_auto_fd parent = beneath_open_parent(base_fd, rest, &name);
	vst_auto_fd fd = -1;
	struct object top, around;

	if (parent >= 0)
		fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && is_not_there(errno))
		return ATTACH_NOTHING;
	if (fd < 0 || beneath_stat(fd, &top) < 0 || beneath_stat(parent, &around) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look for the mount '%s'",
			VST_QUOTE(rest));
	if (top.mnt_id == around.mnt_id)
		return ATTACH_NOTHING;
	if (!attach_is(fd, &top, rec))
		return ATTACH_OTHER;
	if (ret_fd)
		*ret_fd = vst_fd_take(&fd);
	if (ret_parent_fd)
		*ret_parent_fd = vst_fd_take(&parent);
	if (ret_name)
		*ret_name = name;
	return ATTACH_OURS;
}

const char *attach_point_of(uint64_t mnt_id, struct kernel_statmount *sm)
{
	if (kernel_statmount(mnt_id, KERNEL_STATMOUNT_MNT_POINT, sm) < 0 ||
		!(sm->mask & KERNEL_STATMOUNT_MNT_POINT) || sm->mnt_point >= sizeof sm->str)
		return "";
	sm->str[sizeof sm->str - 1] = '\0';
	return sm->str + sm->mnt_point;
}

int attach_follow(const struct rec_mount *rec, char path[VST_PATH_MAX + 1], int *ret_fd,
	int *ret_parent_fd, const char **ret_name, struct vst_err *err)
{
	vst_auto_fd root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct kernel_statmount sm;
	const char *at;

	if (root < 0 || !(rec->flags & REC_MOUNT_UNIQUE))
		return ATTACH_NOTHING;
	at = attach_point_of(rec->mnt_id, &sm);
	if (at[0] != '/' || memccpy(path, at + 1, '\0', VST_PATH_MAX + 1) == NULL)
		return ATTACH_NOTHING;
	return attach_find(root, path, rec, ret_fd, ret_parent_fd, ret_name, err);
}

/* As attach_exists, by /proc: a mount with the id, at the place, of the same file system or
 * namespace. With another file system, the id was reused; on btrfs that cannot be told, because
 * stat and /proc show different devices. */
static int exists_by_proc(const struct rec_mount *rec, const char *rest)
{
	struct mountinfo mount;
	int found = mountinfo_of(rec->mnt_id, &mount);

	if (found <= 0)
		return found;
	if (mount.dev != rec->dev)
		return rec->fs_magic == BTRFS_SUPER_MAGIC ? -1 : 0;
	if (mount.ns_ino && mount.ns_ino != rec->ino)
		return 0;
	return mountinfo_is_at(&mount, rest) ? 1 : -1;
}

int attach_exists(const struct rec_mount *rec, const char *rest)
{
	struct kernel_statmount sm;

	if (!(rec->flags & REC_MOUNT_UNIQUE))
		return exists_by_proc(rec, rest);
	if (kernel_statmount(rec->mnt_id, KERNEL_STATMOUNT_MNT_BASIC, &sm) == 0)
		return 1;
	if (errno == ENOENT)
		return 0;
	return errno == EPERM ? 1 : -1;
}
