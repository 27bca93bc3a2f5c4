/* SPDX-License-Identifier: Apache-2.0 */
/* What a run keeps from step to step, so that a thousand directories in one are not looked up a
 * thousand times. */
#pragma once

#include "../act/exec.h"
#include "footing.h"

/* The directory that the last step made something in. Successive steps mostly lie in one
 * directory, and act through its descriptor: somebody who renames or replaces it between two
 * steps might as well do so after the second. It is given up before any other kind of step,
 * because a mount would change what its path leads to. */
struct last_dir {
	int fd;           /* O_PATH; owned. */
	int base_fd;      /* The directory of its pin or of a mount of this run; borrowed. */
	const char *path; /* Its path beneath base_fd: len bytes of the plan's text. */
	size_t len;
	int is_new; /* This run made it. */
	/* The last thing made in it, as the journal names it, and the last record before that.
	 */
	uint32_t pin_rec, since;
	char rec_rest[VST_PATH_MAX + 16];
	/* Pins in which something was made since they were last proved. */
	uint32_t n_pins;
	uint8_t pins[VST_PINS_MAX + 2];
};

/* Nothing is kept. */
#define LAST_DIR_NONE ((struct last_dir){.fd = -1})

/* Proves that the kept directory and the noted pins are still where the journal says, and lets
 * go of them. Nothing more will be made there. */
int last_dir_prove(const struct plan_allowed *allowed, struct exec_run *run,
	struct last_dir *last, struct vst_err *err);

/* Notes the step's pin to be proved later: somebody may move it with all that is in it. */
void last_dir_note_pin(
	struct last_dir *last, const struct plan_allowed *allowed, uint32_t step);

/* Returns the kept directory if the last component of the footing's rest lies in it, *ret_name
 * being that component; else -1. */
int last_dir_find(const struct last_dir *last, const struct footing *at, const char **ret_name);

/* Proves the kept directory and keeps *fd, which is taken, instead. The caller says whether it
 * is new, and what was the last record before anything was made in it. */
int last_dir_keep(const struct plan_allowed *allowed, struct exec_run *run,
	struct last_dir *last, const struct footing *at, int *fd, struct vst_err *err);

/* Accepts LAST_DIR_NONE. */
void last_dir_close(struct last_dir *last);
