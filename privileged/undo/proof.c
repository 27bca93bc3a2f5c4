/* SPDX-License-Identifier: Apache-2.0 */
#include "proof.h"

#include <errno.h>
#include <string.h>

#include "../act/attach.h"
#include "../act/copies.h"
#include "../kernel/kernel_mount.h"
#include "../kernel/mountinfo.h"

/* Mount ids per listmount call. */
#define BATCH 64

struct pass {
	struct journal *journal;
	uint32_t last; /* The run's last record. */
	uint32_t run;
	struct proof *proof;
	proof_place *place;
	proof_left *left;
	void *arg;
	int by_id;                        /* Some noted record has a unique mount id (6.8). */
	uint64_t lowest;                  /* The lowest mount id of those. */
	uint16_t found[PROOF_MOUNTS_MAX]; /* Without unique ids: mounts at or beneath. */
};

static int is_noted(const struct proof *proof, unsigned nth)
{
	return nth < PROOF_MOUNTS_MAX && proof->done[nth / 64] >> nth % 64 & 1;
}

static void forget(struct proof *proof, unsigned nth)
{
	proof->done[nth / 64] &= ~((uint64_t)1 << nth % 64);
}

/* Calls `each` for the noted records, newest first, with or without unique ids. */
static void for_noted(struct pass *pass, int unique,
	void (*each)(struct pass *pass, unsigned nth, const struct journal_rec *rec,
		const void *arg),
	const void *arg)
{
	unsigned nth = 0;

	for (uint32_t at = pass->last; at > pass->run; at = journal_prev(pass->journal, at)) {
		struct journal_rec rec;
		const struct rec_mount *mount;

		journal_read(pass->journal, at, &rec);
		mount = rec.body;
		if (rec.kind != JOURNAL_MOUNT || copies_is(&rec))
			continue;
		if (is_noted(pass->proof, nth) &&
			((mount->flags & REC_MOUNT_UNIQUE) != 0) == unique)
			each(pass, nth, &rec, arg);
		nth++;
	}
}

static void note_lowest(
	struct pass *pass, unsigned nth, const struct journal_rec *rec, const void *arg)
{
	const struct rec_mount *mount = rec->body;

	(void)nth;
	(void)arg;
	if (!pass->by_id || mount->mnt_id < pass->lowest)
		pass->lowest = mount->mnt_id;
	pass->by_id = 1;
}

struct newer {
	uint64_t id;
	const char *point;
	int told; /* This mount was already reported. */
};

/* Unique ids ascend: a newer mount cannot be what ours was mounted on. */
static void compare_newer(
	struct pass *pass, unsigned nth, const struct journal_rec *rec, const void *arg)
{
	struct newer *newer = (struct newer *)(uintptr_t)arg;
	const struct rec_mount *mount = rec->body;
	char place[VST_PATH_MAX + 1];

	if (newer->id <= mount->mnt_id)
		return;
	if (newer->point && pass->place(pass->arg, rec, place) == 0 &&
		!attach_lies_in(newer->point, place))
		return;
	forget(pass->proof, nth);
	if (!newer->told)
		pass->left(pass->arg, rec, newer->point);
	newer->told = 1;
}

/* The mount point. "": the mount is gone since it was listed, or is unreachable from our root.
 * NULL: unknown. */
static const char *point_of(uint64_t id, struct kernel_statmount *sm)
{
	if (kernel_statmount(id, KERNEL_STATMOUNT_MNT_POINT, sm) < 0)
		return errno == ENOENT || errno == EPERM ? "" : NULL;
	if (!(sm->mask & KERNEL_STATMOUNT_MNT_POINT) || sm->mnt_point >= sizeof sm->str)
		return NULL;
	sm->str[sizeof sm->str - 1] = '\0';
	return sm->str + sm->mnt_point;
}

static void look_by_id(struct pass *pass)
{
	uint64_t ids[BATCH], after = pass->lowest;
	struct newer unknown = {.id = UINT64_MAX};
	long n;

	do {
		n = kernel_listmount_after(KERNEL_LSMT_ROOT, after, ids, BATCH);
		if (n < 0)
			for_noted(pass, 1, compare_newer, &unknown);
		for (long i = 0; i < n; i++) {
			struct kernel_statmount sm;
			struct newer newer = {.id = ids[i], .point = point_of(ids[i], &sm)};

			for_noted(pass, 1, compare_newer, &newer);
		}
		if (n > 0)
			after = ids[n - 1];
	} while (n == BATCH);
}

