/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classifies what is wrong with a text that is not JSON, by the bytes at the first error. The
 * result is a code: the parser never sends words.
 */
#pragma once

#include <stddef.h>

#include "../ipc/op.h"

struct mistake {
	const unsigned char *bytes; /* the document; strings before `at` may be overwritten */
	size_t len;
	size_t at;      /* the first wrong byte; len: the document ends too early */
	int in_object;  /* the innermost open container is an object */
	int after_name; /* the last token is a member's name */
	int has_root;   /* the document's value is complete */
};

/* Returns the most specific code that fits: a VST_DOC_JSON_*, VST_DOC_TRAILING or
 * VST_DOC_SYNTAX. */
enum vst_doc_error mistake_tell(const struct mistake *mistake);
