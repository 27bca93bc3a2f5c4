/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: what a run does and how to take it back, written before it is done.
 *
 * One file per bundle: a header (magic, version, key, boot id, path of the bundle), then
 * records. A record is written whole before the act that it describes. It has four parts:
 *
 *   head     length, kind, the previous record's place, checksum over head and body
 *   state    one word, stored last: INTENT, DONE or UNDONE
 *   body     what will be done; fixed when the record is appended
 *   result   what was learned by doing it; has its own checksum; valid once state is DONE
 *
 * The file is mapped and its space reserved beforehand. The store of a record's length makes
 * the record visible, so a run killed between any two instructions leaves whole records only.
 * (Power loss is not covered: a journal of another boot counts as empty.) The records of a run
 * follow its JOURNAL_RUN record, whose state is the run's: INTENT unfinished, DONE committed,
 * UNDONE taken back. One store of one word commits a run.
 *
 * The journal says what to look at, never what to believe.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../ipc/err.h"
#include "record.h"

/* Identifies a bundle's journal. There is one journal per bundle and boot, with one lock, for
 * all mount namespaces: each run notes its own (scope.h), and the key's is ours. */
struct journal_key {
	uint64_t bundle_dev, bundle_ino;
	uint64_t mntns_ino;
	uint64_t mntns_id;         /* NS_GET_MNTNS_ID (6.11); 0: unknown. */
	unsigned char boot_id[16]; /* Zero without /proc, see state_key. */
};

struct journal {
	int dir_fd;         /* borrowed; -1: in memory */
	int fd;             /* The locked file; -1: not open, or a copy in memory. */
	unsigned char *map; /* VST_JOURNAL_MAX bytes of address space. */
	size_t map_len;     /* Bytes of it that the file has: the reserve's end. */
	size_t used;        /* Place of the next record; 0: no header yet. */
	uint32_t last;      /* Place of the last record; 0: none. */
	uint32_t run;       /* Place of the current run's record; 0: none. */
	struct journal_key key;
	char name[64];           /* Name of the file in dir_fd. */
	const char *bundle_path; /* borrowed */
};

/* Opens and locks the journal of `key` in dir_fd, and checks all of it. Waits at most
 * VST_LOCK_TIMEOUT_MS for the lock, else VST_EXIT_BUSY. A missing journal is created empty. One
 * whose header was never finished, or of another boot, counts as empty. The lock is held in any
 * case. VST_EXIT_CONFLICT: damaged, of an unknown version or of another path; the message names
 * the file without its directory. An unfinished run is no error: see journal_unfinished. Close
 * with journal_close; nothing is open on failure. */
int journal_open(struct journal *journal, int dir_fd, const struct journal_key *key,
	const char *bundle_path, struct vst_err *err);

/* A journal in memory, for a run whose caller has no state directory: what the run does is
 * taken back by it if a step fails, and forgotten when it ends. journal_memory makes the file
 * (-1 with errno), before the filter; journal_open_memory takes it, also on failure. */
int journal_memory(void);
int journal_open_memory(struct journal *journal, int *fd, const struct journal_key *key,
	const char *bundle_path, struct vst_err *err);

/* The name of the key's file in the state directory. */
void journal_name(const struct journal_key *key, char ret[64]);

/* What journal_visit found. */
enum journal_found {
	JOURNAL_OURS, /* Open and locked, as by journal_open; key and path are its own. */
	JOURNAL_HELD, /* Locked by another run. */
	JOURNAL_OTHER_BOOT,
	JOURNAL_VANISHED, /* Removed meanwhile, or empty. */
};

/* Opens the journal of this name without waiting, for whatever bundle it is. `own` has our boot
 * id and mount namespace. It stays open only if it is JOURNAL_OURS. forget: a journal of
 * another boot, or an empty one, is removed. -1: damaged, or not a journal. */
int journal_visit(struct journal *journal, int dir_fd, const char *name,
	const struct journal_key *own, int forget, enum journal_found *ret,
	struct vst_err *err);

