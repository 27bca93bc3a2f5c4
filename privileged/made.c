#include "made.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "../ipc/fd.h"

enum vst_exit made_exit(int code)
{
	return code == EACCES || code == EPERM ? VST_EXIT_DENIED : VST_EXIT_FAILED;
}

/* Inodes are stamped by the coarse clock, which is up to a tick behind the fine one: a record
 * stamped by the fine one would be younger than what was made after it. */
uint64_t made_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

int made_is_born(const struct object *object, uint64_t born_after, int confirmed)
{
	return object->btime_ns ? object->btime_ns >= born_after : confirmed;
}

int made_find(int base_fd, const char *path, int *ret_parent_fd, const char **ret_name,
	struct object *ret, struct vst_err *err)
{
	vst_auto_fd parent = beneath_open_parent(base_fd, path, ret_name);
	vst_auto_fd fd = -1;

	if (parent >= 0)
		fd = openat(parent, *ret_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EXDEV))
		return -2;
	if (fd < 0 || beneath_stat(fd, ret) < 0)
		return vst_fail(err, made_exit(errno), errno, "look for '%s'", VST_QUOTE(path));
	*ret_parent_fd = vst_fd_take(&parent);
	return vst_fd_take(&fd);
}
