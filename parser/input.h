/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the document once into the parser's own memory. The file is not read again. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"

struct document {
	size_t len;
	/* One byte more than a document may have: filled only by a document that is too large;
	 * else json.c writes a blank after the document. */
	unsigned char bytes[VST_DOC_MAX + 1];
};

/* Reads descriptor 0 to its end. Returns 0, or -1 with READ, EMPTY_FILE or TOO_LARGE. */
int input_read(struct document *doc, struct vst_finding *ret_finding);

/* Returns 0, or -1 with UTF8 at the first byte that is not part of well-formed UTF-8. Overlong
 * forms, surrogates and characters above U+10FFFF, which yajl accepts, are not well-formed. */
int input_check_utf8(const struct document *doc, struct vst_finding *ret_finding);
