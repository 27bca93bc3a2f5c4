/* SPDX-License-Identifier: Apache-2.0 */
#include "link_back.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "link_id.h"
#include "link_proof.h"
#include "nl_kept.h"
#include "nl_oper.h"

/* Rounds of comparing and correcting; a round that finds no difference is the last. Nobody
 * interferes here, but alternative names may need several rounds. There, UNDO_BUSY has the
 * whole undo tried again. */
#define ROUNDS 4

/* Interfaces on top that are removed in one attempt. The first attempt is not charged, and one
 * that has begun is not cut short: so they are few. */
#define UPPERS_MAX 8

struct link_back {
	struct nl *here, *there;
	int ns_here, ns_there;
	const struct journal *journal;
};

struct moved {
	struct rec_move rec;
	const unsigned char *state;
	char otherwise[256]; /* How the link differs from what it was; "": not at all. */
};

uint64_t link_back_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void read_record(const struct journal_rec *rec, struct moved *ret)
{
	memcpy(&ret->rec, rec->body, sizeof ret->rec);
	ret->state = (const unsigned char *)rec->body + sizeof ret->rec;
	ret->otherwise[0] = '\0';
}

__attribute__((format(printf, 2, 3))) static void note(
	struct moved *moved, const char *fmt, ...)
{
	size_t len = strlen(moved->otherwise);
	va_list ap;

	if (len)
		len += (size_t)snprintf(
			moved->otherwise + len, sizeof moved->otherwise - len, "; ");
	if (len >= sizeof moved->otherwise)
		return;
	va_start(ap, fmt);
	vsnprintf(moved->otherwise + len, sizeof moved->otherwise - len, fmt, ap);
	va_end(ap);
}

/* A link is here that is not proved to be the record's. */
#define STRANGE 16

/* Names a link that is here and is not proved to be the record's. UNDO_KEPT if nothing tells
 * which it is, else -1. */
static int keep_strange(const struct rec_move *rec, const struct nl_link *link,
	enum link_proof proof, const char *why, struct vst_err *err)
{
	if (proof == LINK_IS_UNKNOWN) {
		vst_fail(err, VST_EXIT_INCOMPLETE, 0,
			"interface '%s' is kept: whether '%s', which is here and stays down, is it cannot be told: %s",
			VST_QUOTE(rec->name), VST_QUOTE(link->name), why);
		return UNDO_KEPT;
	}
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"bring interface '%s' back: '%s' is not it, and was put in its place where it had been moved to: %s: remove that one",
		VST_QUOTE(rec->name), VST_QUOTE(link->name), why);
}

/* Judges one link here. 1: it is the record's. 0: it is another, of no interest. STRANGE:
 * *ret_kept and err are keep_strange's. */
static int judge_here(struct nl *here, const struct rec_move *rec, const struct nl_link *link,
	int *ret_kept, struct vst_err *err)
{
	const char *why;
	enum link_proof proof = link_prove(here, rec, link, &why);

	if (proof == LINK_IS_IT)
		return 1;
	if (proof != LINK_IS_UNKNOWN && strcmp(rec->way, link->name) != 0)
		return 0;
	*ret_kept = keep_strange(rec, link, proof, why, err);
	return STRANGE;
}

/* Finds the link here if an interrupted run brought it and left it under the drawn name. As
 * judge_here, or -1. */
static int find_on_way(struct nl *here, const struct rec_move *rec, struct nl_link *ret,
	int *ret_kept, struct vst_err *err)
{
	int found = nl_get_by_name(here, rec->way, ret, err);

	return found == 1 ? judge_here(here, rec, ret, ret_kept, err) : found;
}

/* Finds the link here if it was never moved, or has its own name again. As judge_here, or -1.
 */
static int find_here(struct nl *here, const struct rec_move *rec, struct nl_link *ret,
	int *ret_kept, struct vst_err *err)
{
	static const unsigned char none[8];
	int found = nl_get_by_index(here, rec->ifindex, ret, err);

	if (found == 1)
		found = judge_here(here, rec, ret, ret_kept, err);
	/* Without an address, a name alone would match any link of the kind. */
	if (found || (!rec->lower && memcmp(rec->mac, none, sizeof none) == 0))
		return found;
	found = nl_get_by_name(here, rec->name, ret, err);
	return found == 1 ? judge_here(here, rec, ret, ret_kept, err) : found;
}

