#include "exec_link_undo.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "link_id.h"

/* Within this file. */
#define ABSENT 16

/* Deletes the record's link in the namespace of this number, -1: ours. UNDO_DONE, UNDO_LEFT,
 * ABSENT or -1. */
static int undo_in(struct nl *here, int nsid, const struct rec_link *rec,
	enum journal_state state, struct vst_err *err)
{
	struct nl_link link;
	const char *differs;
	int found = nl_get_in(here, nsid, rec->ifindex, &link, err);

	if (found <= 0)
		return found < 0 ? -1 : ABSENT;
	differs = link_id_made_differs(rec, state, &link);
	if (differs) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"interface '%s' (index %u) is not the one that was made: %s; left "
			"alone",
			VST_QUOTE(link.name), rec->ifindex, differs);
		return UNDO_LEFT;
	}
	return nl_delete(here, rec->ifindex, link.name, nsid, err) < 0 ? -1 : UNDO_DONE;
}

/* What is not seen because there is not to be seen. */
static int keep(const struct nets *nets, const char *name, struct vst_err *err)
{
	vst_fail(err, VST_EXIT_INCOMPLETE, 0, "interface '%s' is kept: %s", VST_QUOTE(name),
		nets->why);
	return UNDO_KEPT;
}

int exec_link_undo(const struct nets *nets, const struct journal_rec *rec, struct vst_err *err)
{
	const struct rec_link *body = rec->body;
	int is_there = (body->flags & REC_LINK_THERE) != 0;
	int there = ABSENT, at_home = ABSENT;

	if (is_there && nets->nsid >= 0) {
		there = undo_in(nets->here, nets->nsid, body, rec->state, err);
		if (there == UNDO_DONE || there < 0)
			return there;
	}
	/* One that is made here for there: until the record is done, it may be on either side.
	 */
	if (!is_there || (body->flags & REC_LINK_ALIAS && rec->state != JOURNAL_DONE))
		at_home = undo_in(nets->here, -1, body, rec->state, err);
	if (at_home != ABSENT)
		return at_home;
	if (is_there && nets->nsid < 0 && nets->is != NETS_GONE)
		return keep(nets, body->name, err);
	return there == ABSENT ? UNDO_DONE : there;
}

/* A move's record, and how the link is called on its way back if its name cannot be used. */
struct moved {
	struct rec_move rec;
	const unsigned char *state;
	char way[16];
};

static void read_rec_move(const struct journal_rec *rec, struct moved *ret)
{
	memcpy(&ret->rec, rec->body, sizeof ret->rec);
	ret->state = (const unsigned char *)rec->body + sizeof ret->rec;
	snprintf(ret->way, sizeof ret->way, "vst%08x", ret->rec.there_ifindex);
}

/* The link, if it is here: never moved, or brought back by a run that was cut short. */
static int find_here(
	struct nl *here, const struct moved *moved, struct nl_link *ret, struct vst_err *err)
{
	static const unsigned char none[8];
	const char *names[] = {moved->rec.name, moved->way};
	int found = nl_get_by_index(here, moved->rec.ifindex, ret, err);

	if (found && (found < 0 || !link_id_moved_differs(&moved->rec, ret)))
		return found;
	for (unsigned i = 0; i < 2; i++) {
		/* By its name alone, a link without an address is any link of its kind. */
		if (i == 0 && memcmp(moved->rec.mac, none, sizeof none) == 0)
			continue;
		found = nl_get_by_name(here, names[i], ret, err);
		if (found && (found < 0 || !link_id_moved_differs(&moved->rec, ret)))
			return found;
	}
	return 0;
}

/* Renames the link there for the way. */
static int rename_for_way(
	struct nl *there, struct moved *moved, const struct nl_link *link, struct vst_err *err)
{
	uint32_t ifindex = moved->rec.there_ifindex;
	struct link_id other;

	if (strcmp(link->name, moved->way) == 0)
		return 0;
	if (link->flags & IFF_UP && nl_set_up(there, ifindex, link->name, 0, err) < 0)
		return -1;
	if (nl_rename(there, ifindex, link->name, moved->way, err) == 0)
		return 0;
	/* Its root can foretell that name, and take it; but no drawn one. */
	if (err->code != EEXIST || link_id_draw(&other, err) < 0)
		return -1;
	snprintf(moved->way, sizeof moved->way, "vst%08x", other.ifindex[0]);
	return nl_rename(there, ifindex, link->name, moved->way, err);
}

/* Moves the link here; *link is it there, and becomes it here. */
static int bring_back(struct nl *here, struct nl *there, int ns_here, struct moved *moved,
	struct nl_link *link, struct vst_err *err)
{
	const struct rec_move *rec = &moved->rec;
	const char *name = rec->name;
	struct nl_link other;
	int taken = nl_name_owner(here, -1, name, &other, err);
	int index_taken = nl_get_by_index(here, rec->ifindex, &other, err);

	if (taken < 0 || index_taken < 0)
		return -1;
	/* Its root may have renamed it there, and given its name to another one. */
	if (taken || strcmp(link->name, name) != 0) {
		if (rename_for_way(there, moved, link, err) < 0)
			return -1;
		name = moved->way;
	}
	if (nl_move(there, rec->there_ifindex, name, ns_here, index_taken ? 0 : rec->ifindex,
		    err) < 0)
		return vst_wrap(err, "bring interface '%s' back", VST_QUOTE(rec->name));
	if (nl_get_by_name(here, name, link, err) != 1 || link_id_moved_differs(rec, link))
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"bring interface '%s' back: it did not arrive", VST_QUOTE(rec->name));
	return 0;
}

