/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What cleanup and detach take back of committed runs. A cleanup or detach is itself noted as a
 * run, so that the next run completes it if it is killed.
 */
#pragma once

#include "undo.h"

/* Notes that the verb (PLAN_CLEANUP, PLAN_DETACH) begins. A journal that cannot grow is no
 * failure: the verb then runs unnoted. */
void take_begin(struct journal *journal, const struct caller *caller, uint32_t verb, int all);

/* Ends that run, even if objects are left: those stay noted in their own runs. */
void take_end(struct journal *journal);

/* Takes back what `verb` is for, with --all if `all`; what stays is added to `left`. Sets
 * *ret_is_tried once a run's objects are attempted. -1 with err: a capability is missing or a
 * network namespace could not be opened; earlier runs may be done. */
int take_back(struct journal *journal, const struct caller *caller, uint32_t verb, int all,
	struct undo_left *left, int *ret_is_tried, struct vst_err *err);
