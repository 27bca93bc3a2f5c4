/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the executors share with execute.c and undo.c: the journal and what this run has made.
 * An executor takes a judged plan, journals what it is about to do, does it, and journals the
 * outcome. Executors do not call one another; execute.c decides the order.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../ipc/limits.h"
#include "../../policy/allowed.h"
#include "../journal/journal.h"

struct nl; /* nl.h */

/* The most mounts of one run that later steps can lie beneath: the document's, and those of the
 * implied root file system. */
#define EXEC_MOUNTS_MAX (VST_MOUNTS_MAX + 2)

/* A place to act on: a path beneath a directory that is held, and how the journal names it. */
struct place {
	int fd;               /* Directory that `rest` starts from; borrowed. */
	const char *rest;     /* The path beneath it, canonical and relative. */
	uint32_t pin_rec;     /* Record of the pin that the journal names it beneath. */
	const char *rec_rest; /* The same path, relative to that pin. */
	/* `rest` is one component that was looked for and not found, or its directory was made
	 * by this run: it is made without looking again. If somebody made it since, mkdirat or
	 * openat says so. */
	int is_missing;
};

/* The message of patience_is_late, with its number of seconds. */
#define EXEC_LATE                                                                              \
	"%d s have passed since this run was judged, so nothing new is begun: was it stopped? Run it again"

struct exec_mount_made {
	uint32_t step;
	uint32_t place; /* Place of its record. */
	int fd;         /* Its root; owned. */
	uint32_t mode;  /* Mode of its root; the file type cannot change. */
	uint64_t mnt_id;
	int is_others; /* Its file system existed before, and others use it. */
	int is_unique; /* mnt_id is the 64-bit unique id (6.8). */
};

/* The outcome of a step, for the report. */
#define EXEC_CREATED 0x01
#define EXEC_MOVED 0x02
#define EXEC_ALREADY 0x04

struct exec_run {
	struct journal *journal;
	uint32_t n_mounts;
	struct nl *here;  /* Socket in our network namespace; NULL until needed. */
	struct nl *there; /* Socket in the process's; NULL unless a step needs it. */
	int own_net_fd;   /* Our network namespace; -1 unless a step needs `there`. */
	uint32_t target_pid;
	/* The interface of the last step that made or moved one, for the steps that set
	 * something of it: its ifindex there, and that of a veth's end here. */
	uint32_t link_there, link_here;
	int nsid;         /* nsid of the process's namespace in ours; -1: none. */
	uint8_t *outcome; /* EXEC_* of each step. */
	uint32_t pin_rec[VST_PINS_MAX + 2]; /* Record of each pin; 0: none yet. */
	struct exec_mount_made mounts[EXEC_MOUNTS_MAX];
};

/*
 * The undo function of an executor takes a record, finds its object, proves that it is the
 * record's, and takes it back. It returns
 *   UNDO_DONE       taken back, or nothing of it is there any more
 *   UNDO_LEFT       left alone: another object is there, or on top; err says what
 *   UNDO_BUSY       in use; may be tried again
 *   UNDO_OTHERWISE  taken back, but not quite as it was; err says how it is now
 *   UNDO_KEPT       kept: it cannot be told from here whether it is there; err says why
 *   UNDO_MISSING    not where it was made: removed or moved, which is unknown; err says so
 *   -1              the kernel refused; err says why
 */
#define UNDO_DONE 0
#define UNDO_LEFT 1
#define UNDO_BUSY 2
#define UNDO_OTHERWISE 3
#define UNDO_KEPT 4
#define UNDO_MISSING 5

/* Whether the object of a record is there. */
enum exec_present {
	EXEC_GONE, /* Provably gone, or another object is in its place. */
	EXEC_THERE,
	EXEC_HIDDEN,  /* A mount that exists, but is covered or was moved. */
	EXEC_UNKNOWN, /* Cannot be told from here; err says why. */
};
