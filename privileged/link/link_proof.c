/* SPDX-License-Identifier: Apache-2.0 */
#include "link_proof.h"

#include <string.h>

#include "link_node.h"

static int is_on_way(const struct rec_move *rec, const struct nl_link *link)
{
	return strcmp(rec->way, link->name) == 0;
}

/* Whether its lower link differs and the recorded one is not here: root here may have moved
 * that. */
static int lower_is_lost(
	struct nl *here, const struct rec_move *rec, const struct nl_link *link)
{
	struct nl_link lower;
	struct vst_err ignored;

	if (!rec->lower || rec->lower_away || strcmp(rec->kind, link->kind) != 0 ||
		(link->lower == rec->lower && link->lower_nsid < 0))
		return 0;
	return nl_get_by_index(here, rec->lower, &lower, &ignored) != 1;
}

enum link_proof link_prove(struct nl *here, const struct rec_move *rec,
	const struct nl_link *link, const char **ret_why)
{
	const char *differs = is_on_way(rec, link) ? link_id_arrived_differs(rec, link)
						   : link_id_here_differs(rec, link);
	uint64_t node;

	*ret_why = differs;
	if (differs)
		return is_on_way(rec, link) && lower_is_lost(here, rec, link) ? LINK_IS_UNKNOWN
									      : LINK_IS_ANOTHER;
	if (!rec->node || strcmp(rec->name, link->name) == 0)
		return LINK_IS_IT;
	node = link_node(link);
	*ret_why =
		node ? "it was made there"
		     : "its inode in sysfs cannot be read: mount a sysfs of this network namespace on /sys";
	if (!node)
		return LINK_IS_UNKNOWN;
	return node == rec->node ? LINK_IS_IT : LINK_IS_ANOTHER;
}

/* 0, or -1: it is still here, named rec->way. */
static int move_back(
	struct nl *here, int ns_there, const struct rec_move *rec, const struct nl_link *link)
{
	struct vst_err ignored;
	char name[16];

	if (link_id_draw_name(name, &ignored) < 0 ||
		nl_rename(here, link->ifindex, link->name, name, &ignored) < 0)
		return -1;
	if (nl_move(here, link->ifindex, name, ns_there, 0, &ignored) == 0)
		return 0;
	/* Later runs look for it under this name. */
	(void)nl_rename(here, link->ifindex, name, rec->way, &ignored);
	return -1;
}

int link_send_back(struct nl *here, int ns_there, const struct rec_move *rec,
	const struct nl_link *link, enum link_proof proof, const char *why, struct vst_err *err)
{
	int is_unknown = proof == LINK_IS_UNKNOWN;
	const char *what = is_unknown ? "whether what came is it cannot be told"
				      : "another one was put in its place";
	enum vst_exit exit = is_unknown ? VST_EXIT_INCOMPLETE : VST_EXIT_CONFLICT;

	if (move_back(here, ns_there, rec, link) == 0)
		vst_fail(err, exit, 0, "bring interface '%s' back: %s: %s",
			VST_QUOTE(rec->name), what, why);
	else
		vst_fail(err, exit, 0,
			"bring interface '%s' back: %s: %s; it could not be sent back, and is kept down here, as '%s'%s",
			VST_QUOTE(rec->name), what, why, VST_QUOTE(rec->way),
			is_unknown ? "" : ": remove that one");
	return is_unknown ? UNDO_KEPT : -1;
}
