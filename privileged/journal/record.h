/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contents of the journal's records. The journal says what to look at, never what to
 * believe: whoever reads a record proves that what it finds is the record's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum journal_kind {
	JOURNAL_RUN = 1, /* struct rec_run: a run begins */
	JOURNAL_PIN,  /* struct rec_pin: a directory that later records refer to by its place */
	JOURNAL_DIR,  /* struct rec_dir */
	JOURNAL_FILE, /* struct rec_file: an empty file made to bind a namespace on */
	JOURNAL_MOUNT,  /* struct rec_mount */
	JOURNAL_LINK,   /* struct rec_link: a link that was created */
	JOURNAL_MOVE,   /* struct rec_move: an existing link that was moved */
	JOURNAL_CHANGE, /* struct rec_change: another's mount that was changed */
};

enum journal_state {
	JOURNAL_INTENT = 'I', /* Perhaps done. */
	JOURNAL_DONE = 'D',   /* Done; the result is valid. */
	JOURNAL_UNDONE = 'U', /* Taken back, or never done: nothing of it is left. */
};

/* Bodies and results. Strings follow their struct and are NUL-terminated. Integers are in host
 * byte order: a journal does not outlive a boot. */
#define REC_RUN_ALL 0x01 /* --all */

struct rec_run {
	uint64_t started; /* Seconds since 1970. */
	uint64_t plan_hash;
	uint64_t target_id;            /* attach: inode of the pidfd (6.9); 0: unknown */
	uint64_t netns_dev, netns_ino; /* attach: there */
	uint64_t own_netns_dev, own_netns_ino; /* attach: here */
	/* Their ids, never reused: SO_NETNS_COOKIE (5.14); 0: unknown. */
	uint64_t netns_id, own_netns_id;
	uint64_t mntns_ino; /* Mount namespace of its mounts and paths. */
	uint64_t mntns_id;  /* NS_GET_MNTNS_ID (6.11); 0: unknown. */
	uint32_t verb;      /* enum plan_verb; cleanup and detach have no records of objects. */
	uint32_t pid;       /* vestibule's own pid. */
	uint32_t target_pid; /* attach */
	uint32_t uid;        /* The caller's. */
	int32_t nsid;        /* attach: nsid of "there" in "here"; -1: none. */
	uint16_t flags;      /* cleanup: REC_RUN_ALL */
	uint16_t n_binds;    /* attach: namespaces that it binds, for usage.h */
	/* SHA-256 of the plan's text that --expect held the run to; else zero. */
	unsigned char expected[32];
};

struct rec_pin {
	uint64_t dev, ino;
	/* char path[]: absolute */
};

/* A path beneath a pin, whose last components are to be made. */
struct rec_dir {
	uint64_t born_after; /* CLOCK_REALTIME in ns; an older object is not ours. */
	uint32_t pin;        /* Place of the pin's record. */
	uint32_t uid;        /* Owner that it will have. */
	uint32_t first;      /* Components of rest that existed before; never ours. */
	uint32_t zero;
	/* char rest[]: beneath the pin, canonical, relative */
};
struct rec_dir_result {
	uint32_t first; /* Components of rest that existed before: 0 to n. */
	uint32_t n;     /* Components of rest that exist now; fewer than all after a failure. */
	uint64_t ino;   /* Inode of the last of them. */
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

#define REC_MOUNT_UNIQUE 0x01  /* mnt_id is the 64-bit unique id (6.8) */
#define REC_MOUNT_BUNDLE 0x02  /* in the bundle: cleanup unmounts it */
#define REC_MOUNT_NS 0x04      /* a namespace bound by attach: detach unmounts it */
#define REC_MOUNT_SHARE 0x40   /* /run/netns bound onto itself: stays while others use it */
#define REC_MOUNT_MEMORY 0x80  /* a new tmpfs or ramfs: its contents end with it */
#define REC_MOUNT_COPY 0x100   /* a copy, by propagation, of the mount recorded before it */
#define REC_MOUNT_UNSURE 0x200 /* such a copy, or another's mount: never unmounted */

#define REC_MOUNT_UNKNOWN UINT32_MAX /* n_before is unknown */

/* A mount, known by its id before it is attached. */
struct rec_mount {
	uint64_t mnt_id;
	uint64_t dev, ino; /* Its root's. */
	uint32_t fs_magic; /* Type by statfs; 0 if the id is unique. */
	uint32_t pin;
	uint32_t flags; /* REC_MOUNT_* */
	uint32_t n_ids; /* Of a recursive bind: the mount ids in it are below mnt_id + n_ids. 0:
			   no such bind, or unknown. */
	uint32_t n_before; /* Below 6.8: mounts at or beneath the place beforehand. */
	uint32_t zero;
	/* char rest[]: the mount point beneath the pin */
};

/* A mount that existed, and its state before a change: attributes (MOUNT_ATTR_*) and
 * propagation (MS_*) as statmount reports them, so only with a unique id (6.8). */
struct rec_change {
	uint64_t mnt_id;
	uint64_t attr;        /* Attributes before. */
	uint64_t propagation; /* Propagation before. */
	uint64_t mask;        /* Attributes that are changed; 0: none. */
	uint32_t pin;
	uint32_t has_propagation; /* The propagation is changed. */
				  /* char rest[]: the mount point beneath the pin */
};

#define REC_LINK_MAC 0x01   /* we chose mac */
#define REC_LINK_ALIAS 0x02 /* an alias is set after creation */
#define REC_LINK_THERE 0x04 /* the link is to be deleted there, not here */
#define REC_LINK_PEER 0x08  /* the end of a pair that is here */

struct rec_link {
	uint64_t cookie;  /* Its alias is "vestibule:" and this in 16 hex digits. */
	uint32_t ifindex; /* 0: the kernel's choice; a later record has it, if it was made. */
	uint32_t flags;
	unsigned char mac[8];
	char name[16];
	char kind[32];
};

#define REC_MOVE_PERMANENT 0x01 /* mac is the permanent address */

/* A link that is moved, with what a move makes it lose and what root there can change. */
struct rec_move {
	uint64_t saved_at;      /* CLOCK_BOOTTIME in ns. */
	uint64_t node;          /* Inode in sysfs (link_node.h); 0: not needed, or unknown. */
	uint32_t ifindex;       /* ifindex here, before. */
	uint32_t if_flags;      /* IFF_* flags here, before; IFF_UP is restored. */
	uint32_t there_ifindex; /* The ifindex requested there. */
	uint32_t state_len;
	uint32_t kept_len;   /* Bytes of state that nl_kept_save wrote. */
	uint32_t lower;      /* ifindex of its peer or lower device; 0: none. */
	uint32_t lower_away; /* `lower` is not in the namespace "here". */
	uint32_t flags;      /* REC_MOVE_* */
	unsigned char mac[8];
	char name[16];
	char way[16]; /* Drawn name that it has when it is back, until its own is restored. */
	char kind[32];
	/* unsigned char state[state_len]: an RTM_NEWLINK message of kept_len, then RTM_NEWADDR
	 * and RTM_NEWROUTE messages, as dumped */
};

/* A record, borrowed from the map of a journal. */
struct journal_rec {
	uint32_t place;
	enum journal_kind kind;
	enum journal_state state;
	const void *body;
	size_t body_len;
	const void *result; /* NULL unless state is DONE and the kind has one. */
	size_t result_len;
};
