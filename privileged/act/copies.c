/* SPDX-License-Identifier: Apache-2.0 */
#include "copies.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "../../ipc/limits.h"
#include "../kernel/host.h"
#include "../kernel/kernel_mount.h"
#include "attach.h"

/* Mount ids per listmount call, and the most peer groups that one mount can reach: a slave of
 * its parent mount, a slave of that, and so on. */
#define BATCH 64
#define GROUPS_MAX 64

struct groups {
	uint64_t id[GROUPS_MAX];
	unsigned n;
};

struct propagation {
	struct exec_run *run;
	const struct rec_mount *rec; /* The original's record. */
	const char *rest;
	uint32_t dev_major, dev_minor;
	struct groups copies;  /* Of the original and its copies. */
	struct groups parents; /* Of their parent mounts. */
	/* The mount point as a path in the parent's file system; "": unknown. */
	char place[2 * VST_PATH_MAX + 2];
};

static const uint64_t wanted = KERNEL_STATMOUNT_SB_BASIC | KERNEL_STATMOUNT_MNT_BASIC |
			       KERNEL_STATMOUNT_PROPAGATE_FROM;

static int is_among(const struct groups *groups, uint64_t group)
{
	for (unsigned i = 0; group && i < groups->n; i++)
		if (groups->id[i] == group)
			return 1;
	return 0;
}

/* Whether a mount is a peer or slave of one of the groups. propagate_from names the nearest
 * master group that has a mount here, past groups that have none. */
static int follows(const struct groups *groups, const struct kernel_statmount *sm)
{
	return is_among(groups, sm->mnt_peer_group) || is_among(groups, sm->mnt_master) ||
	       is_among(groups, sm->propagate_from);
}

static int add_group(struct propagation *propagation, struct groups *groups, uint64_t group,
	struct vst_err *err)
{
	if (!group || is_among(groups, group))
		return 0;
	if (groups->n == GROUPS_MAX)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"'%s' is copied into more than %d peer groups",
			VST_QUOTE(propagation->rest), GROUPS_MAX);
	groups->id[groups->n++] = group;
	return 0;
}

/* One of statmount's strings; "": unknown. */
static const char *text_of(uint64_t id, uint64_t which, struct kernel_statmount *sm)
{
	uint32_t at;

	if (kernel_statmount(id, which, sm) < 0 || !(sm->mask & which))
		return "";
	at = which == KERNEL_STATMOUNT_MNT_ROOT ? sm->mnt_root : sm->mnt_point;
	sm->str[sizeof sm->str - 1] = '\0';
	return at < sizeof sm->str ? sm->str + at : "";
}

/* The mount point of `id` as a path in the file system of its parent mount: the same in all
 * peers of the parent, whatever their roots and mount points are. "": unknown. */
static void place_of(uint64_t id, uint64_t parent, char ret[2 * VST_PATH_MAX + 2])
{
	struct kernel_statmount sm;
	char point[VST_PATH_MAX + 1];
	const char *text = text_of(id, KERNEL_STATMOUNT_MNT_POINT, &sm);
	size_t len;

	ret[0] = '\0';
	if (text[0] != '/' || !memccpy(point, text, '\0', sizeof point))
		return;
	text = text_of(parent, KERNEL_STATMOUNT_MNT_POINT, &sm);
	len = strcmp(text, "/") == 0 ? 0 : strlen(text);
	if (!*text || strncmp(point, text, len) != 0 || (point[len] && point[len] != '/'))
		return;
	text = text_of(parent, KERNEL_STATMOUNT_MNT_ROOT, &sm);
	if (text[0] == '/')
		snprintf(ret, 2 * VST_PATH_MAX + 2, "%s%s", text[1] ? text : "", point + len);
}

static int cannot_look(const struct propagation *propagation, struct vst_err *err)
{
	return vst_fail(err, VST_EXIT_FAILED, errno, "look what was mounted along with '%s'",
		VST_QUOTE(propagation->rest));
}

