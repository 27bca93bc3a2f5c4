/* From the document to a plan that was admitted. */
#pragma once

#include "run.h"

/* Reads the document, if there is one, through a parser, and prints its warnings. The run is
 * confined before the parser's first byte is looked at, or at once if there is no document; the
 * parser has exited and been reaped when this returns. The process and the bundle's layout are
 * looked at on the way. */
int run_read_document(struct run *run, enum plan_verb verb, struct vst_err *err);

/* The plan for verb, with the descriptors that its pins may need; and admitted, too. */
int run_build(struct run *run, enum plan_verb verb, struct vst_err *err);
int run_plan(struct run *run, enum plan_verb verb, struct vst_err *err);
