/* Taking back: the journal's records, last in first out, each proved to be ours before it is
 * touched. */
#pragma once

#include "../ipc/err.h"
#include "exec.h"

/* What could not be taken back, for the report. */
struct undo_left {
	unsigned n;
	char text[8][640]; /* the first of them, a line each */
};

/* Takes back every record of the run at run->journal->run, newest first, and goes on if one of
 * them fails; ends the run in the journal (UNDONE) if nothing is left. 0, or -1 with what is
 * left. Allocates nothing; works on the descriptors that the run took. */
int undo_run(struct exec_run *run, const struct plan_allowed *allowed, struct undo_left *left);

/* Calls undo(arg) until it is no longer UNDO_BUSY, at most VST_BUSY_TIMEOUT_MS. */
int undo_patiently(int (*undo)(const void *arg, struct vst_err *err), const void *arg,
	struct vst_err *err);

/* Adds the error's line to what is left. */
void undo_note_left(struct undo_left *left, const struct vst_err *err);
