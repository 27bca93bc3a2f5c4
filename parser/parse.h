/* From a document in memory to what is said about it: the modules in their order. */
#pragma once

#include "../ipc/op.h"
#include "arena.h"
#include "build.h"
#include "input.h"
#include "json.h"
#include "schema.h"
#include "send.h"

/* All memory of a run, four MiB, zero at first. Pages that a document does not need stay
 * untouched. */
struct parse {
	struct document doc;
	struct arena arena;
	struct schema schema;
	struct build build;
	struct send send;
};

/* Judges parse->doc and sends its operations, the last of them still unsent: they go with
 * send_end. 0, or -1 with the first thing that is wrong. */
int parse_document(struct parse *parse, int is_strict, struct vst_finding *ret_finding);
