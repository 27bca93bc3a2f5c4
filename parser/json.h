/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as a sequence of tokens. Only json.c includes yajl. It adds two checks that yajl lacks:
 * form feeds and vertical tabs between tokens, and unpaired surrogates in strings.
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

/* One token. Strings and keys are decoded in place, so their bytes last as long as the
 * document. They may contain any byte, NUL included, and are not terminated. */
struct json_token {
	enum json_kind kind;
	int truth;             /* JSON_BOOLEAN */
	int is_half_surrogate; /* has an unpaired surrogate: bytes are not as written */
	const char *bytes;     /* JSON_STRING, JSON_KEY; JSON_NUMBER: as written */
	uint32_t len;
	uint32_t line; /* where the token starts, 1-based, in bytes */
	uint32_t column;
	unsigned depth; /* how many lists and objects enclose it */
};

/* Takes one token. A result other than 0 stops json_parse. */
typedef int (*json_take)(void *ctx, const struct json_token *token);

enum json_result {
	JSON_OK,
	JSON_STOPPED, /* by take */
	JSON_WRONG,   /* not JSON: *ret_finding has mistake_tell's code and no place */
};

/* Passes the document's tokens to `take` in order, each as soon as it was read. Brackets match.
 * The depth is not bounded here: `take` must bound it. Overwrites the document. */
enum json_result json_parse(struct document *doc, struct arena *arena, json_take take,
	void *ctx, struct vst_finding *ret_finding);
