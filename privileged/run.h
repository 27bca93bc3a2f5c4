/*
 * A run: what the verbs share, stage by stage. Each stage takes what the one before it made,
 * and nothing is acted upon before all of them have agreed.
 */
#pragma once

#include "../policy/caller.h"
#include "act/exec.h"
#include "ns/process.h"
#include "resolve/bundle.h"
#include "resolve/resolve.h"
#include "seam/validate.h"
#include "self/cli.h"
#include "show/expect.h"
#include "undo/undo.h"

/* What every run writes comes first, and what has room for much last: a page that nothing is
 * written to is never there. */
struct run {
	const struct cli *cli;
	const struct caller *caller;
	int cwd_fd;   /* where the caller stood; -1: nothing is named from there */
	int is_tried; /* something was done, or taken back, or tried to be */
	int state_fd;
	const char *state_path;
	struct journal_key key;
	struct journal journal;
	int is_unread; /* plan: whether an earlier run holds anything cannot be seen */
	struct process target;
	struct request request;
	struct plan plan;
	struct expect expect;
	struct ns_fact ns[VST_NS_COUNT];
	struct plan_pinned pinned;
	struct plan_allowed allowed;
	struct bundle bundle;
	struct exec_run exec;
	struct resolver resolver;
	struct undo_left left;
};

/* Fills in "nothing yet" (*run is zero), and remembers the working directory if a path of the
 * command line is relative. */
int run_start(struct run *run, const struct cli *cli, const struct caller *caller,
	struct vst_err *err);

/* Opens the process that the command line names. It is judged while the parser starts. */
int run_open_target(struct run *run, struct vst_err *err);

/* From here on only these capabilities, and what a repair might need: `required` is refused
 * if it is missing. run_confine: and only the calls that the filter lets through; once, and
 * after the last parser was started. */
int run_limit(uint64_t keep, uint64_t required, enum plan_verb verb, struct vst_err *err);
int run_confine(uint64_t keep, enum plan_verb verb, struct vst_err *err);

/* Opens the state directory, locks and loads the bundle's journal, and takes back what an
 * unfinished run of earlier left. After it, `keep` is all there is. */
int run_lock(struct run *run, uint64_t keep, struct vst_err *err);

/* Ends the sentence of a run that failed: nothing was changed, if nothing was tried. */
int run_failed(const struct run *run, struct vst_err *err);

/* Closes everything; the journal goes if it holds nothing. Accepts a run that did not start. */
void run_close(struct run *run);
