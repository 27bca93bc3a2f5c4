/* Mounts as /proc/self/mountinfo has them: for kernels without statmount (6.8). */
#pragma once

#include <stdint.h>

enum mountinfo_found {
	MOUNTINFO_NONE,      /* no mount has the id */
	MOUNTINFO_THERE,     /* one has, and its path ends with the one asked for */
	MOUNTINFO_ELSEWHERE, /* one has, elsewhere: the one asked for was moved, or its id given
				anew */
};

/* Looks for the mount of this 32-bit id, hidden ones included; path: the end of where it is to
 * be, from a component on. -1 with errno: /proc is not to be had. */
int mountinfo_find(uint64_t mnt_id, const char *path);
