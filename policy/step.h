/*
 * A step: one thing that a run does. The shape is shared by every stage; the types around it
 * (plan, plan_pinned, plan_allowed) say what has been proved about it.
 */
#pragma once

#include <stdint.h>

enum step_kind {
	STEP_BIND_ROOTFS = 1, /* BUNDLE/rootfs onto itself */
	STEP_TMPFS,           /* BUNDLE/tmp, with upper and work in it, made private */
	STEP_OVERLAY,         /* BUNDLE/rootfs from lower, tmp/upper, tmp/work */
	STEP_MKDIR,           /* path */
	STEP_VETH,            /* name there, peer here */
	STEP_LINK_THERE,      /* a link of a kind, created there */
	STEP_LINK_HERE,       /* the same, created here and then moved there */
	STEP_LINK_MOVE,       /* an existing link, moved from here to there */
	STEP_BIND_NS,         /* a namespace of the process, on path */
};

/* What resolve found out. */
#define STEP_DEFERRED 0x01 /* path lies beneath a mount of this run: base is that step */
#define STEP_DONE 0x02     /* there already, as wanted: nothing to do */

#define STEP_NO_BASE UINT32_MAX

/* A string in the plan's bytes, NUL-terminated there. */
struct text {
	uint32_t off;
	uint32_t len;
};

struct step_path {
	struct text path; /* as the document has it, canonical */
	uint32_t base;    /* a pin, or with STEP_DEFERRED a step; STEP_NO_BASE before resolve */
	uint32_t rest;    /* what is left of path beneath base begins at this offset of it */
};

struct step_link {
	uint32_t name; /* offsets in the plan's bytes, NUL-terminated; 0: absent */
	uint32_t peer;
	uint32_t kind;
	uint32_t ifindex; /* STEP_LINK_MOVE: the link's, from resolve; 0 before */
};

struct step {
	uint8_t kind; /* enum step_kind */
	uint8_t ns;   /* enum vst_ns, for STEP_BIND_NS */
	uint8_t flags;
	uint8_t zero;
	uint32_t op; /* index of the document's operation; VST_NO_OP: implied */
	union {
		struct step_path at;   /* STEP_MKDIR, STEP_BIND_NS; unused by the mounts */
		struct step_link link; /* the links */
	};
};

/* A directory that exists, held by descriptor, with what is known of it. */
struct pin {
	int fd;           /* O_PATH */
	const char *path; /* how it is named: path_len bytes; 0: all of it, NUL-terminated */
	uint32_t path_len;
	uint64_t dev;
	uint64_t ino;
	uint64_t mnt_id; /* unique mount id, or the 32-bit one below 6.8 */
	uint32_t uid;
	uint32_t mode;
};

/* A namespace of the process, as resolved: a descriptor and the facts about it. */
struct ns_fact {
	int fd; /* -1: not wanted */
	uint64_t dev;
	uint64_t ino;
	int is_own; /* vestibule is in it itself */
};
