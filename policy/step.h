/*
 * A step: one thing that a run does. The shape is shared by every stage; the types around it
 * (plan, plan_pinned, plan_allowed) say what has been proved about it.
 */
#pragma once

#include <stdint.h>
#include <string.h>

#include "../ipc/op.h"
#include "verbs.h"

/* The tmpfs of the implied overlay: what is shown of it is what is mounted. */
#define STEP_TMPFS_SIZE "10%"
#define STEP_TMPFS_MODE "0755"

/* How many kinds there are; they are counted from 1. */
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

/* What a step is done to: which members of struct step it has, and who treats it. */
enum step_shape {
	STEP_SHAPE_IMPLIED, /* a mount of the root file system that no entry asks for: none */
	STEP_SHAPE_DIR,     /* a directory to be made: at */
	STEP_SHAPE_LINK,    /* an interface: link */
	STEP_SHAPE_NS,      /* a file, for a namespace: at, ns */
	STEP_SHAPE_MOUNT,   /* an entry of mounts[]: at, mount */
	STEP_SHAPE_CGROUP,  /* a directory beneath every hierarchy: at, n */
};

/* What steps.def says of a kind. */
struct step_facts {
	enum plan_verb verb;
	enum step_shape shape;
	int mounts;
	const char *name, *said, *undo;
};

/* NULL: there is no such kind. */
const struct step_facts *step_facts(unsigned kind);

/* What resolve found out about a step. */
#define STEP_DONE 0x02 /* there already, as wanted: nothing to do */
#define STEP_REFUSED                                                                           \
	0x04 /* only where a plan is shown: it would fail, and is not looked at any further */
#define STEP_HOST 0x08   /* a mount on one of the host's own directories: confirm refuses it */
#define STEP_COVERS 0x10 /* a mount on a mount point of the host: done, with a warning */
#define STEP_MADE 0x20   /* STEP_LINK_MOVE: of a link that an earlier step makes here */

#define STEP_NO_BASE UINT32_MAX

/* A string in the plan's bytes, NUL-terminated there. */
struct text {
	uint32_t off;
	uint32_t len;
};

/* What resolve found out about a path. */
#define PATH_DEFERRED 0x01 /* lies on or beneath a mount of this run: base is that step */
#define PATH_IN_ROOT                                                                           \
	0x02           /* relative: beneath rootfs, symbolic links are resolved inside it      \
			*/
#define PATH_FILE 0x04 /* the last component, which is the rest, is there and no directory */
#define PATH_LATE 0x08 /* the rest is missing, but an earlier step makes it */
#define PATH_UNSETTLED                                                                         \
	0x20 /* with PATH_LATE: the rest lies in a rootfs that earlier steps mount in */
#define PATH_LINK 0x10 /* with PATH_FILE: links lead to the file; it lies in base, pin.file */

struct step_path {
	struct text path; /* as the document has it, canonical */
	uint32_t base;    /* a pin, or with PATH_DEFERRED a step; STEP_NO_BASE before resolve */
	uint16_t rest;    /* what is left of path beneath base begins at this offset of it */
	uint16_t flags;   /* PATH_* */
};

struct step_link {
	uint32_t name; /* offsets in the plan's bytes, NUL-terminated; 0: absent */
	uint32_t peer;
	uint32_t kind;
	uint32_t ifindex; /* STEP_LINK_MOVE: the link's, from resolve; 0 before, and of one that
			     an earlier step makes */
};

struct step {
	uint8_t kind; /* enum step_kind */
	uint8_t flags;
	union {
		uint16_t ns;    /* STEP_BIND_NS: enum vst_ns */
		uint16_t mount; /* STEP_MOUNT_*: index of its struct step_mount */
		uint16_t n; /* STEP_CGROUP: hierarchies; pins from at.base on; from resolve */
	};
	uint32_t op; /* index of the document's operation; VST_NO_OP: implied */
	union {
		struct step_path at;   /* all but the links; unused by the implied mounts */
		struct step_link link; /* the links */
	};
};

/* What a STEP_MOUNT_* has beside its destination. */
struct step_mount {
	struct vst_mount_flags flags;
	uint8_t is_recursive;  /* STEP_MOUNT_BIND: rbind */
	uint16_t n_options;    /* VST_MOUNT_DATA_MAX */
	uint16_t first_option; /* of the plan's options: what the file system itself gets */
	uint16_t first_source; /* of the plan's sources: the bind's one, the overlay's layers */
	uint16_t n_sources;
	uint32_t type;   /* offsets in the plan's bytes; 0: absent */
	uint32_t source; /* STEP_MOUNT_NEW, _OVERLAY: what the file system gets as its source */
};

/* An option of a mount that is data. Offsets in the plan's bytes. */
struct step_option {
	uint32_t key;
	uint32_t value; /* 0: it has none; "x=" has one, which is empty */
};

/* Something of the host that a mount is made of. */
struct step_source {
	uint8_t kind; /* VST_ITEM_LOWER, _UPPER, _WORK; 0: what is bound */
	struct step_path at;
};

int step_has_shape(const struct step *step, enum step_shape shape);

/* Whether a mount is where the step was done, for others to lie beneath. */
int step_is_mount(const struct step *step);

/* There are as many of them as limits.h says, and limits.h says what they take. */
_Static_assert(sizeof(struct step) == 24 && sizeof(struct step_mount) == 28 &&
		       sizeof(struct step_source) == 20 && sizeof(struct step_option) == 8,
	"what a plan takes is counted with these");

/* The first two pins of every run. */
#define PIN_BUNDLE 0
#define PIN_ROOT 1 /* "/" */

/* A directory that exists, held by descriptor, with what is known of it; or what is bound. */
struct pin {
	int fd;           /* O_PATH */
	const char *path; /* how it is named: path_len bytes; 0: all of it, NUL-terminated */
	uint32_t path_len;
	uint32_t in_image; /* it lies in the bundle's rootfs */
	uint32_t is_mount_root;
	uint64_t dev;
	uint64_t ino;
	uint64_t mnt_id; /* unique mount id, or the 32-bit one below 6.8 */
	uint32_t uid;
	uint32_t mode;
	const char *file; /* of PATH_LINK: the name of the file in it */
};

/* What is left of a path beneath its base; bytes are the plan's. */
static inline const char *step_rest(
	const char *bytes, const struct pin *pins, const struct step_path *at)
{
	return at->flags & PATH_LINK ? pins[at->base].file : bytes + at->path.off + at->rest;
}

/* A namespace of the process, as resolved: a descriptor and the facts about it. */
struct ns_fact {
	int fd; /* -1: not wanted */
	uint64_t dev;
	uint64_t ino;
	/* Of mount and network namespaces alone: vestibule's own (the device is the same), and
	 * whether it is that. */
	uint64_t own_ino;
	int is_own;
};
