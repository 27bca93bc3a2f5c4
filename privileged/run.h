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

/* A verb's name on the command line. */
const char *run_verb_name(enum plan_verb verb);

/* Fills in "nothing yet" (*run is zero), and remembers the working directory if a path of the
 * command line is relative. */
int run_start(struct run *run, const struct cli *cli, const struct caller *caller,
	struct vst_err *err);

/* Opens the process that the command line names. It is judged while the parser starts. */
int run_open_target(struct run *run, struct vst_err *err);

/* Reads the document, if there is one, through a parser, and prints its warnings. The run is
 * confined before the parser's first byte is looked at, or at once if there is no document; the
 * parser has exited and been reaped when this returns. The process and the bundle's layout are
 * looked at on the way. */
int run_read_document(struct run *run, enum plan_verb verb, struct vst_err *err);

/* The plan for verb, with the descriptors that its pins may need; and admitted, too. */
int run_build(struct run *run, enum plan_verb verb, struct vst_err *err);
int run_plan(struct run *run, enum plan_verb verb, struct vst_err *err);

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

/* What is to be shown of the plan; already: an earlier run has done all of it. */
void run_facts(const struct run *run, int already, struct show_facts *ret);

/* Warns where step i, which was resolved, mounts on a mount point of the host, or changes it.
 */
void run_warn_host(const struct run *run, uint32_t i);

/* Whether the plan is the one that --expect names, if it does. already: an earlier run has done
 * all of it, and what that one was held to is expected, too. */
int run_expect(const struct run *run, int already, struct vst_err *err);

/* Resolves, confirms, compares with what is expected, and does the plan under `record`;
 * commits, or takes back. */
int run_execute(struct run *run, const struct rec_run *record, struct vst_err *err);

/* Of a process that shares our network namespace: warns if the plan has interfaces. They stay
 * here, which is perhaps not what was meant. */
void run_warn_shared(const struct run *run);

/* Closes everything; the journal goes if it holds nothing. Accepts a run that did not start. */
void run_close(struct run *run);
