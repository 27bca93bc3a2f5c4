/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_link_undo.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "link_back.h"
#include "link_id.h"

/* Beside UNDO_*: the link is not in this namespace, or that cannot be seen. */
#define ABSENT 16

/* Deletes the record's link in the namespace nsid (-1: ours). UNDO_DONE, UNDO_LEFT, ABSENT or
 * -1. */
static int undo_in(struct nl *here, int nsid, const struct rec_link *rec,
	enum journal_state state, struct vst_err *err)
{
	struct nl_link link;
	const char *differs;
	int found = rec->ifindex ? nl_get_in(here, nsid, rec->ifindex, &link, err)
				 : nl_get_by_name(here, rec->name, &link, err);

	if (found < 0)
		return -1;
	differs = found ? link_id_made_differs(rec, state, &link) : NULL;
	/* Who has the name now took it when it was free. */
	if (differs && !rec->ifindex)
		return ABSENT;
	/* A pair's end that a later step moved away may have come back with another ifindex. */
	if ((!found || differs) && nsid < 0 && rec->flags & REC_LINK_PEER) {
		struct nl_link named;

		if (nl_get_by_name(here, rec->name, &named, err) > 0 &&
			!link_id_made_differs(rec, state, &named))
			return nl_delete(here, named.ifindex, named.name, -1, err) < 0
				       ? -1
				       : UNDO_DONE;
	}
	if (!found)
		return ABSENT;
	if (differs) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"interface '%s' (index %u) is not the one that was made: %s; left alone",
			VST_QUOTE(link.name), rec->ifindex, differs);
		return UNDO_LEFT;
	}
	return nl_delete(here, link.ifindex, link.name, nsid, err) < 0 ? -1 : UNDO_DONE;
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
	/* A link made here and moved there may be on either side until its record is DONE. */
	if (!is_there || (body->flags & REC_LINK_ALIAS && rec->state != JOURNAL_DONE))
		at_home = undo_in(nets->here, -1, body, rec->state, err);
	if (at_home != ABSENT)
		return at_home;
	if (is_there && nets->nsid < 0 && nets->is != NETS_GONE)
		return link_back_keep(nets, body->name, err);
	return there == ABSENT ? UNDO_DONE : there;
}

/* Looks for the record's link where it should be, by name if its ifindex is not known. 1 found,
 * 0 not there, -1 the kernel refused, ABSENT if that namespace cannot be inspected; err says
 * why. */
static int look_for(const struct nets *nets, int is_there, uint32_t ifindex, const char *name,
	struct nl_link *ret, struct vst_err *err)
{
	int found;

	if (!is_there && !ifindex)
		return nl_get_by_name(nets->here, name, ret, err);
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

/* Why the link is not the moved one, or NULL. Only a socket there can tell whether the peer is
 * here, so without one the peer is not compared. */
static const char *moved_differs(
	const struct nets *nets, const struct rec_move *rec, const struct nl_link *link)
{
	struct rec_move known = *rec;

	if (nets->there)
		return link_id_there_differs(nets->there, nets->ns_here, rec, link);
	known.lower_away = 1;
	return link_id_here_differs(&known, link);
}

enum exec_present exec_link_present(const struct nets *nets, const struct journal *journal,
	const struct journal_rec *rec, struct vst_err *err)
{
	const struct rec_link *made = rec->body;
	const struct rec_move *moved = rec->body;
	int is_move = rec->kind == JOURNAL_MOVE;
	const char *differs = NULL;
	struct nl_link link;
	int found = look_for(nets, is_move || made->flags & REC_LINK_THERE,
		is_move ? moved->there_ifindex : made->ifindex, made->name, &link, err);

	if (found < 0 || found == ABSENT)
		return EXEC_UNKNOWN;
	if (found)
		differs = is_move ? moved_differs(nets, moved, &link)
				  : link_id_made_differs(made, rec->state, &link);
	if (found && !differs)
		return EXEC_THERE;
	return is_move ? link_back_present(nets, journal, moved, differs, err) : EXEC_GONE;
}
