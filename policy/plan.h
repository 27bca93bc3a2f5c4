/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: the steps of a verb, in the order in which they are done. Pure data, which plan.c
 * makes from a validated request and the bundle's layout.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../ipc/err.h"
#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "step.h"
#include "verbs.h"

/* Facts about the bundle's directory, looked up by bundle.c. */
struct bundle_layout {
	int has_lower;       /* the bundle has `lower`: rootfs will be an overlay on it */
	int rootfs_is_mount; /* rootfs is already a mount point */
	int root_is_asked;   /* an entry of mounts[] mounts on rootfs, so none is implied */
};

/* A request that validate.c has accepted: operations back to back, each of valid form and
 * values. Strings are NUL-terminated in place. Only wire_get.c knows the layout. */
struct request {
	const unsigned char *bytes; /* borrowed from the wire_msg that validate was given */
	size_t len;
	uint32_t n_ops;
	struct text containerd; /* the document's `namespace`; off 0: none */
};

/* An operation, read in place. Strings are offsets into the request's bytes. */
struct request_op {
	uint8_t kind; /* enum vst_op_kind */
	uint8_t arg;
	/* LINK: name, add, peer. MOUNT: destination, type, source. All others have one. */
	struct text str[3];
	struct vst_mount_flags flags; /* MOUNT */
	uint16_t n_items;             /* MOUNT */
	/* Offset of the first item, for wire_get_item; of a LINK's settings, for wire_get_set.
	 */
	uint32_t items;
};

/* Reads the operation at *cursor, which is 0 at first, and advances *cursor. Returns 1, or 0 at
 * the end. The request must be validated: a malformed operation ends the program. */
int request_next(const struct request *request, size_t *cursor, struct request_op *ret_op);

#define PLAN_STEPS_MAX (VST_OPS_MAX + 4 + 2 * VST_LINK_SETS_MAX)

struct plan {
	enum plan_verb verb;
	const char *bytes; /* the request's; offset 0 is never a string */
	uint32_t n_steps;
	struct step *steps; /* room for PLAN_STEPS_MAX; the caller's */
	uint32_t n_mounts;
	struct step_mount
		*mounts; /* room for VST_MOUNTS_MAX; the caller's; step.mount is an index */
	uint32_t n_sources;
	struct step_source *sources; /* room for VST_MOUNT_SOURCES_MAX; the caller's; in the
					mounts' order */
	uint32_t n_options;
	struct step_option *options; /* room for VST_MOUNT_OPTIONS_MAX; the caller's; in the
					mounts' order */
	uint32_t n_sets;
	struct step_set *sets; /* room for VST_LINK_SETS_MAX; the caller's */
	uint32_t n_addresses;
	struct vst_address *addresses; /* room for VST_ADDRESSES_MAX; the caller's; in the sets'
					  order */
	uint32_t n_routes;
	struct vst_route
		*routes; /* room for VST_ROUTES_MAX; the caller's; in the sets' order */
	uint64_t hash; /* over all that the verb acts on; differs if the document was changed */
	struct bundle_layout layout;
};

/* Makes the steps of the verb. For prepare: mounts, then directories, then cgroups, each in the
 * document's order; the implied root file system comes just before the first mount beneath
 * rootfs, or after the last mount. For attach: links, each followed by what is set of it, then
 * namespaces. The caller has set the pointers of the plan to their storage. The plan borrows
 * the request's bytes. */
void plan_build(enum plan_verb verb, const struct request *request,
	const struct bundle_layout *layout, struct plan *plan);

static inline const char *plan_text(const struct plan *plan, uint32_t off)
{
	return plan->bytes + off;
}

/* A plan whose names resolve has looked up with the caller's rights. confirm judges it next. */
struct plan_pinned {
	const struct plan *plan;
	struct pin *pins; /* pin 0 is the bundle's directory */
	uint32_t n_pins;
	struct ns_fact ns[VST_NS_COUNT];
	const struct grant_dir *granted; /* of each step, by the policy; NULL: none */
	const struct grant_port *ports;  /* likewise */
};
