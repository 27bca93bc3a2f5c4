/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking a path in an image: symbolic links lead where they would if the image were "/". Most
 * paths have no link, and the kernel walks them. Links are followed here, one component at a
 * time, so that they can be counted (link_steps.h).
 */
#pragma once

/* Opens (O_PATH) the deepest directory of the path that exists beneath root_fd; *ret_fd is the
 * caller's. *ret_rest is the rest of the path: "" if all of it exists, else its first component
 * is missing, or a link that leads to what is missing. With *ret_is_file, it is the last
 * component, and leads to something that is no directory. -1 with errno: ENOTDIR if something
 * else is on the way; ELOOP, EMLINK for too many links, or links of a procfs. */
int image_deepest(
	int root_fd, const char *path, int *ret_fd, const char **ret_rest, int *ret_is_file);
