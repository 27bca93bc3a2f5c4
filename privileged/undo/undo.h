/*
 * Taking back: the journal's records, last in first out, each proved to be ours before it is
 * touched. For a run that just failed, for one that an earlier process did not finish, and for
 * what a verb takes back on request: the same records, the same proofs.
 */
#pragma once

#include "../../ipc/err.h"
#include "../act/exec.h"
#include "../link/nets.h"
#include "nets_open.h"

/* What could not be taken back, for the report. */
struct undo_left {
	unsigned n;
	enum vst_exit exit; /* of the worst: INCOMPLETE (not to be seen), FAILED (busy,
			       refused), CONFLICT (not ours) */
	char text[8][1280]; /* the first of them, a line each */
};

/* Where records find their objects. */
struct undo_view {
	struct journal *journal;
	const struct caller *caller;
	/* The run that made them, while it lives: its pins. NULL for a later run, which opens
	 * pins again by path, device and inode. */
	const struct exec_run *run;
	const struct plan_allowed *allowed;
	struct nets nets; /* NETS_NONE where no records of links are among them */
};

/* Which records: JOURNAL_* kinds as bits, and mounts by their flags. */
struct undo_which {
	uint32_t run;         /* the run's record: those behind it, up to the next run's */
	unsigned kinds;       /* 1 << enum journal_kind */
	uint32_t mount_flags; /* of a JOURNAL_MOUNT: any of these; 0: every one */
	int stop; /* at the first that stays, because it stands on the ones before it */
};

#define UNDO_ALL (~0u)

/* Takes back, newest first; what stays is added to left. Directories that are older than a
 * mount that stays do so with it, and are not named. Allocates nothing. */
void undo_records(
	const struct undo_view *view, const struct undo_which *which, struct undo_left *left);

/* The capabilities that taking back the run's records of these kinds needs; 0: there are none.
 */
uint64_t undo_needs(const struct journal *journal, uint32_t run, unsigned kinds);

/* The run at run->journal->run has failed: takes back all of it and ends it in the journal, if
 * nothing is left. 0, or -1 with what is left. */
int undo_run(struct exec_run *run, const struct plan_allowed *allowed, struct undo_left *left);
