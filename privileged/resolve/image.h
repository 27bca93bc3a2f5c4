/*
 * The walk of a path inside an image: its symbolic links lead where they would lead if the
 * image were "/". Most paths have no link on the way, and the kernel walks them; links are
 * followed here, one component at a time, so that they can be counted (link_steps.h).
 */
#pragma once

/* Opens (O_PATH) the deepest directory of the path that exists beneath root_fd. The path goes
 * on at *ret_rest: "" if all of it exists; else its first component is not there, or is a link
 * that leads to what is not there; or, with *ret_is_file, it is the last one, and what it leads
 * to is no directory. -1 with errno: ENOTDIR where something else is on the way; ELOOP, EMLINK
 * for links that are too many, or of a procfs. */
int image_deepest(
	int root_fd, const char *path, int *ret_fd, const char **ret_rest, int *ret_is_file);
