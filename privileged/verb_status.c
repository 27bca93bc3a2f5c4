/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

#include <errno.h>
#include <string.h>

#include "../policy/capabilities.h"
#include "journal/state.h"
#include "rights/caps.h"
#include "run_ports.h"
#include "run_users.h"
#include "self/report.h"
#include "undo/held.h"
#include "undo/scope.h"

/* What status carries from journal to journal. */
struct show {
	struct run *run;
	struct journal_key own;
	struct vst_err damaged; /* Error of the last journal that could not be read. */
};

static int print(const struct show *show, const struct report_held *row, struct vst_err *err)
{
	if (report_held(row, show->run->cli->format_json) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "write to standard output");
	return 0;
}

/* The state of the record's object, as a word. */
static const char *state_of(const struct show *show, enum journal_state run, int is_elsewhere,
	const struct nets *nets, const struct journal_rec *rec)
{
	static const char *const words[] = {
		[EXEC_GONE] = "gone",
		[EXEC_THERE] = "there",
		[EXEC_HIDDEN] = "hidden",
		[EXEC_UNKNOWN] = "unknown",
	};
	struct vst_err ignored;

	if (is_elsewhere && scope_is_bound(rec))
		return "of another mount namespace";
	if (run == JOURNAL_INTENT)
		return "unfinished";
	return words[held_present(&show->run->journal, show->run->caller, nets, rec, &ignored)];
}

/* Shows every object of one run, oldest first. */
static int show_run(
	const struct show *show, const char *bundle, uint32_t place, struct vst_err *err)
{
	__attribute__((cleanup(nets_close))) struct nets nets = NETS_NONE;
	struct journal *journal = &show->run->journal;
	struct journal_rec run_rec, rec;
	struct vst_err ignored;
	struct rec_run run;
	int is_elsewhere;

	journal_read(journal, place, &run_rec);
	memcpy(&run, run_rec.body, sizeof run);
	is_elsewhere = scope_of(journal, place, show->run->caller) == SCOPE_ELSEWHERE;
	if (run_rec.state == JOURNAL_UNDONE)
		return 0;
	if (nets_open_run(journal, place, show->run->caller, &nets, &ignored) < 0)
		nets_close(&nets);
	for (uint32_t at = place; (at = journal_next_of_run(journal, at, &rec));) {
		struct held_name name;
		struct report_held row = {
			.bundle = bundle,
			.verb = held_verb_name(run.verb),
			.since = run.started,
			.uid = run.uid,
			.pid = run.target_pid,
		};

		if (rec.state == JOURNAL_UNDONE || rec.kind == JOURNAL_PIN ||
			(run_rec.state == JOURNAL_DONE && !held_is_object(&rec)))
			continue;
		held_describe(journal, &rec, &name);
		row.kind = name.kind;
		row.object = name.name;
		row.state = state_of(show, run_rec.state, is_elsewhere, &nets, &rec);
		if (print(show, &row, err) < 0)
			return -1;
	}
	return 0;
}

static int show_records(const struct show *show, const char *bundle, struct vst_err *err)
{
	const struct journal *journal = &show->run->journal;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_RUN && show_run(show, bundle, at, err) < 0)
			return -1;
	}
	return 0;
}

/* Shows a journal that is not open: only its name is known. */
static int show_closed(
	const struct show *show, const char *name, const char *state, struct vst_err *err)
{
	struct vst_quoted quoted;
	const struct caller *caller = show->run->caller;
	const struct report_held row = {
		.bundle = vst_quote(&quoted, name, strlen(name)),
		.uid = caller->has_less ? caller->uid : 0,
		.state = state,
	};

	return print(show, &row, err);
}

static int show_journal(void *arg, const char *name, struct vst_err *err)
{
	struct show *show = arg;
	struct journal *journal = &show->run->journal;
	enum journal_found found;
	struct vst_err damage;
	struct vst_quoted bundle;
	int result = 0;

	if (journal_visit(journal, show->run->state_fd, name, &show->own, 0, &found, &damage) <
		0) {
		report(REPORT_ERROR, NULL, "%s", damage.text);
		show->damaged = damage;
		return show_closed(show, name, "damaged", err);
	}
	switch (found) {
	case JOURNAL_OURS:
		if (journal_unlock(journal, err) < 0)
			return -1;
		vst_quote(&bundle, journal->bundle_path, strlen(journal->bundle_path));
		result = show_records(show, bundle.text, err);
		journal_close(journal);
		break;
	case JOURNAL_HELD:
		return show_closed(show, name, "another run is at work", err);
	case JOURNAL_OTHER_BOOT:
		return show_closed(show, name, "of another boot", err);
	case JOURNAL_VANISHED:
		break;
	}
	return result;
}

/* Shows what one state directory has: the caller's, or in a child of root's that of a user. */
static int status(struct run *run, struct vst_err *err)
{
	struct show show = {.run = run};
	const int one = run->bundle.fd >= 0;
	char name[64];
	int result;

	if (run_confine(verb_capabilities(PLAN_STATUS) & ~PARSER_CAPABILITIES, PLAN_STATUS,
		    err) < 0 ||
		state_open(run->cli->root, run->cwd_fd, run->caller, &run->state_fd,
			&run->state_path, err) < 0 ||
		state_key(run->state_fd, one ? run->bundle.fd : run->state_fd, &show.own, err) <
			0)
		return -1;
	if (one) {
		journal_name(&show.own, name);
		result = show_journal(&show, name, err);
	} else {
		result = state_list(run->state_fd, show_journal, &show, err);
	}
	if (result == 0 && show.damaged.text[0])
		return vst_fail(err, VST_EXIT_CONFLICT, 0, "not every journal could be read");
	return result;
}

int verb_status(struct run *run, struct vst_err *err)
{
	struct vst_err users = {.exit = VST_EXIT_OK};
	int failed;

	if (run->cli->uid && !run_sees_users(run))
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"--uid: to look at what users attached is for root of the machine, without --root");
	if (run->cli->bundle && bundle_open(run->cli->bundle, run->cwd_fd, run->caller, 0,
					&run->bundle, err) < 0)
		return -1;
	failed = run_sees_users(run) && run_for_users(run, status, &users) < 0;
	if (!run->cli->uid && status(run, err) < 0)
		return -1;
	if (run->cli->uid && run_confine(verb_capabilities(PLAN_STATUS) & ~PARSER_CAPABILITIES,
				     PLAN_STATUS, err) < 0)
		return -1;
	if (!run->cli->bundle && run_sees_ports(run) && run_ports_show(run, err) < 0)
		return -1;
	if (failed)
		*err = users;
	return failed ? -1 : 0;
}
