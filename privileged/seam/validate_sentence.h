/* What is wrong with a document, in words: the sentence of a finding that crossed the seam. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../ipc/exit.h"
#include "../../ipc/op.h"

/* "runtime.json:LINE:COLUMN: interfaces[2].name SENTENCE" into a buffer of size bytes; the
 * place is "the document" where there is none, and what a misspelled member stands in. A code,
 * member or field that is not known is -1.
 */
int validate_sentence(const struct vst_finding *finding, char *ret, size_t size);

/* The exit status that a code calls for. */
enum vst_exit validate_sentence_exit(uint16_t code);
