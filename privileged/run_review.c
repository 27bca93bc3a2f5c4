/* SPDX-License-Identifier: Apache-2.0 */
#include "run_review.h"

#include <string.h>

#include "../policy/grant.h"
#include "ns/ns.h"
#include "self/report.h"
#include "trust/policy_file.h"
#include "undo/held.h"
#include "undo/repair.h"
#include "undo/scope.h"

/* Binds that are put in order: a count is 999 at most. */
#define BINDS_MAX 1024

struct bind {
	uint64_t since; /* When its run began. */
	uint64_t mnt_id;
	int is_unique; /* Later ids are greater (6.8), and the clock may have been set back. */
	int is_excess;
};

static struct {
	struct policy policy;
	struct grantee who;
	uint32_t groups[VST_GROUPS_MAX];
	uint8_t places[VST_POLICY_LINES_MAX];
	struct bind binds[BINDS_MAX]; /* Those that are permitted. */
	uint32_t n_binds;
	uint32_t count;           /* The most that the user may have. */
	uint32_t void_count_line; /* A line that might let him have more; 0: none. */
} review;

int review_load(struct vst_err *err)
{
	const struct policy *policy = &review.policy;
	const int found = policy_load(&review.policy, err);

	if (found < 0)
		return vst_wrap(err, "--policy: what it permits is not known");
	/* The text is zero until it is read, and has no NUL. */
	if (found == 0 || !policy->text[0])
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"--policy: " POLICY_PATH
			" is %s, which may be an accident: to take back everything put a comment in it, or name the user with --uid",
			found ? "empty" : "not there");
	if (policy_accounts(&review.policy, 1, err) < 0)
		return vst_wrap(err, "--policy: whom it permits what is not known");
	if (policy->rules.n && (!policy->passwd.len || !policy->group.len))
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"--policy: %s is missing or empty, so whom the lines permit what is not known",
			policy->passwd.len ? "/etc/group" : "/etc/passwd");
	return 0;
}

int review_begin(uint32_t uid, struct vst_err *err)
{
	struct account account;
	int n = 0;

	if (accounts_by_uid(&review.policy.passwd, uid, &account) > 0)
		n = accounts_groups_of(
			&review.policy.group, &account, review.groups, VST_GROUPS_MAX);
	if (n < 0)
		return vst_fail(err, VST_EXIT_FAILED, 0, "uid %u has too many groups", uid);
	review.who = (struct grantee){uid, (uint32_t)n, review.groups};
	return 0;
}

int review_port(uint32_t uid, uint32_t slot, const char *bridge, struct vst_err *ret_why)
{
	const struct grant_ask ask = {.grant = RULE_VETH, .bridge = bridge};
	struct grant verdict = {.line = 0};
	uint32_t line;

	if (review_begin(uid, ret_why) < 0)
		return -1;
	grant(&review.policy.rules, &review.who, &ask, &verdict);
	if (verdict.reason == GRANT_BY_RULE && slot < verdict.count)
		return 1;
	line = verdict.reason == GRANT_BY_RULE ? verdict.void_count_line : verdict.void_line;
	if (line) {
		vst_fail(ret_why, VST_EXIT_INCOMPLETE, 0,
			"it is kept: %s:%u may permit it, and counts for nothing now, because the number of its name is not to be had: see 'vestibule policy check'",
			review.policy.file, line);
		return -1;
	}
	if (verdict.reason == GRANT_BY_RULE)
		vst_fail(ret_why, VST_EXIT_OK, 0,
			POLICY_PATH
			" permits uid %u to have %u, and its slot is %u; taken back",
			uid, verdict.count, slot);
	else
		vst_fail(ret_why, VST_EXIT_OK, 0,
			"no line of " POLICY_PATH
			" permits uid %u to have it any more; taken back",
			uid);
	return 0;
}

/* The report of a bind: `level`, its bundle and name, then the text. */
static void tell(const struct run *run, const struct journal_rec *rec, enum report_level level,
	const struct vst_err *text)
{
	struct held_name name;

	held_describe(&run->journal, rec, &name);
	report(level, NULL, "bundle %s: %s %s: %s", VST_QUOTE(run->journal.bundle_path),
		name.kind, name.name, text->text);
}

