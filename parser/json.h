/*
 * JSON as a row of tokens. json.c is the only file that includes yajl, and makes up for what
 * yajl lets pass: form feeds and vertical tabs between tokens, halves of surrogate pairs.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../ipc/op.h"
#include "arena.h"
#include "input.h"

enum json_kind {
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_NUMBER,
	JSON_STRING,
	JSON_KEY,
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
};

/* Of one token. Strings and keys are decoded, lie in the document's own memory and stay there;
 * they may hold any byte, NUL too, and are not terminated. */
struct json_token {
	enum json_kind kind;
	int truth;             /* JSON_BOOLEAN */
	int is_half_surrogate; /* the text has half of a surrogate pair: bytes mean nothing */
	const char *bytes;     /* JSON_STRING, JSON_KEY */
	uint32_t len;
	uint32_t line; /* where the token starts, 1-based, in bytes */
	uint32_t column;
	unsigned depth; /* how many lists and objects it is in */
};

/* Takes one token; anything but 0 ends the reading. */
typedef int (*json_take)(void *ctx, const struct json_token *token);

enum json_result {
	JSON_OK,
	JSON_STOPPED, /* by take */
	JSON_WRONG,   /* *ret_finding: as mistake_tell has it, with no place */
};

/* Hands the document's tokens to take, in order, each as soon as it was read; brackets match.
 * Writes over the document. Any depth is handed on: take bounds it. */
enum json_result json_parse(struct document *doc, struct arena *arena, json_take take,
	void *ctx, struct vst_finding *ret_finding);
