#include "verb.h"

#include <linux/capability.h>

#include "../policy/plan.h"
#include "caps.h"
#include "exec_mount.h"
#include "held.h"
#include "report.h"
#include "startup.h"

struct cleanup_arg {
	int bundle_fd;
	const struct journal_rec *rec;
};

static int undo_mount(const void *arg, struct vst_err *err)
{
	const struct cleanup_arg *a = arg;

	return exec_mount_undo(a->bundle_fd, a->rec, err);
}

/* Whether the record is a mount of prepare's inside the bundle that may still be there. */
static int is_ours(const struct journal_rec *rec)
{
	const struct rec_mount *mount = rec->body;

	return rec->kind == JOURNAL_MOUNT && rec->state != JOURNAL_UNDONE &&
	       (mount->flags & REC_MOUNT_BUNDLE);
}

/* Names every mount from `place` backwards that stays, and keeps it in the journal. */
static void report_kept(const struct journal *journal, uint32_t place)
{
	for (; place; place = journal_prev(journal, place)) {
		struct journal_rec rec;
		char text[640];

		journal_read(journal, place, &rec);
		if (!is_ours(&rec))
			continue;
		held_describe(journal, &rec, text, sizeof text);
		report(REPORT_ERROR, NULL, "still there: %s", text);
	}
}

/* In the reverse of the order in which they were mounted; the first that will not go ends it,
 * because what is below it carries it. */
static int unmount_all(struct run *run, struct vst_err *err)
{
	struct journal *journal = &run->journal;

	for (uint32_t place = journal_last(journal); place;
		place = journal_prev(journal, place)) {
		struct journal_rec rec;
		struct cleanup_arg arg = {run->bundle.fd, &rec};
		int result;

		journal_read(journal, place, &rec);
		if (!is_ours(&rec))
			continue;
		result = undo_patiently(undo_mount, &arg, err);
		if (result == UNDO_DONE) {
			journal_undone(journal, place);
			continue;
		}
		report_kept(journal, place);
		if (result == UNDO_LEFT)
			err->exit = VST_EXIT_CONFLICT;
		return -1;
	}
	return 0;
}

static int has_mounts(const struct journal *journal)
{
	for (uint32_t place = journal_first(journal); place;
		place = journal_next(journal, place)) {
		struct journal_rec rec;

		journal_read(journal, place, &rec);
		if (is_ours(&rec))
			return 1;
	}
	return 0;
}

int verb_cleanup(struct run *run, struct vst_err *err)
{
	const uint64_t keep = verb_capabilities(PLAN_CLEANUP);

	if (bundle_open(run->cli->bundle, run->cwd_fd, run->caller, 0, &run->bundle, err) < 0 ||
		run_confine(keep, 0, "cleanup", err) < 0 || run_lock(run, err) < 0)
		return -1;
	if (!has_mounts(&run->journal))
		return 0;
	/* Needed only now, and for nothing else. */
	if (caps_limit(keep, 1ULL << CAP_SYS_ADMIN, "cleanup", err) < 0 ||
		startup_block_signals(err) < 0)
		return -1;
	return unmount_all(run, err);
}
