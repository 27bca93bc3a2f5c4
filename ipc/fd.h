/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors with an owner. -1, and only -1, is "no descriptor". */
#pragma once

#include <errno.h>
#include <unistd.h>

/* Closes *fd unless it is -1, sets it to -1, preserves errno. */
static inline void vst_fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

/* A descriptor that is closed at the end of its scope. */
#define vst_auto_fd __attribute__((cleanup(vst_fd_close))) int

/* Transfers ownership: returns *fd and sets it to -1. */
static inline int vst_fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}
