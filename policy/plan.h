/*
 * The plan: what a verb wants done, in the order in which it is done, before and after it was
 * resolved. Pure data; made by plan.c from a validated request and the bundle's layout.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../ipc/err.h"
#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "step.h"
#include "verbs.h"

/* What the bundle's directory holds: facts, looked up by bundle.c. */
struct bundle_layout {
	int has_lower;       /* read-write: rootfs is an overlay on lower */
	int rootfs_is_mount; /* rootfs is a mount point already */
	int root_is_asked;   /* an entry of mounts[] mounts on rootfs: none is implied */
};

/* A request that validate.c has judged: operations back to back, each proved to have its form
 * and values. Strings are NUL-terminated in place. How they are laid out only wire_get.c knows.
 */
struct request {
	const unsigned char *bytes; /* owned by the caller of validate */
	size_t len;
	uint32_t n_ops;
	struct text containerd; /* the namespace that the document names; off 0: none */
};

/* An operation, read in place. Strings are offsets into the request's bytes. */
struct request_op {
	uint8_t kind; /* enum vst_op_kind */
	uint8_t arg;
	/* MKDIR, BIND_NS, CGROUP, NAMESPACE: the one; LINK: name, add, peer; MOUNT:
	 * destination, type, source
	 */
	struct text str[3];
	struct vst_mount_flags flags; /* MOUNT */
	uint16_t n_items;
	uint32_t items; /* where the first begins: wire_get_item */
};

/* Reads the operation at *cursor (0 at first) and advances it. 1, or 0 at the end. Only for a
 * validated request: what is none ends the program. */
int request_next(const struct request *request, size_t *cursor, struct request_op *ret_op);

#define PLAN_STEPS_MAX (VST_OPS_MAX + 4)

struct plan {
	enum plan_verb verb;
	const char *bytes; /* the request's: offset 0 is never a string */
	uint32_t n_steps;
	struct step *steps; /* PLAN_STEPS_MAX of them, storage of the caller, as all these */
	uint32_t n_mounts;
	struct step_mount *mounts; /* VST_MOUNTS_MAX: STEP_MOUNT_* name them by index */
	uint32_t n_sources;
	struct step_source
		*sources; /* VST_MOUNT_SOURCES_MAX: the mounts', one after the other */
	uint32_t n_options;
	struct step_option *options; /* VST_MOUNT_OPTIONS_MAX: likewise */
	uint64_t hash; /* of everything that the verb acts on: tells a changed document */
	struct bundle_layout layout;
};

/* Makes the steps of verb: prepare takes the mounts, then the directories, then the cgroups,
 * each in the document's order, with the implied root file system just before the first mount
 * beneath rootfs, or after the last mount; attach the links and the namespaces. plan->steps,
 * mounts, sources and options have their room. The plan borrows the request's bytes. */
void plan_build(enum plan_verb verb, const struct request *request,
	const struct bundle_layout *layout, struct plan *plan);

static inline const char *plan_text(const struct plan *plan, uint32_t off)
{
	return plan->bytes + off;
}

/* A plan whose names were looked up with the caller's rights. The rules judge it once more. */
struct plan_pinned {
	const struct plan *plan;
	struct pin *pins; /* pin 0 is the bundle's directory */
	uint32_t n_pins;
	struct ns_fact ns[VST_NS_COUNT];
};
