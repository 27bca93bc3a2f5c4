/* SPDX-License-Identifier: Apache-2.0 */
#include "show_link.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../../policy/plan.h"
#include "show_put.h"

/* An address as text, with its prefix unless that is -1. */
struct spelled {
	char text[INET6_ADDRSTRLEN + 8];
};

static struct spelled spell(uint8_t family, const uint8_t *bytes, int prefix)
{
	struct spelled ret = {""};
	size_t len;

	if (!inet_ntop(
		    family == VST_IPV4 ? AF_INET : AF_INET6, bytes, ret.text, INET6_ADDRSTRLEN))
		return ret;
	len = strlen(ret.text);
	if (prefix >= 0)
		snprintf(ret.text + len, sizeof ret.text - len, "/%d", prefix);
	return ret;
}

/* The step's settings; NULL: it sets nothing. */
static const struct step_set *set_of(const struct showing *show, const struct step *step)
{
	return step_is_set(step) ? &show->facts->plan->sets[step->set - 1] : NULL;
}

static int is_here(const struct step *step)
{
	return step->kind == STEP_LINK_SET_HERE;
}

/* The addresses of the end that the step is about. */
static const struct vst_address *addresses_of(const struct showing *show,
	const struct step *step, const struct step_set *set, unsigned *ret_n)
{
	*ret_n = is_here(step) ? set->is.n_peer_addresses : set->is.n_addresses;
	return &show->facts->plan->addresses[set->first_address +
					     (is_here(step) ? set->is.n_addresses : 0)];
}

static int is_up(const struct step *step, const struct step_set *set)
{
	return set->is.flags & (is_here(step) ? VST_SET_PEER_UP : VST_SET_UP);
}

static const struct {
	uint8_t flag;
	const char *name;
} keeps[] = {
	{VST_SET_KEEP_ADDRESSES, "addresses"},
	{VST_SET_KEEP_ROUTES, "routes"},
	{VST_SET_KEEP_UP, "up"},
};

static void line(struct showing *show, const char *what)
{
	show_put(show, "   ");
	show_put(show, what);
	show_put(show, ": ");
}

static void put_mac(struct showing *show, const struct step_set *set)
{
	const uint8_t *mac = set->is.mac;
	char text[18];

	snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		mac[3], mac[4], mac[5]);
	show_put(show, text);
}

static void text_port(struct showing *show, const struct step *step, const struct step_set *set)
{
	const char *bridge = plan_text(show->facts->plan, set->bridge);

	if (!set->bridge)
		return;
	line(show, "port of bridge");
	show_put_name(show, bridge, strlen(bridge), SHOW_QUOTE_IF_ODD);
	if (step->link.ifindex) {
		show_put(show, " (number ");
		show_put_number(show, step->link.ifindex);
		show_put(show, ")");
	}
	if (set->is.flags & VST_SET_ISOLATED)
		show_put(show, ", isolated");
	if (set->is.vlan) {
		show_put(show, ", in VLAN ");
		show_put_number(show, set->is.vlan);
		show_put(show, " alone");
	}
	show_put(show, "\n");
}

static void text_route(struct showing *show, const struct vst_route *route)
{
	line(show, "route");
	show_put(show, spell(route->to.family, route->to.bytes, route->to.prefix).text);
	if (route->has_via) {
		show_put(show, " via ");
		show_put(show, spell(route->to.family, route->via, -1).text);
	}
	if (route->metric) {
		show_put(show, " metric ");
		show_put_number(show, route->metric);
	}
	show_put(show, "\n");
}

/* What the end there has, and the one here has not. */
static void text_there(struct showing *show, const struct step_set *set)
{
	const char *comma = "   keeps: ";

	for (size_t i = 0; i < sizeof keeps / sizeof *keeps; i++)
		if (set->is.flags & keeps[i].flag) {
			show_put(show, comma);
			show_put(show, keeps[i].name);
			comma = ", ";
		}
	if (set->is.flags & VST_SET_KEEP)
		show_put(show, ", as it has them here\n");
	for (unsigned i = 0; i < set->is.n_routes; i++)
		text_route(show, &show->facts->plan->routes[set->first_route + i]);
}

