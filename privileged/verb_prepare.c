#include "verb.h"

#include <string.h>

#include "held.h"
#include "report.h"

/* Whether there is anything left to do: 1, 0 if the bundle is prepared already, -1. */
static int is_wanted(struct run *run, struct vst_err *err)
{
	enum held held;

	if (held_prepare(&run->journal, run->bundle.fd, run->plan.hash, &held, err) < 0)
		return -1;
	switch (held) {
	case HELD_NONE:
		break;
	case HELD_ALL:
		report(REPORT_INFO,
			&(struct report_about){.path = run->bundle.path, .op = VST_NO_OP},
			"bundle %s is prepared already; nothing was done",
			VST_QUOTE(run->bundle.path));
		return 0;
	case HELD_CHANGED:
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bundle %s is prepared already, from another document or layout: run "
			"'vestibule "
			"cleanup' on it first; nothing was changed",
			VST_QUOTE(run->bundle.path));
	case HELD_OTHER:
	case HELD_PARTLY:
		vst_wrap(err,
			"bundle %s is prepared already, but not all of it is left, run "
			"'vestibule "
			"cleanup' on it first",
			VST_QUOTE(run->bundle.path));
		return -1;
	}
	if (!run->bundle.layout.rootfs_is_mount)
		return 1;
	if (run->bundle.layout.has_lower)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"rootfs in bundle %s is a mount point already, not of vestibule's "
			"making: unmount "
			"it first; nothing was changed",
			VST_QUOTE(run->bundle.path));
	report(REPORT_INFO, &(struct report_about){.path = run->bundle.path, .op = VST_NO_OP},
		"rootfs in bundle %s is a mount point already; it is used, and cleanup will "
		"leave it",
		VST_QUOTE(run->bundle.path));
	return 1;
}

int verb_prepare(struct run *run, struct vst_err *err)
{
	const struct rec_run record = {0};
	uint64_t required, keep;
	int wanted;

	if (bundle_open(run->cli->bundle, run->cwd_fd, run->caller, 1, &run->bundle, err) < 0 ||
		run_read_document(run, err) < 0 || run_plan(run, PLAN_PREPARE, err) < 0)
		return -1;
	plan_capabilities(&run->plan, &required, &keep);
	if (run_confine(keep, required, PLAN_PREPARE, err) < 0 || run_lock(run, keep, err) < 0)
		return -1;
	wanted = is_wanted(run, err);
	if (wanted <= 0)
		return wanted;
	return run_execute(run, &record, err);
}
