/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_change.h"

#include <string.h>
#include <sys/statfs.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../act/attach.h"
#include "../kernel/beneath.h"
#include "../kernel/change.h"
#include "../kernel/kernel_mount.h"
#include "fs_context.h"
#include "mount_attr.h"

/* The attributes of a record's mask that are used. */
#define ATTR_KNOWN                                                                             \
	((uint64_t)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |                 \
		    MOUNT_ATTR_NOEXEC | MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME))

/* The file system type that this run mounted there; NULL: a bind, or not this run's mount. */
static const char *own_type(const struct plan_allowed *allowed, const struct exec_run *run,
	uint64_t mnt_id, int *ret_is_others)
{
	for (uint32_t i = 0; i < run->n_mounts; i++) {
		const struct step *step = &allowed->steps[run->mounts[i].step];

		if (run->mounts[i].mnt_id != mnt_id)
			continue;
		*ret_is_others = run->mounts[i].is_others;
		if (step->kind == STEP_MOUNT_NEW || step->kind == STEP_MOUNT_OVERLAY)
			return allowed_text(allowed, allowed->mounts[step->mount].type);
		if (step->kind == STEP_TMPFS || step->kind == STEP_OVERLAY)
			return step->kind == STEP_TMPFS ? "tmpfs" : "overlay";
	}
	return NULL;
}

/* Whether the superblock is read-only as well. A file system that was mounted read-only has
 * such a superblock; clearing ro must make it writable, too. */
static int is_held_back(const struct step_mount *mount, int fd)
{
	struct statfs sfs;

	return (mount->flags.clear | mount->flags.rec_clear) & VST_ATTR_RO &&
	       fstatfs(fd, &sfs) == 0 && sfs.f_flags & MS_RDONLY;
}

static int configure_own(const struct plan_allowed *allowed, const struct step_mount *mount,
	int fd, const char *type, int is_others, struct vst_err *err)
{
	vst_auto_fs_context fs = {.type = type, .fd = -1};
	int held_back = type && is_held_back(mount, fd);

	if (!change_is_for_fs(mount) && !held_back)
		return 0;
	if (!type)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"options of the file system itself cannot be changed through a bind: others use it");
	if (is_others)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"options of file system '%s' stay as they are: it was there before this mount, and others have it mounted",
			VST_QUOTE(type));
	if (fs_context_pick(&fs, fd, err) < 0 ||
		(held_back && fs_context_set(&fs, "rw", NULL, err) < 0) ||
		fs_context_set_options(&fs, allowed, mount, err) < 0)
		return -1;
	return fs_context_reconfigure(&fs, err);
}

static int change_own(const struct plan_allowed *allowed, const struct step_mount *mount,
	const struct exec_run *run, int fd, uint64_t mnt_id, struct vst_err *err)
{
	int is_others = 0;
	const char *type = own_type(allowed, run, mnt_id, &is_others);

	if (mount_attr_apply(fd, &mount->flags, err) < 0 ||
		configure_own(allowed, mount, fd, type, is_others, err) < 0)
		return -1;
	return mount_attr_propagation(fd, mount->flags.propagation, err);
}

static int look(uint64_t mnt_id, struct kernel_statmount *ret, struct vst_err *err)
{
	if (kernel_statmount(mnt_id, KERNEL_STATMOUNT_MNT_BASIC, ret) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look at the mount");
	if (!(ret->mask & KERNEL_STATMOUNT_MNT_BASIC))
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"the kernel does not say what the mount is like");
	return 0;
}

static int change_foreign(const struct step_mount *mount, struct exec_run *run,
	const struct place *to, const struct object *at, struct vst_err *err)
{
	struct rec_change rec = {.mnt_id = at->mnt_id, .pin = to->pin_rec};
	struct kernel_statmount before;
	struct vst_mount_flags flags;
	uint64_t set, clear;
	uint32_t place;

	if (change_flatten(mount, at, &flags, err) < 0)
		return -1;
	set = mount_attr_set(&flags);
	clear = mount_attr_clear(&flags);
	rec.mask = set | clear;
	rec.has_propagation = flags.propagation != VST_PROPAGATION_KEEP;
	if (!rec.mask && !rec.has_propagation)
		return 0;
	if (look(at->mnt_id, &before, err) < 0)
		return -1;
	rec.attr = before.mnt_attr;
	rec.propagation = before.mnt_propagation;
	if (journal_append(run->journal, JOURNAL_CHANGE, &rec, sizeof rec, to->rec_rest,
		    strlen(to->rec_rest) + 1, 0, &place, err) < 0)
		return -1;
	if (mount_attr_change(to->fd, set, clear, err) < 0) {
		journal_undone(run->journal, place);
		return -1;
	}
	if (mount_attr_propagation(to->fd, flags.propagation, err) < 0)
		return -1;
	journal_done(run->journal, place, NULL, 0);
	return 0;
}

