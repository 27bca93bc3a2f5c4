/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_link.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "../../ipc/limits.h"
#include "link_back.h"
#include "link_id.h"
#include "link_node.h"
#include "link_taken.h"
#include "nl_kept.h"

/* Attempts to create a link. The first draws an ifindex blindly; later ones pick one that the
 * kernel's dumps show free, which may be taken by then. */
#define ATTEMPTS 3

/* Whether nl_create failed because an ifindex is taken. The kernel answers EBUSY, or EEXIST (as
 * for a name) if it found the index before it looked at the name. If a name is taken, err is
 * replaced by an error that says so. */
static int index_is_taken(
	const struct exec_run *run, const struct nl_new *link, struct vst_err *err)
{
	if (err->code != EEXIST)
		return err->code == EBUSY;
	return !link_name_is_taken(run, link->ns_fd, link->name, err) &&
	       !(link->peer && link_name_is_taken(run, link->peer_ns_fd, link->peer, err));
}

/* Draws an identity whose ifindexes are free where the ends will be and, while there is such a
 * number, here as well: older kernels check the socket's namespace first. */
static int draw_free(const struct exec_run *run, const struct nl_new *link, int ns_there,
	struct link_id *ret, struct vst_err *err)
{
	struct nl_numbers here = {{0}}, there = {{0}};
	const struct nl_numbers *in_here[2] = {&here, &here};
	const struct nl_numbers *in_there[2] = {&there, link->peer ? NULL : &there};
	struct link_id wide;

	if (link_id_draw(ret, err) < 0 || nl_numbers(run->here, -1, &here, err) < 0 ||
		(ns_there >= 0 && nl_numbers(run->here, ns_there, &there, err) < 0))
		return -1;
	wide = *ret;
	link_id_avoid(ret, in_here, in_there);
	if (ret->ifindex[0] <= LINK_NUMBER_MAX || link->ns_fd < 0)
		return 0;
	in_here[0] = NULL;
	link_id_avoid(&wide, in_here, in_there);
	*ret = wide;
	return 0;
}

/* Draws an identity, journals it and creates the link. `nth` is the caller's attempt, from 1. A
 * peer named "" gets a name that is drawn, too. On success *rec, whose flags the caller sets,
 * is the record of a pair's peer, else of the link. ns_there: the namespace that the link is
 * created in or will be moved to; -1: it stays here. */
static int create(struct exec_run *run, const struct nl_new *wanted, int ns_there, unsigned nth,
	struct rec_link *rec, uint32_t *ret_place, struct vst_err *err)
{
	struct nl_new link = *wanted;
	unsigned end = link.peer ? 1 : 0;
	char drawn[16], *draws = link.peer && !link.peer[0] ? drawn : NULL;
	struct link_id chosen;
	struct vst_err ignored;
	int is_taken = draws != NULL; /* the drawn name; there is none yet */

	if (draws)
		link.peer = draws;
	snprintf(rec->kind, sizeof rec->kind, "%s", link.kind);
	if (link.mac || link_id_has_mac(link.kind))
		rec->flags |= REC_LINK_MAC;
	for (unsigned attempt = nth;; attempt++) {
		if ((attempt == 1 ? link_id_draw(&chosen, err)
				  : draw_free(run, wanted, ns_there, &chosen, err)) < 0)
			return -1;
		/* The kernel is asked for it as for any other, and creates nothing if it is
		 * taken. */
		if (is_taken)
			link_id_peer_name(draws, &chosen);
		snprintf(rec->name, sizeof rec->name, "%s", link.peer ? link.peer : link.name);
		link.ifindex = chosen.ifindex[0];
		link.peer_ifindex = chosen.ifindex[1];
		link.peer_mac = chosen.mac[1];
		if (!wanted->mac)
			link.mac = rec->flags & REC_LINK_MAC ? chosen.mac[0] : NULL;
		rec->cookie = chosen.cookie;
		rec->ifindex = chosen.ifindex[end];
		if (link.mac)
			memcpy(rec->mac, end ? link.peer_mac : link.mac, 6);
		if (journal_append(run->journal, JOURNAL_LINK, rec, sizeof *rec, NULL, 0, 0,
			    ret_place, err) < 0)
			return -1;
		if (nl_create(run->here, &link, err) == 0) {
			run->link_there = link.ifindex;
			run->link_here = link.peer_ifindex;
			return 0;
		}
		is_taken = draws && link_name_is_taken(run, -1, draws, &ignored);
		if ((!index_is_taken(run, &link, err) && !is_taken) || attempt == ATTEMPTS)
			return -1;
		journal_undone(run->journal, *ret_place);
	}
}

/* Sets the alias that confirms a link made here. */
static int set_alias(
	const struct exec_run *run, const struct rec_link *rec, struct vst_err *err)
{
	char alias[32];

	link_id_alias(alias, rec->cookie);
	return nl_set_alias(run->here, rec->ifindex, rec->name, alias, err);
}

