/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_link_set.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "../../ipc/limits.h"
#include "nl.h"
#include "nl_port.h"
#include "nl_set.h"

/* Room for what a moved interface keeps and for what it is given besides. */
#define STATE_MAX (2 * VST_LINK_STATE_MAX)

/* What one end of an interface is to have. */
struct wanted {
	struct nl *nl;
	uint32_t ifindex;
	const char *name;
	uint32_t mtu;             /* 0: as it is */
	uint32_t bridge;          /* ifindex; 0: none */
	const unsigned char *mac; /* which it was made with; NULL: any */
	int isolated;
	int up; /* 0: as it is */
	struct nl_state state;
};

static int differs(const struct wanted *wanted, struct vst_err *err, const char *what)
{
	return vst_fail(err, VST_EXIT_FAILED, 0,
		"interface '%s': %s is not what was set: it was changed meanwhile, or the kernel took it without effect",
		VST_QUOTE(wanted->name), what);
}

/* Reads back what was set. */
static int prove(const struct wanted *wanted, struct vst_err *err)
{
	static _Alignas(NLMSG_ALIGNTO) unsigned char bytes[STATE_MAX];
	struct nl_state found = {.bytes = bytes, .size = sizeof bytes};
	struct vst_quoted missing;
	struct nl_now now;
	uint32_t len;
	int is_there = nl_now(wanted->nl, wanted->ifindex, &now, err);

	if (is_there < 0)
		return -1;
	if (!is_there)
		return vst_fail(err, VST_EXIT_FAILED, ENODEV,
			"interface '%s': it was removed or moved on meanwhile",
			VST_QUOTE(wanted->name));
	if (wanted->mtu && now.mtu != wanted->mtu)
		return differs(wanted, err, "its MTU");
	if (wanted->mac && memcmp(now.mac, wanted->mac, sizeof now.mac) != 0)
		return differs(wanted, err, "its address (MAC)");
	if (wanted->bridge && now.master != wanted->bridge)
		return differs(wanted, err, "its bridge");
	if (wanted->isolated && !now.is_isolated)
		return differs(wanted, err, "its isolation");
	if (wanted->up && !(now.flags & IFF_UP))
		return differs(wanted, err, "that it is up");
	if (!wanted->state.len)
		return 0;
	if (nl_list(wanted->nl, wanted->ifindex, wanted->name, bytes, sizeof bytes, &len, err) <
		0)
		return -1;
	found.len = len;
	return nl_holds(&wanted->state, &found, &missing) ? 0
							  : differs(wanted, err, missing.text);
}

/* Sets the MTU, the addresses, up, and the routes, in this order; then proves all of it. */
static int give(const struct wanted *wanted, struct vst_err *err)
{
	const struct nl_state *state = &wanted->state;

	if (state->len > state->size)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"interface '%s': it would have more addresses and routes than can be kept track of",
			VST_QUOTE(wanted->name));
	if ((state->len || wanted->up) &&
		nl_restore(wanted->nl, wanted->ifindex, wanted->name, wanted->up, 0,
			state->bytes, (uint32_t)state->len, err) < 0) {
		if (err->code == EOPNOTSUPP || err->code == EAFNOSUPPORT)
			err->exit = VST_EXIT_UNSUPPORTED;
		return -1;
	}
	return prove(wanted, err);
}

static void add_addresses(struct nl_state *state, const struct vst_address *address, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		nl_state_address(state, &address[i]);
}

static unsigned char *state_bytes(void)
{
	static _Alignas(NLMSG_ALIGNTO) unsigned char bytes[STATE_MAX];

	return bytes;
}

/* Makes the end here a port of the bridge. It is still down, so nothing passes before it is
 * isolated and in its VLAN. */
static int make_port(const struct wanted *wanted, uint16_t vlan, struct vst_err *err)
{
	if (nl_set_master(wanted->nl, wanted->ifindex, wanted->name, wanted->bridge, err) < 0)
		return -1;
	if (wanted->isolated &&
		nl_set_isolated(wanted->nl, wanted->ifindex, wanted->name, err) < 0)
		return -1;
	return vlan ? nl_set_vlan(wanted->nl, wanted->ifindex, wanted->name, vlan, err) : 0;
}

