/* SPDX-License-Identifier: Apache-2.0 */
#include "held.h"

#include <stdio.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../../policy/plan.h"
#include "../act/copies.h"
#include "../link/exec_link_undo.h"
#include "../mount/exec_mount.h"
#include "../mount/subtree.h"
#include "../resolve/lookup.h"
#include "nets_open.h"
#include "scope.h"

/* The printable path of an object: its pin's path, then `rest`. */
static void name_path(
	const struct journal *journal, uint32_t pin, const char *rest, struct held_name *ret)
{
	struct journal_rec rec;
	const char *path;

	journal_read(journal, pin, &rec);
	path = (const char *)rec.body + sizeof(struct rec_pin);
	snprintf(ret->name, sizeof ret->name, "%s%s%s", VST_QUOTE(path), path[1] ? "/" : "",
		VST_QUOTE(rest));
}

void held_describe(
	const struct journal *journal, const struct journal_rec *rec, struct held_name *ret)
{
	const struct rec_dir *dir = rec->body;
	const struct rec_file *file = rec->body;
	const struct rec_mount *mount = rec->body;
	const struct rec_link *link = rec->body;
	const struct rec_move *move = rec->body;
	const struct rec_change *change = rec->body;

	*ret = (struct held_name){.kind = "nothing"};
	switch (rec->kind) {
	case JOURNAL_DIR:
		ret->kind = "directory";
		name_path(journal, dir->pin, (const char *)(dir + 1), ret);
		break;
	case JOURNAL_FILE:
		ret->kind = "file";
		name_path(journal, file->pin, (const char *)(file + 1), ret);
		break;
	case JOURNAL_MOUNT:
		ret->kind = mount->flags & REC_MOUNT_NS ? "namespace" : "mount";
		name_path(journal, mount->pin, (const char *)(mount + 1), ret);
		break;
	case JOURNAL_LINK:
		ret->kind = "interface";
		snprintf(ret->name, sizeof ret->name, "%s", VST_QUOTE(link->name));
		break;
	case JOURNAL_MOVE:
		ret->kind = "moved interface";
		snprintf(ret->name, sizeof ret->name, "%s", VST_QUOTE(move->name));
		break;
	case JOURNAL_CHANGE:
		ret->kind = "changed mount";
		name_path(journal, change->pin, (const char *)(change + 1), ret);
		break;
	case JOURNAL_RUN:
	case JOURNAL_PIN:
		break;
	}
}

const char *held_verb_name(uint32_t verb)
{
	return verb == PLAN_PREPARE ? "prepare" : "attach";
}

static int is_object(const struct journal_rec *rec)
{
	return (rec->kind == JOURNAL_MOUNT && !copies_is(rec)) || rec->kind == JOURNAL_LINK ||
	       rec->kind == JOURNAL_MOVE;
}

int held_is_object(const struct journal_rec *rec)
{
	return is_object(rec) && rec->state != JOURNAL_UNDONE;
}

static void note_missing(const struct journal *journal, const struct journal_rec *rec,
	const char *how, struct held_count *count)
{
	if (count->missing_how[0])
		return;
	held_describe(journal, rec, &count->missing);
	snprintf(count->missing_how, sizeof count->missing_how, "%s", how);
}

/* Whether the record is of a mount in the bundle, which cleanup unmounts even without --all. */
static int is_in_bundle(const struct journal *journal, const struct journal_rec *rec)
{
	return rec->kind == JOURNAL_MOUNT && copies_flags(journal, rec) & REC_MOUNT_BUNDLE;
}

/* Whether a later mount of the same run covers this one. The document asked for that, so the
 * mount is not missing. */
static int is_hidden_by_own(
	const struct journal *journal, uint32_t place, const struct journal_rec *rec)
{
	struct journal_rec later;

	for (uint32_t at = place; (at = journal_next_of_run(journal, at, &later));) {
		if (later.kind == JOURNAL_MOUNT && held_is_object(&later) &&
			subtree_is_beneath(rec->body, later.body))
			return 1;
	}
	return 0;
}

