/*
 * What the executors share with execute.c and undo.c: the journal and what this run has made.
 * An executor takes a judged plan, notes in the journal what it is about to do, does it, and
 * notes what came of it. It never looks at another executor; the order is execute.c's.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../ipc/limits.h"
#include "../../policy/allowed.h"
#include "../journal/journal.h"

struct nl; /* what makes links has it (nl.h) */

/* Mounts that one run can make and that later steps can lie beneath: the document's, and those
 * of the implied root file system. */
#define EXEC_MOUNTS_MAX (VST_MOUNTS_MAX + 2)

struct exec_mount_made {
	uint32_t step;
	uint32_t place; /* of its record */
	int fd;         /* of its root */
	uint32_t mode;  /* of it: what kind of object it is cannot change */
	uint64_t mnt_id;
	int is_others; /* its file system was there before it, and is others' */
	int is_unique; /* mnt_id is the 64-bit one (6.8) */
};

/* How a step went, for the report. */
#define EXEC_CREATED 0x01
#define EXEC_MOVED 0x02
#define EXEC_ALREADY 0x04

struct exec_run {
	struct journal *journal;
	uint32_t n_mounts;
	struct nl *here;  /* a socket in our network namespace; NULL until one is wanted */
	struct nl *there; /* one in the process's; only where a link is moved */
	int own_net_fd;   /* our network namespace, -1 unless a link is moved */
	uint32_t target_pid;
	int nsid;                           /* of the process's among ours, -1: none */
	uint8_t *outcome;                   /* per step: EXEC_* */
	uint32_t pin_rec[VST_PINS_MAX + 2]; /* place of each pin's record, 0: not written yet */
	struct exec_mount_made mounts[EXEC_MOUNTS_MAX];
};

/*
 * Undo functions of the executors take a record, find its object, prove that it is the one
 * of the record, and take it back. They return
 *   UNDO_DONE   taken back, or nothing of it is there any more
 *   UNDO_LEFT   something else is there (or on top): left alone; err says what
 *   UNDO_BUSY   in use; may be tried again
 *   UNDO_OTHERWISE   taken back, but not quite as it was; err says how it is now
 *   UNDO_KEPT   it cannot be told from here whether it is there: kept; err says why
 *   UNDO_MISSING   it is not where it was made, and nothing tells whether it was removed or
 *               moved; err says so
 *   -1          the kernel refused; err says why
 */
#define UNDO_DONE 0
#define UNDO_LEFT 1
#define UNDO_BUSY 2
#define UNDO_OTHERWISE 3
#define UNDO_KEPT 4
#define UNDO_MISSING 5

/* Whether the object of a record is there. */
enum exec_present {
	EXEC_GONE, /* provably, or another one is in its place */
	EXEC_THERE,
	EXEC_HIDDEN,  /* a mount: it exists, but is covered or was moved */
	EXEC_UNKNOWN, /* it cannot be told from here; err says why */
};
