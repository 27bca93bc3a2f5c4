/* SPDX-License-Identifier: Apache-2.0 */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "beneath.h"

/* The root inode of a procfs. A subdirectory of procfs bound onto /proc has another one:
 * whoever bound it chose its contents. */
#define PROC_ROOT_INO 1

int proc_open(const char *path, int flags)
{
	vst_auto_fd proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct object root;

	if (proc < 0 || beneath_fs_magic(proc) != PROC_SUPER_MAGIC ||
		beneath_stat(proc, &root) < 0 || root.ino != PROC_ROOT_INO) {
		errno = ENOTDIR;
		return -1;
	}
	return openat(proc, path, flags | O_CLOEXEC);
}

int proc_read(const char *path, char *text, size_t size)
{
	vst_auto_fd fd = proc_open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		return -1;
	text[n] = '\0';
	return 0;
}

int proc_fail_none(const char *what, const char *since, struct vst_err *err)
{
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"%s: below Linux %s this wants /proc, which is not mounted; mount it", what,
		since);
}
