/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

#include <linux/capability.h>

#include "../policy/capabilities.h"
#include "rights/caps.h"
#include "self/startup.h"
#include "undo/repair.h"
#include "undo/take.h"

/* Whether a mount or a namespace's file is noted at all. */
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
	int r;

	if (bundle_open(run->cli->bundle, run->cwd_fd, run->caller, 0, &run->bundle, err) < 0 ||
		run_confine(keep, PLAN_CLEANUP, err) < 0 || run_lock(run, keep, err) < 0)
		return -1;
	if (!has_any(&run->journal))
		return 0;
	/* Required only if there is something to unmount. */
	if (caps_limit(keep, 1ULL << CAP_SYS_ADMIN, "cleanup", err) < 0 ||
		startup_block_signals(err) < 0)
		return -1;
	take_begin(&run->journal, run->caller, PLAN_CLEANUP, run->cli->all);
	r = take_back(&run->journal, run->caller, PLAN_CLEANUP, run->cli->all, &run->left,
		&run->is_tried, err);
	take_end(&run->journal);
	if (r < 0)
		return -1;
	if (run->left.n == 0)
		return 0;
	return repair_report_left(&run->left, &run->journal, run->state_path, "cleanup", err);
}
