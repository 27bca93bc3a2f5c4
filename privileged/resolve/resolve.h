/*
 * Names become pinned descriptors, with the caller's rights. After this file there is no path
 * string but the remainder beneath a descriptor.
 *
 * An absolute host path is walked component by component (O_PATH, O_NOFOLLOW). A symbolic link
 * is followed only if root or the caller owns it and it does not stand in a directory that
 * others can write; a magic link never, nor one of the bundle's image. The walk ends at the
 * deepest directory that exists, or at a mount of this run, also at one whose mount point it is
 * still to make: the path is deferred then. So is a relative path, all of it: what an image
 * holds is looked at only when rootfs is mounted.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../../policy/plan.h"
#include "../kernel/host.h"
#include "../link/nl.h"
#include "cover.h"
#include "walk.h"

/* The bundle as resolve needs it: pin 0. */
struct resolve_root {
	int fd;
	const char *path;
};

/* How often a run asks whether a directory is empty: a long one that was emptied takes its time
 * on some file systems, and the bundle is locked meanwhile. */
#define RESOLVE_LISTED_MAX 16

struct resolver {
	struct plan *plan;
	const struct caller *caller;
	struct nl *here;
	const struct resolve_root *bundle;
	struct plan_pinned *pinned;
	struct object rootfs; /* the bundle's, as it is before the run */
	uint32_t rootfs_pin;  /* 0: not pinned yet */
	struct cover cover;
	struct host host;
	/* What was missing last, of which pin: the steps behind mostly miss the same. One look
	 * serves them all, as if they had been looked up in that moment. NULL: nothing. */
	const char *missing;
	uint32_t missing_len, missing_pin;
	uint32_t n_missing; /* of that pin, in a row, each by a look of its own */
	uint32_t n_listed;  /* directories, of RESOLVE_LISTED_MAX */
	uint32_t empty_pin; /* whose directory had nothing in it at all; 0: none is known */
	unsigned n_targets, n_made, n_late;
	unsigned n_in_root; /* mounts so far whose places in rootfs only execute.c finds */
	uint32_t n_kept;
	uint32_t hierarchies, n_hierarchies; /* pins of the cgroup mounts; 0: not looked for */
	/* Directories that this run mounts on, and the steps that do, in order; a directory may
	 * be there twice, and then the later step is on top. */
	struct object targets[VST_MOUNTS_MAX + 2];
	uint32_t target_steps[VST_MOUNTS_MAX + 2];
	/* Paths of which a step makes what is missing: its destination, an upper, a work. */
	const struct step_path *made[3 * VST_MOUNTS_MAX];
	/* Those of them that this run mounts on, and the steps that do, in order. */
	struct resolve_late {
		uint32_t step, base; /* base: a pin */
		const char *rest;    /* what is missing beneath it */
	} late[VST_MOUNTS_MAX];
	/* Mounts that an earlier run made, outside of the bundle: a step that lands on one is
	 * done. Filled in by who starts; by id. */
	uint64_t kept[VST_MOUNTS_MAX];
};

/* Pins the bundle and "/". state_fd: the state directory, which must not be covered; -1: none.
 * here: a socket in our network namespace, or NULL if no step moves a link. The pins are static
 * storage, their descriptors open until the end. */
int resolve_start(struct resolver *r, struct plan *plan, const struct resolve_root *bundle,
	int state_fd, const struct caller *caller, struct nl *here, struct plan_pinned *ret,
	struct vst_err *err);

/* Resolves step i in place, after those before it: paths become a pin and a rest, existing
 * links an ifindex. A step that is refused can be left out by STEP_REFUSED. */
int resolve_next(struct resolver *r, uint32_t i, struct vst_err *err);

/* All of them. */
int resolve(struct resolver *r, struct vst_err *err);
