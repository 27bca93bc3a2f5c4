/*
 * What the executors of directories and files make, and how it is known again: by its place,
 * and by when it was born.
 */
#pragma once

#include "beneath.h"

/* Now, by the clock that inodes are stamped with. */
uint64_t made_now(void);

/* Whether the object may be as young as the record; unknown is no, unless it was confirmed. */
int made_is_born(const struct object *object, uint64_t born_after, int confirmed);

/* Opens what is at path: the descriptor, -1 for an error, -2 if nothing is. */
int made_find(int base_fd, const char *path, int *ret_parent_fd, const char **ret_name,
	struct object *ret, struct vst_err *err);

/* The exit status by errno. */
enum vst_exit made_exit(int code);