static void keep(const struct run *run, const struct journal_rec *rec,
	const struct vst_err *why, struct review_left *left)
{
	tell(run, rec, REPORT_ERROR, why);
	left->unknown++;
}

/* Removes the empty file that the bind was on. */
static void remove_file(
	const struct undo_view *view, uint32_t place, const struct journal_rec *bind)
{
	const struct rec_mount *mount = bind->body;
	struct undo_which which = {.run = place, .kinds = 1u << JOURNAL_FILE};
	struct undo_left ignored = {.n = 0};
	struct journal_rec rec;

	for (uint32_t at = place; (at = journal_next_of_run(view->journal, at, &rec));) {
		const struct rec_file *file = rec.body;

		which.record = at;
		if (rec.kind == JOURNAL_FILE && file->pin == mount->pin &&
			strcmp((const char *)(file + 1), (const char *)(mount + 1)) == 0)
			undo_records(view, &which, &ignored);
	}
}

/* Takes back one bind of the run at `place`, because of what `why` says. */
static void take(struct run *run, uint32_t place, const struct journal_rec *rec,
	const struct vst_err *why, struct review_left *left)
{
	const struct undo_view view = {
		.journal = &run->journal, .caller = run->caller, .nets = NETS_NONE};
	struct undo_left stays = {.n = 0};
	struct vst_err err;

	undo_records(&view,
		&(struct undo_which){
			.run = place, .kinds = 1u << JOURNAL_MOUNT, .record = rec->place},
		&stays);
	if (!stays.n) {
		remove_file(&view, place, rec);
		tell(run, rec, REPORT_INFO, why);
		return;
	}
	repair_report_left(&stays, &run->journal, run->state_path, "gc --policy", &err);
	report(REPORT_ERROR, NULL, "bundle %s: %s", VST_QUOTE(run->journal.bundle_path),
		err.text);
	left->failed++;
}

/* What the policy says to the bind where it is now. -1: that is not known. */
static int judge(const struct exec_mount_found *found, struct grant *ret, struct vst_err *err)
{
	const struct grant_file file = {.places = review.places};
	struct grant_ask ask = {.grant = RULE_NS, .file = &file};

	ask.ns = ns_kind_of(found->root_fd);
	if (ask.ns == VST_NS_COUNT)
		return vst_fail(err, VST_EXIT_INCOMPLETE, 0,
			"it is kept: of which kind its namespace is cannot be told without /proc");
	policy_places(&review.policy, &review.who, found->parent_fd, review.places);
	grant(&review.policy.rules, &review.who, &ask, ret);
	if (ret->reason == GRANT_BY_RULE || !ret->void_line)
		return 0;
	return vst_fail(err, VST_EXIT_INCOMPLETE, 0,
		"it is kept: %s:%u may permit it, and counts for nothing now, because its directory, or the number of its name, is not to be had: see 'vestibule policy check'",
		review.policy.file, ret->void_line);
}

/* Notes a bind that is permitted. -1: there is no room, which no count needs. */
static int note(const struct rec_run *run, const struct journal_rec *rec,
	const struct grant *verdict, struct vst_err *err)
{
	const struct rec_mount *mount = rec->body;

	if (review.n_binds == BINDS_MAX)
		return vst_fail(err, VST_EXIT_INCOMPLETE, 0,
			"it is kept: there are more than %d of this user's, which are not put in order",
			BINDS_MAX);
	review.binds[review.n_binds++] = (struct bind){.since = run->started,
		.mnt_id = mount->mnt_id,
		.is_unique = (mount->flags & REC_MOUNT_UNIQUE) != 0};
	/* A directory may be seen from one bind, and not from another. */
	if (verdict->count > review.count)
		review.count = verdict->count;
	if (verdict->void_count_line)
		review.void_count_line = verdict->void_count_line;
	return 0;
}

