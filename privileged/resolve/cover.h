/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps mounts from covering the bundle and the state directory: undo must find them. */
#pragma once

#include "../kernel/beneath.h"

#define COVER_MAX 64

struct cover {
	int fds[2]; /* The bundle and the state directory; borrowed. -1: none. */
	int is_known;
	unsigned n;
	struct object at[COVER_MAX]; /* They and all directories above. */
};

/* Whether a mount on this directory would cover one of them: 1, 0, or -1 with errno. */
int cover_hides(struct cover *cover, const struct object *point);

/* Whether the directory's own path leads to it: 1; 0 if it was covered or moved; -1 with errno.
 * Changes the working directory to "/". */
int cover_is_found(int dir_fd);
