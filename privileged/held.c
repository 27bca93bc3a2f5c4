#include "held.h"

#include <stdio.h>
#include <string.h>

#include "../ipc/fd.h"
#include "../policy/plan.h"
#include "exec_link.h"
#include "exec_mount.h"
#include "report.h"
#include "resolve.h"

/* "kind PIN/rest", where the record has a path. */
static void describe_path(const struct journal *journal, const char *kind, uint32_t pin,
	const char *rest, char *ret, size_t size)
{
	struct journal_rec rec;
	const char *path;

	journal_read(journal, pin, &rec);
	path = (const char *)rec.body + sizeof(struct rec_pin);
	snprintf(ret, size, "%s %s%s%s", kind, VST_QUOTE(path), path[1] ? "/" : "",
		VST_QUOTE(rest));
}

void held_describe(
	const struct journal *journal, const struct journal_rec *rec, char *ret, size_t size)
{
	const struct rec_dir *dir = rec->body;
	const struct rec_file *file = rec->body;
	const struct rec_mount *mount = rec->body;
	const struct rec_link *link = rec->body;
	const struct rec_move *move = rec->body;

	switch (rec->kind) {
	case JOURNAL_DIR:
		describe_path(
			journal, "directory", dir->pin, (const char *)(dir + 1), ret, size);
		return;
	case JOURNAL_FILE:
		describe_path(journal, "file", file->pin, (const char *)(file + 1), ret, size);
		return;
	case JOURNAL_MOUNT:
		describe_path(
			journal, "mount", mount->pin, (const char *)(mount + 1), ret, size);
		return;
	case JOURNAL_LINK:
		snprintf(ret, size, "interface %s", VST_QUOTE(link->name));
		return;
	case JOURNAL_MOVE:
		snprintf(ret, size, "moved interface %s", VST_QUOTE(move->name));
		return;
	case JOURNAL_RUN:
	case JOURNAL_PIN:
		break;
	}
	snprintf(ret, size, "nothing");
}

static const char *verb_name(uint32_t verb)
{
	return verb == PLAN_PREPARE ? "prepare" : verb == PLAN_ATTACH ? "attach" : "cleanup";
}

int held_refuse_unfinished(
	const struct journal *journal, const char *state_path, struct vst_err *err)
{
	uint32_t run = journal_unfinished(journal);
	struct journal_rec rec;
	uint32_t verb;
	char text[640];

	if (!run)
		return 0;
	journal_read(journal, run, &rec);
	verb = ((const struct rec_run *)rec.body)->verb;
	for (uint32_t at = journal_next(journal, run); at; at = journal_next(journal, at)) {
		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_PIN || rec.state == JOURNAL_UNDONE)
			continue;
		held_describe(journal, &rec, text, sizeof text);
		report(REPORT_WARNING, NULL, "%s by the unfinished run: %s",
			rec.state == JOURNAL_DONE ? "left" : "perhaps left", text);
	}
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"an earlier %s of this bundle was cut short: take back what is left of it "
		"(umount, ip "
		"link delete, rmdir), then remove its journal %s/%s",
		verb_name(verb), state_path, journal->name);
}

/* Counts of a verb's records: how many are held, and how many of them are there. */
struct count {
	unsigned held;
	unsigned there;
	char missing[640]; /* the first that is not */
};

static void count_record(struct journal *journal, const struct journal_rec *rec, int present,
	struct count *count)
{
	count->held++;
	if (present)
		count->there++;
	else if (!count->missing[0])
		held_describe(journal, rec, count->missing, sizeof count->missing);
}

/* Whether the record is in a committed run of verb; *run follows the loop's place. */
static int belongs(
	const struct journal_rec *rec, enum plan_verb verb, struct rec_run *run, int *committed)
{
	if (rec->kind == JOURNAL_RUN) {
		memcpy(run, rec->body, sizeof *run);
		*committed = rec->state == JOURNAL_DONE;
		return 0;
	}
	return *committed && run->verb == verb && rec->state != JOURNAL_UNDONE;
}

/* Marks the objects of the verb's committed runs: none of them is left. The files that
 * namespaces were bound on stay noted: they are there, and still ours to remove. */
