/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy says to each step of a plan. It looks with the rights of whoever runs it, and
 * reads the policy before anything that the caller names.
 */
#include "verb.h"

#include <errno.h>
#include <string.h>

#include "../policy/admit.h"
#include "kernel/beneath.h"
#include "resolve/resolve.h"
#include "run_document.h"
#include "run_grant.h"
#include "run_ports.h"
#include "run_show.h"
#include "self/caller.h"
#include "self/report.h"
#include "trust/policy_file.h"

struct explain {
	struct policy policy;
	int found;            /* as policy_load returns */
	struct vst_err wrong; /* found < 0: why */
	struct caller caller; /* for whom, as far as symbolic links of his may be followed */
	struct grantee who;
	uint32_t groups[VST_GROUPS_MAX];
	uint8_t places[VST_POLICY_LINES_MAX];
	struct grant_file file;
	const char *unjudged; /* why the policy does not judge the caller; NULL: it does */
	uint32_t denied;
	uint32_t veths; /* that steps before this one would have made */
	struct showing show;
};

static int put_stdout(void *arg, const char *bytes, size_t len)
{
	(void)arg;
	return report_bytes(bytes, len);
}

/* Whom --user names: a name of /etc/passwd, or a uid, which need not be there. */
static int find_user(struct explain *explain, const char *user, struct vst_err *err)
{
	const struct policy *policy = &explain->policy;
	struct account account = {.name = NULL};
	int found, n;

	found = accounts_by_name(&policy->passwd, user, strlen(user), &account);
	if (found == 0 && rules_number(user, strlen(user), UINT32_MAX - 1, &account.uid) == 0) {
		uint32_t uid = account.uid;

		found = accounts_by_uid(&policy->passwd, uid, &account);
		if (found == 0)
			return vst_fail(err, VST_EXIT_USAGE, 0,
				"--user: /etc/passwd has no user with uid %u, so its groups are not known",
				uid);
	}
	if (found <= 0)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			found < 0 ? "--user: the line of user '%s' in /etc/passwd is malformed"
				  : "--user: there is no user '%s' in /etc/passwd",
			VST_QUOTE(user));
	n = accounts_groups_of(&policy->group, &account, explain->groups, VST_GROUPS_MAX);
	if (n < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, 0, "--user: the user has too many groups");
	explain->caller.uid = account.uid;
	explain->caller.gid = account.gid;
	explain->caller.is_root = 0;
	explain->who = (struct grantee){account.uid, (uint32_t)n, explain->groups};
	return 0;
}

/* Who is judged, and whether the policy judges him. */
static int find_who(struct explain *explain, const struct run *run, struct vst_err *err)
{
	explain->caller = *run->caller;
	if (run->cli->user)
		return find_user(explain, run->cli->user, err);
	if (run->caller->is_root && run->caller->in_init_userns)
		explain->unjudged = "needs no line: root is not judged by the policy";
	else if (!run->caller->in_init_userns)
		explain->unjudged =
			"needs no line: in a user namespace the kernel alone decides, by the caller's own rights";
	explain->who.uid = run->caller->uid;
	explain->who.groups = explain->groups;
	return caller_groups(explain->groups, &explain->who.n_groups, err);
}

static int load(struct explain *explain, const struct run *run, struct vst_err *err)
{
	explain->found = policy_load(&explain->policy, &explain->wrong);
	/* What cannot be read is not a policy that permits nothing. */
	if (explain->found < 0 && explain->wrong.exit != VST_EXIT_INVALID) {
		*err = explain->wrong;
		if (err->exit == VST_EXIT_DENIED)
			vst_wrap(err,
				"the policy is not for everybody to read; root can ask with --user");
		return -1;
	}
	return policy_accounts(&explain->policy, run->cli->user != NULL, err);
}

/* Sets what the policy wants to know of the file of step i, which binds a namespace. */
static int look_at_file(
	struct explain *explain, struct run *run, uint32_t i, struct vst_err *err)
{
	int dir_fd;

	explain->file.places = explain->places;
	if (resolve_next(&run->resolver, i, err) < 0 ||
		run_look_at_file(run, i, explain->who.uid, &explain->file, &dir_fd, err) < 0)
		return -1;
	policy_places(&explain->policy, &explain->who, dir_fd, explain->places);
	return 0;
}

/* What a rule that grants a veth does not say: whether the document asks for more than that,
 * and how many of it the caller has already. */
