#include "copies.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "../kernel/host.h"
#include "../kernel/kernel_mount.h"
#include "attach.h"

/* Mount ids per listmount call, and the most peer groups that one mount can reach: a slave of
 * its parent mount, a slave of that, and so on. */
#define BATCH 64
#define GROUPS_MAX 64

struct propagation {
	struct exec_run *run;
	const struct rec_mount *rec; /* The original's record. */
	const char *rest;
	uint32_t dev_major, dev_minor;
	uint64_t groups[GROUPS_MAX]; /* Peer groups of the original and its copies. */
	unsigned n;
};

static const uint64_t wanted =
	KERNEL_STATMOUNT_SB_BASIC | KERNEL_STATMOUNT_MNT_BASIC | KERNEL_STATMOUNT_MNT_POINT;

static int is_among(const struct propagation *propagation, uint64_t group)
{
	for (unsigned i = 0; group && i < propagation->n; i++)
		if (propagation->groups[i] == group)
			return 1;
	return 0;
}

/* A mount on a shared mount becomes shared itself. So an original that is not shared has no
 * copies. */
static int look_at_original(struct propagation *propagation, struct vst_err *err)
{
	struct kernel_statmount sm;

	if (kernel_statmount(propagation->rec->mnt_id, wanted, &sm) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look at the mount '%s'",
			VST_QUOTE(propagation->rest));
	if (!(sm.mnt_propagation & MS_SHARED))
		return 0;
	propagation->dev_major = sm.sb_dev_major;
	propagation->dev_minor = sm.sb_dev_minor;
	propagation->groups[propagation->n++] = sm.mnt_peer_group;
	return 1;
}

/* Whether a newer mount is a copy: of the original's file system, and a peer or slave of it or
 * of another copy. Mounts that came inside the original are none. Masters have lower ids than
 * their slaves, so they are seen first. 1, 0, or -1. */
static int is_copy(struct propagation *propagation, uint64_t id, struct kernel_statmount *sm,
	struct vst_err *err)
{
	if (id - propagation->rec->mnt_id < propagation->rec->n_ids)
		return 0;
	if (kernel_statmount(id, wanted, sm) < 0)
		return errno == ENOENT || errno == EPERM
			       ? 0
			       : vst_fail(err, VST_EXIT_FAILED, errno,
					 "look what was mounted along with '%s'",
					 VST_QUOTE(propagation->rest));
	if (sm->sb_dev_major != propagation->dev_major ||
		sm->sb_dev_minor != propagation->dev_minor)
		return 0;
	if (!is_among(propagation, sm->mnt_peer_group) &&
		!is_among(propagation, sm->mnt_master))
		return 0;
	if (sm->mnt_peer_group && !is_among(propagation, sm->mnt_peer_group)) {
		if (propagation->n == GROUPS_MAX)
			return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
				"'%s' is copied into more than %d peer groups",
				VST_QUOTE(propagation->rest), GROUPS_MAX);
		propagation->groups[propagation->n++] = sm->mnt_peer_group;
	}
	return 1;
}

static int note(struct propagation *propagation, uint64_t id, struct vst_err *err)
{
	struct rec_mount rec = *propagation->rec;
	struct kernel_statmount sm;
	const char *point;
	uint32_t place;
	int r = is_copy(propagation, id, &sm, err);

	if (r <= 0)
		return r;
	rec.mnt_id = id;
	rec.flags |= REC_MOUNT_COPY;
	if (journal_append(propagation->run->journal, JOURNAL_MOUNT, &rec, sizeof rec,
		    propagation->rest, strlen(propagation->rest) + 1, 0, &place, err) < 0)
		return -1;
	journal_done(propagation->run->journal, place, NULL, 0);
	if (!(sm.mask & KERNEL_STATMOUNT_MNT_POINT) || sm.mnt_point >= sizeof sm.str)
		return 0;
	sm.str[sizeof sm.str - 1] = '\0';
	point = sm.str + sm.mnt_point;
	if (!host_is_named(point))
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"mounted on '%s', it covers %s of the host, too, through a mount that is "
		"shared "
		"with it; bind that without 'shared', or name another place",
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
		if (n > 0 && !propagation.n) {
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

void copies_forget(struct journal *journal, uint32_t run)
{
	struct journal_rec rec;

	for (uint32_t at = run; (at = journal_next_of_run(journal, at, &rec));) {
		if (copies_is(&rec) && rec.state != JOURNAL_UNDONE &&
			attach_exists(rec.body, "") == 0)
			journal_undone(journal, at);
	}
}