/* The process's network namespace, borrowed; -1 if it is ours. */
static int ns_of_links(const struct plan_allowed *allowed)
{
	return allowed->ns[VST_NS_NET].is_own ? -1 : allowed->ns[VST_NS_NET].fd;
}

/* The address (MAC) that the document asks for, or NULL. */
static const unsigned char *mac_of(const struct plan_allowed *allowed, uint32_t step)
{
	const uint16_t set = allowed->steps[step].set;

	return set && allowed->sets[set - 1].is.flags & VST_SET_MAC
		       ? allowed->sets[set - 1].is.mac
		       : NULL;
}

int exec_link_veth(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err)
{
	const struct step_link *at = &allowed->steps[step].link;
	struct nl_new link = {
		.name = allowed_text(allowed, at->name),
		.kind = "veth",
		.mac = mac_of(allowed, step),
		.ns_fd = ns_of_links(allowed),
		.peer = allowed_text(allowed, at->peer), /* "": to be drawn */
		.peer_ns_fd = -1,
	};
	struct rec_link rec = {.flags = REC_LINK_ALIAS | REC_LINK_PEER};
	uint32_t place;

	if (create(run, &link, link.ns_fd, 1, &rec, &place, err) < 0 ||
		set_alias(run, &rec, err) < 0)
		return -1;
	journal_done(run->journal, place, NULL, 0);
	run->outcome[step] |= EXEC_CREATED | EXEC_MOVED;
	return 0;
}

int exec_link_there(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err)
{
	const struct step_link *at = &allowed->steps[step].link;
	struct nl_new link = {
		.name = allowed_text(allowed, at->name),
		.kind = allowed_text(allowed, at->kind),
		.mac = mac_of(allowed, step),
		.ns_fd = ns_of_links(allowed),
	};
	struct rec_link rec = {.flags = link.ns_fd < 0 ? REC_LINK_ALIAS : REC_LINK_THERE};
	uint32_t place;

	/* A socket here cannot set an alias there. */
	if (create(run, &link, link.ns_fd, 1, &rec, &place, err) < 0 ||
		(link.ns_fd < 0 && set_alias(run, &rec, err) < 0))
		return -1;
	journal_done(run->journal, place, NULL, 0);
	run->outcome[step] |= EXEC_CREATED;
	return 0;
}

/* Moves a link to ns_fd, where it is to have new_ifindex. */
static int move_there(const struct exec_run *run, int ns_fd, uint32_t ifindex, const char *name,
	uint32_t new_ifindex, struct vst_err *err)
{
	if (nl_move(run->here, ifindex, name, ns_fd, new_ifindex, err) == 0)
		return 0;
	if (err->code == EEXIST && !link_name_is_taken(run, ns_fd, name, err))
		vst_fail(err, VST_EXIT_CONFLICT, EEXIST,
			"interface '%s': an alternative name of it is taken in the network namespace of process %u",
			VST_QUOTE(name), run->target_pid);
	return -1;
}

int exec_link_here(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err)
{
	const struct step_link *at = &allowed->steps[step].link;
	int ns_fd = ns_of_links(allowed);
	struct nl_new link = {
		.name = allowed_text(allowed, at->name),
		.kind = allowed_text(allowed, at->kind),
		.mac = mac_of(allowed, step),
		.ns_fd = -1,
	};
	struct rec_link rec = {.flags = REC_LINK_ALIAS | (ns_fd < 0 ? 0 : REC_LINK_THERE)};
	uint32_t place;

	for (unsigned nth = 1;; nth++) {
		if (create(run, &link, ns_fd, nth, &rec, &place, err) < 0 ||
			set_alias(run, &rec, err) < 0)
			return -1;
		if (ns_fd < 0 ||
			move_there(run, ns_fd, rec.ifindex, rec.name, rec.ifindex, err) == 0)
			break;
		/* Its ifindex is taken there: delete it and create one with another. */
		if (err->code != EBUSY || nth == ATTEMPTS ||
			nl_delete(run->here, rec.ifindex, rec.name, -1, err) < 0)
			return -1;
		journal_undone(run->journal, place);
	}
	journal_done(run->journal, place, NULL, 0);
	run->outcome[step] |= EXEC_CREATED | EXEC_MOVED;
	return 0;
}

/* Chooses the ifindex to request there: the present one, or a drawn one if that is taken. */
static int choose_there(
	const struct exec_run *run, uint32_t ifindex, uint32_t *ret, struct vst_err *err)
{
	struct nl_numbers there = {{0}};
	const struct nl_numbers *here[2] = {NULL, NULL}, *in_there[2] = {&there, NULL};
	struct nl_link other;
	struct link_id chosen;
	int taken = nl_get_by_index(run->there, ifindex, &other, err);

	*ret = ifindex;
	if (taken <= 0)
		return taken;
	if (link_id_draw(&chosen, err) < 0 || nl_numbers(run->there, -1, &there, err) < 0)
		return -1;
	link_id_avoid(&chosen, here, in_there);
	*ret = chosen.ifindex[0];
	return 0;
}

