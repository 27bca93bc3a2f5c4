/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

#include "../policy/capabilities.h"
#include "self/report.h"
#include "self/startup.h"
#include "undo/repair.h"
#include "undo/take.h"

/* Whether a committed attach is noted. */
static int has_any(const struct journal *journal)
{
	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_RUN && rec.state == JOURNAL_DONE &&
			((const struct rec_run *)rec.body)->verb == PLAN_ATTACH)
			return 1;
	}
	return 0;
}

int verb_detach(struct run *run, struct vst_err *err)
{
	const uint64_t keep = verb_capabilities(PLAN_DETACH);
	int r;

	if (bundle_open(run->cli->bundle, run->cwd_fd, run->caller, 0, &run->bundle, err) < 0 ||
		run_confine(keep, PLAN_DETACH, err) < 0 || run_lock(run, keep, err) < 0 ||
		startup_block_signals(err) < 0)
		return -1;
	if (!has_any(&run->journal))
		return 0;
	take_begin(&run->journal, run->caller, PLAN_DETACH, 0);
	r = take_back(
		&run->journal, run->caller, PLAN_DETACH, 0, &run->left, &run->is_tried, err);
	take_end(&run->journal);
	if (r < 0)
		return -1;
	if (run->left.n == 0)
		return 0;
	return repair_report_left(&run->left, &run->journal, run->state_path, "detach", err);
}