int exec_change(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	const struct place *place, int is_own, struct vst_err *err)
{
	const struct step_mount *mount = &allowed->mounts[allowed->steps[step].mount];
	struct object at;

	if (beneath_stat(place->fd, &at) < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "stat '%s'", VST_QUOTE(place->rec_rest));
	if (change_is_point(&at, place->rec_rest, err) < 0)
		return -1;
	if (is_own)
		return change_own(allowed, mount, run, place->fd, at.mnt_id, err);
	return change_foreign(mount, run, place, &at, err);
}

static int otherwise(const char *rest, const char *how, struct vst_err *err)
{
	vst_fail(err, VST_EXIT_FAILED, 0, "'%s' %s", VST_QUOTE(rest), how);
	return UNDO_OTHERWISE;
}

/* Restores the propagation as far as possible. A peer group can only be left, not joined: a
 * mount that left one can found a new one. */
static int propagation_back(int fd, const struct rec_change *rec, uint64_t now,
	const char *rest, struct vst_err *err)
{
	struct kernel_statmount sm;

	if (now == rec->propagation)
		return UNDO_DONE;
	if (rec->propagation & MS_SHARED)
		return mount_attr_propagation(fd, VST_PROPAGATION_SHARED, err) < 0
			       ? -1
			       : otherwise(rest, "is shared again, but with other peers", err);
	if (rec->propagation == MS_UNBINDABLE)
		return mount_attr_propagation(fd, VST_PROPAGATION_UNBINDABLE, err);
	/* A mount that was a slave and became shared as well is a slave again when made one,
	 * unless it found peers. */
	if (rec->propagation & MS_SLAVE && now & MS_SLAVE && now & MS_SHARED) {
		if (mount_attr_propagation(fd, VST_PROPAGATION_SLAVE, err) < 0 ||
			look(rec->mnt_id, &sm, err) < 0)
			return -1;
		if (sm.mnt_propagation == rec->propagation)
			return UNDO_DONE;
	}
	if (mount_attr_propagation(fd, VST_PROPAGATION_PRIVATE, err) < 0)
		return -1;
	return rec->propagation & MS_SLAVE
		       ? otherwise(rest, "is private, and no slave any more", err)
		       : UNDO_DONE;
}

static int put_back(int fd, const struct rec_change *rec, const char *rest, struct vst_err *err)
{
	uint64_t mask = rec->mask & ATTR_KNOWN;
	struct kernel_statmount now;

	if (look(rec->mnt_id, &now, err) < 0)
		return -1;
	if ((now.mnt_attr ^ rec->attr) & mask &&
		mount_attr_change(fd, rec->attr & mask, mask, err) < 0)
		return vst_wrap(err, "put back '%s'", VST_QUOTE(rest));
	if (rec->has_propagation)
		return propagation_back(fd, rec, now.mnt_propagation, rest, err);
	return UNDO_DONE;
}

static struct rec_mount mount_of(const struct rec_change *rec)
{
	return (struct rec_mount){.mnt_id = rec->mnt_id, .flags = REC_MOUNT_UNIQUE};
}

int exec_change_undo(int base_fd, const struct journal_rec *record, struct vst_err *err)
{
	const struct rec_change *rec = record->body;
	const struct rec_mount mount = mount_of(rec);
	const char *rest = (const char *)(rec + 1);
	char path[VST_PATH_MAX + 1];
	vst_auto_fd fd = -1;
	int found = ATTACH_NOTHING;

	if (base_fd >= 0)
		found = attach_find(base_fd, rest, &mount, &fd, NULL, NULL, err);
	if (found == ATTACH_OTHER || found == ATTACH_NOTHING) {
		int moved;

		if (attach_exists(&mount, rest) == 0)
			return UNDO_DONE;
		moved = attach_follow(&mount, path, &fd, NULL, NULL, err);
		if (moved != ATTACH_NOTHING)
			found = moved;
	}
	if (found < 0)
		return -1;
	if (found == ATTACH_OURS)
		return put_back(fd, rec, rest, err);
	vst_fail(err, VST_EXIT_CONFLICT, 0, "'%s' stays changed: %s", VST_QUOTE(rest),
		found == ATTACH_OTHER ? "another mount is on top of it"
				      : "it was moved, or hidden by another mount");
	return UNDO_LEFT;
}

int exec_change_is_gone(const struct journal_rec *record)
{
	const struct rec_change *rec = record->body;
	const struct rec_mount mount = mount_of(rec);

	return attach_exists(&mount, (const char *)(rec + 1)) == 0;
}

size_t exec_change_space(size_t rest_len)
{
	return journal_space(sizeof(struct rec_change) + rest_len + 1, 0);
}