/* Lists the links that this journal moved there: they may lie on one another. */
static unsigned list_moved(const struct journal *journal, uint32_t *ret, unsigned max)
{
	unsigned n = 0;

	for (uint32_t at = journal_first(journal); at && n < max;
		at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_MOVE && rec.state != JOURNAL_UNDONE)
			ret[n++] = ((const struct rec_move *)rec.body)->there_ifindex;
	}
	return n;
}

/* Deletes interfaces (macvlan, vlan) that were put on the link there: a move would leave them
 * there, on a link that is here. 0, UNDO_BUSY, -1. */
static int remove_uppers(
	const struct link_back *ns, const struct rec_move *rec, struct vst_err *err)
{
	uint32_t skip[VST_LINKS_MOVED_MAX];
	unsigned n = list_moved(ns->journal, skip, VST_LINKS_MOVED_MAX);

	for (unsigned i = 0; i < UPPERS_MAX; i++) {
		struct nl_link upper;
		int found = nl_upper(ns->there, rec->there_ifindex, skip, n, &upper, err);

		if (found <= 0)
			return found;
		if (nl_delete(ns->there, upper.ifindex, upper.name, -1, err) < 0)
			return -1;
	}
	vst_fail(err, VST_EXIT_FAILED, 0,
		"bring interface '%s' back: more lie on top of it than could be removed in the time, or others are made all the time: run detach again",
		VST_QUOTE(rec->name));
	return UNDO_BUSY;
}

/* Corrects what root there changed, until nothing differs. 0, UNDO_BUSY, -1. */
static int mend(struct nl *nl, const struct moved *moved, uint32_t ifindex, const char *name,
	int keep_names, struct vst_err *err)
{
	const char *what = NULL;
	int differs = 1;

	for (int round = 0; round < ROUNDS && differs; round++) {
		differs = nl_kept_mend(nl, ifindex, name, keep_names, moved->state,
			moved->rec.kept_len, &what, err);
		if (differs < 0)
			return -1;
	}
	if (!differs)
		return 0;
	vst_fail(err, VST_EXIT_FAILED, 0,
		"bring interface '%s' back: %s differs each time that it was set right: it is changed, or the kernel takes it without effect",
		VST_QUOTE(moved->rec.name), what);
	return UNDO_BUSY;
}

/* Root there can cause most errors, for a while: UNDO_BUSY. A lack of privilege, a kernel
 * without the feature, and a damaged record do not pass: -1. */
static int busy_or_refused(const struct moved *moved, struct vst_err *err)
{
	vst_wrap(err, "bring interface '%s' back", VST_QUOTE(moved->rec.name));
	return err->code == EPERM || err->code == EOPNOTSUPP || err->code == EBADMSG
		       ? -1
		       : UNDO_BUSY;
}

/* Moves the link here. *link describes it there, and on success here. 0, UNDO_*, -1. */
static int bring(const struct link_back *ns, const struct moved *moved, struct nl_link *link,
	struct vst_err *err)
{
	const struct rec_move *rec = &moved->rec;
	enum link_proof proof;
	struct nl_link other;
	const char *why;
	int result = mend(ns->there, moved, rec->there_ifindex, link->name, 0, err);
	int taken;

	if (result < 0)
		return busy_or_refused(moved, err);
	if (result == 0)
		result = remove_uppers(ns, rec, err);
	if (result)
		return result < 0 ? busy_or_refused(moved, err) : result;
	taken = nl_get_by_index(ns->here, rec->ifindex, &other, err);
	if (taken < 0)
		return -1;
	if (nl_move_as(ns->there, rec->there_ifindex, link->name, ns->ns_here,
		    taken ? 0 : rec->ifindex, rec->way, err) < 0)
		return busy_or_refused(moved, err);
	if (nl_get_by_name(ns->here, rec->way, link, err) != 1)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"bring interface '%s' back: it did not arrive", VST_QUOTE(rec->name));
	/* If it was exchanged for another one, send that back. */
	proof = link_prove(ns->here, rec, link, &why);
	if (proof == LINK_IS_IT)
		return 0;
	return link_send_back(ns->here, ns->ns_there, rec, link, proof, why, err);
}

/* Restores the names. Alternative names come first, so that a clash of its own name can only be
 * with another link. */
static int give_names(
	struct nl *here, struct moved *moved, struct nl_link *link, struct vst_err *err)
{
	const struct rec_move *rec = &moved->rec;
	struct vst_err renaming;
	char taken[128];
	int n = nl_kept_names(
		here, link->ifindex, rec->name, moved->state, rec->kept_len, taken, err);

