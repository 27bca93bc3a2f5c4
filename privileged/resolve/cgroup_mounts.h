/* Where cgroups are made: the cgroup mounts at /sys/fs/cgroup. */
#pragma once

#include "../../ipc/err.h"

#include "../../policy/caller.h"

/* cgroup v1 has thirteen controllers, and there may be named hierarchies. */
#define HIERARCHIES_MAX 32

/* Pins them, one after the other (pins.h): with v2 one; else every directory of /sys/fs/cgroup
 * that is a cgroup mount, in the order of their names, symbolic links left out. None at all is
 * VST_EXIT_UNSUPPORTED. */
int cgroup_mounts_pin(
	const struct caller *caller, uint32_t *ret_first, uint32_t *ret_n, struct vst_err *err);
