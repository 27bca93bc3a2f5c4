#include "verb.h"

#include "../policy/capabilities.h"
#include "caps.h"
#include "repair.h"
#include "report.h"
#include "startup.h"

#define KINDS                                                                                  \
	(1u << JOURNAL_MOUNT | 1u << JOURNAL_FILE | 1u << JOURNAL_LINK | 1u << JOURNAL_MOVE)

/* One attach. Its namespaces are found before their binds go. */
static int detach_run(struct run *run, uint32_t place, struct vst_err *err)
{
	struct undo_view view = {
		.journal = &run->journal, .caller = run->caller, .nets = NETS_NONE};
	uint64_t required = undo_needs(&run->journal, place, KINDS);
	int result = 0;

	if (!required)
		return 0;
	if (caps_limit(~0ULL, required, "detach", err) < 0)
		return -1;
	result = undo_open_nets(&run->journal, place, run->caller, &view.nets, err);
	run->is_tried |= result == 0;
	if (result == 0)
		undo_records(
			&view, &(struct undo_which){.run = place, .kinds = KINDS}, &run->left);
	nets_close(&view.nets);
	return result;
}

int verb_detach(struct run *run, struct vst_err *err)
{
	const uint64_t keep = verb_capabilities(PLAN_DETACH);

	if (bundle_open(run->cli->bundle, run->cwd_fd, run->caller, 0, &run->bundle, err) < 0 ||
		run_confine(keep, PLAN_DETACH, err) < 0 || run_lock(run, keep, err) < 0 ||
		startup_block_signals(err) < 0)
		return -1;
	for (uint32_t at = journal_last(&run->journal); at;
		at = journal_prev(&run->journal, at)) {
		struct journal_rec rec;

		journal_read(&run->journal, at, &rec);
		if (rec.kind == JOURNAL_RUN && rec.state == JOURNAL_DONE &&
			((const struct rec_run *)rec.body)->verb == PLAN_ATTACH &&
			detach_run(run, at, err) < 0)
			return -1;
	}
	if (run->left.n == 0)
		return 0;
	return repair_report_left(&run->left, &run->journal, run->state_path, "detach", err);
}
