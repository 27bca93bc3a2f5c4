/*
 * What the kernel itself knows a link by, whatever is set on it: the inode of its directory in
 * sysfs. It goes along when the link is moved, nobody can choose it, and it is not given again
 * (on 32 bits, not for a long time).
 */
#pragma once

#include "nl.h"

/* The inode of a link of our own network namespace, known by number and address there; 0: it
 * cannot be told. What is mounted on /sys may show another namespace, or be nothing. */
uint64_t link_node(const struct nl_link *link);
