/* SPDX-License-Identifier: Apache-2.0 */
#include "apart.h"

#include <errno.h>
#include <fcntl.h>

#include "../../ipc/fd.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_mount.h"
#include "../kernel/mountinfo.h"
#include "mount_attr.h"

/* Whether a mount attached here propagates to peers: 1 or 0; 1 if unknown. */
static int is_shared(int point_fd)
{
	struct kernel_statmount sm;
	struct mountinfo mount;
	struct object at;

	if (beneath_stat(point_fd, &at) < 0)
		return 1;
	if (!at.mnt_id_unique)
		return mountinfo_of(at.mnt_id, &mount) != 1 || mount.is_shared;
	return kernel_statmount(at.mnt_id, KERNEL_STATMOUNT_MNT_BASIC, &sm) < 0 ||
	       (sm.mnt_propagation & MS_SHARED);
}

/* Sets and proves the attached mount's propagation. */
static int settle(int fd, const struct exec_mount_made *made, const char *what,
	uint8_t propagation, struct vst_err *err)
{
	if (mount_attr_propagation_settled(
		    fd, made->mnt_id, made->is_unique, propagation, err) < 0)
		return vst_wrap(err, "%s", what);
	return 0;
}

/* Attaches a private bind of the mount point onto itself, for the tree to be attached on. It
 * propagates to the peers of its parent mount, but its copies hold nothing, so they are
 * unmounted with it. *ret_fd is its root; -1 if the kernel refuses it, because mounts beneath
 * the point are locked. */
static int attach_ground(
	struct exec_run *run, const struct attach_to *to, int *ret_fd, struct vst_err *err)
{
	struct attach_to ground = *to;
	struct exec_mount_made made;
	vst_auto_fd tree = open_tree(
		to->point_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	*ret_fd = -1;
	if (tree < 0 && errno == EINVAL)
		return 0;
	if (tree < 0)
		return attach_refused(err, errno, "bind onto itself", to->at.rec_rest);
	ground.what = "the bind that the mount stands on";
	ground.n_ids = 0;
	if (mount_attr_propagation_apart(tree, VST_PROPAGATION_PRIVATE, err) < 0 ||
		attach_mount(run, tree, &ground, &made, err) < 0 ||
		settle(tree, &made, ground.what, VST_PROPAGATION_PRIVATE, err) < 0)
		return -1;
	*ret_fd = vst_fd_take(&tree);
	return 0;
}

int apart_mount(struct exec_run *run, uint32_t step, int *tree_fd, const struct apart *place,
	struct vst_err *err)
{
	const int in_bundle = place->to.rec_flags & REC_MOUNT_BUNDLE;
	struct attach_to to = place->to;
	uint8_t propagation = place->propagation;
	const struct exec_mount_made *made;
	vst_auto_fd ground = -1;

	if (in_bundle && (propagation & ~VST_PROPAGATION_RECURSIVE) == VST_PROPAGATION_KEEP)
		propagation = VST_PROPAGATION_PRIVATE |
			      (place->is_tree ? VST_PROPAGATION_RECURSIVE : 0);
	/* Set it before attaching, so that it is never a peer of its source. */
	if (in_bundle && place->is_bind &&
		mount_attr_propagation_apart(*tree_fd, propagation, err) < 0)
		return vst_wrap(err, "%s", to.what);
	if (in_bundle && place->is_tree && to.n_ids != 1 && is_shared(to.point_fd)) {
		if (attach_ground(run, &to, &ground, err) < 0)
			return -1;
		if (ground >= 0)
			to.point_fd = ground;
	}
	if (attach_and_keep(run, step, tree_fd, &to, err) < 0)
		return -1;
	made = &run->mounts[run->n_mounts - 1];
	return settle(made->fd, made, to.what, propagation, err);
}
