/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A step: one thing that a run does. All stages share struct step; the type that holds it
 * (plan, plan_pinned, plan_allowed) says what has been proved about it.
 */
#pragma once

#include <stdint.h>
#include <string.h>

#include "../ipc/op.h"
#include "verbs.h"

/* Options of the implied overlay's tmpfs, shared by `plan`, which shows them, and `prepare`,
 * which mounts with them. */
#define STEP_TMPFS_SIZE "10%"
#define STEP_TMPFS_MODE "0755"

/* Counts the kinds, for STEP_KINDS; enum step_kind begins at 1. */
enum step_count {
#define STEP(kind, ...) STEP_COUNTED_##kind,
#include "steps.def"
#undef STEP
	STEP_KINDS,
};

enum step_kind {
#define STEP(kind, ...) STEP_##kind = STEP_COUNTED_##kind + 1,
#include "steps.def"
#undef STEP
};

/* What a step acts on. The names behind the colon are the members of struct step that it
 * uses. */
enum step_shape {
	STEP_SHAPE_IMPLIED, /* the implied root file system: none */
	STEP_SHAPE_DIR,     /* a directory to be made: at */
	STEP_SHAPE_LINK,    /* an interface: link; set, if it has settings */
	STEP_SHAPE_NS,      /* a file to bind a namespace on: at, ns */
	STEP_SHAPE_MOUNT,   /* an entry of mounts[]: at, mount */
	STEP_SHAPE_CGROUP,  /* a directory beneath every hierarchy: at, n */
};

/* What permits a step to a caller with less than the program. */
enum step_grant {
	STEP_GRANT_OWN,   /* no line of the policy: it is done with the caller's own rights */
	STEP_GRANT_NS,    /* a line `ns` */
	STEP_GRANT_VETH,  /* a line `veth` */
	STEP_GRANT_MOUNT, /* nothing: it mounts */
	STEP_GRANT_KIND,  /* nothing: it creates an interface of another kind */
	STEP_GRANT_HERE,  /* nothing: it creates an interface that keeps a socket here */
	STEP_GRANT_MOVE,  /* nothing: it moves an existing interface */
};

/* A line of steps.def, where the members are explained. */
struct step_facts {
	enum plan_verb verb;
	enum step_shape shape;
	int mounts;
	enum step_grant grant;
	const char *name, *said, *undo;
};

/* Returns the kind's line, or NULL if there is no such kind. */
const struct step_facts *step_facts(unsigned kind);

/* Flags of a step, which resolve sets (plan_build sets STEP_DONE, too). */
#define STEP_DONE 0x02 /* already as wanted: nothing to do */
#define STEP_REFUSED                                                                           \
	0x04             /* set only by `plan`: the step would fail, so nothing may act on it */
#define STEP_HOST 0x08   /* a mount on /, /proc, /sys, /dev or /run: confirm refuses it */
#define STEP_COVERS 0x10 /* a mount over a mount point of the host: allowed, with a warning */
#define STEP_MADE 0x20   /* STEP_LINK_MOVE: an earlier step creates the link */

#define STEP_NO_BASE UINT32_MAX

/* A NUL-terminated string in the plan's bytes. */
struct text {
	uint32_t off;
	uint32_t len;
};

/* Flags of a path: PATH_IN_ROOT comes from plan_build, the others from resolve. */
#define PATH_DEFERRED 0x01 /* on or beneath a mount of this run; base is that step */
#define PATH_IN_ROOT 0x02  /* relative to rootfs; symbolic links are resolved inside it */
#define PATH_FILE 0x04     /* the rest is one component, exists, and is not a directory */
#define PATH_LATE 0x08     /* the rest is missing; an earlier step makes it */
#define PATH_UNSETTLED                                                                         \
	0x20 /* with PATH_LATE: the rest is in a rootfs in which earlier steps mount */
#define PATH_LINK 0x10 /* with PATH_FILE: reached by links; its name is pin.file of base */

struct step_path {
	struct text path; /* canonical, as in the document */
	uint32_t base;    /* a pin, or with PATH_DEFERRED a step; STEP_NO_BASE before resolve */
	uint16_t rest;    /* offset in path of the part beneath base */
	uint16_t flags;   /* PATH_* */
};

struct step_link {
	uint32_t name; /* offset in the plan's bytes */
	uint32_t peer; /* offset in the plan's bytes; 0: absent */
	uint32_t kind; /* offset in the plan's bytes; 0: absent */
	/* Set by resolve. STEP_LINK_MOVE: the interface; stays 0 with STEP_MADE.
	 * STEP_LINK_SET_HERE: the bridge; 0: none is named. */
	uint32_t ifindex;
};

