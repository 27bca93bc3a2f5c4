/* SPDX-License-Identifier: Apache-2.0 */
#include "repair.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>

#include "../../policy/plan.h"
#include "../kernel/kernel_call.h"
#include "../kernel/patience.h"
#include "../rights/caps.h"
#include "../self/report.h"
#include "../self/startup.h"
#include "held.h"
#include "scope.h"
#include "take.h"

int repair_report_left(const struct undo_left *left, const struct journal *journal,
	const char *state_path, const char *what, struct vst_err *err)
{
	const unsigned shown = sizeof left->text / sizeof left->text[0];

	for (unsigned i = 0; i < left->n && i < shown; i++)
		report(REPORT_ERROR, NULL, "not taken back: %s", left->text[i]);
	if (patience_signal())
		report(REPORT_ERROR, NULL, "signal %d ended the waiting for what is in use",
			patience_signal());
	if (journal->dir_fd < 0)
		return vst_fail(err, left->exit, 0,
			"%s: %u of its steps could not be taken back; a port that is left is deleted by the next run, or root's gc",
			what, left->n);
	return vst_fail(err, left->exit, 0,
		"%s: %u of its steps could not be taken back and stay in journal %s/%s; mend that and try again",
		what, left->n, VST_QUOTE(state_path), journal->name);
}

static int repair_run(struct journal *journal, uint32_t run, const struct caller *caller,
	const char *state_path, struct vst_err *err)
{
	struct undo_view view = {.journal = journal, .caller = caller, .nets = NETS_NONE};
	struct undo_left left = {.n = 0};
	struct journal_rec rec;
	const char *verb;

	journal_read(journal, run, &rec);
	verb = held_verb_name(((const struct rec_run *)rec.body)->verb);
	if (caps_limit(~0ULL, undo_needs(journal, run, UNDO_ALL), "taking back an earlier run",
		    err) < 0 ||
		nets_open_run(journal, run, caller, &view.nets, err) < 0) {
		nets_close(&view.nets);
		return vst_wrap(err, "an earlier %s of this bundle was cut short", verb);
	}
	undo_records(&view, &(struct undo_which){.run = run, .kinds = UNDO_ALL}, &left);
	nets_close(&view.nets);
	if (left.n) {
		char what[80];

		snprintf(what, sizeof what, "an earlier %s of this bundle was cut short", verb);
		return repair_report_left(&left, journal, state_path, what, err);
	}
	journal_end_run(journal, run, JOURNAL_UNDONE);
	report(REPORT_INFO, NULL,
		"an earlier %s of this bundle was cut short; what it had done was taken back first",
		verb);
	return 0;
}

/* Completes an interrupted cleanup or detach. */
static int complete(struct journal *journal, uint32_t run, const struct caller *caller,
	const char *state_path, struct vst_err *err)
{
	const struct rec_run *body;
	struct undo_left left = {.n = 0};
	struct journal_rec rec;
	const char *verb;
	int ignored = 0;
	char what[80];

	journal_read(journal, run, &rec);
	body = rec.body;
	verb = body->verb == PLAN_CLEANUP ? "cleanup" : "detach";
	snprintf(what, sizeof what, "an earlier %s of this bundle was cut short", verb);
	/* For detach, take_back limits the capabilities for each attach. */
	if ((body->verb == PLAN_CLEANUP &&
		    caps_limit(~0ULL, 1ULL << CAP_SYS_ADMIN, verb, err) < 0) ||
		take_back(journal, caller, body->verb, body->flags & REC_RUN_ALL, &left,
			&ignored, err) < 0)
		return vst_wrap(err, "%s", what);
	if (left.n)
		return repair_report_left(&left, journal, state_path, what, err);
	journal_end_run(journal, run, JOURNAL_UNDONE);
	report(REPORT_INFO, NULL, "%s; it was completed first", what);
	return 0;
}

static int is_taking(const struct journal_rec *run)
{
	const uint32_t verb = ((const struct rec_run *)run->body)->verb;

	return verb == PLAN_CLEANUP || verb == PLAN_DETACH;
}

/* An interrupted run of another mount namespace. Its links are taken back; its mounts and files
 * are left to a run there, and do not block this one. */
static int repair_elsewhere(struct journal *journal, uint32_t run, const struct caller *caller,
	const char *state_path, struct vst_err *err)
{
	const unsigned links = 1u << JOURNAL_LINK | 1u << JOURNAL_MOVE;
	struct undo_view view = {.journal = journal, .caller = caller, .nets = NETS_NONE};
	struct undo_left left = {.n = 0};
	const uint64_t needs = undo_needs(journal, run, links);

	if (needs && (caps_limit(~0ULL, needs, "taking back an earlier run", err) < 0 ||
			     nets_open_run(journal, run, caller, &view.nets, err) < 0)) {
		nets_close(&view.nets);
		return vst_wrap(err, "an earlier run in another mount namespace was cut short");
	}
	if (needs)
		undo_records(&view, &(struct undo_which){.run = run, .kinds = links}, &left);
	nets_close(&view.nets);
	if (left.n)
		return repair_report_left(&left, journal, state_path,
			"an earlier run in another mount namespace was cut short", err);
	if (!undo_needs(journal, run, UNDO_ALL & ~links))
		journal_end_run(journal, run, JOURNAL_UNDONE);
	if (needs)
		report(REPORT_INFO, NULL,
			"an earlier run on this bundle in another mount namespace was cut short; its interfaces were taken back first");
	return 0;
}

static int repair_all(struct journal *journal, const struct caller *caller,
	const char *state_path, struct vst_err *err)
{
	for (uint32_t at = journal_last(journal); at; at = journal_prev(journal, at)) {
		struct journal_rec rec;
		int result;

		journal_read(journal, at, &rec);
		if (rec.kind != JOURNAL_RUN || rec.state != JOURNAL_INTENT)
			continue;
		if (scope_of(journal, at, caller) == SCOPE_ELSEWHERE)
			result = repair_elsewhere(journal, at, caller, state_path, err);
		else if (is_taking(&rec))
			result = complete(journal, at, caller, state_path, err);
		else
			result = repair_run(journal, at, caller, state_path, err);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* Signals are blocked only during repair. The verb may then wait on somebody's file system
 * before it acts, and a signal must be able to end it there. */
int repair(struct journal *journal, const struct caller *caller, const char *state_path,
	struct vst_err *err)
{
	uint64_t mask;

	if (!journal_unfinished(journal))
		return 0;
	if (kernel_sigmask(NULL, &mask) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read the signal mask");
	if (startup_block_signals(err) < 0)
		return -1;
	if (repair_all(journal, caller, state_path, err) < 0)
		return -1;
	patience_act();
	if (kernel_sigmask(&mask, NULL) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "restore the signal mask");
	return 0;
}
