/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the two forms of a plan, text and JSON. Only for show_text.c and show_json.c. */
#pragma once

#include "show.h"

/* Returns the name of an exit status as in the manual, such as "conflict". */
const char *show_exit_name(enum vst_exit exit);

/* The mount that a step makes or changes, from mounts[] or implied. */
struct show_mount {
	const char *type, *source; /* NULL: none */
	/* The flags that the mount will have. In the bundle, a mount without a named
	 * propagation becomes private. */
	struct vst_mount_flags flags;
	int is_recursive;
	const struct step_mount *of; /* sources and options; NULL: an implied mount */
};

/* Fills *ret and returns 1, or returns 0 if the step neither makes nor changes a mount. */
int show_mount_of(const struct showing *show, const struct step *step, struct show_mount *ret);

/* Returns what the step does in addition to its main action, or NULL. */
const char *show_also(const struct showing *show, const struct step *step);

/* Calls `each` with the name of every option that the flags stand for. The order is fixed:
 * attributes, recursive attributes, "sync" and "dirsync", propagation. */
void show_options(const struct vst_mount_flags *flags,
	void (*each)(struct showing *show, const char *name, unsigned n), struct showing *show);

/* Options of the implied tmpfs, ended by NULL. */
extern const char *const show_tmpfs_data[];

/* The names of an enum vst_ns, and of the kind of a struct step_source. */
const char *show_ns(unsigned ns);
const char *show_source(uint8_t kind);

/* Whether the step's paths were not resolved, so that they are shown as in the document. */
int show_is_bare(
	const struct showing *show, const struct step *step, const struct vst_err *refused);