int exec_link_set_here(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err)
{
	const struct step_set *set = &allowed->sets[allowed->steps[step].set - 1];
	struct wanted wanted = {
		.nl = run->here,
		.ifindex = run->link_here,
		.mtu = set->is.mtu,
		.bridge = allowed->steps[step].link.ifindex,
		.isolated = (set->is.flags & VST_SET_ISOLATED) != 0,
		.up = (set->is.flags & VST_SET_PEER_UP) != 0,
		.state = {.bytes = state_bytes(), .size = STATE_MAX},
	};
	struct nl_link link;
	int found = nl_get_by_index(run->here, run->link_here, &link, err);

	if (found < 0)
		return -1;
	if (!found)
		return vst_fail(err, VST_EXIT_FAILED, ENODEV,
			"the end of interface '%s' that is here was removed or moved on meanwhile",
			VST_QUOTE(allowed_text(allowed, allowed->steps[step].link.name)));
	wanted.name = link.name;
	/* Before it is a port: a bridge takes over the least MTU of its ports. */
	if (wanted.mtu &&
		nl_set_mtu(wanted.nl, wanted.ifindex, wanted.name, wanted.mtu, err) < 0)
		return -1;
	if (wanted.bridge && make_port(&wanted, set->is.vlan, err) < 0)
		return -1;
	add_addresses(&wanted.state,
		&allowed->addresses[set->first_address + set->is.n_addresses],
		set->is.n_peer_addresses);
	return give(&wanted, err);
}

/* The record of the move of this run that brought the link there; NULL: it was not moved. */
static const struct rec_move *moved(const struct exec_run *run, uint32_t there_ifindex)
{
	for (uint32_t place = journal_last(run->journal); place > run->journal->run;
		place = journal_prev(run->journal, place)) {
		struct journal_rec rec;

		journal_read(run->journal, place, &rec);
		if (rec.kind == JOURNAL_MOVE && rec.state == JOURNAL_DONE &&
			((const struct rec_move *)rec.body)->there_ifindex == there_ifindex)
			return rec.body;
	}
	return NULL;
}

/* Adds what the interface had here and is to keep. Where both namespaces are the same, nothing
 * was moved, and it has all of it. */
static void keep(const struct exec_run *run, const struct step_set *set, struct wanted *wanted)
{
	const struct rec_move *rec =
		set->is.flags & VST_SET_KEEP ? moved(run, wanted->ifindex) : NULL;
	const unsigned char *state;

	if (!rec)
		return;
	state = (const unsigned char *)(rec + 1) + rec->kept_len;
	nl_state_add(&wanted->state, state, rec->state_len - rec->kept_len,
		(set->is.flags & VST_SET_KEEP_ADDRESSES) != 0,
		(set->is.flags & VST_SET_KEEP_ROUTES) != 0);
	if (set->is.flags & VST_SET_KEEP_UP && rec->if_flags & IFF_UP)
		wanted->up = 1;
}

int exec_link_set_there(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err)
{
	const struct step_set *set = &allowed->sets[allowed->steps[step].set - 1];
	struct wanted wanted = {
		.nl = allowed->ns[VST_NS_NET].is_own ? run->here : run->there,
		.ifindex = run->link_there,
		.name = allowed_text(allowed, allowed->steps[step].link.name),
		.mtu = set->is.mtu,
		.mac = set->is.flags & VST_SET_MAC ? set->is.mac : NULL,
		.up = (set->is.flags & VST_SET_UP) != 0,
		.state = {.bytes = state_bytes(), .size = STATE_MAX},
	};

	if (wanted.mtu &&
		nl_set_mtu(wanted.nl, wanted.ifindex, wanted.name, wanted.mtu, err) < 0)
		return -1;
	keep(run, set, &wanted);
	add_addresses(
		&wanted.state, &allowed->addresses[set->first_address], set->is.n_addresses);
	for (unsigned i = 0; i < set->is.n_routes; i++)
		nl_state_route(&wanted.state, &allowed->routes[set->first_route + i]);
	return give(&wanted, err);
}
