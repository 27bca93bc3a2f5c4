/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_netns.h"

#include <fcntl.h>

#include "../../ipc/fd.h"
#include "../act/attach.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_mount.h"

static const char what[] = "the shared mount that 'ip netns' wants";

static int propagation(int tree_fd, uint64_t propagation, struct vst_err *err)
{
	struct mount_attr attr = {.propagation = propagation};

	if (mount_setattr(tree_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0)
		return attach_refused(err, errno, "make shared", "/" EXEC_NETNS_DIR);
	return 0;
}

/* Recursive, as "ip netns" does it, so that binds in the directory stay visible. The tree is
 * made private first: else it would be a peer of its parent mount, and each bind in it would be
 * propagated there, below it. If the parent mount is shared, other mount namespaces receive the
 * new mount and later binds nevertheless. */
static int share(
	struct exec_run *run, int root_fd, uint32_t root_rec, int dir_fd, struct vst_err *err)
{
	const struct attach_to to = {
		.what = what,
		.at = {root_fd, EXEC_NETNS_DIR, root_rec, EXEC_NETNS_DIR},
		.point_fd = dir_fd,
		.rec_flags = REC_MOUNT_SHARE,
	};
	vst_auto_fd tree = open_tree(
		dir_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);

	if (tree < 0)
		return attach_refused(err, errno, "bind", "/" EXEC_NETNS_DIR);
	if (propagation(tree, MS_PRIVATE, err) < 0 || propagation(tree, MS_SHARED, err) < 0)
		return -1;
	return attach_mount(run, tree, &to, NULL, err);
}

static int open_top(int root_fd, struct object *ret, int *ret_fd, struct vst_err *err)
{
	vst_auto_fd fd = beneath_open(root_fd, EXEC_NETNS_DIR, O_PATH | O_DIRECTORY);

	if (fd < 0 || beneath_stat(fd, ret) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open /" EXEC_NETNS_DIR);
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

int exec_netns_open(struct exec_run *run, int root_fd, uint32_t root_rec, int dir_fd,
	int *ret_fd, struct vst_err *err)
{
	struct object top, dir;
	vst_auto_fd fd = -1;

	if (beneath_stat(dir_fd, &dir) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat /" EXEC_NETNS_DIR);
	if (open_top(root_fd, &top, &fd, err) < 0)
		return -1;
	if (!top.is_mount_root) {
		vst_fd_close(&fd);
		if (share(run, root_fd, root_rec, dir_fd, err) < 0 ||
			open_top(root_fd, &top, &fd, err) < 0)
			return -1;
	}
	if (top.dev != dir.dev || top.ino != dir.ino)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"/" EXEC_NETNS_DIR
			" is another directory by now: somebody else changes mounts there");
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

size_t exec_netns_space(void)
{
	return journal_space(sizeof(struct rec_mount) + sizeof EXEC_NETNS_DIR, 0);
}
