/*
 * What the journal's records hold. The journal says what to look at, never what to believe: who
 * reads a record proves that what it finds is the record's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

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

/* A record, in place in the map of a journal. */
struct journal_rec {
	uint32_t place;
	enum journal_kind kind;
	enum journal_state state;
	const void *body;
	size_t body_len;
	const void *result; /* NULL unless state is DONE and there is one */
	size_t result_len;
};
