/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares what the journal says is held for a bundle with the kernel's state.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../../policy/plan.h"
#include "../act/exec.h"
#include "../journal/journal.h"
#include "../link/nets.h"
#include "../mount/exec_mount.h"

/* What exists of a verb's earlier, committed runs. */
enum held {
	HELD_NONE,    /* Nothing is held; records of vanished objects are now UNDONE. */
	HELD_ALL,     /* Everything exists, for the same plan and process. */
	HELD_CHANGED, /* Everything exists, for another plan. */
	HELD_OTHER,   /* Something exists, for another process. */
	HELD_PARTLY,  /* An object is gone or cannot be seen; err says which. */
	HELD_KEPT,  /* Prepare's mounts in the bundle were taken back, those elsewhere exist. */
	HELD_STALE, /* As HELD_KEPT, for another plan. */
};

/* Compares what the journal holds of `verb` (prepare or attach) with the kernel, for the plan
 * of `now` and, with attach, its process. -1 with err: an attach's network namespace could not
 * be opened, or is not ours. HELD_PARTLY sets err, too. */
int held_look(struct journal *journal, enum plan_verb verb, const struct caller *caller,
	const struct rec_run *now, enum held *ret, struct vst_err *err);

/* As held_look, from the journal alone, for callers that may not inspect the kernel: every
 * object not noted as taken back counts as there. Never returns HELD_PARTLY. */
enum held held_claim(
	const struct journal *journal, enum plan_verb verb, const struct rec_run *now);

/* The newest committed run of the verb that holds an object, or NULL. If held_look says
 * HELD_ALL, this run made it. Borrowed from the journal. */
const struct rec_run *held_newest(const struct journal *journal, enum plan_verb verb);

/* Whether the record is of a mount or link that is not UNDONE. Copies of mounts are not
 * counted. */
int held_is_object(const struct journal_rec *rec);

/* Whether the object of such a record is there as it was made. `nets` are the namespaces of the
 * record's run; if they were not opened, its links are EXEC_UNKNOWN. EXEC_UNKNOWN sets err. */
enum exec_present held_present(struct journal *journal, const struct caller *caller,
	const struct nets *nets, const struct journal_rec *rec, struct vst_err *err);

/* As exec_mount_find, with the pin of the record opened again. */
enum exec_present held_find_mount(const struct journal *journal, const struct caller *caller,
	const struct journal_rec *rec, struct exec_mount_found *ret, struct vst_err *err);

/* The verb's name: "prepare" or "attach". */
const char *held_verb_name(uint32_t verb);

/* A record's object, printable: "mount" and "/b/rootfs", "interface" and "wg0". */
struct held_name {
	const char *kind;
	char name[560];
};

void held_describe(
	const struct journal *journal, const struct journal_rec *rec, struct held_name *ret);

/* Stores the ids of the mounts outside the bundle that prepare's committed runs hold, at most
 * `max`, and returns how many. */
uint32_t held_kept(const struct journal *journal, const struct caller *caller,
	uint64_t *ret_ids, uint32_t max);

/* Held objects of runs, counted by where they are. */
struct held_count {
	unsigned held;
	unsigned in_bundle; /* Mounts in the bundle, among those held. */
	int is_cleaned;     /* All mounts of a run in the bundle were taken back. */
	unsigned there;
	unsigned hidden;
	unsigned elsewhere;       /* Objects of another mount namespace. */
	unsigned unknown;         /* Objects that cannot be seen from here. */
	struct held_name missing; /* The first object not there. */
	char missing_how[192];
};

/* Adds the objects of the run at `place`. -1 with err: its network namespaces could not be
 * opened, or "here" is not ours. */
int held_count(struct journal *journal, uint32_t place, const struct caller *caller,
	struct held_count *count, struct vst_err *err);
