/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups beneath a descriptor, never above it, and by default without following symbolic
 * links. */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "../../ipc/err.h"
#include "../../ipc/limits.h"

struct object {
	uint64_t dev, ino, mnt_id;
	uint32_t uid, mode, nlink;
	uint64_t size;
	uint64_t btime_ns; /* Birth time in ns since 1970; 0: the file system has none. */
	int mnt_id_unique; /* mnt_id is the 64-bit unique id (6.8). */
	int is_mount_root; /* It is the root of its mount (5.8). */
};

/* openat2 (5.6) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS and O_CLOEXEC, retried at most
 * VST_RETRY_TRIES times on EAGAIN and EXDEV while patience lasts (patience.h). Returns a
 * descriptor, the caller's, or -1 with errno. `rest` "" or "." reopens dir_fd itself. */
int beneath_open(int dir_fd, const char *rest, int flags);

/* As beneath_open, with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS: symbolic links are followed as
 * if root_fd were "/". For paths in an image. */
int beneath_open_in_root(int root_fd, const char *path, int flags);

/* Opens the directory (O_PATH) that holds the last component of `rest`; *ret_name points at
 * that component in `rest`. -1 with errno. */
int beneath_open_parent(int dir_fd, const char *rest, const char **ret_name);

/* statx of the descriptor itself. -1 with errno. */
int beneath_stat(int fd, struct object *ret);

/* statx of one component in dir_fd; a symbolic link is not followed. -1 with errno. */
int beneath_stat_name(int dir_fd, const char *name, struct object *ret);

/* As beneath_stat_name, for a path whose symbolic links are followed. */
int beneath_stat_followed(int dir_fd, const char *path, struct object *ret);

/* Whether both are one object on one mount. */
int beneath_same(const struct object *a, const struct object *b);

/* Moves *fd, a directory that `at` describes, to the one above it: 1; 0 if it is "/", and
 * nothing changes; -1 with errno. Whoever goes up in a loop ends after VST_PATH_MAX times: a
 * path has no more components. */
int beneath_up(int *fd, struct object *at);

/* Whether dir_fd is `dir` or lies beneath it, on the same mount or on one that is mounted
 * beneath it: 1, 0, or -1 with errno. */
int beneath_is_in(int dir_fd, const struct object *dir);

/* The path of a directory, from getcwd, without /proc: 1; 0 if it was removed or is not beneath
 * our root; -1 with errno. Changes the working directory to "/". */
int beneath_path_of(int dir_fd, char ret[VST_PATH_MAX + 1]);

/* The type of fd's file system, as statfs reports it; 0 with errno on failure. */
uint32_t beneath_fs_magic(int fd);
