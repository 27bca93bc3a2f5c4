/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

#include <string.h>

#include "../policy/capabilities.h"
#include "act/attach.h"
#include "act/copies.h"
#include "journal/state.h"
#include "kernel/kernel_mount.h"
#include "kernel/patience.h"
#include "run_ports.h"
#include "run_review.h"
#include "run_users.h"
#include "self/report.h"
#include "self/startup.h"
#include "undo/held.h"
#include "undo/repair.h"
#include "undo/scope.h"
#include "undo/take.h"

struct sweep {
	struct run *run;
	struct journal_key own;
	unsigned failed;  /* Journals that need attention. */
	unsigned unknown; /* Objects that cannot be seen from here. */
	void (*review)(struct run *run, struct review_left *left); /* --policy; else NULL */
};

/* Names the copies of the run's mounts that are left without them. Returns their number. */
static unsigned name_copies(const struct journal *journal, uint32_t place)
{
	struct journal_rec rec;
	unsigned n = 0;

	for (uint32_t at = place; (at = journal_next_of_run(journal, at, &rec));) {
		const struct rec_mount *mount = rec.body;
		struct kernel_statmount sm;
		struct held_name name;

		if (!copies_is(&rec) || rec.state == JOURNAL_UNDONE)
			continue;
		held_describe(journal, &rec, &name);
		report(REPORT_ERROR, NULL,
			"bundle %s: %s %s: it is gone, and a copy of it is left, at '%s'; unmount what lies in that, and clean up the bundle",
			VST_QUOTE(journal->bundle_path), name.kind, name.name,
			VST_QUOTE(attach_point_of(mount->mnt_id, &sm)));
		n++;
	}
	return n;
}

/* Removes the empty files that the run's namespaces were bound on. */
static void remove_files(struct sweep *sweep, uint32_t place)
{
	const struct undo_view view = {.journal = &sweep->run->journal,
		.caller = sweep->run->caller,
		.nets = NETS_NONE};
	struct undo_left ignored = {.n = 0};

	undo_records(&view, &(struct undo_which){.run = place, .kinds = 1u << JOURNAL_FILE},
		&ignored);
}

/* Forgets a finished run of which nothing exists any more: its records, and the empty files
 * that its namespaces were bound on. A run that exists in part is left to the administrator. */
static void forget_run(struct sweep *sweep, uint32_t place, unsigned *copies, int *ret_is_kept)
{
	struct journal *journal = &sweep->run->journal;
	struct held_count count = {.held = 0};
	struct journal_rec rec;
	struct vst_err err;
	unsigned n = 0;

	*ret_is_kept = 1;
	if (held_count(journal, place, sweep->run->caller, &count, &err) < 0)
		return;
	if (count.unknown) {
		report(REPORT_ERROR, NULL, "bundle %s: %s %s %s; it is kept",
			VST_QUOTE(journal->bundle_path), count.missing.kind, count.missing.name,
			count.missing_how);
		sweep->unknown += count.unknown;
	}
	if (count.there || count.hidden || count.unknown || count.elsewhere)
		return;
	/* Ids of another mount namespace say nothing here. */
	if (scope_of(journal, place, sweep->run->caller) != SCOPE_ELSEWHERE) {
		copies_forget(journal, place);
		n = name_copies(journal, place);
	}
	*copies += n;
	*ret_is_kept = n > 0;
	if (n || !count.held)
		return;
	for (uint32_t at = place; (at = journal_next_of_run(journal, at, &rec));) {
		if (held_is_object(&rec))
			journal_undone(journal, at);
	}
	remove_files(sweep, place);
	report(REPORT_INFO, NULL, "bundle %s: nothing of an earlier run is left; forgotten",
		VST_QUOTE(journal->bundle_path));
}

/* The next finished run behind `at`; 0: none. */
static uint32_t next_done(const struct journal *journal, uint32_t at)
{
	struct journal_rec rec;

	for (at = at ? journal_next(journal, at) : journal_first(journal); at;
		at = journal_next(journal, at)) {
		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_RUN && rec.state == JOURNAL_DONE)
			break;
	}
	return at;
}

static void sweep_runs(struct sweep *sweep)
{
	const struct journal *journal = &sweep->run->journal;
	unsigned copies = 0;
	int keep = 0, is_kept;

	for (uint32_t at = 0; (at = next_done(journal, at)); keep |= is_kept)
		forget_run(sweep, at, &copies, &is_kept);
	/* A later run binds on the files of an earlier one whose binds are gone: they are
	 * nobody's only when no run has anything left. */
	for (uint32_t at = 0; !keep && (at = next_done(journal, at));)
		remove_files(sweep, at);
	sweep->failed += copies > 0;
}

/* --uid: takes back what every run of the journal attached. */
static void withdraw(struct sweep *sweep)
{
	struct run *run = sweep->run;
	struct undo_left left = {.n = 0};
	struct vst_err err;
	int r;

	take_begin(&run->journal, run->caller, PLAN_DETACH, 0);
	r = take_back(&run->journal, run->caller, PLAN_DETACH, 0, &left, &run->is_tried, &err);
	take_end(&run->journal);
	if (r == 0 && left.n)
		r = repair_report_left(&left, &run->journal, run->state_path, "gc", &err);
	if (r == 0)
		return;
	report(REPORT_ERROR, NULL, "bundle %s: %s", VST_QUOTE(run->journal.bundle_path),
		err.text);
	sweep->failed++;
}

