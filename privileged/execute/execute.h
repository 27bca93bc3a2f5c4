/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executes an allowed plan: each step in order, its record in the journal first. This room
 * decides the order, the bases and the deferred paths; the executors only act.
 */
#pragma once

#include "../act/exec.h"
#include "../undo/undo.h"

/* Executes every step. On failure it takes everything back and returns -1 with the step's
 * error. *ret_left says what could not be taken back; err->exit is then VST_EXIT_INCOMPLETE. */
int execute(const struct plan_allowed *allowed, struct exec_run *run,
	struct undo_left *ret_left, struct vst_err *err);

/* The most journal bytes that the plan needs. */
size_t execute_space(const struct plan_allowed *allowed);
