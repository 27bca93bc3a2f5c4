/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that unmounting left nothing. Propagation from a shared mount may have put a copy at a
 * mount's own place, which shows only once the mount above it is gone.
 */
#pragma once

#include "undo.h"

/* Upper bound of mount records in one run: two per mount, the implied mounts, one per
 * namespace. */
#define PROOF_MOUNTS_MAX 2048

/* Mount records that were taken back. A record's bit is the number of newer mount records in
 * its run. */
struct proof {
	uint64_t done[PROOF_MOUNTS_MAX / 64];
	unsigned n; /* Bits set. */
};

static inline void proof_note(struct proof *proof, unsigned nth)
{
	if (nth < PROOF_MOUNTS_MAX) {
		proof->done[nth / 64] |= (uint64_t)1 << nth % 64;
		proof->n++;
	}
}

/* The path of a mount record's place, as seen from our root. -1: unknown. */
typedef int proof_place(void *arg, const struct journal_rec *rec, char ret[VST_PATH_MAX + 1]);

/* Reports a mount left at or beneath a record's place. `point` is its mount point; NULL:
 * unknown. */
typedef void proof_left(void *arg, const struct journal_rec *rec, const char *point);

/* For each noted record of the run, proves that no mount lies at or beneath its place but those
 * that were there before. It reads the mounts newer than the records (listmount, 6.8), or all
 * of /proc/self/mountinfo. Proved records become UNDONE; the others are reported to `left`. */
void proof_of_nothing(struct journal *journal, uint32_t run, struct proof *proof,
	proof_place *place, proof_left *left, void *arg);

/* After cleanup: proves that no mount of the journal's lies in the bundle's directory, those
 * that were made elsewhere and stay included; whoever removes the bundle removes nothing else.
 * `left` gets the others, or NULL for a point that cannot be told. Binds of namespaces are
 * passed over: they hold no files. */
void proof_of_bundle(const struct journal *journal, proof_left *left, void *arg);
