/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges the runtime document token by token, by the tables of member.h, with a stack of the
 * open objects and lists.
 */
#pragma once

#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "build.h"
#include "json.h"
#include "link.h"
#include "member.h"
#include "mount.h"
#include "send.h"

/* An open object or list. */
struct schema_frame {
	uint8_t kind;        /* enum frame_kind */
	uint16_t n_members;  /* an object's keys so far */
	uint32_t n_elements; /* a list's elements so far */
	uint32_t line;       /* of its start */
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
	int has_failed;              /* the document is wrong: finding says why */
	struct vst_finding finding;  /* what is wrong */
	struct vst_finding not_yet;  /* the first thing that is not supported; code 0: none */
	const struct member *member; /* in an object: the member that the last key named */
	struct link link;            /* the open interface */
	struct mount mount;          /* the open mount */
	unsigned n_frames;
	unsigned n_keys;
	struct schema_frame frames[VST_DEPTH_MAX];
	struct schema_key keys[VST_DEPTH_MAX * VST_MEMBERS_MAX]; /* of all open objects */
};

/* Initializes *schema, which will write to build and send. Does not touch the pages of keys. */
void schema_init(struct schema *schema, struct build *build, struct send *send, int is_strict);

/* A json_take; ctx is the schema. On an error it sets schema->has_failed and schema->finding,
 * but may still return 0 to see the rest: a later "ociVersion" replaces the finding. */
int schema_take(void *ctx, const struct json_token *token);

/* To be called after the last token if nothing was wrong. Sends the remaining operations and
 * returns 0, or returns -1 with schema->finding. What is not supported is reported only here,
 * so that an invalid document is called invalid first. */
int schema_end(struct schema *schema);
