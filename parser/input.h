/* The document, read once into memory of the parser's own and never looked at again. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"

struct document {
	size_t len;
	/* One byte more than a document may have: tells one that is too large, and ends the
	 * others for json.c. */
	unsigned char bytes[VST_DOC_MAX + 1];
};

/* Reads descriptor 0 to its end. 0, or -1 with READ, EMPTY_FILE or TOO_LARGE. */
int input_read(struct document *doc, struct vst_finding *ret_finding);

/* 0, or -1 with UTF8 at the first byte that is not part of well-formed UTF-8 (no overlong
 * form, no surrogate, nothing above U+10FFFF: yajl lets those pass). */
int input_check_utf8(const struct document *doc, struct vst_finding *ret_finding);
