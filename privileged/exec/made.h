/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognizing what the executors of directories and files made: by its place and its birth
 * time.
 */
#pragma once

#include "../kernel/beneath.h"

/* The time in nanoseconds by the clock that stamps inodes (CLOCK_REALTIME_COARSE). */
uint64_t made_now(void);

/* Whether an object was born after a record was written. */
enum made_born {
	MADE_OLDER,   /* Born before: not ours. */
	MADE_BORN,    /* Born after. */
	MADE_UNKNOWN, /* No birth time, one by a foreign clock, or the clock was set back. */
};

/* fd is the object or its directory; it tells the file system. born_after as made_now returned
 * it. */
enum made_born made_born(int fd, const struct object *object, uint64_t born_after);

/* Opens what is at path (O_PATH): returns the descriptor, -1 for an error, -2 if nothing is
 * there. On success *ret_parent_fd is its directory and *ret_name, in path, its name there.
 * Both descriptors are the caller's. */
int made_find(int base_fd, const char *path, int *ret_parent_fd, const char **ret_name,
	struct object *ret, struct vst_err *err);

/* Judges an object that is not at path any more: UNDO_MISSING with err, or UNDO_DONE on
 * cgroup2, where nothing can be moved, so that it was removed. */
int made_missing(int base_fd, const char *path, struct vst_err *err);

/* As made_missing, for an object still held open in fd: link count 0 proves that it was
 * removed. */
int made_vanished(int base_fd, int fd, const char *path, struct vst_err *err);

/* The exit status for an errno. */
enum vst_exit made_exit(int code);