static void count_one(
	struct pass *pass, unsigned nth, const struct journal_rec *rec, const void *arg)
{
	const struct mountinfo *mount = arg;
	char place[VST_PATH_MAX + 1];

	if (pass->place(pass->arg, rec, place) == 0 && attach_lies_in(mount->point, place) &&
		pass->found[nth] < UINT16_MAX)
		pass->found[nth]++;
}

static int count_line(const struct mountinfo *mount, void *arg)
{
	for_noted(arg, 0, count_one, mount);
	return 0;
}

struct latest {
	const char *place;
	char point[VST_PATH_MAX + 2];
};

/* mountinfo lists mounts in the order they were made, so the last match is the latest. */
static int note_latest(const struct mountinfo *mount, void *arg)
{
	struct latest *latest = arg;

	if (attach_lies_in(mount->point, latest->place))
		memcpy(latest->point, mount->point, sizeof latest->point);
	return 0;
}

/* Without unique ids, which are reused at once, an id proves nothing. More mounts than before
 * the run means that one is left. */
static void judge_count(
	struct pass *pass, unsigned nth, const struct journal_rec *rec, const void *arg)
{
	const struct rec_mount *mount = rec->body;
	const int *is_known = arg;
	char place[VST_PATH_MAX + 1];
	struct latest latest = {.place = place};
	struct mountinfo unused;

	if (*is_known && pass->place(pass->arg, rec, place) == 0 &&
		(pass->found[nth] == 0 || (mount->n_before != REC_MOUNT_UNKNOWN &&
						  pass->found[nth] <= mount->n_before)))
		return;
	forget(pass->proof, nth);
	if (*is_known && pass->found[nth])
		mountinfo_find(note_latest, &latest, &unused);
	pass->left(pass->arg, rec, latest.point[0] ? latest.point : NULL);
}

static void count_old(
	struct pass *pass, unsigned nth, const struct journal_rec *rec, const void *arg)
{
	(void)nth;
	(void)rec;
	(void)arg;
	pass->found[0]++;
}

static void mark(
	struct pass *pass, unsigned nth, const struct journal_rec *rec, const void *arg)
{
	(void)nth;
	(void)arg;
	journal_undone(pass->journal, rec->place);
}

void proof_of_nothing(struct journal *journal, uint32_t run, struct proof *proof,
	proof_place *place, proof_left *left, void *arg)
{
	struct pass pass = {.journal = journal,
		.last = journal_last_of_run(journal, run),
		.run = run,
		.proof = proof,
		.place = place,
		.left = left,
		.arg = arg};
	struct mountinfo unused;
	for_noted(&pass, 1, note_lowest, NULL);
	if (pass.by_id)
		look_by_id(&pass);
	for_noted(&pass, 0, count_old, NULL);
	if (pass.found[0]) {
		int is_known;

		pass.found[0] = 0;
		is_known = mountinfo_find(count_line, &pass, &unused) == 0;
		for_noted(&pass, 0, judge_count, &is_known);
	}
	for_noted(&pass, 0, mark, NULL);
	for_noted(&pass, 1, mark, NULL);
}

/* Without unique ids, what has the number and the file system may be ours. */
static const char *point_in_proc(const struct rec_mount *mount, struct mountinfo *found)
{
	int r = mountinfo_of(mount->mnt_id, found);

	if (r < 0)
		return NULL;
	return r && found->dev == mount->dev ? found->point : "";
}

void proof_of_bundle(const struct journal *journal, proof_left *left, void *arg)
{
	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		const struct rec_mount *mount;
		struct kernel_statmount sm;
		struct mountinfo found;
		struct journal_rec rec;
		const char *point;

		journal_read(journal, at, &rec);
		mount = rec.body;
		if (rec.kind != JOURNAL_MOUNT || rec.state == JOURNAL_UNDONE ||
			mount->flags & REC_MOUNT_NS)
			continue;
		point = mount->flags & REC_MOUNT_UNIQUE ? point_of(mount->mnt_id, &sm)
							: point_in_proc(mount, &found);
		if (!point || (*point && attach_lies_in(point, journal->bundle_path)))
			left(arg, &rec, point);
	}
}
