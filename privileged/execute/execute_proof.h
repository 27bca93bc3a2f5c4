/* What was made is proved to be where it should be: whoever owns a directory on the way can
 * move it away while something is made in it. */
#pragma once

#include "../act/exec.h"

/* Where something was made. */
struct made_in {
	uint32_t pin_rec;     /* all of its path as the journal has it: beneath this pin, */
	const char *rec_rest; /* this */
	int base_fd;          /* and as it was made: beneath this directory (-1: forgotten), */
	const char *rest;     /* this */
};

/* Since the journal's record at `since`, something was made in dir_fd, which the journal calls
 * by all of the path but its last component. If that does not lead to it (any more),
 * directories that were made there are removed by descriptor: VST_EXIT_CONFLICT. The record
 * of one that cannot be is left to undo. */
int execute_prove(const struct plan_allowed *allowed, struct exec_run *run, uint32_t since,
	const struct made_in *in, int dir_fd, struct vst_err *err);

/* The same of the directory made_fd itself. */
int execute_prove_dir(const struct plan_allowed *allowed, struct exec_run *run, uint32_t since,
	const struct made_in *in, int made_fd, struct vst_err *err);

/* Whether the pin's path still leads to the pin: what was made in it is found by its descriptor
 * when it is taken back. */
int execute_prove_pin(const struct plan_allowed *allowed, uint32_t pin, struct vst_err *err);

/* The descriptor of the pin whose record this is; -1: it has none. */
int execute_pin_fd(
	const struct plan_allowed *allowed, const struct exec_run *run, uint32_t pin_rec);
