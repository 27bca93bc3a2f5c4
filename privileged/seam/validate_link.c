/* SPDX-License-Identifier: Apache-2.0 */
#include "validate_link.h"

#include <string.h>

#include "../../ipc/address.h"
#include "../../ipc/limits.h"
#include "../../ipc/name.h"

static int is_clear(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return 0;
	return 1;
}

static const char *judge_values(
	const struct vst_link_set *set, const struct wire_string *bridge)
{
	if (set->flags & ~VST_SET_ALL)
		return "a flag of its settings is unknown";
	if (set->mtu && (set->mtu < VST_MTU_MIN || set->mtu > VST_MTU_MAX))
		return "its MTU is none";
	if (set->vlan > VST_VLAN_MAX)
		return "its VLAN is none";
	if (set->flags & VST_SET_MAC ? vst_mac_check(set->mac) != VST_DOC_OK
				     : !is_clear(set->mac, sizeof set->mac))
		return "its MAC is none";
	if (bridge->len && vst_ifname_check(bridge->s, bridge->len) != VST_DOC_OK)
		return "its bridge is not an interface name";
	if (!bridge->len && !set->mtu && !set->vlan && !set->flags && !set->n_addresses &&
		!set->n_peer_addresses && !set->n_routes)
		return "settings of nothing";
	return NULL;
}

/* What fits no link of this sort. */
static const char *judge_sort(const struct wire_op *op, const struct wire_set *sent)
{
	const struct vst_link_set *set = &sent->is;
	const int is_veth = op->str[2].len > 0 ||
			    (op->str[1].len == 4 && memcmp(op->str[1].s, "veth", 4) == 0);
	const int is_moved = !op->str[1].len && !is_veth;
	const int has_bridge = sent->bridge.len > 0;

	if (!is_veth && (has_bridge || set->vlan || set->n_peer_addresses ||
				set->flags & (VST_SET_ISOLATED | VST_SET_PEER_UP)))
		return "settings of a peer that it does not have";
	if (!has_bridge && (set->vlan || set->flags & VST_SET_ISOLATED))
		return "settings of a port that is in no bridge";
	if (is_moved ? set->flags & VST_SET_MAC : set->flags & VST_SET_KEEP)
		return "settings of a link that is moved, and made";
	if (set->n_routes && !(set->flags & VST_SET_UP))
		return "routes of a link that stays down";
	if (set->flags & VST_SET_KEEP_ROUTES && !(set->flags & (VST_SET_UP | VST_SET_KEEP_UP)))
		return "routes that are kept of a link that stays down";
	return NULL;
}

/* Whether one of the n addresses that begin here is this one. */
static int is_among(struct wire_in in, unsigned n, const struct vst_address *address)
{
	struct vst_address other;

	while (n-- > 0 && wire_get_address(&in, &other) == 0)
		if (other.family == address->family &&
			memcmp(other.bytes, address->bytes, sizeof other.bytes) == 0)
			return 1;
	return 0;
}

static const char *judge_addresses(struct wire_in *in, unsigned n)
{
	const struct wire_in first = *in;

	if (n > VST_LINK_ADDRESSES_MAX)
		return "too many addresses";
	for (unsigned i = 0; i < n; i++) {
		struct vst_address address;

		if (wire_get_address(in, &address) < 0 ||
			vst_address_check(&address) != VST_DOC_OK)
			return "one of its addresses is none";
		if (is_among(first, i, &address))
			return "an address twice";
	}
	return NULL;
}

/* Whether one of the n routes that begin here leads to the same network by the same metric. */
static int is_routed(struct wire_in in, unsigned n, const struct vst_route *route)
{
	struct vst_route other;

	while (n-- > 0 && wire_get_route(&in, &other) == 0)
		if (memcmp(&other.to, &route->to, sizeof other.to) == 0 &&
			other.metric == route->metric)
			return 1;
	return 0;
}

static const char *judge_routes(struct wire_in *in, unsigned n)
{
	const struct wire_in first = *in;

	if (n > VST_LINK_ROUTES_MAX)
		return "too many routes";
	for (unsigned i = 0; i < n; i++) {
		struct vst_route route;

		if (wire_get_route(in, &route) < 0 ||
			vst_network_check(&route.to) != VST_DOC_OK || route.has_via > 1)
			return "one of its routes is none";
		if (route.has_via ? vst_gateway_check(route.to.family, route.via) != VST_DOC_OK
				  : !is_clear(route.via, sizeof route.via))
			return "the gateway of one of its routes is none";
		if (is_routed(first, i, &route))
			return "a route twice";
	}
	return NULL;
}

const char *validate_link_set(struct validate_links *links, const struct wire_op *op)
{
	struct wire_in in = op->items;
	struct wire_set sent;
	const struct vst_link_set *set = &sent.is;
	const char *how;

	if (wire_get_set(&in, &sent) < 0)
		return "its settings are none";
	how = judge_values(set, &sent.bridge);
	if (!how)
		how = judge_sort(op, &sent);
	if (!how)
		how = judge_addresses(&in, set->n_addresses);
	if (!how)
		how = judge_addresses(&in, set->n_peer_addresses);
	if (!how)
		how = judge_routes(&in, set->n_routes);
	if (how)
		return how;
	links->n_sets++;
	links->n_addresses += (unsigned)set->n_addresses + set->n_peer_addresses;
	links->n_routes += set->n_routes;
	return links->n_sets > VST_LINK_SETS_MAX || links->n_addresses > VST_ADDRESSES_MAX ||
			       links->n_routes > VST_ROUTES_MAX
		       ? "more settings than a document can have"
		       : NULL;
}