/* Reads the journal of `key` without changing anything. 1 with a copy in memory, which
 * journal_close frees, 0 if it holds no record, -1 with err. A shared lock is held while it is
 * copied; VST_EXIT_BUSY if another run holds it. Other errors as journal_open. */
int journal_peek(struct journal *journal, int dir_fd, const struct journal_key *key,
	const char *bundle_path, struct vst_err *err);

/* Reads the journal of this name without locking it or waiting: what a run at work writes
 * meanwhile may be missing. 1 with a copy in memory, 0 if it holds no record of this boot or
 * was removed meanwhile, -1 with err. *ret_size is the file's size. In any case to be closed
 * with journal_close. */
int journal_glance(struct journal *journal, int dir_fd, const char *name,
	const struct journal_key *own, size_t *ret_size, struct vst_err *err);

/* Waits at most VST_LOCK_TIMEOUT_MS for the lock of fd, else VST_EXIT_BUSY: `held` is what
 * another run has. */
int journal_lock(int fd, const char *held, struct vst_err *err);

/* Replaces the journal by a read-only copy in memory, and closes the file and its lock: a slow
 * reader must not hold up other runs. journal_close then frees the copy. -1: unchanged. */
int journal_unlock(struct journal *journal, struct vst_err *err);

/* Closes the journal. Removes the file if no run in it holds anything, else cuts off runs at
 * the end that hold nothing. A run holds something if it is INTENT, or if it is DONE and has a
 * FILE, MOUNT, LINK or MOVE that is not UNDONE. Accepts a journal that was never opened, if fd
 * is -1 and map NULL. */
void journal_close(struct journal *journal);

/* Reserves space for `bytes` more of records, and appends the run's record, noting our mount
 * namespace in it. Appending within the reserve then cannot fail for want of space. */
int journal_begin(
	struct journal *journal, const struct rec_run *run, size_t bytes, struct vst_err *err);

/* Bytes that a record with these lengths takes. */
size_t journal_space(size_t body_len, size_t result_len);

/* Appends a record in state INTENT: `head` and, right behind it, `tail` (a string with its NUL,
 * or a state; NULL with 0). result_len is the size of the kind's result, 0 if it has none.
 * *ret_place is not 0. Fails only for want of space. */
int journal_append(struct journal *journal, enum journal_kind kind, const void *head,
	size_t head_len, const void *tail, size_t tail_len, size_t result_len,
	uint32_t *ret_place, struct vst_err *err);

/* Notes that the record's act has happened: stores the result, of its exact length, then DONE.
 */
void journal_done(struct journal *journal, uint32_t place, const void *result, size_t len);

/* Stores UNDONE: nothing of the record is left. */
void journal_undone(struct journal *journal, uint32_t place);

/* Ends the current run: DONE commits it, UNDONE says that nothing of it is left. */
void journal_end(struct journal *journal, enum journal_state outcome);

/* As journal_end, for the run whose record is at `place`. */
void journal_end_run(struct journal *journal, uint32_t place, enum journal_state outcome);

/* Reads the record at `place`, which came from a function of this file; *ret_rec borrows from
 * the map. journal_open has checked the whole map. */
void journal_read(const struct journal *journal, uint32_t place, struct journal_rec *ret_rec);

/* Places of records, forwards and backwards; 0 at the end. */
uint32_t journal_first(const struct journal *journal);
uint32_t journal_next(const struct journal *journal, uint32_t place);
uint32_t journal_prev(const struct journal *journal, uint32_t place);
uint32_t journal_last(const struct journal *journal);

/* The place of the next record of the same run, read into *ret_rec; 0 behind its last. `place`
 * may be the run's own record. */
uint32_t journal_next_of_run(
	const struct journal *journal, uint32_t place, struct journal_rec *ret_rec);

/* The place of the last record of the run at `run`; `run` itself if there is no other. */
uint32_t journal_last_of_run(const struct journal *journal, uint32_t run);

/* The newest run of an earlier process that was neither committed nor wholly taken back; 0:
 * none. */
uint32_t journal_unfinished(const struct journal *journal);