static void say_more(struct explain *explain, const struct run *run, uint32_t i,
	const struct grant *verdict, struct vst_err *said)
{
	const struct step *step = &run->plan.steps[i];
	struct vst_err more;

	if (admit_veth(&run->plan, step, said) < 0) {
		vst_wrap(said, "denied");
		return;
	}
	if (step->kind != STEP_VETH)
		return;
	if (run_ports_usage(run->exec.here, explain->who.uid, verdict->count, explain->veths++,
		    &more) < 0)
		said->exit = VST_EXIT_DENIED;
	strncat(said->text, "; ", sizeof said->text - 1 - strlen(said->text));
	strncat(said->text, more.text, sizeof said->text - 1 - strlen(said->text));
}

/* Judges step i. Returns the verdict in words; its exit status is OK or DENIED. */
static void judge(struct explain *explain, struct run *run, uint32_t i, struct vst_err *said)
{
	const struct step *step = &run->plan.steps[i];
	struct grant verdict;

	if (explain->unjudged || step->flags & STEP_DONE) {
		vst_fail(said, VST_EXIT_OK, 0, "%s",
			explain->unjudged ? explain->unjudged
					  : "needs no line: it is there already");
		return;
	}
	if (step_has_shape(step, STEP_SHAPE_NS) && look_at_file(explain, run, i, said) < 0) {
		vst_wrap(said, "denied, whatever the policy says");
		return;
	}
	grant_step(
		&explain->policy.rules, &explain->who, &run->plan, i, &explain->file, &verdict);
	if (verdict.reason == GRANT_NO_RULE && explain->found < 0)
		vst_fail(said, VST_EXIT_DENIED, 0,
			"denied: %s; until that is mended nobody but root is permitted anything",
			explain->wrong.text);
	else if (verdict.reason == GRANT_NO_RULE && explain->found == 0)
		vst_fail(said, VST_EXIT_DENIED, 0,
			"denied: there is no %s, so nobody but root is permitted anything",
			explain->policy.file);
	else
		grant_say(&verdict, explain->policy.file, said);
	if (verdict.of == STEP_GRANT_VETH && verdict.reason == GRANT_BY_RULE)
		say_more(explain, run, i, &verdict, said);
}

static int print(struct explain *explain, struct run *run, struct vst_err *err)
{
	const struct resolve_root root = {run->bundle.fd, run->bundle.path};
	struct show_facts facts;

	if (run->plan.verb == PLAN_ATTACH &&
		resolve_start(&run->resolver, &run->plan, &root, -1, &explain->caller, NULL,
			&run->pinned, err) < 0)
		return -1;
	if (nl_open(&run->exec.here, err) < 0)
		return -1;
	run_facts(run, 0, &facts);
	show_open(&explain->show, &facts, put_stdout, NULL);
	if (run->plan.n_steps == 0 &&
		report_text("no steps: there is nothing to do\n") != VST_EXIT_OK)
		return vst_fail(err, VST_EXIT_FAILED, errno, "write to standard output");
	for (uint32_t i = 0; i < run->plan.n_steps; i++) {
		struct vst_err said;

		judge(explain, run, i, &said);
		explain->denied += said.exit != VST_EXIT_OK;
		show_said(&explain->show, i, said.text);
	}
	if (show_close(&explain->show) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "write to standard output");
	if (explain->denied)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"%u of %u steps would be denied, as said on standard output",
			explain->denied, run->plan.n_steps);
	return 0;
}

int verb_policy_explain(struct run *run, struct vst_err *err)
{
	static struct explain explain;
	const struct cli *cli = run->cli;
	const int attach = cli->pid || cli->pid_file || cli->pidfd >= 0;

	if (cli->user && !run->caller->is_root)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"--user: what the policy lets another user do is for root to ask");
	if (load(&explain, run, err) < 0 || find_who(&explain, run, err) < 0 ||
		(attach && run_open_target(run, err) < 0) ||
		bundle_open(cli->bundle, run->cwd_fd, &explain.caller, 1, &run->bundle, err) <
			0 ||
		run_read_document(run, PLAN_POLICY_EXPLAIN, err) < 0)
		return -1;
	run->caller = &explain.caller;
	if (run_build(run, attach ? PLAN_ATTACH : PLAN_PREPARE, err) < 0)
		return -1;
	return print(&explain, run, err);
}
