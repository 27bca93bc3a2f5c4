/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a procfs mounted on /proc. What somebody else mounted on it or instead of it is not
 * trusted. */
#pragma once

#include <stddef.h>

#include "../../ipc/err.h"

/* Opens a file beneath /proc, O_CLOEXEC. -1 with errno; ENOTDIR: /proc is not the root of a
 * procfs. */
int proc_open(const char *path, int flags);

/* Reads a file beneath /proc: at most size bytes, with the NUL. -1 with errno. */
int proc_read(const char *path, char *text, size_t size);

/* Sets err, VST_EXIT_UNSUPPORTED: `what` needs /proc before Linux `since`. Returns -1. */
int proc_fail_none(const char *what, const char *since, struct vst_err *err);
