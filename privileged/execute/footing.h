/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a path lies when its step acts: on a pin, on a mount of this run, or in the image
 * mounted on rootfs, whose symbolic links are resolved inside it.
 */
#pragma once

#include "../act/exec.h"

struct footing {
	int fd;           /* Deepest known directory; borrowed. */
	int own_fd;       /* Owns fd if it was opened here, else -1. */
	int is_missing;   /* `rest` is one component that was just looked for and not found. */
	const char *rest; /* Rest of the path beneath fd; borrowed. */
	char name[VST_COMPONENT_MAX + 1]; /* File that links led to; `rest` points here. */
	uint32_t pin_rec; /* Record of the pin that the journal names the path beneath. */
	char rec_rest[VST_PATH_MAX + 16]; /* The path, relative to that pin. */
};

/* Finds the footing of a path of step i. In the image, the deepest existing directory is found
 * now, never outside rootfs, and `rest` is missing in it; or, with `file`, `rest` may be one
 * component that exists and is no directory. Beneath a mount of this run, symbolic links are
 * followed by the rule of resolve.h. A path on a mount of the image that this run did not make
 * is VST_EXIT_CONFLICT. Close *ret with footing_close even on failure. */
int footing_find(const struct plan_allowed *allowed, uint32_t i, const struct step_path *at,
	int file, struct exec_run *run, struct footing *ret, struct vst_err *err);

/* The real place of a directory, as the journal names it: beneath the bundle, else beneath "/".
 * *ret_base_fd is that pin's directory, borrowed. Changes the working directory to "/". */
int footing_of_dir(const struct plan_allowed *allowed, struct exec_run *run, int dir_fd,
	int *ret_base_fd, uint32_t *ret_pin_rec, char ret_rest[VST_PATH_MAX + 16],
	struct vst_err *err);

/* The record of a pin. It is written at the first call, so before any record that names it. */
int footing_pin_record(const struct plan_allowed *allowed, struct exec_run *run, uint32_t pin,
	uint32_t *ret_place, struct vst_err *err);

/* The footing as a place, which borrows from it. */
static inline struct place footing_place(const struct footing *footing)
{
	return (struct place){footing->fd, footing->rest, footing->pin_rec, footing->rec_rest,
		footing->is_missing};
}

void footing_close(struct footing *footing);

#define vst_auto_footing __attribute__((cleanup(footing_close))) struct footing