/* Counts one held object. `why` is read only for EXEC_UNKNOWN. */
static void count_record(struct journal *journal, const struct journal_rec *rec,
	enum exec_present present, const struct vst_err *why, struct held_count *count)
{
	char how[192];

	count->held++;
	count->in_bundle += is_in_bundle(journal, rec) ? 1 : 0;
	switch (present) {
	case EXEC_THERE:
		count->there++;
		break;
	case EXEC_HIDDEN:
		count->hidden++;
		note_missing(journal, rec, "is covered by another mount, or was moved", count);
		break;
	case EXEC_UNKNOWN:
		count->unknown++;
		snprintf(how, sizeof how, "cannot be looked at: %.160s", why->text);
		note_missing(journal, rec, how, count);
		break;
	case EXEC_GONE:
		note_missing(journal, rec, "is not there any more", count);
		break;
	}
}

/* Whether the run belongs to another mount namespace and holds no links. Links can be taken
 * back from any mount namespace, so a run that holds some concerns us. */
static int is_others(
	const struct journal *journal, uint32_t run_place, const struct caller *caller)
{
	struct journal_rec rec;

	if (scope_of(journal, run_place, caller) != SCOPE_ELSEWHERE)
		return 0;
	for (uint32_t at = run_place; (at = journal_next_of_run(journal, at, &rec));) {
		if (held_is_object(&rec) && !scope_is_bound(&rec))
			return 0;
	}
	return 1;
}

static int is_committed(const struct journal_rec *rec, enum plan_verb verb)
{
	return rec->kind == JOURNAL_RUN && rec->state == JOURNAL_DONE &&
	       ((const struct rec_run *)rec->body)->verb == verb;
}

/* Marks the objects of the verb's committed runs UNDONE: none of them exists any more. Records
 * of files that namespaces were bound on are kept, because those files exist and are still ours
 * to remove. */
static void forget(struct journal *journal, enum plan_verb verb, const struct caller *caller)
{
	int committed = 0;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_RUN)
			committed = is_committed(&rec, verb) && !is_others(journal, at, caller);
		else if (committed && held_is_object(&rec))
			journal_undone(journal, at);
	}
}

static enum held judge(struct journal *journal, enum plan_verb verb,
	const struct caller *caller, const struct held_count *count, int same_plan,
	int same_process, struct vst_err *err)
{
	if (count->there == 0 && count->hidden == 0 && count->unknown == 0 &&
		count->elsewhere == 0) {
		forget(journal, verb, caller);
		return HELD_NONE;
	}
	if (!same_process)
		return HELD_OTHER;
	if (count->there < count->held) {
		vst_fail(err, VST_EXIT_CONFLICT, 0, "%s %s %s", count->missing.kind,
			count->missing.name, count->missing_how);
		return HELD_PARTLY;
	}
	if (count->is_cleaned && !count->in_bundle)
		return same_plan ? HELD_KEPT : HELD_STALE;
	return same_plan ? HELD_ALL : HELD_CHANGED;
}

/* Opens the pin of a mount's record again, by its path. -1: it is gone, or cannot be looked at;
 * the mount may exist even so, and is asked for with that. */
static int open_pin_of(const struct journal *journal, const struct caller *caller,
	const struct journal_rec *rec)
{
	const struct rec_mount *mount = rec->body;
	struct journal_rec pin;
	const struct rec_pin *body;
	int fd = -1;

	journal_read(journal, mount->pin, &pin);
	body = pin.body;
	(void)lookup_again((const char *)(body + 1), body->dev, body->ino, caller, &fd);
	return fd;
}

static enum exec_present mount_present(struct journal *journal, const struct caller *caller,
	const struct journal_rec *rec, struct vst_err *err)
{
	vst_auto_fd fd = open_pin_of(journal, caller, rec);

	return exec_mount_present(fd, rec, err);
}

