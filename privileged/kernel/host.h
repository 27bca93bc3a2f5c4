/*
 * Absolute destinations and the host. Nothing is mounted on the directories that every host has
 * and every container has one of its own of: who writes that means the container's.
 */
#pragma once

#include "../../ipc/err.h"
#include "beneath.h"

#define HOST_DIRS 4 /* /proc, /sys, /dev, /run */

struct host {
	int is_known;
	unsigned n;
	struct object at[HOST_DIRS]; /* those that are there */
	const char *name[HOST_DIRS];
};

/* Whether the path names "/" or one of those directories. */
int host_is_named(const char *path);

/* Whether the mount point is one of them, by whatever path it was reached; "/" is `root`. 1
 * with its name, 0, or -1 with err. */
int host_is_point(struct host *host, const struct object *root, const struct object *point,
	const char **ret_name, struct vst_err *err);
