/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and directories that only root can have made what they are, or that a named user can
 * have. They are opened from "/", component by component, following no symbolic link; every
 * directory on the way is judged, and what was opened, never a path.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "../../ipc/err.h"

enum trust {
	TRUST_OK,
	TRUST_MISSING,
	TRUST_UNSEEN, /* it cannot be looked at; err->code says why */
	TRUST_NOT,    /* somebody else can change it, or it is of another kind */
};

/* Opens (O_PATH) the directory at the canonical absolute path[0..len). It and every one above
 * is uid 0's or `uid`'s, and neither group nor others may write in it. Unless it is TRUST_OK,
 * err says which directory is not, and what to do, with VST_EXIT_INVALID. */
enum trust trust_dir(
	const char *path, size_t len, uint32_t uid, int *ret_fd, struct vst_err *err);

/* A file that is open for reading, and how it was then. */
struct trust_file {
	int fd; /* owned by whoever opened it */
	const char *path;
	size_t size;
	struct stat before;
};

/* Opens a regular file of at most `max` bytes: root's, with one name, in a directory that
 * trust_dir trusts for root, and writable by neither group nor others. Returns 1; 0 if it or a
 * directory on the way is missing; -1 with VST_EXIT_INVALID if it is not so, VST_EXIT_DENIED if
 * it may not be read, VST_EXIT_FAILED. `path` is canonical and absolute, and borrowed. */
int trust_open(const char *path, size_t max, struct trust_file *ret, struct vst_err *err);

/* As trust_open, for a path that may be relative to cwd_fd and lead through links, to a file of
 * anybody's. Nothing is trusted. A missing file is VST_EXIT_FAILED. */
int trust_open_any(
	int cwd_fd, const char *path, size_t max, struct trust_file *ret, struct vst_err *err);

/* Reads the file's `size` bytes, once, and proves that it did not change meanwhile, else
 * VST_EXIT_INVALID. */
int trust_read(const struct trust_file *file, char *bytes, struct vst_err *err);