/* --policy: takes back what it does not permit. */
static void review(struct sweep *sweep)
{
	struct review_left left = {0, 0};

	sweep->review(sweep->run, &left);
	sweep->failed += left.failed > 0;
	sweep->unknown += left.unknown;
}

/* What a run holds is passed over; but where all of it is to go, what stays is said. */
static void pass_over(struct sweep *sweep, const char *name)
{
	if (!sweep->run->cli->uid && sweep->review != review_journal)
		return;
	report(REPORT_ERROR, NULL,
		"journal %s: a run of uid %u holds it, at work or stopped, so what that bundle has is kept; end it, and try again",
		VST_QUOTE(name), sweep->run->caller->uid);
	sweep->unknown++;
}

static int sweep_locked(void *arg, const char *name, struct vst_err *err)
{
	struct sweep *sweep = arg;
	struct run *run = sweep->run;
	enum journal_found found;

	if (journal_visit(&run->journal, run->state_fd, name, &sweep->own, 1, &found, err) <
		0) {
		report(REPORT_ERROR, NULL, "%s", err->text);
		sweep->failed++;
		return 0;
	}
	if (found == JOURNAL_OTHER_BOOT)
		report(REPORT_INFO, NULL, "journal %s was of another boot; forgotten",
			VST_QUOTE(name));
	if (found == JOURNAL_HELD)
		pass_over(sweep, name);
	if (found != JOURNAL_OURS)
		return 0;
	if (repair(&run->journal, run->caller, run->state_path, err) < 0) {
		report(REPORT_ERROR, NULL, "bundle %s: %s", VST_QUOTE(run->journal.bundle_path),
			err->text);
		sweep->failed++;
	} else if (run->cli->uid) {
		withdraw(sweep);
	} else {
		if (sweep->review)
			review(sweep);
		sweep_runs(sweep);
	}
	journal_close(&run->journal);
	if (patience_signal())
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"ended by signal %d while it waited; the other journals were not looked at",
			patience_signal());
	return 0;
}

static int sweep_journal(void *arg, const char *name, struct vst_err *err)
{
	int r;

	report_hold();
	r = sweep_locked(arg, name, err);
	report_let_go();
	return r;
}

/* Goes through all journals; with --policy twice, if the user has too much. */
static int sweep_all(struct sweep *sweep, struct vst_err *err)
{
	struct review_left left = {0, 0};
	uint32_t excess;

	if (state_list(sweep->run->state_fd, sweep_journal, sweep, err) < 0)
		return -1;
	if (!sweep->review)
		return 0;
	excess = review_excess(&left);
	sweep->unknown += left.unknown;
	sweep->review = review_take;
	return excess ? state_list(sweep->run->state_fd, sweep_journal, sweep, err) : 0;
}

static int gc(struct run *run, struct vst_err *err)
{
	struct sweep sweep = {.run = run};

	if (run->cli->policy && run->caller->has_less) {
		sweep.review = review_journal;
		if (review_begin(run->caller->uid, err) < 0)
			return -1;
	}
	if (run_confine(verb_capabilities(PLAN_GC) & ~PARSER_CAPABILITIES, PLAN_GC, err) < 0 ||
		state_open(run->cli->root, run->cwd_fd, run->caller, &run->state_fd,
			&run->state_path, err) < 0 ||
		state_key(run->state_fd, run->state_fd, &sweep.own, err) < 0 ||
		startup_block_signals(err) < 0)
		return -1;
	run->is_tried = 1;
	if (sweep_all(&sweep, err) < 0)
		return -1;
	if (sweep.failed)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"%u journals need attention, as said above; everything else was looked after",
			sweep.failed);
	if (sweep.unknown)
		return vst_fail(err, VST_EXIT_INCOMPLETE, 0,
			"%u things cannot be looked at from here and are kept, as said above; everything else was looked after",
			sweep.unknown);
	return 0;
}

/* What root itself looks after, or a user. */
static int gc_own(struct run *run, struct vst_err *err)
{
	struct vst_err ports;
	int failed = 0;

	if (!run->cli->uid)
		failed = gc(run, err) < 0;
	else if (run_confine(verb_capabilities(PLAN_GC) & ~PARSER_CAPABILITIES, PLAN_GC, err) <
		 0)
		return -1;
	/* Whatever a journal needs, the ports are looked after; but not without the filter. */
	if (!run_sees_ports(run) || (failed && !run->is_tried))
		return failed ? -1 : 0;
	if (run_ports_sweep(run, &ports) == 0)
		return failed ? -1 : 0;
	/* One failure ends the run; the other is said before. */
	if (failed)
		report(REPORT_ERROR, NULL, "%s", ports.text);
	else
		*err = ports;
	return -1;
}

int verb_gc(struct run *run, struct vst_err *err)
{
	struct vst_err users = {.exit = VST_EXIT_OK};
	int failed;

	if ((run->cli->uid || run->cli->policy) && !run_sees_users(run))
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"%s: to take back what users attached is for root of the machine, without --root",
			run->cli->uid ? "--uid" : "--policy");
	if (run->cli->policy && review_load(err) < 0)
		return -1;
	failed = run_sees_users(run) && run_for_users(run, gc, &users) < 0;
	if (gc_own(run, err) < 0)
		return -1;
	if (failed)
		*err = users;
	return failed ? -1 : 0;
}
