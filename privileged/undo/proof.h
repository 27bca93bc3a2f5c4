/*
 * The proof that taking mounts back left nothing: whatever was unmounted may have had a copy at
 * its own place, through a shared mount, that only shows when it is gone.
 */
#pragma once

#include "undo.h"

/* Mount records of one run at most: two a mount, the implied ones, a namespace each. */
#define PROOF_MOUNTS_MAX 2048

/* Mount records that were taken back, by how many mount records of the run are newer. */
struct proof {
	uint64_t done[PROOF_MOUNTS_MAX / 64];
	unsigned n; /* of them */
};

static inline void proof_note(struct proof *proof, unsigned nth)
{
	if (nth < PROOF_MOUNTS_MAX) {
		proof->done[nth / 64] |= (uint64_t)1 << nth % 64;
		proof->n++;
	}
}

/* Where a mount record lies, as seen from our root. 0, or -1: nobody can say. */
typedef int proof_place(void *arg, const struct journal_rec *rec, char ret[VST_PATH_MAX + 1]);

/* What is left at or beneath a record's place. point: where; NULL: it cannot be looked at. */
typedef void proof_left(void *arg, const struct journal_rec *rec, const char *point);

/* Proves of the noted records of the run that no mount lies at or beneath their places but what
 * was there before: in one pass over the mounts that are newer than theirs (6.8), or over all
 * (/proc). Those of which that is proved are UNDONE then; of others `left` is told. */
void proof_of_nothing(struct journal *journal, uint32_t run, struct proof *proof,
	proof_place *place, proof_left *left, void *arg);
