/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

#include <errno.h>
#include <string.h>

#include "../policy/admit.h"
#include "../policy/confirm.h"
#include "journal/state.h"
#include "resolve/resolve.h"
#include "run_document.h"
#include "run_show.h"
#include "self/report.h"
#include "undo/held.h"

static int put_stdout(void *arg, const char *bytes, size_t len)
{
	(void)arg;
	return report_bytes(bytes, len);
}

/* Reads a copy of the bundle's journal: 1, 0 if there is none, -1. Without it, the plan is that
 * of a bundle that was never prepared. */
static int open_state(struct run *run, struct vst_err *err)
{
	struct journal_key key;
	int there = state_look(run->cli->root, run->cwd_fd, run->caller, &run->state_fd,
		&run->state_path, err);

	if (there <= 0)
		return there;
	if (state_key(run->state_fd, run->bundle.fd, &key, err) < 0)
		return -1;
	there = journal_peek(&run->journal, run->state_fd, &key, run->bundle.path, err);
	return there < 0 ? vst_wrap(err, "state directory %s", VST_QUOTE(run->state_path))
			 : there;
}

/* Whether attach has anything to do, by the journal alone: the kernel's state cannot be
 * inspected without privilege. attach itself looks closer. */
static int attach_wanted(struct run *run)
{
	const struct rec_run now = {
		.plan_hash = run->plan.hash,
		.target_id = run->target.ident,
		.target_pid = run->target.pid,
	};

	switch (held_claim(&run->journal, PLAN_ATTACH, &now)) {
	case HELD_ALL:
		return 0;
	case HELD_CHANGED:
	case HELD_OTHER:
		report(REPORT_WARNING, NULL,
			"an earlier attach of this bundle, for another process or from another document, is in the journal: attach will refuse if anything of it is left, which only attach can tell");
		break;
	case HELD_NONE:
	case HELD_PARTLY:
	case HELD_KEPT:
	case HELD_STALE:
		break;
	}
	return 1;
}

/* Whether there is anything to do: 1, 0, -1 if the run would be refused. */
static int wanted(struct run *run, struct vst_err *err)
{
	int there = open_state(run, err);

	if (there < 0 && err->exit == VST_EXIT_CONFLICT && run->state_fd >= 0)
		return -1;
	run->is_unread = there < 0;
	if (there < 0)
		report(REPORT_WARNING, NULL,
			"%s; whether an earlier run holds anything is not looked at",
			err->text);
	if (there > 0 && journal_unfinished(&run->journal))
		report(REPORT_WARNING, NULL,
			"an earlier run on this bundle was not finished: the next one takes it back first, and its plan may be another one then");
	if (run->plan.verb == PLAN_ATTACH)
		return there > 0 ? attach_wanted(run) : 1;
	return prepare_wanted(run, err);
}

/* Looks at the process's namespaces, which takes rights over it. Those that can be opened are
 * judged; the others are left to attach. */
static void look_at_namespaces(struct run *run)
{
	for (int ns = 0; ns < VST_NS_COUNT; ns++) {
		struct ns_fact facts[VST_NS_COUNT];
		struct vst_err ignored;

		run->pinned.ns[ns] = (struct ns_fact){.fd = run->target.pidfd};
		if (run->target.pidfd < 0 ||
			process_namespaces(&run->target, 1u << ns, facts, &ignored) < 0)
			continue;
		run->ns[ns] = facts[ns];
		run->pinned.ns[ns] = facts[ns];
	}
}

/* Shows every step, as far as it resolves. With resolver NULL, none is resolved. */
static void show_steps(struct run *run, struct showing *show, struct resolver *resolver)
{
	for (uint32_t i = 0; i < run->plan.n_steps; i++) {
		struct vst_err refused;

		if (!resolver ||
			(resolve_next(resolver, i, &refused) == 0 &&
				confirm_one(&run->pinned, run->caller, i, &refused) == 0)) {
			run_warn_host(run, i);
			show_step(show, i, NULL);
			continue;
		}
		run->plan.steps[i].flags |= STEP_REFUSED;
		show_step(show, i, &refused);
	}
}

static int print(struct run *run, struct vst_err *err)
{
	const struct resolve_root root = {run->bundle.fd, run->bundle.path};
	static struct showing show;
	struct show_facts facts;
	struct vst_err refused;
	int admitted = admit(&run->plan, run->caller, &refused) == 0, want = -1, looks;

	if (admitted)
		want = wanted(run, &refused);
	looks = admitted && want != 0;
	if (looks && resolve_start(&run->resolver, &run->plan, &root, run->state_fd,
			     run->caller, run->exec.here, &run->pinned, err) < 0)
		return -1;
	run_facts(run, want == 0, &facts);
	facts.refused = want < 0 ? &refused : NULL;
	show_start(&show, &facts, run->cli->format_json, put_stdout, NULL);
	show_steps(run, &show, looks ? &run->resolver : NULL);
	if (show_end(&show) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "write to standard output");
	return 0;
}

int verb_plan(struct run *run, struct vst_err *err)
{
	const struct cli *cli = run->cli;
	int attach = cli->pid || cli->pid_file || cli->pidfd >= 0;

	if ((attach && run_open_target(run, err) < 0) ||
		bundle_open(cli->bundle, run->cwd_fd, run->caller, 1, &run->bundle, err) < 0 ||
		run_read_document(run, PLAN_SHOW, err) < 0 ||
		run_build(run, attach ? PLAN_ATTACH : PLAN_PREPARE, err) < 0)
		return -1;
	if (attach && nl_open(&run->exec.here, err) < 0)
		return -1;
	look_at_namespaces(run);
	if (attach && process_shares_net(&run->target))
		run_warn_shared(run);
	return print(run, err);
}
