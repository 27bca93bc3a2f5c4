/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inode of a link's directory in sysfs. It survives a move, nobody can choose it, and the
 * kernel does not reuse it (with 32-bit inodes, not for a long time).
 */
#pragma once

#include "nl.h"

/* The sysfs inode of a link in our network namespace. It is believed only if that directory
 * names the link's ifindex and address: /sys may show another namespace. 0: unknown. */
uint64_t link_node(const struct nl_link *link);
