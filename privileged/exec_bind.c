#include "exec_bind.h"

#include <fcntl.h>
#include <sys/mount.h>

#include "../ipc/fd.h"
#include "attach.h"
#include "attr.h"

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

int exec_bind_tree(const struct plan_allowed *allowed, uint32_t step, int source_fd,
	int *ret_tree_fd, struct vst_err *err)
{
	const struct step_mount *mount = &allowed->mounts[allowed->steps[step].mount];
	const struct step_source *source = &allowed->sources[mount->first_source];
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
			 (mount->is_recursive ? AT_RECURSIVE : 0u);
	vst_auto_fd tree = open_tree(source_fd, "", flags);

	if (tree < 0)
		return refused(err, errno, mount->is_recursive,
			allowed_text(allowed, source->at.path.off));
	/* Before anybody can see it: what is read-only was never anything else. */
	if (attr_apply(tree, &mount->flags, err) < 0)
		return -1;
	*ret_tree_fd = vst_fd_take(&tree);
	return 0;
}