/* Gives the link, which is here, its name and state again. */
static int give_back(
	struct nl *here, const struct moved *moved, struct nl_link *link, struct vst_err *err)
{
	const struct rec_move *rec = &moved->rec;
	struct vst_err renaming = {.code = 0};
	int nameless = 0;

	if (strcmp(link->name, moved->way) == 0) {
		if (link->flags & IFF_UP &&
			nl_set_up(here, link->ifindex, link->name, 0, err) < 0)
			return -1;
		nameless = nl_rename(here, link->ifindex, link->name, rec->name, &renaming) < 0;
	}
	if (nl_restore(here, link->ifindex, nameless ? link->name : rec->name,
		    (rec->if_flags & IFF_UP) != 0, moved->state, rec->state_len, err) < 0)
		return -1;
	if (!nameless)
		return UNDO_DONE;
	vst_fail(err, VST_EXIT_CONFLICT, renaming.code,
		"interface '%s' is back, but as '%s', for its name is taken",
		VST_QUOTE(rec->name), VST_QUOTE(link->name));
	return UNDO_OTHERWISE;
}

/* The pair's other end, which was here, tells that the link lives somewhere. */
static int peer_lives(const struct nets *nets, const struct rec_move *rec)
{
	struct nl_link peer;
	struct vst_err ignored;

	return strcmp(rec->kind, "veth") == 0 && rec->lower && !rec->lower_away &&
	       nl_get_by_index(nets->here, rec->lower, &peer, &ignored) == 1 &&
	       strcmp(peer.kind, "veth") == 0;
}

/* What becomes of a link that is neither there, as far as that can be seen, nor here. */
static int judge_lost(const struct nets *nets, const struct rec_move *rec, const char *differs,
	struct vst_err *err)
{
	int is_seen = nets->is == NETS_OPEN || nets->is == NETS_OURS;

	if (!is_seen && nets->is != NETS_GONE)
		return keep(nets, rec->name, err);
	/* A virtual link is destroyed with its namespace; a device goes to the initial one. */
	if (!differs && rec->kind[0] && !is_seen)
		return UNDO_DONE;
	if (!differs && peer_lives(nets, rec)) {
		vst_fail(err, VST_EXIT_INCOMPLETE, 0,
			"interface '%s' is kept: it was moved on from where it had been moved "
			"to, and lives, for its other end is here",
			VST_QUOTE(rec->name));
		return UNDO_KEPT;
	}
	if (!differs && rec->kind[0]) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"interface '%s' is not brought back: it was removed where it had been "
			"moved to, or moved on from there",
			VST_QUOTE(rec->name));
		return UNDO_OTHERWISE;
	}
	vst_fail(err, VST_EXIT_CONFLICT, 0, "bring interface '%s' back: %s%s",
		VST_QUOTE(rec->name),
		differs ? "the one there is not it: " : "it is neither here nor there",
		differs ? differs : "");
	return UNDO_LEFT;
}

int exec_link_undo_move(
	const struct nets *nets, const struct journal_rec *rec, struct vst_err *err)
{
	struct nl *here = nets->here, *there = nets->there;
	const char *differs = NULL;
	struct moved moved;
	struct nl_link link;
	int found = 0;

	read_rec_move(rec, &moved);
	if (there)
		found = nl_get_by_index(there, moved.rec.there_ifindex, &link, err);
	if (found < 0)
		return -1;
	if (found)
		differs = link_id_there_differs(there, nets->ns_here, &moved.rec, &link);
	if (found && !differs)
		return bring_back(here, there, nets->ns_here, &moved, &link, err) < 0
			       ? -1
			       : give_back(here, &moved, &link, err);
	found = find_here(here, &moved, &link, err);
	if (found)
		return found < 0 ? -1 : give_back(here, &moved, &link, err);
	return judge_lost(nets, &moved.rec, differs, err);
}

/* Looks for the record's link where it should be: 1, 0, -1, or ABSENT: that cannot be seen. */
static int look_for(const struct nets *nets, int is_there, uint32_t ifindex,
	struct nl_link *ret, struct vst_err *err)
{
	int found;

	if (!is_there || nets->is == NETS_OURS)
		return nl_get_by_index(nets->here, ifindex, ret, err);
	if (nets->there)
		return nl_get_by_index(nets->there, ifindex, ret, err);
	if (nets->is == NETS_GONE)
		return 0;
	if (nets->nsid >= 0 &&
		(found = nl_get_in(nets->here, nets->nsid, ifindex, ret, err)) >= 0)
		return found;
	vst_fail(err, VST_EXIT_INCOMPLETE, 0, "%s", nets->why);
	return ABSENT;
}

enum exec_present exec_link_present(
	const struct nets *nets, const struct journal_rec *rec, struct vst_err *err)
{
	const struct rec_link *made = rec->body;
	const struct rec_move *moved = rec->body;
	int is_move = rec->kind == JOURNAL_MOVE;
	struct nl_link link;
	int found = look_for(nets, is_move || made->flags & REC_LINK_THERE,
		is_move ? moved->there_ifindex : made->ifindex, &link, err);

	if (found < 0 || found == ABSENT)
		return EXEC_UNKNOWN;
	if (found && !(is_move ? link_id_moved_differs(moved, &link)
			       : link_id_made_differs(made, rec->state, &link)))
		return EXEC_THERE;
	if (is_move && nets->is != NETS_GONE && peer_lives(nets, moved)) {
		vst_fail(err, VST_EXIT_INCOMPLETE, 0, "it was moved on, and lives");
		return EXEC_UNKNOWN;
	}
	return EXEC_GONE;
}
