/*
 * Repair: a run that never ended is taken back before anything else is done to its bundle.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../journal/journal.h"
#include "undo.h"

/* Takes back what an unfinished run of the journal left, and says so. 0: there was none, or
 * nothing of it is left. -1: something stays; it is printed, a line each, and stays in the
 * journal. A missing capability is VST_EXIT_DENIED, naming it, with nothing touched. Signals
 * are blocked while it acts. */
int repair(struct journal *journal, const struct caller *caller, const char *state_path,
	struct vst_err *err);

/* Prints what stays, and makes one error of it: "WHAT; see journal PATH". */
int repair_report_left(const struct undo_left *left, const struct journal *journal,
	const char *state_path, const char *what, struct vst_err *err);
