/* SPDX-License-Identifier: Apache-2.0 */
/* What sysfs alone tells of an interface. /sys shows the network namespace of whoever mounted
 * it: it is believed only if it has the interface's own ifindex and address. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "nl.h"

/* The inode of the link's directory. It survives a move, nobody can choose it, and the kernel
 * does not reuse it (with 32-bit inodes, not for a long time). 0: unknown. */
uint64_t link_node(const struct nl_link *link);

/* Reads a file of that directory: at most size bytes, with the NUL. -1: unknown. */
int link_node_read(const struct nl_link *link, const char *file, char *ret, size_t size);
