/* Files of procfs: below it, nothing that somebody mounted in its place. */
#pragma once

#include <stddef.h>

#include "../../ipc/err.h"

/* Opens a file beneath /proc, O_CLOEXEC. -1 with errno; ENOTDIR: no procfs is there, or only a
 * part of one. */
int proc_open(const char *path, int flags);

/* Its text, size bytes with the final null at most. -1 with errno. */
int proc_read(const char *path, char *text, size_t size);

/* VST_EXIT_UNSUPPORTED: what cannot be done without /proc below a version of Linux. */
int proc_fail_none(const char *what, const char *since, struct vst_err *err);
