/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking a host path, component by component, with the rule about symbolic links that
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
	WALK_MISSING,   /* No such component. */
	WALK_UNTRUSTED, /* A symbolic link that may not be followed. */
	WALK_MAGIC,     /* A link of a procfs. */
	WALK_DANGLING,  /* A dangling symbolic link. */
	WALK_LOOP,      /* Too many symbolic links, or too long ones. */
	WALK_LONG,      /* The run followed too many components of links. */
	WALK_NOT_DIR,   /* A component beneath something that is no directory. */
	WALK_THROUGH,   /* A symbolic link that leads beneath a mount point of this run. */
	WALK_IMAGE,     /* A symbolic link in an image. */
	WALK_ERRNO,     /* See errno. */
};

/* Where a walk is: an O_PATH descriptor and its stat. */
struct walk {
	const struct caller *caller;
	unsigned links; /* Links followed so far. */
	int fd;         /* O_PATH; owned. */
	struct object at;
	/* If the walk is at something that is no directory: the directory that really holds it,
	 * owned, and its name there. -1: the walk is at a directory. */
	int holder_fd;
	char name[VST_COMPONENT_MAX + 1];
	/* Directories that are covered before the step acts: a symbolic link that leads beneath
	 * one is not followed. May be NULL. */
	const struct object *hidden;
	unsigned n_hidden;
	/* The image, which is hostile: no symbolic link in it is followed, even if root owns
	 * it. May be NULL. */
	const struct object *image;
	uint32_t in_image; /* The walk is in the image. */
	/* Whether a directory on the way, or where the walk is, was not root's alone; who can
	 * change what it leads to, UINT32_MAX: unknown, or several. is_judged, set behind the
	 * start: file systems whose server may be anybody's count as well. */
	int is_others, is_judged;
	uint32_t others_uid;
};

/* A walk that has not started; walk_close accepts it. */
#define WALK_NONE ((struct walk){.fd = -1, .holder_fd = -1})

/* Starts at dir_fd, which is duplicated. -1 with errno. */
int walk_start(struct walk *walk, int dir_fd, const struct caller *caller);

/* Looks at the directories above where the walk is, for is_others. -1 with errno. */
int walk_look_above(struct walk *walk);

/* walk_start_with takes *dir_fd, even on failure. walk_start_root starts at "/". -1 with errno.
 */
int walk_start_with(struct walk *walk, int *dir_fd, const struct caller *caller);
int walk_start_root(struct walk *walk, const struct caller *caller);

/* Enters one component (len bytes, no slash), a directory or anything else. A trusted symbolic
 * link is followed to its end. Unless it returns WALK_OK, the walk stays where it was. */
enum walk_end walk_step(struct walk *walk, const char *component, size_t len);

/* The reason as a sentence (static); "" for WALK_OK, WALK_MISSING and WALK_ERRNO. */
const char *walk_reason(enum walk_end end);

/* Sets err for a walk of `path` that ended so; WALK_MISSING and WALK_ERRNO use errno. Returns
 * -1. */
int walk_fail(enum walk_end end, const char *path, struct vst_err *err);

void walk_close(struct walk *walk);
