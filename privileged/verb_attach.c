/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

#include <string.h>

#include "../policy/capabilities.h"
#include "ns/ns.h"
#include "rights/caps.h"
#include "run_document.h"
#include "run_execute.h"
#include "run_grant.h"
#include "run_show.h"
#include "self/report.h"
#include "undo/held.h"

static int has_links(const struct run *run)
{
	for (uint32_t i = 0; i < run->plan.n_steps; i++)
		if (run_is_link(&run->plan.steps[i]))
			return 1;
	return 0;
}

/* Whether a step acts through a socket there. */
static int acts_there(const struct run *run)
{
	for (uint32_t i = 0; i < run->plan.n_steps; i++)
		if (run->plan.steps[i].kind == STEP_LINK_MOVE ||
			run->plan.steps[i].kind == STEP_LINK_SET_THERE)
			return 1;
	return 0;
}

static unsigned wanted_namespaces(const struct run *run)
{
	unsigned wanted = has_links(run) ? 1u << VST_NS_NET : 0;

	for (uint32_t i = 0; i < run->plan.n_steps; i++)
		if (run->plan.steps[i].kind == STEP_BIND_NS)
			wanted |= 1u << run->plan.steps[i].ns;
	return wanted;
}

/* Opens a socket here for any link. One there only if a step needs it, because it takes a setns
 * and CAP_SYS_ADMIN. */
static int open_sockets(struct run *run, struct vst_err *err)
{
	const struct ns_fact *net = &run->ns[VST_NS_NET];

	if (has_links(run) && nl_open(&run->exec.here, err) < 0)
		return -1;
	if (net->fd < 0 || net->is_own || !acts_there(run))
		return 0;
	if (ns_own_open(VST_NS_NET, &run->exec.own_net_fd, err) < 0)
		return -1;
	return nl_open_there(net->fd, run->exec.own_net_fd, &run->exec.there, err);
}

/* Opens the sockets, and completes the record with the identities of both namespaces. */
static int open_nets(struct run *run, struct rec_run *record, struct vst_err *err)
{
	const struct ns_fact *net = &run->ns[VST_NS_NET];

	if (open_sockets(run, err) < 0)
		return -1;
	if (run->exec.here && nets_note(run->exec.there, run->exec.here,
				      net->is_own ? -1 : net->fd, record, err) < 0)
		return -1;
	run->exec.nsid = record->nsid;
	return 0;
}

/* The record that later runs recognize this attach by. */
static struct rec_run describe(const struct run *run)
{
	const struct ns_fact *net = &run->ns[VST_NS_NET];
	struct rec_run ret = {
		.plan_hash = run->plan.hash,
		.target_id = run->target.ident,
		.target_pid = run->target.pid,
		.nsid = -1,
	};

	if (net->fd >= 0) {
		ret.netns_id = ns_id(net->fd);
		ret.netns_dev = ret.own_netns_dev = net->dev;
		ret.netns_ino = net->ino;
		ret.own_netns_ino = net->own_ino;
	}
	return ret;
}

/* Whether there is anything to do: 1, 0 if it is attached already, -1. */
static int is_wanted(struct run *run, const struct rec_run *now, struct vst_err *err)
{
	enum held held;

	if (held_look(&run->journal, PLAN_ATTACH, run->caller, now, &held, err) < 0)
		return -1;
	switch (held) {
	case HELD_NONE:
		return 1;
	case HELD_ALL:
		if (run_expect(run, 1, err) < 0)
			return -1;
		report(REPORT_INFO,
			&(struct report_about){.path = run->bundle.path, .op = VST_NO_OP},
			"bundle %s is attached to pid %u already; nothing was done",
			VST_QUOTE(run->bundle.path), run->target.pid);
		return 0;
	case HELD_CHANGED:
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bundle %s is attached already, from another document: run 'vestibule detach' on it first; nothing was changed",
			VST_QUOTE(run->bundle.path));
	case HELD_OTHER:
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bundle %s is attached to another process: run 'vestibule detach' on it first; nothing was changed",
			VST_QUOTE(run->bundle.path));
	case HELD_PARTLY:
	case HELD_KEPT:
	case HELD_STALE:
		break;
	}
	return vst_wrap(err,
		"bundle %s is attached already, but not all of it is left, run 'vestibule detach' on it first",
		VST_QUOTE(run->bundle.path));
}

static void report_link(const struct run *run, const struct step *step, uint8_t outcome)
{
	const char *name = allowed_text(&run->allowed, step->link.name);
	const char *kind =
		step->link.kind ? allowed_text(&run->allowed, step->link.kind) : "veth";
	const struct report_about about = {.interface = name, .op = step->op, .plain = 1};

	if (outcome & EXEC_CREATED)
		report(REPORT_INFO, &about, "Created interface %s type %s", name, kind);
	if (outcome & EXEC_MOVED)
		report(REPORT_INFO, &about, "Moved interface %s to pid %u", name,
			run->target.pid);
}

/* Reports that a bound namespace is vestibule's own, which is allowed but may not be intended.
 */
static void report_bind(const struct run *run, const struct step *step)
{
	const char *path = allowed_text(&run->allowed, step->at.path.off);
	struct vst_err ignored;
	struct ns_own own;

	if (run->cli->quiet || ns_own((enum vst_ns)step->ns, &own, &ignored) < 0 ||
		own.ino != run->allowed.ns[step->ns].ino)
		return;
	report(REPORT_INFO, &(struct report_about){.op = step->op, .path = path},
		"the namespace bound onto %s is vestibule's own: the process shares it",
		VST_QUOTE(path));
}

/* Prints the stable lines, once everything is done. */
static void report_done(const struct run *run)
{
	for (uint32_t i = 0; i < run->allowed.n_steps; i++) {
		const struct step *step = &run->allowed.steps[i];

		if (step->kind == STEP_BIND_NS)
			report_bind(run, step);
		else
			report_link(run, step, run->exec.outcome[i]);
	}
}

int verb_attach(struct run *run, struct vst_err *err)
{
	struct rec_run record;
	uint64_t required, keep;
	int wanted;

	if (run_load_policy(run, err) < 0 || run_open_target(run, err) < 0 ||
		bundle_open(run->cli->bundle, run->cwd_fd, run->caller, 1, &run->bundle, err) <
			0 ||
		run_read_document(run, PLAN_ATTACH, err) < 0 ||
		run_plan(run, PLAN_ATTACH, err) < 0)
		return -1;
	plan_capabilities(&run->plan, &required, &keep);
	/* Looking for an earlier attach needs the capabilities of repairing it. */
	if (run_limit(keep, required, PLAN_ATTACH, err) < 0 ||
		run_open_namespaces(run, wanted_namespaces(run), err) < 0 ||
		run_lock(run, keep | repair_capabilities(PLAN_ATTACH), err) < 0)
		return -1;
	record = describe(run);
	run->exec.target_pid = run->target.pid;
	wanted = is_wanted(run, &record, err);
	if (wanted <= 0)
		return wanted;
	if (caps_limit(keep, 0, "attach", err) < 0 || open_nets(run, &record, err) < 0 ||
		run_execute(run, &record, err) < 0)
		return -1;
	report_done(run);
	if (run->allowed.ns[VST_NS_NET].is_own)
		run_warn_shared(run);
	return 0;
}