/* Looks at the original and its parent. Returns 0 if the parent is not shared: then there are
 * no copies. A mount on a shared mount becomes shared itself. */
static int look_at_original(struct propagation *propagation, struct vst_err *err)
{
	const uint64_t id = propagation->rec->mnt_id;
	struct kernel_statmount sm, parent;

	if (kernel_statmount(id, wanted, &sm) < 0)
		return cannot_look(propagation, err);
	if (!(sm.mnt_propagation & MS_SHARED))
		return 0;
	if (kernel_statmount(sm.mnt_parent_id, wanted, &parent) < 0)
		return cannot_look(propagation, err);
	if (!(parent.mnt_propagation & MS_SHARED))
		return 0;
	propagation->dev_major = sm.sb_dev_major;
	propagation->dev_minor = sm.sb_dev_minor;
	propagation->copies.id[propagation->copies.n++] = sm.mnt_peer_group;
	propagation->parents.id[propagation->parents.n++] = parent.mnt_peer_group;
	place_of(id, sm.mnt_parent_id, propagation->place);
	return 1;
}

enum copy {
	COPY_NOT,
	COPY_SURE,
	COPY_PERHAPS, /* A copy, or another's mount just like one. */
};

/* Whether the mount is related to the original as their parents are: peer or slave. */
static int propagated_as(const struct propagation *propagation,
	const struct kernel_statmount *sm, const struct kernel_statmount *parent)
{
	if (parent->mnt_peer_group == propagation->parents.id[0])
		return sm->mnt_peer_group == propagation->copies.id[0];
	return sm->mnt_master != 0;
}

/* Judges a mount by its parent and place. A parent has at most one child at a place. The kernel
 * puts a copy beneath an earlier mount there, and later mounts go on top of it. So the child
 * at the original's place, in a peer or slave of the original's parent, is the copy. If the
 * parent is newer than the original, a recursive bind may have made both. */
static enum copy judge_parent(const struct propagation *propagation,
	const struct kernel_statmount *sm, struct kernel_statmount *parent)
{
	char place[2 * VST_PATH_MAX + 2];

	if (kernel_statmount(sm->mnt_parent_id, wanted, parent) < 0)
		return COPY_PERHAPS;
	if (!follows(&propagation->parents, parent) && !parent->mnt_master)
		return COPY_NOT;
	place_of(sm->mnt_id, sm->mnt_parent_id, place);
	if (!place[0] || !propagation->place[0])
		return COPY_PERHAPS;
	if (strcmp(place, propagation->place) != 0)
		return COPY_NOT;
	if (!follows(&propagation->parents, parent) ||
		sm->mnt_parent_id > propagation->rec->mnt_id)
		return COPY_PERHAPS;
	return propagated_as(propagation, sm, parent) ? COPY_SURE : COPY_PERHAPS;
}

/* Judges a mount that is newer than the original. Mounts that came inside the original are no
 * copies. Masters have lower ids than their slaves, so their groups are known first. */
static int judge(
	struct propagation *propagation, uint64_t id, enum copy *ret, struct vst_err *err)
{
	struct kernel_statmount sm, parent;

	*ret = COPY_NOT;
	if (id - propagation->rec->mnt_id < propagation->rec->n_ids)
		return 0;
	if (kernel_statmount(id, wanted, &sm) < 0)
		return errno == ENOENT || errno == EPERM ? 0 : cannot_look(propagation, err);
	if (sm.sb_dev_major != propagation->dev_major ||
		sm.sb_dev_minor != propagation->dev_minor ||
		!follows(&propagation->copies, &sm))
		return 0;
	*ret = judge_parent(propagation, &sm, &parent);
	if (*ret != COPY_SURE)
		return 0;
	if (add_group(propagation, &propagation->copies, sm.mnt_peer_group, err) < 0)
		return -1;
	return add_group(propagation, &propagation->parents, parent.mnt_peer_group, err);
}

