/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_mount.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../act/attach.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_mount.h"
#include "../kernel/mountinfo.h"
#include "../kernel/patience.h"
#include "../kernel/proc.h"
#include "../rights/rights.h"
#include "apart.h"
#include "fs_context.h"
#include "subtree.h"

/* Opens the mount point `name` in the bundle. */
static int open_point(
	const struct plan_allowed *allowed, const char *name, int *ret_fd, struct vst_err *err)
{
	int fd = beneath_open(allowed->pins[0].fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP || errno == ENOENT))
		return vst_fail(err, VST_EXIT_CONFLICT, errno,
			"the bundle's '%s' is no directory any more", name);
	if (fd < 0)
		return vst_fail(err, errno == EACCES ? VST_EXIT_DENIED : VST_EXIT_FAILED, errno,
			"open the bundle's '%s'", name);
	*ret_fd = fd;
	return 0;
}

/* Attaches the tree at the bundle's `name`, and keeps it for later steps. */
static int attach_in_bundle(const struct plan_allowed *allowed, uint32_t step,
	struct exec_run *run, int *tree_fd, int point_fd, const char *name, const char *what,
	struct vst_err *err)
{
	const int is_bind = allowed->steps[step].kind == STEP_BIND_ROOTFS;
	const struct apart place = {
		.to = {.what = what,
			.at = {allowed->pins[0].fd, name, run->pin_rec[0], name},
			.point_fd = point_fd,
			.rec_flags = REC_MOUNT_BUNDLE | (is_bind ? 0 : REC_MOUNT_MEMORY)},
		.is_bind = is_bind,
	};

	return apart_mount(run, step, tree_fd, &place, err);
}

int exec_mount_bind_rootfs(const struct plan_allowed *allowed, uint32_t step,
	struct exec_run *run, struct vst_err *err)
{
	vst_auto_fd point = -1, tree = -1;

	if (open_point(allowed, "rootfs", &point, err) < 0)
		return -1;
	tree = open_tree(point, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return attach_refused(err, errno, "bind the bundle's", "rootfs");
	return attach_in_bundle(
		allowed, step, run, &tree, point, "rootfs", "bind of rootfs onto itself", err);
}

/* Builds the overlay's tmpfs, detached, with its directories. */
static int build_tmpfs(int *ret_tree_fd, struct vst_err *err)
{
	vst_auto_fs_context fs = {.type = "tmpfs", .fd = -1};
	vst_auto_fd tree = -1;

	if (fs_context_open(&fs, err) < 0 || fs_context_set(&fs, "source", "tmpfs", err) < 0 ||
		fs_context_set(&fs, "size", STEP_TMPFS_SIZE, err) < 0 ||
		fs_context_set(&fs, "mode", STEP_TMPFS_MODE, err) < 0 ||
		fs_context_create(&fs, err) < 0 || fs_context_mount(&fs, 0, &tree, err) < 0)
		return -1;
	if (mkdirat(tree, "upper", 0755) < 0 || mkdirat(tree, "work", 0755) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "make the overlay's directories");
	*ret_tree_fd = vst_fd_take(&tree);
	return 0;
}

int exec_mount_tmpfs(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err)
{
	vst_auto_fd point = -1, tree = -1;

	if (open_point(allowed, "tmp", &point, err) < 0 || build_tmpfs(&tree, err) < 0)
		return -1;
	return attach_in_bundle(
		allowed, step, run, &tree, point, "tmp", "tmpfs of the overlay", err);
}

struct layers {
	int lower, upper, work;
};

static int open_layers(const struct plan_allowed *allowed, const struct exec_run *run,
	struct layers *ret, struct vst_err *err)
{
	static const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
	int tmp_fd = -1;

