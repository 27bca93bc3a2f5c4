#include "verb.h"

#include <linux/capability.h>

#include "../policy/capabilities.h"
#include "caps.h"
#include "repair.h"
#include "startup.h"

/* Takes back, run by run, the newest first: prepare's mounts in the bundle, and with --all the
 * namespaces that attach bound for it. Each mount stands on the ones before it. */
static void take_back(struct run *run)
{
	const struct undo_view view = {
		.journal = &run->journal, .caller = run->caller, .nets = NETS_NONE};

	for (uint32_t at = journal_last(&run->journal); at;
		at = journal_prev(&run->journal, at)) {
		struct undo_which mounts = {.run = at, .kinds = 1u << JOURNAL_MOUNT, .stop = 1};
		struct journal_rec rec;

		journal_read(&run->journal, at, &rec);
		if (rec.kind != JOURNAL_RUN || rec.state != JOURNAL_DONE)
			continue;
		if (((const struct rec_run *)rec.body)->verb == PLAN_PREPARE) {
			mounts.mount_flags = run->cli->all ? 0 : REC_MOUNT_BUNDLE;
			undo_records(&view, &mounts, &run->left);
		} else if (run->cli->all) {
			mounts.kinds |= 1u << JOURNAL_FILE;
			mounts.stop = 0;
			undo_records(&view, &mounts, &run->left);
		}
	}
}

/* Whether a mount, or a file that a namespace was bound on, is noted at all. */
static int has_any(const struct journal *journal)
{
	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if ((rec.kind == JOURNAL_MOUNT || rec.kind == JOURNAL_FILE) &&
			rec.state != JOURNAL_UNDONE)
			return 1;
	}
	return 0;
}

int verb_cleanup(struct run *run, struct vst_err *err)
{
	const uint64_t keep =
		verb_capabilities(PLAN_CLEANUP) & ~repair_capabilities(PLAN_CLEANUP);

	if (bundle_open(run->cli->bundle, run->cwd_fd, run->caller, 0, &run->bundle, err) < 0 ||
		run_confine(keep, PLAN_CLEANUP, err) < 0 || run_lock(run, keep, err) < 0)
		return -1;
	if (!has_any(&run->journal))
		return 0;
	/* Needed only now. */
	if (caps_limit(keep, 1ULL << CAP_SYS_ADMIN, "cleanup", err) < 0 ||
		startup_block_signals(err) < 0)
		return -1;
	run->is_tried = 1;
	take_back(run);
	if (run->left.n == 0)
		return 0;
	return repair_report_left(&run->left, &run->journal, run->state_path, "cleanup", err);
}
