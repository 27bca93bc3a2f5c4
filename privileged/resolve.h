/*
 * Names become pinned descriptors, with the caller's rights. After this file there is no path
 * string but the remainder beneath a descriptor.
 *
 * An absolute host path is walked component by component (O_PATH, O_NOFOLLOW). A symbolic link
 * is followed only if root or the caller owns it and it does not stand in a directory that
 * others can write; a magic link never. The walk ends at the deepest directory that exists, or
 * at a mount of this run: the step is deferred then.
 */
#pragma once

#include "../ipc/err.h"
#include "../policy/caller.h"
#include "../policy/plan.h"
#include "nl.h"

/* The bundle as resolve needs it: pin 0. */
struct resolve_root {
	int fd;
	const char *path;
};

/* Resolves every step of plan in place: paths become a pin and a rest, existing links an
 * ifindex (here: a socket in our network namespace, or NULL if no step moves one). The pins
 * are static storage of resolve.c, their descriptors open until resolve_close; pin 0 borrows
 * the bundle's. */
int resolve(struct plan *plan, const struct resolve_root *bundle, const struct caller *caller,
	struct nl *here, struct plan_pinned *ret, struct vst_err *err);

void resolve_close(struct plan_pinned *pinned);

/* Walks a path that must exist, by the same rule; relative ones begin at start_fd. *ret_fd is
 * O_PATH, never a symbolic link. `what` names it in messages. exit is the status of a path that
 * is not there or may not be walked. */
int resolve_existing(int start_fd, const char *path, const struct caller *caller,
	const char *what, enum vst_exit exit, int *ret_fd, struct vst_err *err);

/* Opens the directory of a journal's pin again. 1: there, *ret_fd; 0: gone, or another one now.
 */
int resolve_again(
	const char *path, uint64_t dev, uint64_t ino, const struct caller *caller, int *ret_fd);
