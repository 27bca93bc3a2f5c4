/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds operations from the values of a document, and applies the rules across values: names
 * used twice, the number of operations.
 */
#pragma once

#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "input.h"
#include "seen.h"
#include "send.h"

/* A string of the document and its position. */
struct build_text {
	const char *bytes; /* in the document; NULL: absent */
	uint32_t len;
	uint32_t line;
	uint32_t column;
};

struct build {
	struct send *send;
	struct seen names;
	uint32_t n_sources; /* bind sources and layers so far, at most VST_MOUNT_SOURCES_MAX */
	/* Interfaces with settings so far, at most VST_LINK_SETS_MAX; their addresses, at most
	 * VST_ADDRESSES_MAX; their routes, at most VST_ROUTES_MAX. */
	uint32_t n_sets, n_addresses, n_routes;
	struct {
		struct send_string path; /* len 0: absent */
		struct build_text text;
	} ns[VST_NS_COUNT];
	uint32_t n_ns_bytes; /* bytes of ns_bytes in use */
	/* The paths of ns[], packed, so that short paths touch few pages. */
	char ns_bytes[VST_NS_COUNT * VST_PATH_MAX];
};

/* *build must be all zero. */
void build_init(struct build *build, struct send *send, const struct document *doc);

/* The functions below return 0, or -1 with the finding. */

/* -1, with the finding: this text of the document at this place. */
int build_fail(enum vst_doc_error code, const struct build_text *text,
	const struct vst_place *place, struct vst_finding *ret_finding);

/* Sends an operation with one string, a canonical path or the name of a namespace, which has
 * passed its check. `text` is the document's string that it was made from. */
int build_one(struct build *build, enum vst_op_kind kind, const struct send_string *string,
	const struct build_text *text, const struct vst_place *place,
	struct vst_finding *ret_finding);

/* Keeps the absolute canonical path on which to bind the namespace, for build_end. */
int build_bind_ns(struct build *build, enum vst_ns ns, const struct send_string *path,
	const struct build_text *text, const struct vst_place *place,
	struct vst_finding *ret_finding);

/* Sends the kept namespaces, in the order of enum vst_ns. */
int build_end(struct build *build, struct vst_finding *ret_finding);
