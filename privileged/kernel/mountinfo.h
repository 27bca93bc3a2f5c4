/* Mounts as /proc/self/mountinfo has them, hidden ones included: by what they are of, and for
 * kernels without statmount and listmount (6.8). */
#pragma once

#include <stdint.h>

#include "../../ipc/limits.h"

struct mountinfo {
	uint64_t id, parent; /* 32-bit ids, which are given anew at once */
	uint64_t dev;        /* of its file system: not always what stat says (btrfs) */
	uint64_t ns_ino;     /* of a namespace that is bound, its inode; else 0 */
	char type[64];       /* of its file system */
	char options[2048];  /* of that, as shown */
	int is_cut;          /* they are longer than what is here */
	int is_shared;       /* it has, or may have, peers */
	char point[VST_PATH_MAX + 2]; /* as seen from our root; too long: what fits */
};

/* The first mount that is_it says is the one. 1, 0 if there is none, -1 with errno: /proc is
 * not to be had. */
int mountinfo_find(int (*is_it)(const struct mountinfo *mount, void *arg), void *arg,
	struct mountinfo *ret);

/* How many those are. -1 with errno. */
int mountinfo_count(int (*is_it)(const struct mountinfo *mount, void *arg), void *arg);

/* The mount of this id, and the first whose parent it is. */
int mountinfo_of(uint64_t mnt_id, struct mountinfo *ret);
int mountinfo_inside(uint64_t mnt_id, struct mountinfo *ret);

/* Whether it is at a path that ends with this one, from a component on. */
int mountinfo_is_at(const struct mountinfo *mount, const char *path);
