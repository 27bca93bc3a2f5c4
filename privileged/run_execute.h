/* SPDX-License-Identifier: Apache-2.0 */
/* From an admitted plan to one that is done, or taken back. */
#pragma once

#include "run.h"

/* Resolves and confirms the plan, compares it with --expect, and executes it under `record`.
 * Commits on success, else takes everything back. */
int run_execute(struct run *run, const struct rec_run *record, struct vst_err *err);