enum exec_present held_find_mount(const struct journal *journal, const struct caller *caller,
	const struct journal_rec *rec, struct exec_mount_found *ret, struct vst_err *err)
{
	vst_auto_fd fd = open_pin_of(journal, caller, rec);

	return exec_mount_find(fd, rec, ret, err);
}

/* Finds the move by which a later step of the run moved the pair's end that this record made.
 */
static int moved_on(
	const struct journal *journal, const struct journal_rec *rec, struct journal_rec *ret)
{
	const struct rec_link *made = rec->body;

	if (rec->kind != JOURNAL_LINK || !(made->flags & REC_LINK_PEER))
		return 0;
	for (uint32_t at = rec->place; (at = journal_next_of_run(journal, at, ret));) {
		const struct rec_move *moved;

		moved = ret->body;
		if (ret->kind == JOURNAL_MOVE && ret->state != JOURNAL_UNDONE &&
			moved->ifindex == made->ifindex && strcmp(moved->name, made->name) == 0)
			return 1;
	}
	return 0;
}

enum exec_present held_present(struct journal *journal, const struct caller *caller,
	const struct nets *nets, const struct journal_rec *rec, struct vst_err *err)
{
	struct journal_rec moved;

	if (rec->kind == JOURNAL_MOUNT)
		return mount_present(journal, caller, rec, err);
	if (moved_on(journal, rec, &moved))
		rec = &moved;
	if (nets->here)
		return exec_link_present(nets, journal, rec, err);
	vst_fail(err, VST_EXIT_INCOMPLETE, 0, "its network namespaces could not be opened");
	return EXEC_UNKNOWN;
}

static int same_process(const struct rec_run *then, const struct rec_run *now)
{
	if (then->target_id && now->target_id)
		return then->target_id == now->target_id;
	if (then->netns_id && now->netns_id && then->netns_id != now->netns_id)
		return 0;
	return then->target_pid == now->target_pid && then->netns_ino == now->netns_ino &&
	       then->netns_dev == now->netns_dev;
}

/* Objects of a run that were already taken back. */
struct taken_back {
	unsigned n[2]; /* Index: is_in_bundle(). */
	struct journal_rec first[2];
};

/* Whether the record is of an interface that was made again at once, because its number was
 * taken: nothing of that attempt was ever left, and its name is the next one's. Of a port that
 * was made another record has the number. */
static int is_attempt(const struct journal *journal, const struct journal_rec *rec)
{
	const struct rec_link *made = rec->body, *again;
	struct journal_rec next;

	if (rec->kind == JOURNAL_LINK && !made->ifindex)
		return 1;
	if (rec->kind != JOURNAL_LINK || !journal_next_of_run(journal, rec->place, &next))
		return 0;
	again = next.body;
	return next.kind == JOURNAL_LINK && strcmp(made->name, again->name) == 0;
}

static void note_taken_back(
	const struct journal *journal, struct taken_back *taken, const struct journal_rec *rec)
{
	int which = is_in_bundle(journal, rec);

	if (!taken->n[which]++)
		taken->first[which] = *rec;
}

/* An undone object still counts as missing while others of its run are held. Mounts in the
 * bundle and mounts elsewhere are counted apart: cleanup without --all takes only the former.
 */
static void count_taken_back(struct journal *journal, const struct taken_back *taken,
	const unsigned held[2], struct held_count *count)
{
	for (int which = 0; which < 2; which++) {
		if (taken->n[which] && held[which]) {
			count->held += taken->n[which];
			note_missing(
				journal, &taken->first[which], "was taken back already", count);
		}
	}
	if (taken->n[1] && !held[1] && held[0])
		count->is_cleaned = 1;
}

int held_count(struct journal *journal, uint32_t run_place, const struct caller *caller,
	struct held_count *count, struct vst_err *err)
{
	__attribute__((cleanup(nets_close))) struct nets nets = NETS_NONE;
	struct taken_back taken = {.n = {0, 0}};
	unsigned held[2] = {0, 0};
	int is_elsewhere = scope_of(journal, run_place, caller) == SCOPE_ELSEWHERE;
	struct journal_rec rec;

