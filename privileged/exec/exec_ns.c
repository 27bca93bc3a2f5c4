/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_ns.h"

#include <fcntl.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../act/attach.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_call.h"
#include "../kernel/kernel_mount.h"
#include "../kernel/kernel_ns.h"
#include "../ns/ns.h"
#include "../rights/rights.h"
#include "granted.h"

static const char *const ns_what[VST_NS_COUNT] = {
	[VST_NS_CGROUP] = "the cgroup namespace",
	[VST_NS_IPC] = "the ipc namespace",
	[VST_NS_MNT] = "the mnt namespace",
	[VST_NS_NET] = "the net namespace",
	[VST_NS_PID] = "the pid namespace",
	[VST_NS_USER] = "the user namespace",
	[VST_NS_UTS] = "the uts namespace",
};

/* Judges the namespace already bound at the path: the same one, or another. */
static int judge_bound(
	const struct ns_fact *ns, const char *path, int file_fd, struct vst_err *err)
{
	struct object bound;

	if (beneath_stat(file_fd, &bound) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat '%s'", VST_QUOTE(path));
	if (bound.dev == ns->dev && bound.ino == ns->ino)
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"another namespace is bound on '%s'; detach the bundle that it belongs to, or umount it",
		VST_QUOTE(path));
}

/* Whether fd is on a shared mount, so that a mount on it propagates (6.8 tells). */
static int is_shared(int fd)
{
	struct kernel_statmount sm;
	struct object at;

	return beneath_stat(fd, &at) == 0 && at.mnt_id_unique &&
	       kernel_statmount(at.mnt_id, KERNEL_STATMOUNT_MNT_BASIC, &sm) == 0 &&
	       (sm.mnt_propagation & MS_SHARED);
}

/* Whether the mount namespace's id is not greater than our own's (6.11 tells). The kernel takes
 * that for a loop, even if there is none. */
static int is_older(int ns_fd)
{
	struct vst_err ignored;
	vst_auto_fd own = -1;
	uint64_t its_id, own_id;

	return ns_own_open(VST_NS_MNT, &own, &ignored) == 0 &&
	       kernel_ioctl(ns_fd, NS_GET_MNTNS_ID, &its_id) == 0 &&
	       kernel_ioctl(own, NS_GET_MNTNS_ID, &own_id) == 0 && its_id <= own_id;
}

/* The kernel refuses to bind a mount namespace for three reasons, all with EINVAL, or with
 * ELOOP in move_mount (6.18). The errno does not tell them apart. */
static void explain_mnt(
	const struct ns_fact *ns, int parent_fd, const char *path, struct vst_err *err)
{
	if (err->code != EINVAL && err->code != ELOOP)
		return;
	if (ns->is_own)
		vst_wrap(err,
			"the process shares vestibule's own mount namespace, which cannot be bound in itself: start the process in a mount namespace of its own");
	else if (is_older(ns->fd))
		vst_wrap(err,
			"the process's mount namespace has a lower id than vestibule's own, which the kernel takes for a loop: run vestibule in the machine's first mount namespace, or make the process's later than vestibule's");
	else if (is_shared(parent_fd))
		vst_wrap(err,
			"'%s' lies on a shared mount, of which the process's mount namespace may have a copy: make its directory a private mount first (mount --bind DIR DIR && mount --make-private DIR)",
			VST_QUOTE(path));
}

int exec_ns_bind(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	const struct place *place, const struct exec_ns_file *file, struct vst_err *err)
{
	const struct step *s = &allowed->steps[step];
	const struct ns_fact *ns = &allowed->ns[s->ns];
	const char *path = allowed_text(allowed, s->at.path.off);
	struct attach_to to = {
		.what = ns_what[s->ns],
		.at = *place,
		.point_fd = file->fd,
		.rec_flags = REC_MOUNT_NS,
		.ns = ns,
	};
	vst_auto_fd tree = -1;
	int r;

	if (file->is_ns) {
		run->outcome[step] |= EXEC_ALREADY;
		return judge_bound(ns, path, file->fd, err);
	}
	if (granted_point(allowed, step, file->parent_fd, err) < 0 ||
		rights_raise(RIGHTS_MOUNT, err) < 0)
		return -1;
	tree = open_tree(ns->fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	rights_lower();
	r = tree < 0 ? attach_refused(err, errno, "bind a namespace on", path)
		     : attach_mount(run, tree, &to, NULL, err);
	if (r < 0 && s->ns == VST_NS_MNT)
		explain_mnt(ns, file->parent_fd, path, err);
	return r < 0 ? -1 : granted_bind(allowed, step, file->parent_fd, tree, err);
}
