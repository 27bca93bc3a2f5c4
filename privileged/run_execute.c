/* SPDX-License-Identifier: Apache-2.0 */
#include "run_execute.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../ipc/limits.h"
#include "../policy/confirm.h"
#include "execute/execute.h"
#include "resolve/cover.h"
#include "run_grant.h"
#include "run_show.h"
#include "self/digest.h"
#include "self/startup.h"
#include "undo/repair.h"

/* Ends a failed run's message: nothing was changed, everything was taken back, or what was not.
 */
static int failed(struct run *run, uint32_t begun, struct vst_err *err)
{
	int acted = journal_last(&run->journal) != begun;
	struct vst_err what = *err;
	size_t len = strlen(err->text);

	if (run->left.n == 0) {
		strncat(err->text,
			acted ? "; everything was taken back" : "; nothing was changed",
			sizeof err->text - 1 - len);
		return -1;
	}
	repair_report_left(&run->left, &run->journal, run->state_path, what.text, err);
	err->exit = VST_EXIT_INCOMPLETE;
	err->code = what.code;
	err->op = what.op;
	return -1;
}

/* Sets err's path or interface, for the report, to that of the failing operation. */
static int about_step(const struct run *run, struct vst_err *err)
{
	for (uint32_t i = 0; err->op != VST_NO_OP && i < run->plan.n_steps; i++) {
		const struct step *step = &run->plan.steps[i];

		if (step->op != err->op)
			continue;
		if (!run_is_link(step))
			err->path = plan_text(&run->plan, step->at.path.off);
		else
			err->interface = plan_text(&run->plan, step->link.name);
	}
	return -1;
}

/* Whether the bundle and the state directory are still reachable: undo must find them. A mount
 * propagates to the peers of its parent mount, and the plan does not tell what it covers there.
 */
static int still_found(const struct run *run, struct vst_err *err)
{
	const int own_root = run->cli->root != NULL;
	int found = 1;

	if (run->plan.n_mounts)
		found = cover_is_found(run->bundle.fd);
	if (found > 0 && run->plan.verb == PLAN_PREPARE && (run->plan.n_mounts || own_root))
		found = cover_is_found(run->state_fd);
	if (found < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"look whether the bundle and the state directory are found again");
	if (found)
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"one of the mounts hides the bundle or the state directory, perhaps through a shared mount that it reached, and nobody could take it back");
}

/* Raises the limit of descriptors to what was resolved: its pins, every mount, which is held
 * for those beneath it, and the layers of one overlay, which are open while it is made. */
static int enough_descriptors(const struct run *run, struct vst_err *err)
{
	const struct plan *plan = &run->plan;
	unsigned layers = 0;

	for (uint32_t i = 0; i < plan->n_mounts; i++)
		if (plan->mounts[i].n_sources > layers)
			layers = plan->mounts[i].n_sources;
	return startup_descriptors(
		run->pinned.n_pins + plan->n_mounts + 2 + layers + VST_FDS_RESERVED, err);
}

/* Turns EMFILE during resolve into a message about the hard limit. */
static int without_descriptors(struct vst_err *err)
{
	if (err->code == EMFILE) {
		vst_wrap(err,
			"the hard limit RLIMIT_NOFILE is too low for this document: raise it");
		err->exit = VST_EXIT_DENIED;
	}
	return -1;
}

int run_execute(struct run *run, const struct rec_run *record, struct vst_err *err)
{
	const struct resolve_root root = {run->bundle.fd, run->bundle.path};
	struct rec_run rec = *record;
	struct timespec now;
	int resolved = 0;

	memcpy(run->pinned.ns, run->ns, sizeof run->ns);
	if (resolve_start(&run->resolver, &run->plan, &root, run->state_fd, run->caller,
		    run->exec.here, &run->pinned, err) < 0 ||
		resolve(&run->resolver, err) < 0)
		without_descriptors(err);
	else if (run_grant(run, err) == 0 &&
		 confirm(&run->pinned, run->caller, &run->allowed, err) == 0 &&
		 enough_descriptors(run, err) == 0)
		resolved = 1;
	if (!resolved)
		return about_step(run, err);
	if (run_expect(run, 0, err) < 0)
		return -1;
	for (uint32_t i = 0; i < run->plan.n_steps; i++)
		run_warn_host(run, i);
	clock_gettime(CLOCK_REALTIME, &now);
	rec.started = (uint64_t)now.tv_sec;
	rec.plan_hash = run->plan.hash;
	_Static_assert(sizeof rec.expected == DIGEST_LEN, "a digest is kept");
	if (run->expect.path)
		digest(run->expect.bytes, run->expect.len, rec.expected);
	rec.verb = run->plan.verb;
	rec.uid = run->caller->uid;
	rec.pid = (uint32_t)getpid();
	if (startup_block_signals(err) < 0 ||
		run_begin(run, &rec, execute_space(&run->allowed), err) < 0)
		return -1;
	run->is_tried = 1;
	if (execute(&run->allowed, &run->exec, &run->left, err) < 0) {
		failed(run, run->journal.run, err);
		return about_step(run, err);
	}
	if (still_found(run, err) < 0) {
		(void)undo_run(&run->exec, &run->allowed, &run->left);
		return failed(run, run->journal.run, err);
	}
	journal_end(&run->journal, JOURNAL_DONE);
	return 0;
}
