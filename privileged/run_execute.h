/* From a plan that was admitted to one that is done, or taken back. */
#pragma once

#include "run.h"

/* Resolves, confirms, compares with what is expected, and does the plan under `record`;
 * commits, or takes back. */
int run_execute(struct run *run, const struct rec_run *record, struct vst_err *err);
