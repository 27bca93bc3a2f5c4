/*
 * Doing an allowed plan: each step in order, its record in the journal first. The order, the
 * bases and the deferred steps are decided here; the executors only act.
 */
#pragma once

#include "../act/exec.h"
#include "../undo/undo.h"

/* Does every step. 0; or -1 with the step's error, after taking everything back:
 * *ret_left says what could not be (then err->exit is VST_EXIT_INCOMPLETE). */
int execute(const struct plan_allowed *allowed, struct exec_run *run,
	struct undo_left *ret_left, struct vst_err *err);

/* The journal space that the plan needs at most, but for the state of moved interfaces. */
size_t execute_space(const struct plan_allowed *allowed);
