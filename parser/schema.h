/*
 * The runtime document, token by token: the values that its members (member.h) take, and a
 * stack of what is open.
 */
#pragma once

#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "build.h"
#include "json.h"
#include "member.h"
#include "mount.h"
#include "send.h"

/* A container that is open. */
struct schema_frame {
	uint8_t kind;        /* enum frame_kind */
	uint16_t n_members;  /* keys of an object so far */
	uint32_t n_elements; /* of a list so far */
	uint32_t line;       /* where it starts */
	uint32_t column;
	struct vst_place place;
};

struct schema_key {
	const char *bytes;
	uint32_t len;
	uint32_t hash;
};

struct schema {
	struct build *build;
	struct send *send;
	int is_strict;
	int has_failed;             /* with the finding: */
	struct vst_finding finding; /* what ended it */
	struct vst_finding
		not_yet; /* the first thing that this version cannot do; code 0: none */
	/* The value that comes next, where an object is open: set by its key. */
	const struct member *member;
	struct build_link link; /* the interface that is open */
	struct mount mount;     /* the mount that is open */
	unsigned n_frames;
	unsigned n_keys;
	struct schema_frame frames[VST_DEPTH_MAX];
	struct schema_key
		keys[VST_DEPTH_MAX * VST_MEMBERS_MAX]; /* of the objects that are open */
};

/* build and send are the schema's to fill. Leaves the keys untouched. */
void schema_init(struct schema *schema, struct build *build, struct send *send, int is_strict);

/* A json_take: ctx is the schema. What is wrong is schema->has_failed with schema->finding, and
 * not always -1: what comes behind it may call the whole document something else. */
int schema_take(void *ctx, const struct json_token *token);

/* After the last token, of a document in which nothing was wrong: sends what is left of the
 * operations, or -1 with schema->finding, which is only now the first thing that is not
 * supported: what is invalid comes before. */
int schema_end(struct schema *schema);
