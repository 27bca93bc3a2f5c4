/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that a run made and that are no longer where they were made. */
#pragma once

#include "../../policy/caller.h"
#include "../act/exec.h"

/* What a directory or file was made on. */
enum made_on {
	MADE_ON_FOUND,  /* Not on a mount of the run. */
	MADE_ON_MEMORY, /* On a file system that ends with its mount, and the object with it. */
	MADE_ON_OTHER,  /* On a mount of the run whose file system outlives it. */
};

/* What the object of a directory's or file's record was made on. It looks for the newest mount
 * of the run that is older than the record and lies above its path. */
enum made_on missing_made_on(
	const struct journal *journal, uint32_t run, const struct journal_rec *rec);

/* Turns UNDO_MISSING into UNDO_DONE, UNDO_KEPT or UNDO_OTHERWISE. `lives`: the record is of
 * this process's own run. */
int missing_judge(
	const struct journal *journal, uint32_t run, const struct journal_rec *rec, int lives);

/* The outcome for an object whose pin is not there any more (found 0), or cannot be looked at
 * (-1); err says so. What was made for a caller with less is his, and so is what it was made
 * in: he can move that away at any time, and remove what is in it without us. So it is missing,
 * as one is in a pin that is there. */
int missing_pin(const struct caller *caller, const struct journal_rec *rec, int found,
	struct vst_err *err);
