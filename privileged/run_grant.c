/* SPDX-License-Identifier: Apache-2.0 */
#include "run_grant.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../ipc/fd.h"
#include "../policy/grant.h"
#include "journal/usage.h"
#include "kernel/beneath.h"
#include "ns/ns.h"
#include "rights/rights.h"
#include "self/audit.h"
#include "self/caller.h"
#include "trust/policy_file.h"
#include "trust/trust.h"

#define PARSER_USER "_vestibule"

static struct {
	struct policy policy;
	int found;            /* As policy_load returns. */
	int is_readable;      /* The caller may read it himself, and be told what is in it. */
	struct vst_err wrong; /* found < 0: why */
	struct grantee who;
	uint32_t groups[VST_GROUPS_MAX];
	uint8_t places[VST_POLICY_LINES_MAX];
	struct grant_dir dirs[PLAN_STEPS_MAX];
	struct grant_port ports[PLAN_STEPS_MAX];
	uint32_t wanted; /* Binds of this plan. */
	uint32_t count;  /* The most that the caller may have. */
} judged;

/* Finds the user of the parser, whom nobody else is: with the caller's own uid he could end it,
 * or trace it. */
static int find_parser(struct caller *caller, struct vst_err *err)
{
	struct account account;

	if (accounts_by_name(
		    &judged.policy.passwd, PARSER_USER, strlen(PARSER_USER), &account) != 1 ||
		account.uid == 0 || account.uid == caller->uid)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"there is no system user " PARSER_USER
			" in /etc/passwd, as whom the parser runs: 'make install-setuid' makes it");
	caller->parser_uid = account.uid;
	caller->parser_gid = account.gid;
	return 0;
}

/* The group that the program is setgid to keeps its user from the running program (prlimit),
 * and says in the log whose a line is. A member has it without the program. */
static int prove_no_member(const struct caller *caller, struct vst_err *err)
{
	const gid_t own = getegid();

	for (uint32_t i = 0; i < judged.who.n_groups; i++)
		if (judged.groups[i] == own)
			return vst_fail(err, VST_EXIT_DENIED, 0,
				"uid %u is in group %u, which this program has for itself alone: take that user out of it",
				caller->uid, (unsigned)own);
	return 0;
}

