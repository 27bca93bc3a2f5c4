/*
 * What cleanup and detach take back of the runs that were committed. Noted as a run of its own
 * while it is done, so that whoever comes after a kill completes it.
 */
#pragma once

#include "undo.h"

/* Notes that the verb (PLAN_CLEANUP, PLAN_DETACH) begins; where the journal cannot grow, not.
 */
void take_begin(struct journal *journal, const struct caller *caller, uint32_t verb, int all);

/* It is over, whatever is left. */
void take_end(struct journal *journal);

/* Takes back what the verb does, with --all or not; what stays is added to left. *ret_is_tried
 * is set when something is touched. -1: it could not begin. */
int take_back(struct journal *journal, const struct caller *caller, uint32_t verb, int all,
	struct undo_left *left, int *ret_is_tried, struct vst_err *err);
