/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

#include <string.h>

#include "../policy/admit.h"
#include "../policy/capabilities.h"
#include "rights/caps.h"
#include "run_document.h"
#include "run_execute.h"
#include "run_grant.h"
#include "run_show.h"
#include "self/report.h"
#include "undo/held.h"

int prepare_wanted(struct run *run, struct vst_err *err)
{
	enum held held;
	const struct rec_run now = {.plan_hash = run->plan.hash};

	if (held_look(&run->journal, PLAN_PREPARE, run->caller, &now, &held, err) < 0)
		return -1;
	switch (held) {
	case HELD_NONE:
		break;
	case HELD_ALL:
		return 0;
	case HELD_CHANGED:
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bundle %s is prepared already, from another document or layout: run 'vestibule cleanup' on it first",
			VST_QUOTE(run->bundle.path));
	case HELD_KEPT:
		run->resolver.n_kept = held_kept(
			&run->journal, run->caller, run->resolver.kept, VST_MOUNTS_MAX);
		break;
	case HELD_STALE:
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"mounts of an earlier prepare of bundle %s are still there outside of it, from another document: run 'vestibule cleanup --all' on it first",
			VST_QUOTE(run->bundle.path));
	case HELD_OTHER:
	case HELD_PARTLY:
		vst_wrap(err,
			"bundle %s is prepared already, but not all of it is left, run 'vestibule cleanup --all' on it first",
			VST_QUOTE(run->bundle.path));
		return -1;
	}
	if (!run->bundle.layout.rootfs_is_mount || !run->bundle.layout.has_lower)
		return 1;
	if (run->is_unread)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"rootfs in bundle %s is a mount point already; whether vestibule made it cannot be seen from here: ask as who ran prepare",
			VST_QUOTE(run->bundle.path));
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"rootfs in bundle %s is a mount point already, not of vestibule's making: unmount it first",
		VST_QUOTE(run->bundle.path));
}

static void say(const struct run *run, const char *before, const char *after)
{
	report(REPORT_INFO, &(struct report_about){.path = run->bundle.path, .op = VST_NO_OP},
		"%s %s %s", before, VST_QUOTE(run->bundle.path), after);
}

/* Plans again under the lock: what was mounted when the bundle was opened may have been an
 * earlier run's, which is taken back by now. Steps may change, pins do not. */
static int plan_again(struct run *run, struct vst_err *err)
{
	if (bundle_look(&run->bundle, err) < 0)
		return -1;
	plan_build(PLAN_PREPARE, &run->request, &run->bundle.layout, &run->plan);
	return admit(&run->plan, run->caller, err);
}

int verb_prepare(struct run *run, struct vst_err *err)
{
	const struct rec_run record = {.nsid = -1};
	uint64_t required, keep;
	int wanted;

	if (run_load_policy(run, err) < 0 ||
		bundle_open(run->cli->bundle, run->cwd_fd, run->caller, 1, &run->bundle, err) <
			0 ||
		run_read_document(run, PLAN_PREPARE, err) < 0 ||
		run_plan(run, PLAN_PREPARE, err) < 0)
		return -1;
	plan_capabilities(&run->plan, &required, &keep);
	if (run_limit(keep, required, PLAN_PREPARE, err) < 0 ||
		run_lock(run, keep | repair_capabilities(PLAN_PREPARE), err) < 0 ||
		plan_again(run, err) < 0)
		return -1;
	plan_capabilities(&run->plan, &required, &keep);
	if (caps_limit(keep, required, "prepare", err) < 0)
		return -1;
	wanted = prepare_wanted(run, err);
	if (wanted < 0)
		strncat(err->text, "; nothing was changed",
			sizeof err->text - 1 - strlen(err->text));
	if (wanted == 0)
		wanted = run_expect(run, 1, err);
	if (wanted == 0)
		say(run, "bundle", "is prepared already; nothing was done");
	if (wanted <= 0)
		return wanted;
	if (run_execute(run, &record, err) < 0)
		return -1;
	if (run->bundle.layout.rootfs_is_mount)
		say(run, "rootfs in bundle",
			"is a mount point already; it is used, and cleanup will leave it");
	return 0;
}