	for (uint32_t i = 0; i < run->n_mounts; i++)
		if (allowed->steps[run->mounts[i].step].kind == STEP_TMPFS)
			tmp_fd = run->mounts[i].fd;
	if (open_point(allowed, "lower", &ret->lower, err) < 0)
		return -1;
	ret->upper = beneath_open(tmp_fd, "upper", flags);
	ret->work = beneath_open(tmp_fd, "work", flags);
	if (ret->upper < 0 || ret->work < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open the overlay's directories");
	return 0;
}

/* Builds an overlay, detached. */
static int build_overlay(const struct plan_allowed *allowed, const struct layers *layers,
	int *ret_tree_fd, struct vst_err *err)
{
	vst_auto_fs_context fs = {.type = "overlay", .fd = -1};

	if (fs_context_open(&fs, err) < 0 ||
		fs_context_set_layers(
			&fs, &layers->lower, 1, layers->upper, layers->work, err) < 0 ||
		fs_context_set(&fs, "source", "overlay", err) < 0)
		return -1;
	/* In a user namespace an overlay mounts without userxattr, but then renaming or
	 * removing a directory fails with EIO. */
	if (!allowed->in_init_userns && fs_context_set(&fs, "userxattr", NULL, err) < 0)
		return -1;
	if (fs_context_create_overlay(&fs, err) < 0)
		return -1;
	return fs_context_mount(&fs, 0, ret_tree_fd, err);
}

int exec_mount_overlay(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err)
{
	vst_auto_fd point = -1, tree = -1, lower = -1, upper = -1, work = -1;
	struct layers layers = {-1, -1, -1};
	struct object at, bundle;
	int r;

	if (open_point(allowed, "rootfs", &point, err) < 0)
		return -1;
	if (beneath_stat(point, &at) < 0 || beneath_stat(allowed->pins[0].fd, &bundle) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat the bundle's 'rootfs'");
	if (at.mnt_id != bundle.mnt_id)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"the bundle's 'rootfs' is a mount point already; unmount it first");
	r = open_layers(allowed, run, &layers, err);
	lower = layers.lower;
	upper = layers.upper;
	work = layers.work;
	if (r < 0 || build_overlay(allowed, &layers, &tree, err) < 0)
		return -1;
	return attach_in_bundle(allowed, step, run, &tree, point, "rootfs", "overlay", err);
}

void exec_mount_release(struct exec_run *run)
{
	while (run->n_mounts > 0)
		vst_fd_close(&run->mounts[--run->n_mounts].fd);
}

/* Judges why our mount is busy: somebody mounted inside it, or it is in use. */
static int judge_busy(const struct rec_mount *rec, struct vst_err *err)
{
	const char *rest = (const char *)(rec + 1);
	struct mountinfo mount;
	uint64_t inside;

	if (rec->flags & REC_MOUNT_UNIQUE) {
		if (kernel_listmount(rec->mnt_id, &inside, 1) == 1)
			return subtree_left(rec, inside, err);
	} else if (mountinfo_inside(rec->mnt_id, &mount) == 1) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"'%s' is left: somebody else's mount lies in it, at '%s'; unmount that first",
			VST_QUOTE(rest), VST_QUOTE(mount.point));
		return UNDO_LEFT;
	}
	vst_fail(err, VST_EXIT_FAILED, EBUSY, "unmount '%s'", VST_QUOTE(rest));
	return UNDO_BUSY;
}

/* Beside UNDO_*: the mount was moved between lookup and unmount. */
#define UNDO_RACED 16
/* Beside UNDO_*: it exists, but is neither on top where it should be, nor where the kernel
 * says. */
#define UNDO_UNSEEN 17

/* Unmounts by name, from within the directory that was verified: umount2 takes no descriptor,
 * and UMOUNT_NOFOLLOW excludes /proc/self/fd. */
static int unmount(
	int parent_fd, const char *name, const struct rec_mount *rec, struct vst_err *err)
{
	const char *rest = (const char *)(rec + 1);

	if (fchdir(parent_fd) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "go to the directory of '%s'",
			VST_QUOTE(rest));
	/* The name may have meant another mount: check afterwards. */
	if (umount2(name, UMOUNT_NOFOLLOW) == 0)
		return rec->flags & REC_MOUNT_UNIQUE && attach_exists(rec, rest) == 1
			       ? UNDO_RACED
			       : UNDO_DONE;
	if (errno == EBUSY)
		return judge_busy(rec, err);
	attach_refused(err, errno, "unmount", rest);
	/* A mount point can be renamed from another mount namespace. */
	return err->code == EINVAL || err->code == ENOENT || err->code == ENOTDIR ? UNDO_RACED
										  : -1;
}

