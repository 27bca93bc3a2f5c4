/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the stages of the parser, in order, on a document in memory. */
#pragma once

#include "../ipc/op.h"
#include "arena.h"
#include "build.h"
#include "input.h"
#include "json.h"
#include "schema.h"
#include "send.h"

/* All memory of a run, 4 MiB, zero at first. Pages that a document does not need are never
 * touched. */
struct parse {
	struct document doc;
	struct arena arena;
	struct schema schema;
	struct build build;
	struct send send;
};

/* Judges parse->doc and sends its operations. The last batch stays unsent until send_end.
 * Returns 0, or -1 with the first thing that is wrong. */
int parse_document(struct parse *parse, int is_strict, struct vst_finding *ret_finding);
