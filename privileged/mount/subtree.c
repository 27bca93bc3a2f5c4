/* SPDX-License-Identifier: Apache-2.0 */
#include "subtree.h"

#include <string.h>

#include "../../ipc/fd.h"
#include "../act/attach.h"
#include "../kernel/kernel_mount.h"
#include "mount_attr.h"

/* Whether unmounting the inner mount propagates: its parent mount is shared. */
static int reaches_others(uint64_t inside)
{
	struct kernel_statmount sm;

	if (kernel_statmount(inside, KERNEL_STATMOUNT_MNT_BASIC, &sm) < 0 ||
		kernel_statmount(sm.mnt_parent_id, KERNEL_STATMOUNT_MNT_BASIC, &sm) < 0)
		return 1;
	return (sm.mnt_propagation & MS_SHARED) != 0;
}

int subtree_left(const struct rec_mount *rec, uint64_t inside, struct vst_err *err)
{
	struct kernel_statmount sm;

	vst_fail(err, VST_EXIT_CONFLICT, 0,
		"'%s' is left: somebody else's mount lies in it, at '%s'; %sunmount that first",
		VST_QUOTE((const char *)(rec + 1)), VST_QUOTE(attach_point_of(inside, &sm)),
		reaches_others(inside)
			? "it is shared, so make it a slave (mount --make-rslave), or its peers lose that mount, and "
			: "");
	return UNDO_LEFT;
}

/* Whether the parent of the record's mount is shared, so that copies of it exist elsewhere.
 * Copies that still contain mounts stay when this one is unmounted. */
static int has_copies(const struct rec_mount *rec)
{
	struct kernel_statmount sm;

	if (kernel_statmount(rec->mnt_id, KERNEL_STATMOUNT_MNT_BASIC, &sm) < 0 ||
		kernel_statmount(sm.mnt_parent_id, KERNEL_STATMOUNT_MNT_BASIC, &sm) < 0)
		return 1;
	return (sm.mnt_propagation & MS_SHARED) != 0;
}

/* Unmounts one inner mount by its name in its directory: see unmount() in exec_mount.c. `above`
 * is the outer mount's place, as seen from our root. UNDO_LEFT: it is not found beneath it. */
static int take_off(int root_fd, const char *above, uint64_t mnt_id, struct vst_err *err)
{
	const struct rec_mount inner = {.mnt_id = mnt_id, .flags = REC_MOUNT_UNIQUE};
	struct kernel_statmount sm;
	const char *point = attach_point_of(mnt_id, &sm), *name;
	const size_t len = strlen(above);
	vst_auto_fd parent = -1;
	int found = ATTACH_NOTHING;

	if (strncmp(point, above, len) == 0 && point[len] == '/')
		found = attach_find(
			root_fd, point + len + 1, &inner, NULL, &parent, &name, err);
	if (found < 0)
		return -1;
	if (found != ATTACH_OURS) {
		vst_fail(err, VST_EXIT_FAILED, 0, "unmount '%s': it is hidden or was moved",
			VST_QUOTE(point));
		return attach_exists(&inner, "") == 0 ? UNDO_DONE : UNDO_LEFT;
	}
	if (fchdir(parent) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "go to the directory of '%s'",
			VST_QUOTE(point));
	if (umount2(name, UMOUNT_NOFOLLOW) == 0)
		return UNDO_DONE;
	if (errno != EBUSY)
		return attach_refused(err, errno, "unmount", point);
	vst_fail(err, VST_EXIT_FAILED, EBUSY, "unmount '%s'", VST_QUOTE(point));
	return UNDO_BUSY;
}

int subtree_undo(int root_fd, const struct rec_mount *rec, int *ret_copies, struct vst_err *err)
{
	/* Room for all that can be ours: one more is another's, with a later id. */
	uint64_t ids[VST_SUBTREE_MAX];
	long n = kernel_listmount(rec->mnt_id, ids, VST_SUBTREE_MAX);
	struct kernel_statmount sm;
	char above[VST_PATH_MAX + 1];
	int result = UNDO_DONE;

	if (n < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "list what lies in '%s'",
			VST_QUOTE((const char *)(rec + 1)));
	for (long i = 0; i < n; i++)
		if (ids[i] < rec->mnt_id || ids[i] - rec->mnt_id >= rec->n_ids)
			return subtree_left(rec, ids[i], err);
	*ret_copies = has_copies(rec);
	if (n == 0)
		return UNDO_DONE;
	/* From here on no unmount inside propagates to the source. */
	if (mount_attr_propagation(
		    root_fd, VST_PROPAGATION_SLAVE | VST_PROPAGATION_RECURSIVE, err) < 0)
		return -1;
	strncpy(above, attach_point_of(rec->mnt_id, &sm), sizeof above - 1);
	above[sizeof above - 1] = '\0';
	/* An inner mount has a later id than its parent, so go backwards. One that another
	 * covers may fail, and is unmounted in the next attempt. */
	while (n > 0) {
		int r = take_off(root_fd, above, ids[--n], err);

		if (r == UNDO_LEFT)
			result = UNDO_BUSY;
		else if (r != UNDO_DONE)
			return r;
	}
	return result;
}

int subtree_is_beneath(const struct rec_mount *rec, const struct rec_mount *other)
{
	const struct rec_mount *mounts[] = {rec, other};
	struct kernel_statmount sms[2];
	const char *points[2];
	size_t len;

	for (int i = 0; i < 2; i++) {
		if (!(mounts[i]->flags & REC_MOUNT_UNIQUE))
			return 0;
		points[i] = attach_point_of(mounts[i]->mnt_id, &sms[i]);
		if (points[i][0] != '/')
			return 0;
	}
	len = strlen(points[1]);
	return strncmp(points[0], points[1], len) == 0 &&
	       (!points[0][len] || points[0][len] == '/');
}
