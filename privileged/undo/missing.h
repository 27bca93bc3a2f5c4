/* What a run made and is not where it was made any more. */
#pragma once

#include "../act/exec.h"

/* What a directory or file was made on. */
enum made_on {
	MADE_ON_FOUND,  /* nothing that the run has mounted */
	MADE_ON_MEMORY, /* a file system that goes with its mount, and takes it along */
	MADE_ON_OTHER,  /* a mount of the run that only leads to where it is */
};

enum made_on missing_made_on(
	const struct journal *journal, uint32_t run, const struct journal_rec *rec);

/* From UNDO_MISSING to what comes of it: UNDO_DONE, UNDO_KEPT, or UNDO_OTHERWISE. lives: the
 * record is of the run that this process does itself. */
int missing_judge(
	const struct journal *journal, uint32_t run, const struct journal_rec *rec, int lives);