	if (n < 0)
		return -1;
	if (n)
		note(moved, "%u of its alternative names %s taken, '%s'", (unsigned)n,
			n == 1 ? "is" : "are", VST_QUOTE(taken));
	if (strcmp(link->name, rec->way) != 0)
		return 0;
	if (nl_rename(here, link->ifindex, link->name, rec->name, &renaming) == 0) {
		memcpy(link->name, rec->name, sizeof link->name);
		return 0;
	}
	if (renaming.code != EEXIST) {
		*err = renaming;
		return -1;
	}
	note(moved, "as '%s', for its name is taken", VST_QUOTE(link->name));
	return 0;
}

/* Restores everything the link had. The link is here. UNDO_DONE, UNDO_OTHERWISE, -1. */
static int give_back(
	struct nl *here, struct moved *moved, struct nl_link *link, struct vst_err *err)
{
	const struct rec_move *rec = &moved->rec;
	struct vst_err ignored;
	uint64_t now = link_back_now(), since = now > rec->saved_at ? now - rec->saved_at : 0;

	if (strcmp(link->name, rec->way) == 0 && link->flags & IFF_UP &&
		nl_set_up(here, link->ifindex, link->name, 0, err) < 0)
		return -1;
	if (mend(here, moved, link->ifindex, link->name, 1, err) ||
		nl_kept_settle(here, link->ifindex, link->name, moved->state, rec->kept_len,
			err) < 0 ||
		give_names(here, moved, link, err) < 0 ||
		nl_restore(here, link->ifindex, link->name, (rec->if_flags & IFF_UP) != 0,
			since / 1000000000u, moved->state + rec->kept_len,
			rec->state_len - rec->kept_len, err) < 0)
		return -1;
	if (nl_oper_settle(here, link->ifindex, link->name, moved->state, rec->kept_len, err) <
		0) {
		(void)nl_set_up(here, link->ifindex, link->name, 0, &ignored);
		return -1;
	}
	if (!moved->otherwise[0])
		return UNDO_DONE;
	vst_fail(err, VST_EXIT_CONFLICT, 0, "interface '%s' is back, but %s",
		VST_QUOTE(rec->name), moved->otherwise);
	return UNDO_OTHERWISE;
}

int link_back_keep(const struct nets *nets, const char *name, struct vst_err *err)
{
	vst_fail(err, VST_EXIT_INCOMPLETE, 0, "interface '%s' is kept: %s", VST_QUOTE(name),
		nets->why);
	return UNDO_KEPT;
}

/* Whether this journal also moved the link that has this ifindex here. */
static int is_moved(const struct journal *journal, uint32_t ifindex)
{
	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_MOVE && rec.state != JOURNAL_UNDONE &&
			((const struct rec_move *)rec.body)->ifindex == ifindex)
			return 1;
	}
	return 0;
}

/* Whether attach made the link itself, as one end of a pair, and then moved it. */
static int is_made(const struct journal *journal, const struct rec_move *moved)
{
	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		const struct rec_link *made;
		struct journal_rec rec;

		journal_read(journal, at, &rec);
		made = rec.body;
		if (rec.kind == JOURNAL_LINK && rec.state == JOURNAL_DONE &&
			made->flags & REC_LINK_PEER && made->ifindex == moved->ifindex &&
			strcmp(made->name, moved->name) == 0)
			return 1;
	}
	return 0;
}

/* Whether the link's other end is still here: 1 yes, 0 no, so the link is gone too, -1 unknown.
 * Deleting either end of a veth deletes both; deleting the lower device deletes what lies on
 * it. */
static int other_end(
	const struct nets *nets, const struct journal *journal, const struct rec_move *rec)
{
	struct nl_link other;
	struct vst_err ignored;
	int found;

	if (!rec->kind[0] || !rec->lower || rec->lower_away || is_moved(journal, rec->lower))
		return -1;
	found = nl_get_by_index(nets->here, rec->lower, &other, &ignored);
	if (found <= 0)
		return found;
	/* A lower device outlives what lies on it, so only a veth peer proves anything. */
	return strcmp(rec->kind, "veth") == 0 ? strcmp(other.kind, "veth") == 0 : -1;
}

/* UNDO_KEPT, for a link that ended with its namespace, or was moved on before. */
static int keep_ended(const struct rec_move *rec, struct vst_err *err)
{
	const unsigned char *mac = rec->mac;

	vst_fail(err, VST_EXIT_INCOMPLETE, 0,
		"interface '%s' is kept: where it had been moved to is gone, and nobody can tell whether it had been moved on: if not, make it again, as '%s' with address %02x:%02x:%02x:%02x:%02x:%02x, and run detach again",
		VST_QUOTE(rec->name), VST_QUOTE(rec->name), mac[0], mac[1], mac[2], mac[3],
		mac[4], mac[5]);
	return UNDO_KEPT;
}

