/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /run/netns, where "ip netns" keeps namespaces. If it is no mount point, the first "ip netns
 * add" binds it onto itself, which hides what was bound in it before. So we make it a shared
 * mount before we bind anything in it.
 */
#pragma once

#include "../act/exec.h"

/* Relative to "/". */
#define EXEC_NETNS_DIR "run/netns"

/* dir_fd is that directory, root_fd is "/", whose pin's record is root_rec. Makes the directory
 * a shared mount unless it is a mount point, then opens what is on top (O_PATH, the caller's),
 * proved to be the same directory; else VST_EXIT_CONFLICT. */
int exec_netns_open(struct exec_run *run, int root_fd, uint32_t root_rec, int dir_fd,
	int *ret_fd, struct vst_err *err);

/* The most journal bytes that it needs. */
size_t exec_netns_space(void);
