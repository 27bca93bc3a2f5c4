/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds operations from the values of a document, and applies the rules across values: how an
 * interface's members fit together, names used twice, the number of operations.
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

/* An interface. Each string has passed its check of name.h; name is never absent. */
struct build_link {
	struct build_text name;
	struct build_text add;
	struct build_text peer;
	int create_in_root;
	uint32_t index; /* in interfaces[] */
};

struct build {
	struct send *send;
	struct seen names;
	uint32_t n_sources; /* bind sources and layers so far, at most VST_MOUNT_SOURCES_MAX */
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

/* Sends an operation with one string, a canonical path or the name of a namespace, which has
 * passed its check. `text` is the document's string that it was made from. */
int build_one(struct build *build, enum vst_op_kind kind, const struct send_string *string,
	const struct build_text *text, const struct vst_place *place,
	struct vst_finding *ret_finding);

int build_link(
	struct build *build, const struct build_link *link, struct vst_finding *ret_finding);

/* Keeps the absolute canonical path on which to bind the namespace, for build_end. */
int build_bind_ns(struct build *build, enum vst_ns ns, const struct send_string *path,
	const struct build_text *text, const struct vst_place *place,
	struct vst_finding *ret_finding);

/* Sends the kept namespaces, in the order of enum vst_ns. */
int build_end(struct build *build, struct vst_finding *ret_finding);
