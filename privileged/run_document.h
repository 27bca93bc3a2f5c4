/* SPDX-License-Identifier: Apache-2.0 */
/* From the document to an admitted plan. */
#pragma once

#include "run.h"

/* Reads the document, if there is one, through a parser, and prints its warnings. The run is
 * confined before the parser's first byte is read, or at once without a document. Meanwhile the
 * process is judged and the bundle's layout is read. When it returns, the parser has been
 * reaped. */
int run_read_document(struct run *run, enum plan_verb verb, struct vst_err *err);

/* run_build: builds the plan for `verb`, and raises the limit of descriptors as far as its pins
 * may need. run_plan: as run_build, and has the plan admitted. */
int run_build(struct run *run, enum plan_verb verb, struct vst_err *err);
int run_plan(struct run *run, enum plan_verb verb, struct vst_err *err);