	if (nets_open_run(journal, run_place, caller, &nets, err) < 0)
		return -1;
	for (uint32_t at = run_place; (at = journal_next_of_run(journal, at, &rec));) {
		enum exec_present present;
		struct vst_err why;

		if (is_object(&rec) && rec.state == JOURNAL_UNDONE &&
			!is_attempt(journal, &rec))
			note_taken_back(journal, &taken, &rec);
		if (!held_is_object(&rec))
			continue;
		if (is_elsewhere && scope_is_bound(&rec)) {
			count->held++;
			count->elsewhere++;
			note_missing(journal, &rec, "is of another mount namespace", count);
			continue;
		}
		held[is_in_bundle(journal, &rec)]++;
		present = held_present(journal, caller, &nets, &rec, &why);
		if (present == EXEC_HIDDEN && is_hidden_by_own(journal, at, &rec))
			present = EXEC_THERE;
		count_record(journal, &rec, present, &why, count);
	}
	count_taken_back(journal, &taken, held, count);
	return 0;
}

uint32_t held_kept(const struct journal *journal, const struct caller *caller,
	uint64_t *ret_ids, uint32_t max)
{
	int committed = 0;
	uint32_t n = 0;

	for (uint32_t at = journal_first(journal); at && n < max;
		at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_RUN)
			committed = is_committed(&rec, PLAN_PREPARE) &&
				    !is_others(journal, at, caller);
		else if (committed && rec.kind == JOURNAL_MOUNT && held_is_object(&rec) &&
			 !is_in_bundle(journal, &rec))
			ret_ids[n++] = ((const struct rec_mount *)rec.body)->mnt_id;
	}
	return n;
}

int held_look(struct journal *journal, enum plan_verb verb, const struct caller *caller,
	const struct rec_run *now, enum held *ret, struct vst_err *err)
{
	struct held_count count = {0};
	int same_plan = 1, same = 1;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		const struct rec_run *run;
		struct journal_rec rec;
		unsigned before = count.held;

		journal_read(journal, at, &rec);
		run = rec.body;
		if (!is_committed(&rec, verb) || is_others(journal, at, caller))
			continue;
		if (held_count(journal, at, caller, &count, err) < 0)
			return -1;
		if (count.held > before) {
			same_plan = same_plan && run->plan_hash == now->plan_hash;
			same = same && same_process(run, now);
		}
	}
	*ret = judge(journal, verb, caller, &count, same_plan, same, err);
	return 0;
}

/* Whether the run at `place` still holds an object. */
static int claims(const struct journal *journal, uint32_t place)
{
	struct journal_rec rec;

	for (uint32_t at = place; (at = journal_next_of_run(journal, at, &rec));) {
		if (held_is_object(&rec))
			return 1;
	}
	return 0;
}

const struct rec_run *held_newest(const struct journal *journal, enum plan_verb verb)
{
	const struct rec_run *newest = NULL;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (is_committed(&rec, verb) && claims(journal, at))
			newest = rec.body;
	}
	return newest;
}

enum held held_claim(
	const struct journal *journal, enum plan_verb verb, const struct rec_run *now)
{
	enum held held = HELD_NONE;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		const struct rec_run *run;
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		run = rec.body;
		if (!is_committed(&rec, verb) || is_others(journal, at, NULL) ||
			!claims(journal, at))
			continue;
		/* The namespace ids cannot be compared without opening it, so compare the
		 * process's id, or its pid where no id is known. */
		if (run->target_id && now->target_id ? run->target_id != now->target_id
						     : run->target_pid != now->target_pid)
			return HELD_OTHER;
		if (held == HELD_NONE)
			held = HELD_ALL;
		if (run->plan_hash != now->plan_hash)
			held = HELD_CHANGED;
	}
	return held;
}
