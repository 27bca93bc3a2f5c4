/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Absolute destinations that mean the container's directory, not the host's. Nothing is mounted
 * on the directories that every host has and every container has its own of.
 */
#pragma once

#include "../../ipc/err.h"
#include "beneath.h"

#define HOST_DIRS 4 /* /proc, /sys, /dev, /run */

struct host {
	int is_known;
	unsigned n;
	struct object at[HOST_DIRS]; /* Those that exist. */
	const char *name[HOST_DIRS];
};

/* Whether the path is "/" or one of those directories. */
int host_is_named(const char *path);

/* Whether `point` is "/", which is `root`, or one of those directories, by whatever path it was
 * reached. 1 with its name (static), 0, or -1 with err. `host` caches the lookups, and begins
 * as zeros. */
int host_is_point(struct host *host, const struct object *root, const struct object *point,
	const char **ret_name, struct vst_err *err);