static void review_bind(struct run *run, const struct journal_rec *of,
	const struct journal_rec *rec, struct review_left *left)
{
	exec_mount_auto_found found = EXEC_MOUNT_NOT_FOUND;
	struct grant verdict = {.line = 0};
	struct vst_err why;

	switch (held_find_mount(&run->journal, run->caller, rec, &found, &why)) {
	case EXEC_GONE:
		return;
	case EXEC_THERE:
		break;
	case EXEC_HIDDEN:
	case EXEC_UNKNOWN:
		keep(run, rec, &why, left);
		return;
	}
	if (judge(&found, &verdict, &why) < 0 ||
		(verdict.reason == GRANT_BY_RULE && note(of->body, rec, &verdict, &why) < 0)) {
		keep(run, rec, &why, left);
		return;
	}
	if (verdict.reason == GRANT_BY_RULE)
		return;
	/* They would keep the mount busy. */
	exec_mount_found_close(&found);
	vst_fail(&why, VST_EXIT_OK, 0,
		"no line of " POLICY_PATH " permits uid %u to have it any more; taken back",
		review.who.uid);
	take(run, of->place, rec, &why, left);
}

/* Calls each() for every bind of a namespace that a finished run of the open journal holds. */
static void each_bind(struct run *run, struct review_left *left,
	void (*each)(struct run *run, const struct journal_rec *of,
		const struct journal_rec *rec, struct review_left *left))
{
	const struct journal *journal = &run->journal;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec of, rec;

		journal_read(journal, at, &of);
		if (of.kind != JOURNAL_RUN || of.state != JOURNAL_DONE)
			continue;
		for (uint32_t in = at; (in = journal_next_of_run(journal, in, &rec));)
			if (rec.kind == JOURNAL_MOUNT && rec.state != JOURNAL_UNDONE &&
				((const struct rec_mount *)rec.body)->flags & REC_MOUNT_NS)
				each(run, &of, &rec, left);
	}
}

static void review_in_scope(struct run *run, const struct journal_rec *of,
	const struct journal_rec *rec, struct review_left *left)
{
	struct vst_err why;

	if (scope_of(&run->journal, of->place, run->caller) != SCOPE_ELSEWHERE) {
		review_bind(run, of, rec, left);
		return;
	}
	scope_explain(&run->journal, of->place, &why);
	keep(run, rec, &why, left);
}

void review_journal(struct run *run, struct review_left *left)
{
	each_bind(run, left, review_in_scope);
}

static int is_newer(const struct bind *a, const struct bind *b)
{
	if (a->since == b->since || (a->is_unique && b->is_unique))
		return a->mnt_id > b->mnt_id;
	return a->since > b->since;
}

uint32_t review_excess(struct review_left *left)
{
	const uint32_t n = review.n_binds > review.count ? review.n_binds - review.count : 0;

	if (!n)
		return 0;
	if (review.void_count_line) {
		report(REPORT_ERROR, NULL,
			"uid %u has %u namespaces bound and may have %u, but %s:%u, which counts for nothing now, might permit more: all are kept",
			review.who.uid, review.n_binds, review.count, review.policy.file,
			review.void_count_line);
		left->unknown += n;
		return 0;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct bind *newest = NULL;

		for (uint32_t k = 0; k < review.n_binds; k++) {
			struct bind *bind = &review.binds[k];

			if (!bind->is_excess && (!newest || is_newer(bind, newest)))
				newest = bind;
		}
		newest->is_excess = 1;
	}
	return n;
}

static void take_excess(struct run *run, const struct journal_rec *of,
	const struct journal_rec *rec, struct review_left *left)
{
	const struct rec_mount *mount = rec->body;
	struct vst_err why;

	for (uint32_t k = 0; k < review.n_binds; k++) {
		const struct bind *bind = &review.binds[k];

		if (!bind->is_excess || bind->mnt_id != mount->mnt_id ||
			bind->since != ((const struct rec_run *)of->body)->started)
			continue;
		vst_fail(&why, VST_EXIT_OK, 0,
			POLICY_PATH
			" permits uid %u to have %u, and this is one of the newest; taken back",
			review.who.uid, review.count);
		take(run, of->place, rec, &why, left);
		return;
	}
}

void review_take(struct run *run, struct review_left *left)
{
	each_bind(run, left, take_excess);
}
