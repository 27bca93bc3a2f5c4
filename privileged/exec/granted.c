/* SPDX-License-Identifier: Apache-2.0 */
#include "granted.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "../kernel/beneath.h"
#include "../kernel/kernel_mount.h"
#include "../kernel/mountinfo.h"
#include "../kernel/patience.h"
#include "../rights/rights.h"

#define BATCH 64

static int unseen(const char *path, struct vst_err *err)
{
	return vst_fail(
		err, VST_EXIT_FAILED, errno, "look at what '%s' lies on", VST_QUOTE(path));
}

static const char *path_of(const struct plan_allowed *allowed, uint32_t i)
{
	return allowed_text(allowed, allowed->steps[i].at.path.off);
}

/* The step was granted beneath this directory: the very one, on the very mount. */
static int is_beneath(
	const struct plan_allowed *allowed, uint32_t i, int parent_fd, struct vst_err *err)
{
	const struct grant_dir *dir = &allowed->granted[i];
	const struct object rule = {.dev = dir->dev, .ino = dir->ino, .mnt_id = dir->mnt_id};
	int leads = beneath_is_in(parent_fd, &rule);

	if (leads < 0)
		return unseen(path_of(allowed, i), err);
	if (leads)
		return 0;
	return vst_fail(err, VST_EXIT_DENIED, 0,
		"'%s' is not beneath the directory that the policy names any more: somebody moves directories",
		VST_QUOTE(path_of(allowed, i)));
}

/* Whether another mount of our mount namespace gets what is mounted in this one. -1: unknown.
 */
static int has_followers(uint64_t mnt_id, uint64_t group)
{
	uint64_t ids[BATCH], after = 0;
	long n;

	do {
		n = kernel_listmount_after(KERNEL_LSMT_ROOT, after, ids, BATCH);
		for (long k = 0; k < n; k++) {
			struct kernel_statmount sm;

			after = ids[k];
			if (after == mnt_id)
				continue;
			if (kernel_statmount(after,
				    KERNEL_STATMOUNT_MNT_BASIC |
					    KERNEL_STATMOUNT_PROPAGATE_FROM,
				    &sm) < 0) {
				if (errno == ENOENT)
					continue;
				return -1;
			}
			if (sm.mnt_peer_group == group || sm.mnt_master == group ||
				sm.propagate_from == group)
				return 1;
		}
	} while (n == BATCH);
	return n < 0 ? -1 : 0;
}

/* Whether a mount here would be copied within our mount namespace. -1: unknown. */
static int is_copied(const struct object *at)
{
	struct kernel_statmount sm;
	struct mountinfo mount;

	if (at->mnt_id_unique) {
		if (kernel_statmount(at->mnt_id, KERNEL_STATMOUNT_MNT_BASIC, &sm) < 0)
			return -1;
		return sm.mnt_propagation & MS_SHARED
			       ? has_followers(at->mnt_id, sm.mnt_peer_group)
			       : 0;
	}
	/* Before 6.8 which mounts are its peers is not looked for. */
	return mountinfo_of(at->mnt_id, &mount) == 1 ? mount.is_shared : -1;
}

int granted_point(
	const struct plan_allowed *allowed, uint32_t i, int parent_fd, struct vst_err *err)
{
	struct object at;
	int copied;

	if (!allowed->caller_has_less)
		return 0;
	if (is_beneath(allowed, i, parent_fd, err) < 0)
		return -1;
	copied = beneath_stat(parent_fd, &at) < 0 ? -1 : is_copied(&at);
	if (copied < 0)
		return unseen(path_of(allowed, i), err);
	if (copied)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"'%s' lies on a shared mount, and the kernel would copy the bind to another place: ask the administrator for a directory that is a private mount",
			VST_QUOTE(path_of(allowed, i)));
	return 0;
}

/* Whether the mount in tree_fd lies on the mount of `under`. -1: unknown. */
static int lies_on(const struct object *mount, const struct object *under)
{
	struct kernel_statmount sm;
	struct mountinfo info;

	if (!mount->mnt_id_unique)
		return mountinfo_of(mount->mnt_id, &info) == 1 ? info.parent == under->mnt_id
							       : -1;
	if (kernel_statmount(mount->mnt_id, KERNEL_STATMOUNT_MNT_BASIC, &sm) < 0)
		return -1;
	return sm.mnt_parent_id == under->mnt_id;
}

/* Attached to a shared mount, it is shared as well. */
static int make_private(int tree_fd, struct vst_err *err)
{
	struct mount_attr attr = {.propagation = MS_PRIVATE};
	int r;

	if (rights_raise(RIGHTS_MOUNT, err) < 0)
		return -1;
	r = mount_setattr(tree_fd, "", AT_EMPTY_PATH, &attr, sizeof attr);
	rights_lower();
	return r < 0 ? vst_fail(err, VST_EXIT_FAILED, errno, "make the bind private") : 0;
}

int granted_bind(const struct plan_allowed *allowed, uint32_t i, int parent_fd, int tree_fd,
	struct vst_err *err)
{
	struct object mount, under;
	int on;

	if (!allowed->caller_has_less)
		return 0;
	if (beneath_stat(tree_fd, &mount) < 0 || beneath_stat(parent_fd, &under) < 0 ||
		(on = lies_on(&mount, &under)) < 0)
		return unseen(path_of(allowed, i), err);
	if (!on)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"'%s': the bind lies on another mount than was looked at: somebody changes mounts there",
			VST_QUOTE(path_of(allowed, i)));
	if (is_beneath(allowed, i, parent_fd, err) < 0)
		return -1;
	/* He may have stopped the program between the look and the act. */
	if (patience_is_late())
		return vst_fail(err, VST_EXIT_FAILED, 0, EXEC_LATE, VST_LESS_S);
	return make_private(tree_fd, err);
}
