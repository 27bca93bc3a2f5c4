/* SPDX-License-Identifier: Apache-2.0 */
/* Judges the parser's messages byte by byte: struct wire_msg -> struct request. */
#pragma once

#include "../../ipc/err.h"
#include "../../ipc/limits.h"
#include "../../ipc/op.h"
#include "../../policy/plan.h"
#include "collect.h"
#include "validate_sentence.h"

/* The warnings about a document. */
struct findings {
	struct vst_finding warnings[VST_WARN_MAX];
	unsigned n_warnings;
};

/* Checks version, schema, order and counts of the messages; the form and values of every
 * operation (names, kinds, canonical paths, a mount's masks and items); that no name, peer or
 * bind path is used twice; the veth rules; and that no bytes are left over. A FAIL message
 * becomes the error: a sentence with its place in the document and the finding's exit status.
 * All other errors are VST_EXIT_INVALID "the parser broke the protocol". *ret borrows msg's
 * bytes. These are rewritten in place: operations are compacted, and offset 0 is never a
 * string. */
int validate(const struct wire_msg *msg, struct request *ret, struct findings *ret_findings,
	struct vst_err *err);
