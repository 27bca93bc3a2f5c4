/*
 * /run/netns, where "ip netns" keeps namespaces. When it is no mount point yet, the first
 * "ip netns add" binds it onto itself, and what was bound in it before cannot be reached any
 * more. So whoever binds in it makes it a shared mount first.
 */
#pragma once

#include "../act/exec.h"

/* As seen from "/". */
#define EXEC_NETNS_DIR "run/netns"

/* dir_fd is that directory, root_fd "/", whose pin's record is root_rec. Makes it a shared
 * mount if it is no mount point, and opens what is on top there (O_PATH), proved to be the same
 * directory. */
int exec_netns_open(struct exec_run *run, int root_fd, uint32_t root_rec, int dir_fd,
	int *ret_fd, struct vst_err *err);

/* The most that the journal needs for it. */
size_t exec_netns_space(void);
