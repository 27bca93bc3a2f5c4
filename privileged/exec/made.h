/*
 * What the executors of directories and files make, and how it is known again: by its place,
 * and by when it was born.
 */
#pragma once

#include "../kernel/beneath.h"

/* Now, by the clock that inodes are stamped with. */
uint64_t made_now(void);

/* Whether the object was born after a record was written. */
enum made_born {
	MADE_OLDER,   /* no: it is not what was made behind the record */
	MADE_BORN,    /* yes */
	MADE_UNKNOWN, /* nobody says, or by a clock that need not be ours, or was set back */
};

/* fd: the object, or what it lies in. */
enum made_born made_born(int fd, const struct object *object, uint64_t born_after);

/* Opens what is at path: the descriptor, -1 for an error, -2 if nothing is. */
int made_find(int base_fd, const char *path, int *ret_parent_fd, const char **ret_name,
	struct object *ret, struct vst_err *err);

/* What was made beneath base_fd is not at path any more: UNDO_MISSING with err; UNDO_DONE where
 * nothing can be moved (cgroup2), so that it is gone. */
int made_missing(int base_fd, const char *path, struct vst_err *err);

/* The same of what was found a moment ago and is held: removed is known by its link count. */
int made_vanished(int base_fd, int fd, const char *path, struct vst_err *err);

/* The exit status by errno. */
enum vst_exit made_exit(int code);
