/*
 * Where a path lies when its step acts: on a pin, on a mount of this run, or in the image that
 * is mounted on rootfs, whose symbolic links are resolved inside it.
 */
#pragma once

#include "../act/exec.h"

struct footing {
	int fd;           /* the deepest directory that is known; borrowed, or */
	int own_fd;       /* held here: footing_close */
	int is_missing;   /* the one component that is left was looked for and is not there */
	const char *rest; /* what is left of the path beneath it */
	char name[VST_COMPONENT_MAX + 1]; /* of a file that links led to: then rest is that */
	uint32_t pin_rec; /* both as the journal names them: the record of a pin */
	char rec_rest[VST_PATH_MAX + 16]; /* and rest, as seen from it */
};

/* The footing of a path of step i. In an image, the deepest directory that exists is found now,
 * inside rootfs and nowhere else, and what is left of the path is missing there; or, with
 * `file`, it may be one component that exists and is no directory. Beneath a mount of this run,
 * symbolic links are followed by the rule of resolve.h. What links lead to is known by the
 * directory that it lies in and its name there. What lies on a mount of the image's that is not
 * this run's is VST_EXIT_CONFLICT. */
int footing_find(const struct plan_allowed *allowed, uint32_t i, const struct step_path *at,
	int file, struct exec_run *run, struct footing *ret, struct vst_err *err);

/* Where a directory really lies, as the journal names it: beneath the bundle, else beneath "/".
 * *ret_base_fd is the directory of that pin, borrowed. Changes the working directory to "/". */
int footing_of_dir(const struct plan_allowed *allowed, struct exec_run *run, int dir_fd,
	int *ret_base_fd, uint32_t *ret_pin_rec, char ret_rest[VST_PATH_MAX + 16],
	struct vst_err *err);

/* The record of a pin, written before the first record that names it. */
int footing_pin_record(const struct plan_allowed *allowed, struct exec_run *run, uint32_t pin,
	uint32_t *ret_place, struct vst_err *err);

void footing_close(struct footing *footing);

#define vst_auto_footing __attribute__((cleanup(footing_close))) struct footing
