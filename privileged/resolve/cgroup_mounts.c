/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup_mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../kernel/beneath.h"
#include "pins.h"

#define CGROUP_DIR "/sys/fs/cgroup"

struct hierarchy {
	int fd; /* O_PATH */
	char path[288];
};

static int is_cgroup(int fd)
{
	uint32_t magic = beneath_fs_magic(fd);

	return magic == CGROUP_SUPER_MAGIC || magic == CGROUP2_SUPER_MAGIC;
}

static int is_mount(int fd)
{
	struct object object;

	return beneath_stat(fd, &object) == 0 && object.is_mount_root;
}

/* Keeps the list sorted by name, so that a plan is the same each time. */
static int keep(
	struct hierarchy *list, unsigned *n, const char *name, int *fd, struct vst_err *err)
{
	unsigned i;

	if (*n == HIERARCHIES_MAX)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			CGROUP_DIR " holds more than %d cgroup mounts", HIERARCHIES_MAX);
	for (i = *n; i > 0 && strcmp(list[i - 1].path + sizeof CGROUP_DIR, name) > 0; i--)
		list[i] = list[i - 1];
	list[i].fd = vst_fd_take(fd);
	snprintf(list[i].path, sizeof list[i].path, CGROUP_DIR "/%s", name);
	++*n;
	return 0;
}

static int find_mounts(int dir_fd, struct hierarchy *list, unsigned *n, struct vst_err *err)
{
	_Alignas(struct dirent64) char entries[4096];
	vst_auto_fd dir = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long len = 0;

	while (dir >= 0 && (len = syscall(SYS_getdents64, dir, entries, sizeof entries)) > 0)
		for (long at = 0; at < len;) {
			const struct dirent64 *entry = (const void *)(entries + at);
			vst_auto_fd fd = -1;

			at += entry->d_reclen;
			if (entry->d_name[0] == '.')
				continue;
			/* A symbolic link is a second name of a hierarchy ("cpu"). */
			fd = openat(dir, entry->d_name,
				O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
			/* In a hierarchy, directories are cgroups, but not mounts. */
			if (fd >= 0 && is_cgroup(fd) && is_mount(fd) &&
				keep(list, n, entry->d_name, &fd, err) < 0)
				return -1;
		}
	if (dir < 0 || len < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "list " CGROUP_DIR);
	return 0;
}

static int find(struct hierarchy *list, unsigned *n, struct vst_err *err)
{
	vst_auto_fd root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	vst_auto_fd fd = beneath_open(root, CGROUP_DIR + 1, O_PATH | O_DIRECTORY);

	if (fd >= 0 && beneath_fs_magic(fd) == CGROUP2_SUPER_MAGIC) {
		list[0].fd = vst_fd_take(&fd);
		strcpy(list[0].path, CGROUP_DIR);
		*n = 1;
		return 0;
	}
	if (fd >= 0 && find_mounts(fd, list, n, err) < 0)
		return -1;
	if (*n == 0)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"there is no cgroup mount at " CGROUP_DIR "; mount one first");
	return 0;
}

static int pin(struct hierarchy *found, const struct caller *caller, uint32_t *ret_pin,
	struct vst_err *err)
{
	__attribute__((cleanup(walk_close))) struct walk walk = WALK_NONE;

	if (walk_start(&walk, found->fd, caller) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "pin %s", found->path);
	return pins_add(&walk, found->path, 0, ret_pin, err);
}

int cgroup_mounts_pin(
	const struct caller *caller, uint32_t *ret_first, uint32_t *ret_n, struct vst_err *err)
{
	static struct hierarchy list[HIERARCHIES_MAX]; /* Static: pins borrow the names. */
	unsigned n = 0;
	int result = find(list, &n, err);

	for (unsigned i = 0; i < n; i++) {
		uint32_t at;

		if (result == 0)
			result = pin(&list[i], caller, &at, err);
		if (result == 0 && i == 0)
			*ret_first = at;
		vst_fd_close(&list[i].fd);
	}
	*ret_n = result == 0 ? n : 0;
	return result;
}
