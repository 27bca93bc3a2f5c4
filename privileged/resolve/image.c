/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_call.h"
#include "link_steps.h"

/* Cost of "..", which is a walk from the root by the kernel: sixteen of its components cost
 * about as much as one that we open and close. */
#define UP_COMPONENTS 16

/* Where the walk is. `text` has no link and no "..", so it leads to fd again. */
struct apart {
	int fd; /* Owned. */
	unsigned depth;
	size_t len;
	char text[VST_PATH_MAX + 1];
};

static void place_close(struct apart *place)
{
	vst_fd_close(&place->fd);
}

/* Goes to the first len bytes of `text`, which have `depth` components. */
static int go_to(int root_fd, struct apart *place, size_t len, unsigned depth)
{
	int fd;

	place->text[len] = '\0';
	fd = beneath_open(root_fd, place->text, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return -1;
	vst_fd_close(&place->fd);
	place->fd = fd;
	place->len = len;
	place->depth = depth;
	return 0;
}

static int go_up(int root_fd, struct apart *place)
{
	const char *slash = memrchr(place->text, '/', place->len);
	size_t len = slash ? (size_t)(slash - place->text) : 0;

	if (place->depth == 0)
		return 0;
	if (link_steps_spend(place->depth / UP_COMPONENTS) < 0)
		return -1;
	return go_to(root_fd, place, len, place->depth - 1);
}

/* Enters a component. -1 with errno: ENOENT, or ENOTDIR for a file or link. */
static int enter(struct apart *place, const char *name)
{
	const size_t len = strlen(name);
	int fd = openat(place->fd, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (place->len + 1 + len > VST_PATH_MAX) {
		vst_fd_close(&fd);
		errno = ENAMETOOLONG;
		return -1;
	}
	vst_fd_close(&place->fd);
	place->fd = fd;
	if (place->len)
		place->text[place->len++] = '/';
	memcpy(place->text + place->len, name, len + 1);
	place->len += len;
	place->depth++;
	return 0;
}

/* Takes the first component off the path: 1, 0 at its end, -1 with errno. */
static int take(char *path, char name[VST_COMPONENT_MAX + 1])
{
	size_t skip = strspn(path, "/"), len = strcspn(path + skip, "/");

	if (len > VST_COMPONENT_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, path + skip, len);
	name[len] = '\0';
	memmove(path, path + skip + len, strlen(path + skip + len) + 1);
	return len > 0;
}

/* Puts the target of the link in front of `pending`. -1 with errno: ENOTDIR if it is no link.
 * Links of a procfs are refused (ELOOP): a magic link does not lead where its text says. */
static int expand(int dir_fd, const char *name, unsigned *links, char *pending, size_t size)
{
	vst_auto_fd fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char target[VST_PATH_MAX + 1];
	size_t rest = strlen(pending);
	ssize_t len;

	if (fd < 0)
		return -1;
	len = readlinkat(fd, "", target, sizeof target);
	if (len < 0) {
		errno = errno == EINVAL || errno == ENOENT ? ENOTDIR : errno;
		return -1;
	}
	if (++*links > VST_SYMLINKS_MAX || (size_t)len == sizeof target ||
		(size_t)len + 1 + rest + 1 > size || beneath_fs_magic(fd) == PROC_SUPER_MAGIC) {
		errno = ELOOP;
		return -1;
	}
	memmove(pending + len + 1, pending, rest + 1);
	memcpy(pending, target, (size_t)len);
	pending[len] = '/';
	return 0;
}

/* Walks one component of a link's target. */
static int step(int root_fd, struct apart *place, const char *name, unsigned *links,
	char *pending, size_t size)
{
	if (link_steps_spend(1) < 0)
		return -1;
	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0)
		return go_up(root_fd, place);
	if (enter(place, name) == 0)
		return 0;
	if (errno != ENOTDIR || expand(place->fd, name, links, pending, size) < 0)
		return -1;
	return pending[0] == '/' ? go_to(root_fd, place, 0, 0) : 0;
}

/* Follows the link, and those on its way, to a directory. -1 with errno; ENOTDIR with
 * *ret_is_file if it leads to something else. */
static int follow(
	int root_fd, struct apart *place, const char *link, unsigned *links, int *ret_is_file)
{
	char pending[2 * (VST_PATH_MAX + 1)] = "", name[VST_COMPONENT_MAX + 1];
	int taken;

	*ret_is_file = 1;
	if (expand(place->fd, link, links, pending, sizeof pending) < 0)
		return -1;
	if (pending[0] == '/' && go_to(root_fd, place, 0, 0) < 0)
		return -1;
	while ((taken = take(pending, name)) > 0) {
		/* With a slash behind it, only a directory will do. */
		*ret_is_file = strspn(pending, "/") == strlen(pending);
		if (step(root_fd, place, name, links, pending, sizeof pending) < 0)
			return -1;
	}
	return taken;
}

/* As follow, but if it leads to no directory, the place is unchanged. */
static int try_follow(
	int root_fd, struct apart *place, const char *link, unsigned *links, int *ret_is_file)
{
	__attribute__((cleanup(place_close))) struct apart at = *place;

	at.fd = kernel_dup(place->fd);
	if (at.fd < 0 || follow(root_fd, &at, link, links, ret_is_file) < 0)
		return -1;
	place_close(place);
	*place = at;
	at.fd = -1;
	return 0;
}

/* Walks the path component by component, from the root. */
static int walk(int root_fd, const char *path, struct apart *at, const char **ret_rest,
	int *ret_is_file)
{
	char name[VST_COMPONENT_MAX + 1];
	unsigned links = 0;

	if (go_to(root_fd, at, 0, 0) < 0)
		return -1;
	for (*ret_rest = path; **ret_rest;) {
		size_t len = strcspn(*ret_rest, "/");
		int is_last = (*ret_rest)[len] == '\0', is_file = 0;

		memcpy(name, *ret_rest, len);
		name[len] = '\0';
		if (enter(at, name) < 0 &&
			(errno != ENOTDIR ||
				try_follow(root_fd, at, name, &links, &is_file) < 0)) {
			*ret_is_file = errno == ENOTDIR && is_file && is_last;
			return errno == ENOENT || *ret_is_file ? 0 : -1;
		}
		*ret_rest += len + !is_last;
	}
	return 0;
}

int image_deepest(
	int root_fd, const char *path, int *ret_fd, const char **ret_rest, int *ret_is_file)
{
	__attribute__((cleanup(place_close))) struct apart at = {.fd = -1};
	const char *name;
	int fd = beneath_open(root_fd, path, O_PATH | O_DIRECTORY);

	*ret_is_file = 0;
	/* Mostly the whole path exists, or all but its last component. */
	if (fd >= 0) {
		*ret_fd = fd;
		*ret_rest = path + strlen(path);
		return 0;
	}
	if (errno == ENOENT) {
		fd = beneath_open_parent(root_fd, path, &name);
		if (fd >= 0) {
			*ret_fd = fd;
			*ret_rest = name;
			return 0;
		}
	}
	if (errno != ENOENT && errno != ELOOP && errno != ENOTDIR)
		return -1;
	if (walk(root_fd, path, &at, ret_rest, ret_is_file) < 0)
		return -1;
	*ret_fd = vst_fd_take(&at.fd);
	return 0;
}
