/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of JSON, exactly: a whole number of a range, or what is wrong with it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../ipc/op.h"

/* Reads a number as JSON writes it. VST_DOC_OK; VST_DOC_NUMBER_FRACTION if it has a fraction or
 * an exponent, whatever its value; `outside` if it is not from min to max. Nothing is rounded,
 * and no number is too long. *ret is untouched on failure. */
enum vst_doc_error number_read(const char *bytes, size_t len, uint32_t min, uint32_t max,
	enum vst_doc_error outside, uint32_t *ret);
