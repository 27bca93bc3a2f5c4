/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroup mounts at /sys/fs/cgroup, in which cgroups are made. */
#pragma once

#include "../../ipc/err.h"

#include "../../policy/caller.h"

/* cgroup v1 has thirteen controllers, and named hierarchies are possible. */
#define HIERARCHIES_MAX 32

/* Pins the cgroup mounts, consecutively (pins.h). With v2 there is one; else every directory of
 * /sys/fs/cgroup that is a cgroup mount, by name, without symbolic links. VST_EXIT_UNSUPPORTED:
 * there is none. */
int cgroup_mounts_pin(
	const struct caller *caller, uint32_t *ret_first, uint32_t *ret_n, struct vst_err *err);