/* Journals the mount if it is a copy. It is in the bundle if its own mount point is. */
static int note(struct propagation *propagation, uint64_t id, struct vst_err *err)
{
	struct journal *journal = propagation->run->journal;
	struct rec_mount rec = *propagation->rec;
	struct kernel_statmount sm;
	const char *point;
	enum copy copy;
	uint32_t place;

	if (judge(propagation, id, &copy, err) < 0)
		return -1;
	if (copy == COPY_NOT)
		return 0;
	point = text_of(id, KERNEL_STATMOUNT_MNT_POINT, &sm);
	rec.mnt_id = id;
	rec.flags |= REC_MOUNT_COPY | (copy == COPY_SURE ? 0 : REC_MOUNT_UNSURE);
	if (attach_lies_in(point, journal->bundle_path))
		rec.flags |= REC_MOUNT_BUNDLE;
	if (journal_append(journal, JOURNAL_MOUNT, &rec, sizeof rec, propagation->rest,
		    strlen(propagation->rest) + 1, 0, &place, err) < 0)
		return -1;
	journal_done(journal, place, NULL, 0);
	if (!host_is_named(point))
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"mounted on '%s', it covers %s of the host, too, through a mount that is shared with it; bind that without 'shared', or name another place",
		VST_QUOTE(propagation->rest), VST_QUOTE(point));
}

int copies_note(struct exec_run *run, const struct rec_mount *rec, const char *rest,
	struct vst_err *err)
{
	struct propagation propagation = {.run = run, .rec = rec, .rest = rest};
	uint64_t ids[BATCH], after = rec->mnt_id;
	long n;

	if (!(rec->flags & REC_MOUNT_UNIQUE))
		return 0;
	do {
		n = kernel_listmount_after(KERNEL_LSMT_ROOT, after, ids, BATCH);
		if (n < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno,
				"list what was mounted along with '%s'", VST_QUOTE(rest));
		if (n > 0 && !propagation.copies.n) {
			int r = look_at_original(&propagation, err);

			if (r <= 0)
				return r;
		}
		for (long i = 0; i < n; i++)
			if (note(&propagation, ids[i], err) < 0)
				return -1;
		if (n > 0)
			after = ids[n - 1];
	} while (n == BATCH);
	return 0;
}

int copies_is(const struct journal_rec *rec)
{
	return rec->kind == JOURNAL_MOUNT &&
	       ((const struct rec_mount *)rec->body)->flags & REC_MOUNT_COPY;
}

int copies_has_original(
	const struct journal *journal, uint32_t run, const struct journal_rec *rec)
{
	for (uint32_t at = journal_prev(journal, rec->place); at > run;
		at = journal_prev(journal, at)) {
		struct journal_rec older;

		journal_read(journal, at, &older);
		if (older.kind == JOURNAL_MOUNT && !copies_is(&older))
			return older.state != JOURNAL_UNDONE &&
			       attach_exists(older.body, "") != 0;
	}
	return 0;
}

uint32_t copies_flags(const struct journal *journal, const struct journal_rec *rec)
{
	uint32_t flags = ((const struct rec_mount *)rec->body)->flags;
	struct journal_rec copy;

	for (uint32_t at = rec->place;
		(at = journal_next_of_run(journal, at, &copy)) && copies_is(&copy);) {
		const uint32_t its = ((const struct rec_mount *)copy.body)->flags;

		if (!(its & REC_MOUNT_UNSURE))
			flags |= its & REC_MOUNT_BUNDLE;
	}
	return flags;
}

void copies_forget(struct journal *journal, uint32_t run)
{
	struct journal_rec rec;

	for (uint32_t at = run; (at = journal_next_of_run(journal, at, &rec));) {
		if (copies_is(&rec) && rec.state != JOURNAL_UNDONE &&
			attach_exists(rec.body, "") == 0)
			journal_undone(journal, at);
	}
}
