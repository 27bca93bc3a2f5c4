/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/self/mountinfo: mounts, covered ones included. It tells what a mount is of, and serves
 * kernels without statmount and listmount (6.8). */
#pragma once

#include <stdint.h>

#include "../../ipc/limits.h"

struct mountinfo {
	uint64_t id, parent; /* 32-bit ids, reused at once. */
	uint64_t dev;        /* Device of its file system; on btrfs not what stat reports. */
	uint64_t ns_ino;     /* Inode of a bound namespace; else 0. */
	char type[64];       /* Type of its file system. */
	char options[2048];  /* Options of its file system. */
	int is_cut;          /* type or options were truncated. */
	int is_shared;       /* It is in a peer group. */
	char point[VST_PATH_MAX + 2]; /* As seen from our root; perhaps cut. */
};

/* Finds the first mount for which is_it returns not 0. 1 with *ret, 0 if there is none, -1 with
 * errno: no /proc. */
int mountinfo_find(int (*is_it)(const struct mountinfo *mount, void *arg), void *arg,
	struct mountinfo *ret);

/* Counts the mounts for which is_it returns not 0. -1 with errno. */
int mountinfo_count(int (*is_it)(const struct mountinfo *mount, void *arg), void *arg);

/* Finds the mount with this id, and the first mount whose parent it is. As mountinfo_find. */
int mountinfo_of(uint64_t mnt_id, struct mountinfo *ret);
int mountinfo_inside(uint64_t mnt_id, struct mountinfo *ret);

/* Whether the mount point ends with `path`, beginning at a component. */
int mountinfo_is_at(const struct mountinfo *mount, const char *path);