int run_load_policy(struct run *run, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	int r = 0;

	if (!run->caller->has_less)
		return 0;
	rights_as_owner();
	judged.found = policy_load(&judged.policy, &judged.wrong);
	r = policy_accounts(&judged.policy, 1, err);
	rights_as_caller();
	fd = openat(AT_FDCWD, POLICY_PATH, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	/* With file capabilities it was read with his own rights: he is told why it was not. */
	judged.is_readable = fd >= 0 || run->caller->is_caps;
	judged.who.uid = run->caller->uid;
	judged.who.groups = judged.groups;
	if (r < 0 || (!run->caller->is_caps && find_parser(run->caller, err) < 0) ||
		caller_groups(judged.groups, &judged.who.n_groups, err) < 0)
		return -1;
	return run->caller->is_caps ? prove_no_member(run->caller, err) : 0;
}

/* What the verdict lacks. Whoever may not read the policy is not told what it permits others.
 */
static void say(const struct grant *verdict, struct vst_err *err)
{
	if (judged.found == 0)
		vst_fail(err, VST_EXIT_DENIED, 0,
			"there is no " POLICY_PATH
			", so nobody but root is permitted anything");
	else if (judged.found < 0)
		vst_fail(err, VST_EXIT_DENIED, 0,
			"%s; until that is mended nobody but root is permitted anything",
			judged.is_readable ? judged.wrong.text
					   : "there is a mistake in " POLICY_PATH);
	else if (judged.is_readable || verdict->reason == GRANT_NEVER)
		grant_say(verdict, judged.policy.file, err);
	else
		vst_fail(err, VST_EXIT_DENIED, 0, POLICY_PATH " does not permit it");
}

/* What a line would permit is no help while the file itself is wrong. */
static int add(struct vst_err *err, const struct vst_err *more)
{
	if (judged.found < 0)
		return -1;
	strncat(err->text, more->text, sizeof err->text - 1 - strlen(err->text));
	return -1;
}

static const char *bridge_of(const struct run *run, const struct step *step)
{
	return plan_text(&run->plan, run->plan.sets[step->set - 1].bridge);
}

static int deny(
	const struct run *run, uint32_t i, const struct grant *verdict, struct vst_err *err)
{
	const struct step *step = &run->plan.steps[i];
	const char *path = plan_text(&run->plan, step->at.path.off);
	const char *slash = strrchr(path, '/');
	struct vst_err need;

	say(verdict, err);
	vst_wrap(err, "bindNS.%s on %s", ns_kinds[step->ns].name, VST_QUOTE(path));
	err->exit = VST_EXIT_DENIED;
	err->op = step->op;
	if (verdict->reason == GRANT_FOREIGN)
		return -1;
	vst_fail(&need, VST_EXIT_DENIED, 0,
		"; it would take a line such as 'permit uid %u ns %s beneath %s', for a directory of root's or of that user's",
		run->caller->uid, ns_kinds[step->ns].name,
		VST_QUOTE_N(path, (size_t)(slash - path) + (slash == path)));
	return add(err, &need);
}

static int deny_port(
	const struct run *run, uint32_t i, const struct grant *verdict, struct vst_err *err)
{
	const struct step *step = &run->plan.steps[i];
	struct vst_err need;

	say(verdict, err);
	vst_wrap(err, "interface '%s'", VST_QUOTE(plan_text(&run->plan, step->link.name)));
	err->exit = VST_EXIT_DENIED;
	err->op = step->op;
	vst_fail(&need, VST_EXIT_DENIED, 0,
		"; it would take a line such as 'permit uid %u veth bridge %s'",
		run->caller->uid, VST_QUOTE(bridge_of(run, step)));
	return add(err, &need);
}

/* A document may leave it to the policy whether the bridge's ports reach each other, or ask
 * that this one does not. */
static void note_port(struct run *run, uint32_t i, const struct grant *verdict)
{
	const struct step *step = &run->plan.steps[i];
	const struct vst_link_set *set = &run->plan.sets[step->set - 1].is;

	judged.ports[i] = (struct grant_port){
		.count = (uint16_t)verdict->count,
		.total = (uint16_t)verdict->total,
		.is_shared = verdict->is_shared && !(set->flags & VST_SET_ISOLATED),
	};
	audit_rule(verdict->line);
}

static const struct rule *rule_at(uint32_t line)
{
	for (uint32_t i = 0; i < judged.policy.rules.n; i++)
		if (judged.policy.rules.rule[i].line == line)
			return &judged.policy.rules.rule[i];
	return NULL;
}

/* Notes the directory of the rule that grants step i, opened anew: the step has to lie beneath
 * that one when it is done. */
static int note_dir(
	struct run *run, uint32_t i, const struct grant *verdict, struct vst_err *err)
{
	const struct rule *rule = rule_at(verdict->line);
	struct object dir;
	vst_auto_fd fd = -1;

	if (!rule || policy_dir(&judged.policy, rule, &fd, err) != TRUST_OK)
		return deny(run, i, verdict, err);
	if (beneath_stat(fd, &dir) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look at the policy's directory");
	judged.dirs[i] =
		(struct grant_dir){.dev = dir.dev, .ino = dir.ino, .mnt_id = dir.mnt_id};
	if (!judged.wanted || verdict->count < judged.count)
		judged.count = verdict->count;
	judged.wanted++;
	audit_rule(verdict->line);
	return 0;
}

int run_look_at_file(const struct run *run, uint32_t i, uint32_t uid, struct grant_file *ret,
	int *ret_dir_fd, struct vst_err *err)
{
	const struct step_path *at = &run->plan.steps[i].at;
	const char *rest = step_rest(run->plan.bytes, run->pinned.pins, at);
	const int dir_fd = run->pinned.pins[at->base].fd;
	struct object object;
	/* With a slash in it, the directory that would hold the file is not there yet. */
	int there = !strchr(rest, '/') && beneath_stat_name(dir_fd, rest, &object) == 0;

	if (!there && !strchr(rest, '/') && errno != ENOENT)
		return vst_fail(err, VST_EXIT_DENIED, errno, "look at %s",
			VST_QUOTE(plan_text(&run->plan, at->path.off)));
	ret->is_foreign = there && object.uid != uid;
	*ret_dir_fd = dir_fd;
	return 0;
}

static int grant_one(struct run *run, uint32_t i, struct vst_err *err)
{
	const struct step *step = &run->plan.steps[i];
	struct grant_file file = {.places = judged.places};
	struct grant verdict;
	int dir_fd;

	if (step->flags & STEP_DONE)
		return 0;
	if (step_has_shape(step, STEP_SHAPE_NS)) {
		if (run_look_at_file(run, i, judged.who.uid, &file, &dir_fd, err) < 0)
			return -1;
		policy_places(&judged.policy, &judged.who, dir_fd, judged.places);
	}
	grant_step(&judged.policy.rules, &judged.who, &run->plan, i, &file, &verdict);
	if (verdict.reason == GRANT_OWN)
		return 0;
	/* Admit has let nothing pass that is granted otherwise. */
	if (verdict.of == STEP_GRANT_VETH) {
		if (verdict.reason != GRANT_BY_RULE)
			return deny_port(run, i, &verdict, err);
		note_port(run, i, &verdict);
		return 0;
	}
	if (verdict.reason != GRANT_BY_RULE || !step_has_shape(step, STEP_SHAPE_NS))
		return deny(run, i, &verdict, err);
	return note_dir(run, i, &verdict, err);
}

int run_grant(struct run *run, struct vst_err *err)
{
	if (!run->caller->has_less)
		return 0;
	run->pinned.granted = judged.dirs;
	run->pinned.ports = judged.ports;
	for (uint32_t i = 0; i < run->plan.n_steps; i++)
		if (grant_one(run, i, err) < 0)
			return -1;
	return 0;
}

static int has_room(struct run *run, size_t space, struct vst_err *err)
{
	struct usage usage;

	if (usage_count(run->state_fd, &run->key, &usage, err) < 0 ||
		usage_has_room(run->state_fd, &usage, space, err) < 0)
		return -1;
	if (!judged.wanted || usage.binds + judged.wanted <= judged.count)
		return 0;
	return vst_fail(err, VST_EXIT_DENIED, 0,
		"%u of %u namespaces that the policy lets uid %u bind are bound, and this would be %u more: detach some",
		usage.binds, judged.count, run->caller->uid, judged.wanted);
}

int run_begin(struct run *run, struct rec_run *record, size_t space, struct vst_err *err)
{
	vst_auto_fd lock = -1;

	/* Without state there are no binds to be counted. */
	if (run->caller->has_less && !run->caller->is_caps &&
		(usage_lock(run->state_fd, &lock, err) < 0 || has_room(run, space, err) < 0))
		return -1;
	if (run->caller->has_less)
		audit_begin(run->caller, verb_words(run->cli->verb));
	record->n_binds = (uint16_t)judged.wanted;
	return journal_begin(&run->journal, record, space, err);
}
