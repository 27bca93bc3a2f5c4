/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_bind.h"

#include <fcntl.h>

#include "../../ipc/fd.h"
#include "../act/attach.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_mount.h"
#include "mount_attr.h"

static int refused(struct vst_err *err, int code, int is_recursive, const char *source)
{
	if (code != EINVAL)
		return attach_refused(err, code, "bind", source);
	return vst_fail(err, VST_EXIT_FAILED, code,
		"bind '%s': its mount is unbindable, of another mount namespace%s",
		VST_QUOTE(source),
		is_recursive ? ""
			     : ", or has mounts beneath it that only rbind may take along");
}

/* Attempts at a clone whose mounts can be counted. */
#define CLONE_TRIES 5

/* Sets *ret_n to an upper bound of the mounts in the tree, 0 if unknown. A detached tree cannot
 * be listed. Ids are given in order, so a second clone, thrown away, has an id above those of
 * the tree; the mounts that others made in between are counted, too. */
static int count_ids(int source_fd, int tree_fd, const char *source, int may_be_locked,
	uint64_t *ret_n, struct vst_err *err)
{
	vst_auto_fd after =
		open_tree(source_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	struct object first, end;

	*ret_n = 0;
	/* Mounts from outside the user namespace are locked together: none can be unmounted
	 * alone. */
	if (after < 0 && errno == EINVAL && may_be_locked)
		return 0;
	if (after < 0)
		return refused(err, errno, 1, source);
	if (beneath_stat(tree_fd, &first) < 0 || beneath_stat(after, &end) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat the bind of '%s'",
			VST_QUOTE(source));
	if (first.mnt_id_unique && end.mnt_id > first.mnt_id)
		*ret_n = end.mnt_id - first.mnt_id;
	return 0;
}

/* Clones the tree with all its mounts. Too many of them may be those of others, who copy a
 * mount namespace at that moment: then it is cloned again. */
static int clone_tree(int source_fd, const char *source, int may_be_locked, int *ret_tree_fd,
	uint32_t *ret_n_ids, struct vst_err *err)
{
	for (int tries = 0; tries < CLONE_TRIES; tries++) {
		vst_auto_fd tree = open_tree(source_fd, "",
			OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
		uint64_t n;

		if (tree < 0)
			return refused(err, errno, 1, source);
		if (count_ids(source_fd, tree, source, may_be_locked, &n, err) < 0)
			return -1;
		if (n <= VST_SUBTREE_MAX) {
			*ret_tree_fd = vst_fd_take(&tree);
			*ret_n_ids = (uint32_t)n;
			return 0;
		}
	}
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"bind '%s': it has more than %u mounts, which cannot be taken back, or others made that many while it was cloned, %d times; if it has fewer, try again",
		VST_QUOTE(source), VST_SUBTREE_MAX, CLONE_TRIES);
}

int exec_bind_tree(const struct plan_allowed *allowed, uint32_t step, int source_fd,
	int *ret_tree_fd, uint32_t *ret_n_ids, struct vst_err *err)
{
	const struct step_mount *mount = &allowed->mounts[allowed->steps[step].mount];
	const struct step_source *source = &allowed->sources[mount->first_source];
	const char *path = allowed_text(allowed, source->at.path.off);
	vst_auto_fd tree = -1;
	uint32_t n_ids = 0;

	if (mount->is_recursive) {
		if (clone_tree(source_fd, path, !allowed->in_init_userns, &tree, &n_ids, err) <
			0)
			return -1;
	} else {
		tree = open_tree(
			source_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
		if (tree < 0)
			return refused(err, errno, 0, path);
	}
	/* Before attaching, so that a read-only bind is never seen writable. */
	if (mount_attr_apply(tree, &mount->flags, err) < 0)
		return -1;
	*ret_tree_fd = vst_fd_take(&tree);
	*ret_n_ids = n_ids;
	return 0;
}
