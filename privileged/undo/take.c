/* SPDX-License-Identifier: Apache-2.0 */
#include "take.h"

#include <time.h>
#include <unistd.h>

#include "../../policy/plan.h"
#include "../rights/caps.h"
#include "proof.h"

#define DETACH_KINDS                                                                           \
	(1u << JOURNAL_MOUNT | 1u << JOURNAL_FILE | 1u << JOURNAL_LINK | 1u << JOURNAL_MOVE)

void take_begin(struct journal *journal, const struct caller *caller, uint32_t verb, int all)
{
	struct rec_run rec = {
		.verb = verb,
		.pid = (uint32_t)getpid(),
		.uid = caller->uid,
		.nsid = -1,
		.flags = all ? REC_RUN_ALL : 0,
	};
	struct timespec now;
	struct vst_err ignored;

	clock_gettime(CLOCK_REALTIME, &now);
	rec.started = (uint64_t)now.tv_sec;
	(void)journal_begin(journal, &rec, 0, &ignored);
}

void take_end(struct journal *journal)
{
	if (journal->run)
		journal_end(journal, JOURNAL_UNDONE);
}

/* Takes back prepare's mounts in the bundle. With --all, also those elsewhere and the
 * namespaces that attach bound. The mounts of a prepare stand on one another, so the first that
 * stays ends it. */
static void cleanup_run(const struct undo_view *view, uint32_t at, uint32_t verb, int all,
	struct undo_left *left)
{
	struct undo_which mounts = {.run = at, .kinds = 1u << JOURNAL_MOUNT, .stop = 1};

	if (verb == PLAN_PREPARE) {
		mounts.mount_flags = all ? 0 : REC_MOUNT_BUNDLE;
	} else if (all) {
		mounts.kinds |= 1u << JOURNAL_FILE;
		mounts.stop = 0;
	} else {
		return;
	}
	undo_records(view, &mounts, left);
}

struct cleaned {
	const struct journal *journal;
	struct undo_left *left;
};

static void is_in_bundle(void *arg, const struct journal_rec *rec, const char *point)
{
	const struct cleaned *cleaned = arg;
	struct vst_err err;

	if (point)
		vst_fail(&err, VST_EXIT_CONFLICT, 0,
			"this mount lies in the bundle now, at '%s': who removes the bundle removes what is in it; unmount it, or clean up with --all",
			VST_QUOTE(point));
	else
		vst_fail(&err, VST_EXIT_INCOMPLETE, 0,
			"whether this mount lies in the bundle cannot be told");
	undo_note_left(
		cleaned->journal, rec, point ? UNDO_LEFT : UNDO_KEPT, &err, cleaned->left);
}

/* Takes back one attach. Its network namespaces are opened first, because unbinding them may
 * remove the only way to find them. */
static int detach_run(struct undo_view *view, uint32_t at, struct undo_left *left,
	int *ret_is_tried, struct vst_err *err)
{
	uint64_t required = undo_needs(view->journal, at, DETACH_KINDS);
	int result;

	if (!required)
		return 0;
	if (caps_limit(~0ULL, required, "detach", err) < 0)
		return -1;
	result = nets_open_run(view->journal, at, view->caller, &view->nets, err);
	*ret_is_tried |= result == 0;
	if (result == 0)
		undo_records(
			view, &(struct undo_which){.run = at, .kinds = DETACH_KINDS}, left);
	nets_close(&view->nets);
	return result;
}

int take_back(struct journal *journal, const struct caller *caller, uint32_t verb, int all,
	struct undo_left *left, int *ret_is_tried, struct vst_err *err)
{
	for (uint32_t at = journal_last(journal); at; at = journal_prev(journal, at)) {
		struct undo_view view = {
			.journal = journal, .caller = caller, .nets = NETS_NONE};
		struct journal_rec rec;
		uint32_t its;

		journal_read(journal, at, &rec);
		if (rec.kind != JOURNAL_RUN || rec.state != JOURNAL_DONE)
			continue;
		its = ((const struct rec_run *)rec.body)->verb;
		if (verb == PLAN_CLEANUP) {
			*ret_is_tried = 1;
			cleanup_run(&view, at, its, all, left);
		} else if (its == PLAN_ATTACH &&
			   detach_run(&view, at, left, ret_is_tried, err) < 0) {
			return -1;
		}
	}
	if (verb == PLAN_CLEANUP && left->n == 0)
		proof_of_bundle(journal, is_in_bundle,
			&(struct cleaned){.journal = journal, .left = left});
	return 0;
}
