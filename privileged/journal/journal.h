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

enum journal_kind {
	JOURNAL_RUN = 1, /* struct rec_run: a run begins */
	JOURNAL_PIN,     /* struct rec_pin: a directory that later records name by its place */
	JOURNAL_DIR,     /* struct rec_dir */
	JOURNAL_FILE,    /* struct rec_file: an empty file made to bind a namespace on */
	JOURNAL_MOUNT,   /* struct rec_mount */
	JOURNAL_LINK,    /* struct rec_link: a link that was created */
	JOURNAL_MOVE,    /* struct rec_move: an existing link that was moved */
	JOURNAL_CHANGE,  /* struct rec_change: a mount of somebody else's that was changed */
};

enum journal_state {
	JOURNAL_INTENT = 'I', /* perhaps done */
	JOURNAL_DONE = 'D',   /* done, the result is valid */
	JOURNAL_UNDONE = 'U', /* taken back, or never done: nothing of it is left */
};

/* Bodies and results. Strings follow their struct and are NUL-terminated. All numbers are of
 * the machine's own byte order: a journal does not outlive a boot. */
#define REC_RUN_ALL 0x01 /* --all */

struct rec_run {
	uint64_t started; /* seconds since 1970 */
	uint64_t plan_hash;
	uint64_t target_id;                    /* attach: inode of the pidfd (6.9), else 0 */
	uint64_t netns_dev, netns_ino;         /* attach: there */
	uint64_t own_netns_dev, own_netns_ino; /* attach: here */
	/* Their ids, which are never given twice: SO_NETNS_COOKIE (5.14); 0: not known. */
	uint64_t netns_id, own_netns_id;
	uint64_t mntns_ino; /* where its mounts are, and the paths that lead to its files */
	uint64_t mntns_id;  /* 64-bit id (NS_GET_MNTNS_ID), 0 where there is none */
	uint32_t verb; /* enum plan_verb; cleanup and detach have no records of their own */
	uint32_t pid;  /* vestibule's own */
	uint32_t target_pid; /* attach */
	uint32_t uid;        /* of the caller */
	int32_t nsid;        /* attach: the number by which here knows there; -1: none */
	uint32_t flags;      /* cleanup: REC_RUN_ALL */
	/* SHA-256 of the plan's text, where the run was held to it (--expect); else zero. */
	unsigned char expected[32];
};

struct rec_pin {
	uint64_t dev, ino;
	/* char path[]: absolute */
};

/* A path beneath a pin of which the last components are made. */
struct rec_dir {
	uint64_t born_after; /* CLOCK_REALTIME ns: what is older is not ours */
	uint32_t pin;        /* place of its JOURNAL_PIN record */
	uint32_t uid;        /* owner that it will have */
	uint32_t first;      /* components of rest that were there already: never ours */
	uint32_t zero;
	/* char rest[]: beneath the pin, canonical, relative */
};
struct rec_dir_result {
	uint32_t first; /* components of rest that were there already: 0 .. n */
	uint32_t n;     /* components of rest; fewer after a failure in the middle */
	uint64_t ino;   /* of the last one of them */
};

struct rec_file {
	uint64_t born_after;
	uint32_t pin;
	uint32_t uid;
	/* char rest[] */
};
struct rec_file_result {
	uint64_t dev, ino;
};

#define REC_MOUNT_UNIQUE 0x01 /* mnt_id is the 64-bit unique one */
#define REC_MOUNT_BUNDLE 0x02 /* inside the bundle: cleanup's */
#define REC_MOUNT_NS 0x04     /* a namespace bound by attach: detach's */
#define REC_MOUNT_SHARE 0x40  /* /run/netns onto itself: left where others use it */
#define REC_MOUNT_MEMORY                                                                       \
	0x80 /* of a file system that is new and in memory: goes with all in it */
#define REC_MOUNT_COPY                                                                         \
	0x100 /* of the mount before it, which the kernel made: it has its place */

#define REC_MOUNT_UNKNOWN UINT32_MAX /* of n_before */

/* A mount, known by its id before it is attached. */
struct rec_mount {
	uint64_t mnt_id;
	uint64_t dev, ino; /* of its root */
	uint32_t fs_magic; /* statfs; 0 where the id is unique */
	uint32_t pin;
	uint32_t flags; /* REC_MOUNT_* */
	uint32_t n_ids; /* a recursive bind: its mounts have ids from mnt_id on, fewer than that
			 * many; 0: it is not one, or nobody knows */
	uint32_t n_before; /* below 6.8: mounts at or beneath the place before */
	uint32_t zero;
	/* char rest[]: the mount point beneath the pin */
};

/* A mount that was there, and what it was like before: attributes (MOUNT_ATTR_*, MS_* of
 * propagation) as statmount has them, so only with a unique id (6.8). */
struct rec_change {
	uint64_t mnt_id;
	uint64_t attr;        /* before */
	uint64_t propagation; /* propagation, before */
	uint64_t mask;        /* attributes that are changed; 0: none */
	uint32_t pin;
	uint32_t has_propagation; /* whether the propagation is changed */
				  /* char rest[]: the mount point beneath the pin */
};

#define REC_LINK_MAC 0x01   /* mac is what we chose */
#define REC_LINK_ALIAS 0x02 /* alias was set, after creation */
#define REC_LINK_THERE 0x04 /* it is deleted there, not here */
#define REC_LINK_PEER 0x08  /* one end of a pair: this one is here */

struct rec_link {
	uint64_t cookie; /* its alias is "vestibule:" and this in 16 hexadecimal digits */
	uint32_t ifindex;
	uint32_t flags;
	unsigned char mac[8];
	char name[16];
	char kind[32];
};

#define REC_MOVE_PERMANENT 0x01 /* mac is the hardware's, which nobody can change */

/* An existing link, with what a move makes it lose, and what its root there can change. */
struct rec_move {
	uint64_t saved_at;      /* CLOCK_BOOTTIME, ns */
	uint64_t node;          /* see link_node.h; 0: not asked for, or not told */
	uint32_t ifindex;       /* here, before */
	uint32_t if_flags;      /* IFF_UP, before */
	uint32_t there_ifindex; /* the one asked for there */
	uint32_t state_len;
	uint32_t kept_len;   /* of state: what nl_kept_save wrote */
	uint32_t lower;      /* ifindex of its peer, or of what it lies on; 0: it has none */
	uint32_t lower_away; /* that is in another namespace than here */
	uint32_t flags;      /* REC_MOVE_* */
	unsigned char mac[8];
	char name[16];
	char way[16]; /* drawn: its name when it is back, until it can have its own again */
	char kind[32];
	/* unsigned char state[state_len]: an RTM_NEWLINK message of kept_len, then RTM_NEWADDR
	 * and RTM_NEWROUTE messages, as dumped */
};

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

/* A record, in place in the map. */
struct journal_rec {
	uint32_t place;
	enum journal_kind kind;
	enum journal_state state;
	const void *body;
	size_t body_len;
	const void *result; /* NULL unless state is DONE and there is one */
	size_t result_len;
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

/* The newest run of an earlier process that was not finished: neither committed nor wholly
 * taken back; 0: none. */
uint32_t journal_unfinished(const struct journal *journal);
