/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run: the state that the verbs share, stage by stage. Each stage takes what the one before
 * it made, and nothing is acted upon before all stages have agreed.
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

/* What every run writes comes first, large and rarely used members last: a page that is never
 * written to costs no memory. */
struct run {
	const struct cli *cli;
	struct caller *caller;
	int cwd_fd;   /* Working directory of the caller; -1: no path depends on it. */
	int is_tried; /* Something was done or taken back, or attempted. */
	int state_fd;
	int memory_fd; /* For the journal of a caller who has no state directory; else -1. */
	const char *state_path;
	struct journal_key key;
	struct journal journal;
	int is_unread; /* plan: the state of earlier runs could not be read. */
	struct process target;
	unsigned
		owned; /* Of a caller with less: the namespaces that are his, by enum vst_ns. */
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

/* Initializes *run, which is zero. Opens the working directory if a path of the command line is
 * relative, and loads --expect's file. Call run_close even on failure. */
int run_start(
	struct run *run, const struct cli *cli, struct caller *caller, struct vst_err *err);

/* Opens the process that the command line names. run_read_document judges it. For a caller with
 * less it is judged now, with all of its namespaces, and unless its user namespace is his it is
 * VST_EXIT_DENIED, in the same words as a process that does not exist. */
int run_open_target(struct run *run, struct vst_err *err);

/* Opens the process's namespaces (1 << enum vst_ns) into run->ns. One that is not a caller's
 * with less is VST_EXIT_DENIED. */
int run_open_namespaces(struct run *run, unsigned wanted, struct vst_err *err);

/* run_limit: drops all capabilities but `keep`, `required` and those that a repair may need; if
 * one of `required` is missing: VST_EXIT_DENIED. run_confine: the same without `required`, then
 * loads the system call filter; once, after the last parser was started. */
int run_limit(uint64_t keep, uint64_t required, enum plan_verb verb, struct vst_err *err);
int run_confine(uint64_t keep, enum plan_verb verb, struct vst_err *err);

/* For a caller who has no state directory: a journal in memory. For all others: opens the state
 * directory, from now on keeps what is to be printed (report_hold), locks and loads the
 * bundle's journal, and repairs an unfinished run of it. Then drops all capabilities but
 * `keep`. */
int run_lock(struct run *run, uint64_t keep, struct vst_err *err);

/* Appends "nothing was changed" to err if nothing was attempted. Returns -1. */
int run_failed(const struct run *run, struct vst_err *err);

/* Closes everything, and prints what was kept meanwhile; removes the journal if it holds
 * nothing. Accepts a run that did not start.
 */
void run_close(struct run *run);
