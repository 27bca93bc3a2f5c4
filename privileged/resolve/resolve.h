/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resolves names to pinned descriptors, with the caller's rights. After this, a path is a
 * descriptor and a rest beneath it.
 *
 * An absolute host path is walked component by component (O_PATH, O_NOFOLLOW). A symbolic link
 * is followed only if root or the caller owns it and others cannot write its directory. A magic
 * link is never followed, nor a link in the bundle's image. The walk ends at the deepest
 * existing directory, or at a mount point of this run, even one that is still to be made: the
 * path is then deferred. A relative path is deferred as a whole: the image is looked at only
 * once rootfs is mounted.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../../policy/plan.h"
#include "../kernel/host.h"
#include "../link/nl.h"
#include "cover.h"
#include "walk.h"

/* The bundle as resolve needs it: pin 0. Borrowed. */
struct resolve_root {
	int fd;
	const char *path;
};

/* The most directories that a run lists to see whether they are empty. A large one that was
 * emptied is slow to list on some file systems, and the bundle is locked meanwhile. */
#define RESOLVE_LISTED_MAX 16

struct resolver {
	struct plan *plan;
	const struct caller *caller;
	struct nl *here;
	const struct resolve_root *bundle;
	struct plan_pinned *pinned;
	struct object rootfs; /* The bundle's rootfs, as it is before the run. */
	uint32_t rootfs_pin;  /* 0: not pinned yet. */
	struct cover cover;
	struct host host;
	/* The last missing component, and its pin. Successive steps mostly miss the same one,
	 * and one lookup serves them all. NULL: none. */
	const char *missing;
	uint32_t missing_len, missing_pin;
	uint32_t n_missing; /* Successive lookups beneath that pin that found nothing. */
	uint32_t n_listed;  /* Directories listed, of RESOLVE_LISTED_MAX. */
	uint32_t empty_pin; /* The pin whose directory is empty; 0: none is known. */
	unsigned n_targets, n_made, n_late;
	unsigned n_in_root; /* Mounts so far whose mount points in rootfs only execute.c finds.
			     */
	uint32_t n_kept;
	uint32_t hierarchies, n_hierarchies; /* Pins of the cgroup mounts; 0: not looked for. */
	/* Directories that this run mounts on, and the steps that do, in order. If a directory
	 * is there twice, the later step is on top. */
	struct object targets[VST_MOUNTS_MAX + 2];
	uint32_t target_steps[VST_MOUNTS_MAX + 2];
	/* Paths whose missing part a step makes: its destination, upper and work directory. */
	const struct step_path *made[3 * VST_MOUNTS_MAX];
	/* Those of them that this run mounts on, and the steps that do, in order. */
	struct resolve_late {
		uint32_t step, base; /* base: a pin. */
		const char *rest;    /* The missing part beneath it. */
	} late[VST_MOUNTS_MAX];
	/* Ids of mounts outside of the bundle that an earlier run made, set by the caller: a
	 * step that lands on one is done. */
	uint64_t kept[VST_MOUNTS_MAX];
};

/* Pins the bundle and "/". state_fd is the state directory, which must not be covered; -1:
 * none. `here` is a socket in our network namespace, or NULL if no step moves a link. All
 * arguments are borrowed. Pins are static, and their descriptors stay open until the end. */
int resolve_start(struct resolver *r, struct plan *plan, const struct resolve_root *bundle,
	int state_fd, const struct caller *caller, struct nl *here, struct plan_pinned *ret,
	struct vst_err *err);

/* Resolves step i in place, after all before it: paths become a pin and a rest, existing links
 * an ifindex. A refused step can be left out with STEP_REFUSED. */
int resolve_next(struct resolver *r, uint32_t i, struct vst_err *err);

/* Resolves all steps. */
int resolve(struct resolver *r, struct vst_err *err);