static void forget(struct journal *journal, enum plan_verb verb)
{
	struct rec_run run = {0};
	int committed = 0;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (belongs(&rec, verb, &run, &committed) &&
			(rec.kind == JOURNAL_MOUNT || rec.kind == JOURNAL_LINK ||
				rec.kind == JOURNAL_MOVE))
			journal_undone(journal, at);
	}
}

static enum held judge(struct journal *journal, enum plan_verb verb, const struct count *count,
	int same_plan, int same_process, struct vst_err *err)
{
	if (count->there == 0) {
		forget(journal, verb);
		return HELD_NONE;
	}
	if (!same_process)
		return HELD_OTHER;
	if (count->there < count->held) {
		vst_fail(err, VST_EXIT_CONFLICT, 0, "%s is not there any more", count->missing);
		return HELD_PARTLY;
	}
	return same_plan ? HELD_ALL : HELD_CHANGED;
}

int held_prepare(struct journal *journal, int bundle_fd, uint64_t plan_hash, enum held *ret,
	struct vst_err *err)
{
	struct count count = {0};
	struct rec_run run = {0};
	int committed = 0, same_plan = 1;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;
		int present;

		journal_read(journal, at, &rec);
		if (!belongs(&rec, PLAN_PREPARE, &run, &committed) || rec.kind != JOURNAL_MOUNT)
			continue;
		present = exec_mount_present(bundle_fd, &rec, err);
		if (present < 0)
			return -1;
		count_record(journal, &rec, present, &count);
		same_plan = same_plan && run.plan_hash == plan_hash;
	}
	*ret = judge(journal, PLAN_PREPARE, &count, same_plan, 1, err);
	return 0;
}

/* A namespace's bind: its pin is found again by its path. */
static int bind_present(struct journal *journal, const struct held_view *view,
	const struct journal_rec *rec, struct vst_err *err)
{
	const struct rec_mount *mount = rec->body;
	struct journal_rec pin;
	const struct rec_pin *body;
	vst_auto_fd fd = -1;

	journal_read(journal, mount->pin, &pin);
	body = pin.body;
	if (!resolve_again((const char *)(body + 1), body->dev, body->ino, view->caller, &fd))
		return 0;
	return exec_mount_present(fd, rec, err);
}

/* Links there can be seen only while "there" is the namespace of the record. */
static int link_present(const struct held_view *view, const struct rec_run *run,
	const struct journal_rec *rec, struct vst_err *err)
{
	int same = run->netns_dev == view->now->netns_dev &&
		   run->netns_ino == view->now->netns_ino;

	return exec_link_present(view->here, same ? view->there : NULL, rec, err);
}

static int same_process(const struct rec_run *then, const struct rec_run *now)
{
	if (then->target_id && now->target_id)
		return then->target_id == now->target_id;
	return then->target_pid == now->target_pid && then->netns_ino == now->netns_ino &&
	       then->netns_dev == now->netns_dev;
}

int held_attach(struct journal *journal, const struct held_view *view, enum held *ret,
	struct vst_err *err)
{
	struct count count = {0};
	struct rec_run run = {0};
	int committed = 0, same_plan = 1, same = 1;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;
		int present;

		journal_read(journal, at, &rec);
		if (!belongs(&rec, PLAN_ATTACH, &run, &committed))
			continue;
		if (rec.kind == JOURNAL_MOUNT)
			present = bind_present(journal, view, &rec, err);
		else if (rec.kind == JOURNAL_LINK || rec.kind == JOURNAL_MOVE)
			present = link_present(view, &run, &rec, err);
		else
			continue;
		if (present < 0)
			return -1;
		count_record(journal, &rec, present, &count);
		same_plan = same_plan && run.plan_hash == view->now->plan_hash;
		same = same && same_process(&run, view->now);
	}
	*ret = judge(journal, PLAN_ATTACH, &count, same_plan, same, err);
	return 0;
}

int held_links(const struct journal *journal)
{
	struct rec_run run = {0};
	int committed = 0;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (belongs(&rec, PLAN_ATTACH, &run, &committed) &&
			(rec.kind == JOURNAL_LINK || rec.kind == JOURNAL_MOVE))
			return 1;
	}
	return 0;
}
