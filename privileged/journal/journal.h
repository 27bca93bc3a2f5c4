/*
 * The journal: what a run did and how to take it back, written before it is done.
 *
 * One file per bundle. A header (magic, version, key, boot id, path of the bundle), then
 * records, each written whole before the act that it describes. A record has three parts:
 *
 *   head     length, kind, the previous record's place, checksum over head and body
 *   state    one word, stored last: INTENT, DONE or UNDONE; a run's record: see below
 *   body     what will be done, fixed when the record is appended
 *   result   what was learned by doing it; has its own checksum; valid once state is DONE
 *
 * The file is mapped, its space is reserved beforehand, and a record becomes visible by the
 * store of its length: a run that is killed between any two instructions leaves whole records
 * only. (A power loss is another matter: the directory is a tmpfs.) Records of a run follow its
 * JOURNAL_RUN record, whose state is the run's: INTENT unfinished, DONE committed, UNDONE
 * taken back. Committing a run is the store of one word.
 *
 * The journal says what to look at, never what to believe.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../ipc/err.h"
#include "record.h"

/* Where a bundle's journal is and whose it is: there is one for a bundle and boot, with one
 * lock. Each run in it says which mount namespace it is of (scope.h): the key's is our own. */
struct journal_key {
	uint64_t bundle_dev, bundle_ino;
	uint64_t mntns_ino;
	uint64_t mntns_id;         /* 64-bit id (NS_GET_MNTNS_ID), 0 where there is none */
	unsigned char boot_id[16]; /* zero: no /proc, and a state directory in memory */
};

struct journal {
	int dir_fd;         /* borrowed */
	int fd;             /* the locked file; -1: not open */
	unsigned char *map; /* VST_JOURNAL_MAX of address space */
	size_t map_len;     /* what of it the file has: the reserve's end */
	size_t used;        /* where the next record goes; 0: no header yet */
	uint32_t last;      /* place of the last record, 0: none */
	uint32_t run;       /* place of the current run's record, 0: none */
	struct journal_key key;
	char name[64];           /* of the file in dir_fd */
	const char *bundle_path; /* borrowed */
};

/* Opens and locks the journal of key in dir_fd, waiting at most VST_LOCK_TIMEOUT_MS (else
 * VST_EXIT_BUSY), and checks all of it. A journal that does not exist (an empty file is made,
 * to be locked), or was cut short by a kill before its header was whole, is an empty one. A
 * lock is held in either case. VST_EXIT_CONFLICT: damaged, of an unknown version, or of another
 * path; the message names the file but not its directory. A journal of another boot counts as
 * none and is emptied. A run that was not finished is no error: see journal_unfinished. */
int journal_open(struct journal *journal, int dir_fd, const struct journal_key *key,
	const char *bundle_path, struct vst_err *err);

/* The name of the key's file in the state directory. */
void journal_name(const struct journal_key *key, char ret[64]);

/* How a journal was found by its name. */
enum journal_found {
	JOURNAL_OURS, /* open and locked, as by journal_open; key and path are its own */
	JOURNAL_HELD, /* another run is at work */
	JOURNAL_OTHER_BOOT,
	JOURNAL_VANISHED, /* removed meanwhile, or empty */
};

/* Opens the journal of this name, whosever bundle it is for, without waiting. `own` says which
 * boot and mount namespace are ours. Unless it is JOURNAL_OURS, it is closed again. forget: one
 * of another boot, or an empty one, is removed. -1: damaged, or not a journal. */
int journal_visit(struct journal *journal, int dir_fd, const char *name,
	const struct journal_key *own, int forget, enum journal_found *ret,
	struct vst_err *err);

/* Reads the journal of key without changing anything: 1 with a copy in memory, which
 * journal_close forgets, 0 if it holds no record, -1. The file is locked for others to read,
 * and only while it is copied: VST_EXIT_BUSY where another run is at work. Damage and the like
 * as journal_open. */
int journal_peek(struct journal *journal, int dir_fd, const struct journal_key *key,
	const char *bundle_path, struct vst_err *err);

/* Keeps what was read, to be read only, and lets go of the file and its lock: whoever looks may
 * be slow, and must not hold anybody up. journal_close then only forgets. -1: as it was. */
int journal_unlock(struct journal *journal, struct vst_err *err);

/* Unlocks and forgets; removes the file if no run in it holds anything any more, and cuts off
 * runs at its end that do not. What holds: a run that is INTENT, and in a run that is DONE a
 * FILE, MOUNT, LINK or MOVE that is not UNDONE. Accepts a journal that was never opened, if its
 * fd and map are -1 and NULL. */
void journal_close(struct journal *journal);

/* Reserves space for `bytes` more of records and appends the run's record, as one of our mount
 * namespace: after it, appending within the reserve cannot fail for want of space. */
int journal_begin(
	struct journal *journal, const struct rec_run *run, size_t bytes, struct vst_err *err);

/* The space that a record with these lengths takes. */
size_t journal_space(size_t body_len, size_t result_len);

/* Appends a record in state INTENT: `head` and, right behind it, `tail` (a string with its NUL,
 * or a state; may be NULL with 0). result_len is the size of the kind's result, or 0 where it
 * has none. *ret_place is not 0. Fails only for want of space. */
int journal_append(struct journal *journal, enum journal_kind kind, const void *head,
	size_t head_len, const void *tail, size_t tail_len, size_t result_len,
	uint32_t *ret_place, struct vst_err *err);

/* The record's act has happened: stores the result (its exact length) and then DONE. */
void journal_done(struct journal *journal, uint32_t place, const void *result, size_t len);

/* Stores UNDONE: nothing of the record is left. */
void journal_undone(struct journal *journal, uint32_t place);

/* The run is over: DONE commits it, UNDONE says that nothing of it is left. */
void journal_end(struct journal *journal, enum journal_state outcome);

/* The same for the run whose record is at place. */
void journal_end_run(struct journal *journal, uint32_t place, enum journal_state outcome);

/* Reads the record at place. Places come from journal_append, journal_first and journal_next;
 * everything in the map was checked by journal_open. */
void journal_read(const struct journal *journal, uint32_t place, struct journal_rec *ret_rec);

/* Places in order, and backwards; 0 at the end. */
uint32_t journal_first(const struct journal *journal);
uint32_t journal_next(const struct journal *journal, uint32_t place);
uint32_t journal_prev(const struct journal *journal, uint32_t place);
uint32_t journal_last(const struct journal *journal);

/* The place of the next record of the run that the record at place is of, or begins, read into
 * ret_rec; 0: that is its last one. */
uint32_t journal_next_of_run(
	const struct journal *journal, uint32_t place, struct journal_rec *ret_rec);

/* The place of the last record of the run whose own record is at `run`: that one, if there is
 * no other. */
uint32_t journal_last_of_run(const struct journal *journal, uint32_t run);

/* The newest run of an earlier process that was not finished: neither committed nor wholly
 * taken back; 0: none. */
uint32_t journal_unfinished(const struct journal *journal);
