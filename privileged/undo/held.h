/*
 * What the journal says is held for a bundle, compared with the kernel.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../../policy/plan.h"
#include "../act/exec.h"
#include "../journal/journal.h"
#include "../link/nets.h"

/* What is there of a verb's earlier, committed runs. */
enum held {
	HELD_NONE,    /* nothing, or nothing any more: its records are UNDONE now */
	HELD_ALL,     /* everything, for the same plan and process */
	HELD_CHANGED, /* everything, but for another plan */
	HELD_OTHER,   /* something, for another process */
	HELD_PARTLY,  /* some of it is gone, or cannot be seen; err says which */
	HELD_KEPT,  /* prepare: what lies in the bundle was taken back, mounts elsewhere stay */
	HELD_STALE, /* the same, of another plan */
};

/* Looks at what the journal holds of verb (prepare or attach), for the plan and, with attach,
 * the process of `now`. */
int held_look(struct journal *journal, enum plan_verb verb, const struct caller *caller,
	const struct rec_run *now, enum held *ret, struct vst_err *err);

/* The same by the journal alone, for who may not look at the kernel: everything that it has not
 * noted as taken back counts as there. HELD_PARTLY does not come of it. */
enum held held_claim(
	const struct journal *journal, enum plan_verb verb, const struct rec_run *now);

/* The newest committed run of the verb that holds anything, or NULL: the one that made what
 * held_look calls HELD_ALL. Valid as long as the journal. */
const struct rec_run *held_newest(const struct journal *journal, enum plan_verb verb);

/* Whether the record is of something that is held: a mount, a link, not UNDONE. */
int held_is_object(const struct journal_rec *rec);

/* Whether the object of such a record is there as it was made. nets are those of the record's
 * run; never opened, its links are unknown. EXEC_UNKNOWN: err says why. */
enum exec_present held_present(struct journal *journal, const struct caller *caller,
	const struct nets *nets, const struct journal_rec *rec, struct vst_err *err);

/* "prepare", "attach". */
const char *held_verb_name(uint32_t verb);

/* What a record is of, printable: "mount" and "/b/rootfs", "interface" and "wg0". */
struct held_name {
	const char *kind;
	char name[560];
};

void held_describe(
	const struct journal *journal, const struct journal_rec *rec, struct held_name *ret);

/* The ids of the mounts outside of the bundle that prepare's committed runs hold; at most max.
 */
uint32_t held_kept(const struct journal *journal, const struct caller *caller,
	uint64_t *ret_ids, uint32_t max);

/* Objects of runs: how many are held, and how many of them are there, or exist elsewhere. */
struct held_count {
	unsigned held;
	unsigned in_bundle; /* of those held: mounts in the bundle */
	int is_cleaned;     /* a run's mounts in the bundle were all taken back */
	unsigned there;
	unsigned hidden;
	unsigned elsewhere;       /* of another mount namespace */
	unsigned unknown;         /* it cannot be told whether they are there */
	struct held_name missing; /* the first that is not there, and how */
	char missing_how[192];
};

/* Adds the objects of the run whose record is at place. -1: its network namespace is not ours.
 */
int held_count(struct journal *journal, uint32_t place, const struct caller *caller,
	struct held_count *count, struct vst_err *err);
