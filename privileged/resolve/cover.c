/* SPDX-License-Identifier: Apache-2.0 */
#include "cover.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "walk.h"

/* Notes the directories from dir_fd upwards to "/", which is its own parent. */
static int look_upwards(struct cover *cover, int dir_fd)
{
	vst_auto_fd fd = -1;

	for (;;) {
		vst_auto_fd up = -1;
		struct object *at = &cover->at[cover->n];

		if (cover->n == COVER_MAX) {
			errno = ELOOP;
			return -1;
		}
		if (beneath_stat(fd >= 0 ? fd : dir_fd, at) < 0)
			return -1;
		if (fd >= 0 && cover->n && beneath_same(at, at - 1))
			return 0;
		cover->n++;
		up = openat(fd >= 0 ? fd : dir_fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up < 0)
			return -1;
		vst_fd_close(&fd);
		fd = vst_fd_take(&up);
	}
}

int cover_hides(struct cover *cover, const struct object *point)
{
	for (int i = 0; i < 2 && !cover->is_known; i++)
		if (cover->fds[i] >= 0 && look_upwards(cover, cover->fds[i]) < 0)
			return -1;
	cover->is_known = 1;
	for (unsigned i = 0; i < cover->n; i++)
		if (beneath_same(&cover->at[i], point))
			return 1;
	return 0;
}

int cover_is_found(int dir_fd)
{
	char path[VST_PATH_MAX + 1];
	struct object held, found;
	vst_auto_fd fd = -1;
	int known = beneath_path_of(dir_fd, path);

	if (known <= 0)
		return known;
	fd = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return 0;
	if (fd < 0 || beneath_stat(dir_fd, &held) < 0 || beneath_stat(fd, &found) < 0)
		return -1;
	return beneath_same(&held, &found);
}
