/* What the parser said, judged byte by byte: wire_msg -> request. */
#pragma once

#include "../../ipc/err.h"
#include "../../ipc/limits.h"
#include "../../ipc/op.h"
#include "../../policy/plan.h"
#include "collect.h"
#include "validate_sentence.h"

/* What a document's reader has to be told. */
struct findings {
	struct vst_finding warnings[VST_WARN_MAX];
	unsigned n_warnings;
};

/* Checks version, schema, order, counts, every operation's form and values (names, kinds,
 * canonical paths, a mount's masks and items), what is named twice, the veth rules, and that
 * nothing is left over. A FAIL message is the document's fault and becomes
 * the error, as a sentence with its place; anything else is VST_EXIT_INVALID "the parser broke
 * the protocol". *ret borrows msg's bytes, which are rewritten in place (operations moved
 * together, offset 0 unused). */
int validate(const struct wire_msg *msg, struct request *ret, struct findings *ret_findings,
	struct vst_err *err);
