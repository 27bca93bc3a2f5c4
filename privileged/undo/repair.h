/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repair: before anything else is done to a bundle, its unfinished runs are taken back.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../journal/journal.h"
#include "undo.h"

/* Takes back the unfinished runs of the journal, or completes them (cleanup, detach), and
 * reports that. 0: none was left. -1: something stays, is printed, a line each, and stays in
 * the journal. A missing capability is VST_EXIT_DENIED, and the run that needs it is not
 * touched. Signals are blocked meanwhile, and stay blocked on failure. */
int repair(struct journal *journal, const struct caller *caller, const char *state_path,
	struct vst_err *err);

/* Prints each step that could not be taken back, and sets err to their summary. `what` begins
 * it. Returns -1. */
int repair_report_left(const struct undo_left *left, const struct journal *journal,
	const char *state_path, const char *what, struct vst_err *err);
