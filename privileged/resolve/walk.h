/*
 * The walk of a host path, component by component, with the rule about symbolic links that
 * resolve.h states.
 */
#pragma once

#include <stddef.h>

#include "../../ipc/limits.h"
#include "../../policy/caller.h"
#include "../kernel/beneath.h"

/* Why a walk ended. */
enum walk_end {
	WALK_OK,
	WALK_MISSING,   /* no such component */
	WALK_UNTRUSTED, /* a symbolic link that is not followed */
	WALK_MAGIC,     /* a link of a procfs */
	WALK_DANGLING,  /* a symbolic link to what does not exist */
	WALK_LOOP,      /* too many symbolic links, or too long */
	WALK_LONG,      /* the run followed too many components of links */
	WALK_NOT_DIR,   /* a component beneath what is no directory */
	WALK_THROUGH,   /* a symbolic link beneath what this run mounts on */
	WALK_IMAGE,     /* a symbolic link of an image */
	WALK_ERRNO,     /* see errno */
};

/* Where a walk is: an O_PATH descriptor and what is known of it. */
struct walk {
	const struct caller *caller;
	unsigned links; /* followed so far */
	int fd;         /* owned */
	struct object at;
	/* Where what is no directory really lies, whatever links led there: the directory that
	 * holds it, owned, and its name. -1: the walk is at a directory. */
	int holder_fd;
	char name[VST_COMPONENT_MAX + 1];
	/* What is beneath these directories is hidden before the step acts: a symbolic link
	 * that leads there, and further, is not followed. May be NULL. */
	const struct object *hidden;
	unsigned n_hidden;
	/* An image is hostile: no symbolic link in this directory or beneath it is followed,
	 * though root owns it. May be NULL. */
	const struct object *image;
	uint32_t in_image; /* the walk is in it */
};

/* A walk that has not started: to be closed all the same. */
#define WALK_NONE                                                                              \
	{                                                                                      \
		.fd = -1, .holder_fd = -1                                                      \
	}

/* Starts at dir_fd, which is duplicated; -1 with errno. */
int walk_start(struct walk *walk, int dir_fd, const struct caller *caller);

/* The same, with a descriptor that is taken in any case; and at "/". */
int walk_start_with(struct walk *walk, int *dir_fd, const struct caller *caller);
int walk_start_root(struct walk *walk, const struct caller *caller);

/* Enters one component (len bytes, no slash): a directory or anything else that is no symbolic
 * link; a trusted symbolic link is followed to its end. On anything but WALK_OK the walk stays
 * where it was. */
enum walk_end walk_step(struct walk *walk, const char *component, size_t len);

/* The sentence for it, "" for WALK_OK, WALK_MISSING and WALK_ERRNO. */
const char *walk_reason(enum walk_end end);

/* The error of a walk of `path` that ended so, WALK_MISSING and WALK_ERRNO by errno. -1. */
int walk_fail(enum walk_end end, const char *path, struct vst_err *err);

void walk_close(struct walk *walk);
