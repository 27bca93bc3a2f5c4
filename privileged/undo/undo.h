/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undo: takes back the journal's records, last in first out, each proved to be ours before it
 * is touched. A failed run, one that an earlier process did not finish, and a verb that takes
 * back on request all go through the same code and proofs.
 */
#pragma once

#include "../../ipc/err.h"
#include "../act/exec.h"
#include "../link/nets.h"
#include "nets_open.h"

/* What could not be taken back, for the report. */
struct undo_left {
	unsigned n;
	enum vst_exit exit; /* The worst: INCOMPLETE (cannot be seen), FAILED (busy, refused),
			       CONFLICT (not ours). */
	char text[8][1280]; /* The first of them, one line each. */
};

/* What an undo needs to find the records' objects; all borrowed. */
struct undo_view {
	struct journal *journal;
	const struct caller *caller;
	/* The run that made them, if it is this process's: it lends its pins. NULL: pins are
	 * opened again by path, device and inode. */
	const struct exec_run *run;
	const struct plan_allowed *allowed;
	struct nets nets; /* NETS_NONE if no record is of a link. */
};

/* Which records of a run are taken back. */
struct undo_which {
	uint32_t run;         /* The run's record. */
	unsigned kinds;       /* Bits, 1 << enum journal_kind. */
	uint32_t mount_flags; /* Only mounts with any of these flags; 0: all mounts. */
	int stop; /* Stop at the first that stays, because it stands on the ones before it. */
	uint32_t record; /* This record alone; 0: all. */
};

#define UNDO_ALL (~0u)

/* Takes the records back, newest first; what stays is added to `left`. If a mount stays,
 * directories older than it stay as well, unreported. Allocates nothing. */
void undo_records(
	const struct undo_view *view, const struct undo_which *which, struct undo_left *left);

/* Adds one record that stays, and why. result: UNDO_* (exec.h). */
void undo_note_left(const struct journal *journal, const struct journal_rec *rec, int result,
	const struct vst_err *err, struct undo_left *left);

/* The capabilities, as bits, that taking back the run's records of these kinds needs; 0: no
 * such record is left. */
uint64_t undo_needs(const struct journal *journal, uint32_t run, unsigned kinds);

/* Takes back all of the failed run at run->journal->run, and ends the run in the journal if
 * nothing is left. -1: something is, see `left`. */
int undo_run(struct exec_run *run, const struct plan_allowed *allowed, struct undo_left *left);