/* Fills the record of a move, and saves in `state` all that the move makes the link lose. */
static int look_before_move(const struct exec_run *run, uint32_t ifindex, const char *name,
	struct rec_move *ret, unsigned char state[VST_LINK_STATE_MAX], struct vst_err *err)
{
	struct nl_link link;
	int found = nl_get_by_index(run->here, ifindex, &link, err);

	if (found < 0)
		return -1;
	if (!found || strcmp(link.name, name) != 0)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"move interface '%s': it was removed or renamed meanwhile",
			VST_QUOTE(name));
	*ret = (struct rec_move){.ifindex = ifindex, .if_flags = link.flags};
	ret->flags = link.mac_is_permanent ? REC_MOVE_PERMANENT : 0;
	ret->lower = link.lower;
	ret->lower_away = link.lower_nsid >= 0;
	if (link_id_draw_name(ret->way, err) < 0)
		return -1;
	ret->saved_at = link_back_now();
	/* A permanent address or a peer here proves the link's identity; sysfs is read only for
	 * the others. */
	if (!link.mac_is_permanent && (strcmp(link.kind, "veth") != 0 || ret->lower_away))
		ret->node = link_node(&link);
	memcpy(ret->mac, link.mac, sizeof ret->mac);
	memcpy(ret->name, link.name, sizeof ret->name);
	memcpy(ret->kind, link.kind, sizeof ret->kind);
	if (choose_there(run, ifindex, &ret->there_ifindex, err) < 0)
		return -1;
	if (nl_kept_save(run->here, ifindex, name, state, VST_LINK_STATE_MAX, &ret->kept_len,
		    err) < 0 ||
		nl_save(run->here, ifindex, name, state + ret->kept_len,
			VST_LINK_STATE_MAX - ret->kept_len, &ret->state_len, err) < 0)
		return -1;
	ret->state_len += ret->kept_len;
	return 0;
}

/* Whether a link that could not be moved is unchanged: a move sets it down first. */
static int never_left(const struct exec_run *run, const struct rec_move *rec)
{
	struct nl_link link;
	struct vst_err ignored;

	return nl_get_by_index(run->here, rec->ifindex, &link, &ignored) == 1 &&
	       !link_id_here_differs(rec, &link) &&
	       (link.flags & IFF_UP) == (rec->if_flags & IFF_UP);
}

/* The ifindex of a pair's peer that an earlier step of this run made here; 0: none. */
static uint32_t made_here(const struct exec_run *run, const char *name)
{
	for (uint32_t place = journal_last(run->journal); place > run->journal->run;
		place = journal_prev(run->journal, place)) {
		const struct rec_link *made;
		struct journal_rec rec;

		journal_read(run->journal, place, &rec);
		made = rec.body;
		if (rec.kind == JOURNAL_LINK && rec.state == JOURNAL_DONE &&
			made->flags & REC_LINK_PEER && strcmp(made->name, name) == 0)
			return made->ifindex;
	}
	return 0;
}

int exec_link_move(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err)
{
	static unsigned char state[VST_LINK_STATE_MAX];
	const struct step_link *at = &allowed->steps[step].link;
	const char *name = allowed_text(allowed, at->name);
	int ns_fd = ns_of_links(allowed), found;
	uint32_t place, ifindex = at->ifindex;
	struct nl_link link;
	struct rec_move rec;

	if (allowed->steps[step].flags & STEP_MADE)
		ifindex = made_here(run, name);
	run->link_there = ifindex;
	if (ns_fd < 0) {
		run->outcome[step] |= EXEC_MOVED;
		return 0;
	}
	if (look_before_move(run, ifindex, name, &rec, state, err) < 0 ||
		journal_append(run->journal, JOURNAL_MOVE, &rec, sizeof rec, state,
			rec.state_len, 0, &place, err) < 0)
		return -1;
	if (move_there(run, ns_fd, ifindex, name, rec.there_ifindex, err) < 0) {
		if (never_left(run, &rec))
			journal_undone(run->journal, place);
		return -1;
	}
	found = nl_get_by_index(run->there, rec.there_ifindex, &link, err);
	if (found < 0)
		return -1;
	if (!found || link_id_there_differs(run->there, run->own_net_fd, &rec, &link))
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"move interface '%s': it did not arrive in the network namespace of process %u",
			VST_QUOTE(name), run->target_pid);
	run->link_there = rec.there_ifindex;
	journal_done(run->journal, place, NULL, 0);
	run->outcome[step] |= EXEC_MOVED;
	return 0;
}

size_t exec_link_space(enum step_kind kind)
{
	if (kind == STEP_LINK_SET_HERE || kind == STEP_LINK_SET_THERE)
		return 0;
	if (kind == STEP_LINK_MOVE)
		return journal_space(sizeof(struct rec_move) + VST_LINK_STATE_MAX, 0);
	/* A link made here is created anew for each attempt to move it. */
	return (kind == STEP_LINK_HERE ? 2 * ATTEMPTS : ATTEMPTS) *
	       journal_space(sizeof(struct rec_link), 0);
}