void show_link_text(struct showing *show, const struct step *step)
{
	const struct step_set *set = set_of(show, step);
	const struct vst_address *address;
	unsigned n;

	if (!set)
		return;
	if (is_here(step))
		text_port(show, step, set);
	if (set->is.mtu) {
		line(show, "MTU");
		show_put_number(show, set->is.mtu);
		show_put(show, "\n");
	}
	if (!is_here(step) && set->is.flags & VST_SET_MAC) {
		line(show, "MAC");
		put_mac(show, set);
		show_put(show, ", from its creation on\n");
	}
	address = addresses_of(show, step, set, &n);
	for (unsigned i = 0; i < n; i++) {
		line(show, "address");
		show_put(show,
			spell(address[i].family, address[i].bytes, address[i].prefix).text);
		show_put(show, "\n");
	}
	if (is_up(step, set))
		show_put(show, "   up\n");
	if (!is_here(step))
		text_there(show, set);
}

static void member(struct showing *show, const char *name)
{
	show_put(show, ",\"");
	show_put(show, name);
	show_put(show, "\":");
}

static void json_route(struct showing *show, const struct vst_route *route)
{
	show_put(show, "{\"to\":\"");
	show_put(show, spell(route->to.family, route->to.bytes, route->to.prefix).text);
	show_put(show, "\"");
	if (route->has_via) {
		member(show, "via");
		show_put(show, "\"");
		show_put(show, spell(route->to.family, route->via, -1).text);
		show_put(show, "\"");
	}
	if (route->metric) {
		member(show, "metric");
		show_put_number(show, route->metric);
	}
	show_put(show, "}");
}

static void json_port(struct showing *show, const struct step *step, const struct step_set *set)
{
	const char *bridge = plan_text(show->facts->plan, set->bridge);

	if (!set->bridge)
		return;
	member(show, "bridge");
	show_put(show, "{\"name\":");
	show_put_json(show, bridge, strlen(bridge));
	if (step->link.ifindex) {
		member(show, "ifindex");
		show_put_number(show, step->link.ifindex);
	}
	member(show, "isolated");
	show_put(show, set->is.flags & VST_SET_ISOLATED ? "true" : "false");
	if (set->is.vlan) {
		member(show, "vlan");
		show_put_number(show, set->is.vlan);
	}
	show_put(show, "}");
}

static void json_there(struct showing *show, const struct step_set *set)
{
	const char *comma = "";

	if (set->is.flags & VST_SET_MAC) {
		member(show, "mac");
		show_put(show, "\"");
		put_mac(show, set);
		show_put(show, "\"");
	}
	member(show, "keep");
	show_put(show, "[");
	for (size_t i = 0; i < sizeof keeps / sizeof *keeps; i++)
		if (set->is.flags & keeps[i].flag) {
			show_put(show, comma);
			show_put(show, "\"");
			show_put(show, keeps[i].name);
			show_put(show, "\"");
			comma = ",";
		}
	show_put(show, "]");
	member(show, "routes");
	show_put(show, "[");
	for (unsigned i = 0; i < set->is.n_routes; i++) {
		show_put(show, i ? "," : "");
		json_route(show, &show->facts->plan->routes[set->first_route + i]);
	}
	show_put(show, "]");
}

void show_link_json(struct showing *show, const struct step *step)
{
	const struct step_set *set = set_of(show, step);
	const struct vst_address *address;
	unsigned n;

	if (!set)
		return;
	member(show, "set");
	show_put(show, "{\"up\":");
	show_put(show, is_up(step, set) ? "true" : "false");
	if (is_here(step))
		json_port(show, step, set);
	if (set->is.mtu) {
		member(show, "mtu");
		show_put_number(show, set->is.mtu);
	}
	member(show, "addresses");
	show_put(show, "[");
	address = addresses_of(show, step, set, &n);
	for (unsigned i = 0; i < n; i++) {
		show_put(show, i ? ",\"" : "\"");
		show_put(show,
			spell(address[i].family, address[i].bytes, address[i].prefix).text);
		show_put(show, "\"");
	}
	show_put(show, "]");
	if (!is_here(step))
		json_there(show, set);
	show_put(show, "}");
}