/* For a caller with less, whose directory the name is in: from a mount namespace that he made
 * before the mount he can give the name to another one, of root's, which must not be unmounted
 * even once. A link in /proc/self/fd leads to that very mount, whatever is where. The
 * descriptor keeps it busy, so it goes lazily: nothing lies in the bind of a namespace, and a
 * file has no users that would miss the mount. */
static int unmount_exactly(int root_fd, const struct rec_mount *rec, struct vst_err *err)
{
	const char *rest = (const char *)(rec + 1);
	vst_auto_fd links = proc_open("self/fd", O_PATH | O_DIRECTORY);
	char name[16];
	int r;

	if (!(rec->flags & REC_MOUNT_NS))
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"'%s' is left: it is no namespace's bind, and callers with less have no other mounts",
			VST_QUOTE(rest));
	if (links < 0)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, errno,
			"'%s' is left: to unmount it and nothing else wants /proc",
			VST_QUOTE(rest));
	snprintf(name, sizeof name, "%d", root_fd);
	if (fchdir(links) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "go to /proc/self/fd");
	if (rights_raise(RIGHTS_MOUNT, err) < 0)
		return -1;
	r = umount2(name, MNT_DETACH);
	rights_lower();
	if (r < 0)
		return attach_refused(err, errno, "unmount", rest);
	return attach_exists(rec, rest) == 1 ? UNDO_RACED : UNDO_DONE;
}

/* Unmounts the record's mount, and the mounts that it brought along. */
static int unmount_all(int *root_fd, int parent_fd, const char *name,
	const struct rec_mount *rec, struct vst_err *err)
{
	int r, copies = 0;

	if (rights_are_borrowed())
		return unmount_exactly(*root_fd, rec, err);

	if (rec->n_ids > 1) {
		r = subtree_undo(*root_fd, rec, &copies, err);
		if (r != UNDO_DONE)
			return r;
	}
	vst_fd_close(root_fd);
	r = unmount(parent_fd, name, rec, err);
	if (r != UNDO_DONE || !copies)
		return r;
	vst_fail(err, VST_EXIT_FAILED, 0,
		"'%s' is unmounted here; what held it is shared, so copies of it and of the mounts that came along may stay in other mount namespaces",
		VST_QUOTE((const char *)(rec + 1)));
	return UNDO_OTHERWISE;
}

/* What cannot be inspected does not count as gone. */
static void unknown(const char *rest, struct vst_err *err)
{
	vst_fail(err, VST_EXIT_INCOMPLETE, 0,
		"'%s' is kept: it is not on top there, and whether it is hidden, moved or gone cannot be told: before Linux 6.8 only /proc shows that, and not for certain where its number was given to another mount",
		VST_QUOTE(rest));
}

/* It is there, and the way to it is closed; the last errno is in err. Where it is, is said:
 * whoever may go there can unmount it, and then it is known to be gone. */
static void closed(const struct rec_mount *rec, struct vst_err *err)
{
	const int code = err->code;
	struct kernel_statmount sm;

	vst_fail(err, VST_EXIT_INCOMPLETE, code,
		"'%s' is kept: it is mounted at '%s', which cannot be looked at with the caller's rights; unmount it there as root, or open the way",
		VST_QUOTE((const char *)(rec + 1)),
		VST_QUOTE(attach_point_of(rec->mnt_id, &sm)));
}

enum exec_present exec_mount_find(int base_fd, const struct journal_rec *record,
	struct exec_mount_found *ret, struct vst_err *err)
{
	const struct rec_mount *rec = record->body;
	const char *rest = (const char *)(rec + 1);
	int somewhere, moved,
		found = base_fd < 0 ? ATTACH_NOTHING
				    : attach_find(base_fd, rest, rec, &ret->root_fd,
					      &ret->parent_fd, &ret->name, err);

