/* What a mount must not cover: the bundle and the state directory, or nobody finds them to take
 * the mount back. */
#pragma once

#include "../kernel/beneath.h"

#define COVER_MAX 64

struct cover {
	int fds[2]; /* borrowed; -1: none */
	int is_known;
	unsigned n;
	struct object
		at[COVER_MAX]; /* the directories on the way to them, themselves included */
};

/* Whether mounting on this directory hides one of them: 1, 0, or -1 with errno. */
int cover_hides(struct cover *cover, const struct object *point);

/* Whether dir_fd lies beneath that directory, or is it: 1, 0, or -1 with errno. */
int cover_is_in(int dir_fd, const struct object *dir);

/* Whether the directory is found by its own path: 1, 0 (something else is mounted over it, or
 * it was moved), or -1 with errno. Changes the working directory to "/". */
int cover_is_found(int dir_fd);
