/* What the two forms of a plan share, the text and the JSON, and nobody else. */
#pragma once

#include "show.h"

/* The name of an exit status, as in the manual: "conflict". */
const char *show_exit_name(enum vst_exit exit);

/* What is mounted or changed, if the step does: from the plan, or what the implied mounts stand
 * for. The flags are those that it will have: in the bundle, a mount for which no propagation
 * is named is private. */
struct show_mount {
	const char *type, *source; /* NULL: none */
	struct vst_mount_flags flags;
	int is_recursive;
	const struct step_mount *of; /* sources and items; NULL: of the implied ones */
};

/* 1, or 0 for a step that is no mount. */
int show_mount_of(const struct showing *show, const struct step *step, struct show_mount *ret);

/* What a step does beside what it is called after; NULL: nothing. */
const char *show_also(const struct showing *show, const struct step *step);

/* The options that the flags stand for, in an order that is always the same: "ro", ..., the
 * recursive ones, "sync", ..., the propagation. Calls each for every one. */
void show_options(const struct vst_mount_flags *flags,
	void (*each)(struct showing *show, const char *name, unsigned n), struct showing *show);

/* Data of the implied tmpfs, NULL at the end. */
extern const char *const show_tmpfs_data[];

/* Names of an enum vst_ns, and of a source by its kind. */
const char *show_ns(unsigned ns);
const char *show_source(uint8_t kind);

/* Whether nothing was found out about the step's names: they are shown as the document has
 * them. */
int show_is_bare(
	const struct showing *show, const struct step *step, const struct vst_err *refused);
