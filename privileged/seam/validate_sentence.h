/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a finding that crossed the seam as numbers into a sentence. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../ipc/exit.h"
#include "../../ipc/op.h"

/* Writes "runtime.json:LINE:COLUMN: interfaces[2].name SENTENCE" into a buffer of `size` bytes.
 * Without a place it says "the document". For an unknown or misspelled member it says "a member
 * of" and what contains it. Returns -1 for an unknown code, member or field, for a line or
 * column of 0, or for a place whose numbers do not fit together. */
int validate_sentence(const struct vst_finding *finding, char *ret, size_t size);

/* The exit status that a code calls for. */
enum vst_exit validate_sentence_exit(uint16_t code);
