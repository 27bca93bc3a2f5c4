/* SPDX-License-Identifier: Apache-2.0 */
/* A mount namespace for a test that mounts. */
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static inline int put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = write(fd, text, strlen(text));

	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* Enters a new mount namespace with private mounts. Without root's rights, it enters a user
 * namespace as well and is root there. Returns 0, or -1 where neither is allowed. */
static inline int own_mounts(void)
{
	char uid[64], gid[64];

	snprintf(uid, sizeof uid, "0 %u 1", (unsigned)getuid());
	snprintf(gid, sizeof gid, "0 %u 1", (unsigned)getgid());
	if (unshare(CLONE_NEWNS) < 0 && (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
						put_text("/proc/self/setgroups", "deny") < 0 ||
						put_text("/proc/self/uid_map", uid) < 0 ||
						put_text("/proc/self/gid_map", gid) < 0))
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}