	if (found == ATTACH_OURS)
		return EXEC_THERE;
	somewhere = attach_exists(rec, rest);
	if (somewhere == 0)
		return EXEC_GONE;
	if (somewhere < 0) {
		if (found >= 0)
			unknown(rest, err);
		return EXEC_UNKNOWN;
	}
	moved = attach_follow(rec, ret->path, &ret->root_fd, &ret->parent_fd, &ret->name, err);
	if (moved == ATTACH_OURS)
		return EXEC_THERE;
	if (moved != ATTACH_NOTHING)
		found = moved;
	if (found < 0) {
		if (rec->flags & REC_MOUNT_UNIQUE)
			closed(rec, err);
		return EXEC_UNKNOWN;
	}
	vst_fail(err, VST_EXIT_CONFLICT, 0, "'%s' is left: %s", VST_QUOTE(rest),
		found == ATTACH_OTHER ? "another mount is on top of it; unmount that first"
				      : "it was moved, or hidden by another mount");
	return EXEC_HIDDEN;
}

static int undo_once(int base_fd, const struct journal_rec *record, struct vst_err *err)
{
	exec_mount_auto_found found = EXEC_MOUNT_NOT_FOUND;

	switch (exec_mount_find(base_fd, record, &found, err)) {
	case EXEC_THERE:
		return unmount_all(
			&found.root_fd, found.parent_fd, found.name, record->body, err);
	case EXEC_GONE:
		return UNDO_DONE;
	case EXEC_HIDDEN:
		return UNDO_UNSEEN;
	case EXEC_UNKNOWN:
		break;
	}
	return UNDO_KEPT;
}

static int undo_for_a_while(int base_fd, const struct journal_rec *record, struct vst_err *err)
{
	const struct rec_mount *rec = record->body;
	struct patience_wait wait = {0};
	int result = undo_once(base_fd, record, err);

	/* Retry: somebody who keeps renaming directories on the way cannot win every time. */
	while (rec->flags & REC_MOUNT_UNIQUE &&
		(result == UNDO_RACED || result == UNDO_UNSEEN) &&
		patience_again(PATIENCE_RACE, &wait))
		result = undo_once(base_fd, record, err);
	if (result == UNDO_UNSEEN)
		return UNDO_LEFT;
	return result == UNDO_RACED ? UNDO_BUSY : result;
}

/* Whether the mount on /run/netns has namespaces bound in it. It then stays: "ip netns" would
 * have made it a mount itself. */
static int is_used_by_others(const struct rec_mount *rec)
{
	struct mountinfo mount;
	uint64_t inside;

	if (!(rec->flags & REC_MOUNT_SHARE))
		return 0;
	return rec->flags & REC_MOUNT_UNIQUE ? kernel_listmount(rec->mnt_id, &inside, 1) == 1
					     : mountinfo_inside(rec->mnt_id, &mount) == 1;
}

int exec_mount_undo(int base_fd, const struct journal_rec *record, struct vst_err *err)
{
	const struct rec_mount *shared = record->body;

	if (is_used_by_others(shared)) {
		vst_fail(err, VST_EXIT_FAILED, 0,
			"'%s' stays a mount of its own: namespaces are bound in it, so it is left to 'ip netns'",
			VST_QUOTE((const char *)(shared + 1)));
		return UNDO_OTHERWISE;
	}
	return undo_for_a_while(base_fd, record, err);
}

enum exec_present exec_mount_present(
	int base_fd, const struct journal_rec *record, struct vst_err *err)
{
	const struct rec_mount *rec = record->body;
	int found = base_fd < 0 ? ATTACH_NOTHING
				: attach_find(base_fd, (const char *)(rec + 1), rec, NULL, NULL,
					  NULL, err);
	int somewhere;

	if (found == ATTACH_OURS)
		return EXEC_THERE;
	somewhere = attach_exists(rec, (const char *)(rec + 1));
	if (somewhere == 0)
		return EXEC_GONE;
	if (found < 0)
		return EXEC_UNKNOWN;
	if (somewhere > 0)
		return EXEC_HIDDEN;
	unknown((const char *)(rec + 1), err);
	return EXEC_UNKNOWN;
}

size_t exec_mount_space(size_t rest_len)
{
	return journal_space(sizeof(struct rec_mount) + rest_len + 1, 0);
}