struct step {
	uint8_t kind;  /* enum step_kind */
	uint8_t flags; /* STEP_DONE and so on */
	union {
		uint16_t ns;    /* STEP_BIND_NS: enum vst_ns */
		uint16_t mount; /* STEP_MOUNT_*: index of its struct step_mount */
		uint16_t n;     /* STEP_CGROUP: number of hierarchies, pinned from at.base on */
		uint16_t set;   /* STEP_SHAPE_LINK: number of its struct step_set, from 1 on; 0:
				   no settings */
	};
	uint32_t op; /* index of the document's operation; VST_NO_OP: implied */
	union {
		struct step_path at;   /* steps of all other shapes; unused if implied */
		struct step_link link; /* STEP_SHAPE_LINK */
	};
};

/* What a STEP_MOUNT_* has besides its destination. */
struct step_mount {
	struct vst_mount_flags flags;
	uint8_t is_recursive;  /* STEP_MOUNT_BIND: rbind */
	uint16_t n_options;    /* at most VST_MOUNT_DATA_MAX */
	uint16_t first_option; /* index in the plan's options, which are passed to the file
				  system */
	uint16_t first_source; /* index in the plan's sources: what is bound, or the layers */
	uint16_t n_sources;
	uint32_t type;   /* offset in the plan's bytes; 0: absent */
	uint32_t source; /* offset of the file system's source; 0: absent; not of a bind */
};

/* An option that is passed to the file system. */
struct step_option {
	uint32_t key;   /* offset in the plan's bytes */
	uint32_t value; /* offset in the plan's bytes; 0: none; "x=" has an empty value */
};

/* A path that a mount is made from. */
struct step_source {
	uint8_t kind; /* VST_ITEM_LOWER, _UPPER, _WORK; 0: the source of a bind */
	struct step_path at;
};

/* What an interface is given beside its place. */
struct step_set {
	struct vst_link_set is;
	uint16_t first_address; /* index in the plan's addresses: those of `name`, then the
				 * peer's
				 */
	uint16_t first_route;   /* index in the plan's routes */
	uint32_t bridge;        /* offset in the plan's bytes; 0: none */
};

int step_has_shape(const struct step *step, enum step_shape shape);

/* Whether the step sets something of the interface that the step before it, or the one before
 * that, makes or moves. */
int step_is_set(const struct step *step);

/* Whether the step makes a mount at its path, so that paths of later steps may lie beneath. */
int step_is_mount(const struct step *step);

/* limits.h bounds how many there are, and counts their memory with these sizes. */
_Static_assert(sizeof(struct step) == 24 && sizeof(struct step_mount) == 28 &&
		       sizeof(struct step_source) == 20 && sizeof(struct step_option) == 8 &&
		       sizeof(struct vst_address) == 18 && sizeof(struct vst_route) == 40,
	"what a plan takes is counted with these");

/* The first two pins of every run. */
#define PIN_BUNDLE 0
#define PIN_ROOT 1 /* "/" */

/* An existing directory, held by descriptor, and facts about it. The source of a bind and the
 * target of a change may also be a file. */
struct pin {
	int fd;            /* O_PATH */
	const char *path;  /* its name */
	uint32_t path_len; /* bytes of path that name it; 0: up to the NUL */
	uint32_t in_image; /* lies in the bundle's rootfs */
	uint32_t is_mount_root;
	uint64_t dev;
	uint64_t ino;
	uint64_t mnt_id; /* unique mount id; before Linux 6.8 the reusable one */
	uint32_t uid;
	uint32_t mode;
	const char *file; /* PATH_LINK: name of the file in this directory */
};

/* Returns the rest of the path beneath its base. `bytes` are the plan's. */
static inline const char *step_rest(
	const char *bytes, const struct pin *pins, const struct step_path *at)
{
	return at->flags & PATH_LINK ? pins[at->base].file : bytes + at->path.off + at->rest;
}

/* The directory of a rule that grants a step; ino 0: none does. */
struct grant_dir {
	uint64_t dev, ino, mnt_id;
};

/* What a rule grants a veth; count 0: none does. */
struct grant_port {
	uint16_t count;    /* veths that the caller may have, on all bridges */
	uint16_t total;    /* such ports of all users that the bridge may have */
	uint8_t is_shared; /* the ports of the bridge may reach each other */
};

/* A namespace of the process: a descriptor, and facts about it from resolve. */
struct ns_fact {
	int fd; /* -1: not wanted */
	uint64_t dev;
	uint64_t ino;
	uint64_t own_ino; /* vestibule's own namespace of that type; only mount and network */
	int is_own;       /* the process shares vestibule's own; only mount and network */
};
