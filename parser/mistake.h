/*
 * What is wrong with a text that is no JSON, told apart by the bytes where it stopped being
 * any: a number, as everything that the parser says.
 */
#pragma once

#include <stddef.h>

#include "../ipc/op.h"

struct mistake {
	const unsigned char *bytes; /* up to `at` perhaps decoded, quotation marks and all */
	size_t len;                 /* outside of strings as they were */
	size_t at;                  /* the first byte that does not fit; len: one is missing */
	int in_object;              /* what is open there is an object */
	int after_name;             /* the last thing that was read is a member's name */
	int has_root;               /* the document's value is complete */
};

/* The most telling of VST_DOC_JSON_*, or VST_DOC_SYNTAX or VST_DOC_TRAILING. */
enum vst_doc_error mistake_tell(const struct mistake *mistake);