/* UNDO_KEPT, for a link that is not where it was moved to. `end`: see other_end. */
static int keep_lost(const struct rec_move *rec, int end, struct vst_err *err)
{
	vst_fail(err, VST_EXIT_INCOMPLETE, 0, "interface '%s' is kept: %s",
		VST_QUOTE(rec->name),
		end > 0 ? "it was moved on from where it had been moved to, and lives, for its other end is here"
			: "it was removed where it had been moved to, or moved on from there, which nobody can tell");
	return UNDO_KEPT;
}

/* Judges a link that is neither there, as far as that can be seen, nor here. `differs`: how the
 * link that has its ifindex there differs; NULL: none has it. */
static int judge_lost(const struct nets *nets, const struct journal *journal,
	const struct rec_move *rec, const char *differs, struct vst_err *err)
{
	int is_seen = nets->is == NETS_OPEN || nets->is == NETS_OURS;
	int end = other_end(nets, journal, rec);

	if (!is_seen && nets->is != NETS_GONE)
		return link_back_keep(nets, rec->name, err);
	/* A namespace's links are deleted shortly after its nsid. A link that outlives that by
	 * more had been moved on. */
	if (!differs && !is_seen && end > 0) {
		vst_fail(err, VST_EXIT_INCOMPLETE, 0,
			"interface '%s' is kept: the network namespace that it had been moved to is gone, and it lives elsewhere, for its other end is here",
			VST_QUOTE(rec->name));
		return UNDO_BUSY;
	}
	/* A link that attach made for the process ends with the namespace, or was the process's
	 * to move on: nothing is lost. */
	if (!differs && !is_seen && (end == 0 || is_made(journal, rec)))
		return UNDO_DONE;
	if (end == 0) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"interface '%s' is not brought back: it was removed where it had been moved to",
			VST_QUOTE(rec->name));
		return UNDO_OTHERWISE;
	}
	if (!differs)
		return !is_seen && rec->kind[0] ? keep_ended(rec, err)
						: keep_lost(rec, end, err);
	vst_fail(err, VST_EXIT_CONFLICT, 0,
		"bring interface '%s' back: the one there is not it: %s", VST_QUOTE(rec->name),
		differs);
	return UNDO_LEFT;
}

enum exec_present link_back_present(const struct nets *nets, const struct journal *journal,
	const struct rec_move *rec, const char *differs, struct vst_err *err)
{
	struct nl_link link;
	int result, found = find_on_way(nets->here, rec, &link, &result, err);

	if (!found)
		found = find_here(nets->here, rec, &link, &result, err);
	if (found == 1)
		vst_fail(err, VST_EXIT_INCOMPLETE, 0,
			"it is here, as '%s', and was not given back wholly: run detach",
			VST_QUOTE(link.name));
	if (found)
		return EXEC_UNKNOWN;
	result = judge_lost(nets, journal, rec, differs, err);
	return result == UNDO_DONE || result == UNDO_OTHERWISE ? EXEC_GONE : EXEC_UNKNOWN;
}

int link_back(const struct nets *nets, const struct journal *journal,
	const struct journal_rec *rec, struct vst_err *err)
{
	const struct link_back ns = {
		nets->here, nets->there, nets->ns_here, nets->ns_there, journal};
	const char *differs = NULL;
	struct moved moved;
	struct nl_link link;
	int found, in_place = 0, result = 0;

	read_record(rec, &moved);
	found = find_on_way(ns.here, &moved.rec, &link, &result, err);
	if (!found && ns.there)
		in_place = nl_get_by_index(ns.there, moved.rec.there_ifindex, &link, err);
	if (in_place < 0)
		return vst_wrap(err, "bring interface '%s' back", VST_QUOTE(moved.rec.name));
	if (in_place)
		differs = link_id_there_differs(ns.there, ns.ns_here, &moved.rec, &link);
	if (in_place && !differs) {
		result = bring(&ns, &moved, &link, err);
		return result ? result : give_back(ns.here, &moved, &link, err);
	}
	if (!found)
		found = find_here(ns.here, &moved.rec, &link, &result, err);
	if (found < 0)
		return -1;
	if (found == STRANGE)
		return result;
	return found ? give_back(ns.here, &moved, &link, err)
		     : judge_lost(nets, journal, &moved.rec, differs, err);
}
