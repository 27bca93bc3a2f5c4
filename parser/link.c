/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "../ipc/address.h"
#include "../ipc/name.h"
#include "number.h"

void link_open(struct link *link, uint32_t index)
{
	memset(link, 0, offsetof(struct link, at));
	link->index = index;
}

void link_open_route(struct link *link)
{
	link->route = (struct vst_route){.has_via = 0};
	link->to = link->via = (struct link_at){0, 0};
	link->via_family = 0;
	link->is_default = 0;
}

void link_place(struct link *link, enum vst_field field, uint32_t line, uint32_t column)
{
	if (field >= VST_FIELD_BRIDGE && field <= VST_FIELD_KEEP)
		link->at[field - VST_FIELD_BRIDGE] = (struct link_at){line, column};
	else if (field == VST_FIELD_TO)
		link->to = (struct link_at){line, column};
	else if (field == VST_FIELD_VIA)
		link->via = (struct link_at){line, column};
}

/* Reads an address of either family from the text. 0, or -1. */
static int read_address(const char *bytes, size_t len, uint8_t *ret_family, uint8_t ret[16])
{
	const int is_ipv6 = memchr(bytes, ':', len) != NULL;
	char text[INET6_ADDRSTRLEN];

	if (len >= sizeof text || memchr(bytes, '\0', len))
		return -1;
	memcpy(text, bytes, len);
	text[len] = '\0';
	memset(ret, 0, 16);
	*ret_family = is_ipv6 ? VST_IPV6 : VST_IPV4;
	return inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text, ret) == 1 ? 0 : -1;
}

/* Reads ADDRESS/PREFIX. 0, or -1. */
static int read_prefixed(const struct build_text *text, struct vst_address *ret)
{
	const char *slash = memchr(text->bytes, '/', text->len), *digits;
	uint32_t prefix;
	size_t len;

	if (!slash)
		return -1;
	digits = slash + 1;
	len = (size_t)(text->bytes + text->len - digits);
	/* As in JSON: no leading 0, so that nobody takes it for octal. */
	if ((len > 1 && digits[0] == '0') ||
		number_read(digits, len, 0, 128, VST_DOC_ADDRESS, &prefix) != VST_DOC_OK)
		return -1;
	ret->prefix = (uint8_t)prefix;
	return read_address(
		text->bytes, (size_t)(slash - text->bytes), &ret->family, ret->bytes);
}

/* Adds an address to a list of VST_LINK_ADDRESSES_MAX. */
static enum vst_doc_error add_address(
	struct vst_address *list, uint8_t *n, const struct build_text *text)
{
	struct vst_address address;
	enum vst_doc_error code;

	if (*n == VST_LINK_ADDRESSES_MAX)
		return VST_DOC_TOO_MANY_ADDRESSES;
	if (read_prefixed(text, &address) < 0)
		return VST_DOC_ADDRESS;
	code = vst_address_check(&address);
	for (unsigned i = 0; code == VST_DOC_OK && i < *n; i++)
		if (list[i].family == address.family &&
			memcmp(list[i].bytes, address.bytes, sizeof address.bytes) == 0)
			code = VST_DOC_ADDRESS_TWICE;
	if (code == VST_DOC_OK)
		list[(*n)++] = address;
	return code;
}

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum vst_doc_error take_mac(struct link *link, const struct build_text *text)
{
	const char *s = text->bytes;
	uint8_t mac[6];

	if (text->len != 17)
		return VST_DOC_MAC;
	for (unsigned i = 0; i < 6; i++) {
		const int high = hex_of(s[3 * i]), low = hex_of(s[3 * i + 1]);

		if (high < 0 || low < 0 || (i < 5 && s[3 * i + 2] != ':'))
			return VST_DOC_MAC;
		mac[i] = (uint8_t)(high << 4 | low);
	}
	if (vst_mac_check(mac) != VST_DOC_OK)
		return VST_DOC_MAC;
	memcpy(link->set.mac, mac, sizeof mac);
	link->set.flags |= VST_SET_MAC;
	return VST_DOC_OK;
}

static int text_equals(const struct build_text *text, const char *word)
{
	return text->bytes && text->len == strlen(word) &&
	       memcmp(text->bytes, word, text->len) == 0;
}

static enum vst_doc_error take_keep(struct link *link, const struct build_text *text)
{
	static const struct {
		const char *word;
		uint8_t flag;
	} words[] = {
		{"addresses", VST_SET_KEEP_ADDRESSES},
		{"routes", VST_SET_KEEP_ROUTES},
		{"up", VST_SET_KEEP_UP},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!text_equals(text, words[i].word))
			continue;
		if (link->set.flags & words[i].flag)
			return VST_DOC_KEEP_TWICE;
		link->set.flags |= words[i].flag;
		return VST_DOC_OK;
	}
	return VST_DOC_KEEP;
}

static enum vst_doc_error take_to(struct link *link, const struct build_text *text)
{
	link->is_default = text_equals(text, "default");
	if (link->is_default)
		return VST_DOC_OK;
	if (read_prefixed(text, &link->route.to) < 0)
		return VST_DOC_ROUTE_TO;
	return vst_network_check(&link->route.to);
}

static enum vst_doc_error take_via(struct link *link, const struct build_text *text)
{
	if (read_address(text->bytes, text->len, &link->via_family, link->route.via) < 0)
		return VST_DOC_ROUTE_VIA;
	link->route.has_via = 1;
	return vst_gateway_check(link->via_family, link->route.via);
}

/* Takes a string that is kept as it is: name, add, peer, bridge. */
static enum vst_doc_error take_name(
	enum rule rule, const struct build_text *text, struct build_text *ret)
{
	enum vst_doc_error code = VST_DOC_OK;

	/* An empty kind or peer is absent. */
	if (text->len == 0 && (rule == RULE_ADD || rule == RULE_PEER))
		return VST_DOC_OK;
	code = rule == RULE_ADD ? vst_kind_check(text->bytes, text->len)
				: vst_ifname_check(text->bytes, text->len);
	if (code == VST_DOC_OK)
		*ret = *text;
	return code;
}

enum vst_doc_error link_string(struct link *link, enum rule rule, const struct build_text *text)
{
	struct vst_link_set *set = &link->set;

	switch ((int)rule) {
	case RULE_NAME:
		return take_name(rule, text, &link->name);
	case RULE_ADD:
		return take_name(rule, text, &link->add);
	case RULE_PEER:
		return take_name(rule, text, &link->peer);
	case RULE_BRIDGE:
		return take_name(rule, text, &link->bridge);
	case RULE_MAC:
		return take_mac(link, text);
	case RULE_ADDRESS:
		return add_address(link->addresses, &set->n_addresses, text);
	case RULE_PEER_ADDRESS:
		return add_address(link->peer_addresses, &set->n_peer_addresses, text);
	case RULE_KEEP:
		return take_keep(link, text);
	case RULE_TO:
		return take_to(link, text);
	default:
		assert(rule == RULE_VIA);
		return take_via(link, text);
	}
}

enum vst_doc_error link_number(struct link *link, enum rule rule, const struct build_text *text)
{
	enum vst_doc_error code;
	uint32_t vlan;

	if (rule == RULE_MTU)
		return number_read(text->bytes, text->len, VST_MTU_MIN, VST_MTU_MAX,
			VST_DOC_MTU, &link->set.mtu);
	if (rule == RULE_METRIC)
		return number_read(text->bytes, text->len, 0, UINT32_MAX, VST_DOC_METRIC,
			&link->route.metric);
	assert(rule == RULE_VLAN);
	code = number_read(text->bytes, text->len, 1, VST_VLAN_MAX, VST_DOC_VLAN, &vlan);
	if (code == VST_DOC_OK)
		link->set.vlan = (uint16_t)vlan;
	return code;
}

void link_boolean(struct link *link, enum rule rule, int truth)
{
	if (rule == RULE_CREATE_IN_ROOT)
		link->create_in_root = truth;
	else if (truth)
		link->set.flags |= (uint8_t)(rule == RULE_UP        ? VST_SET_UP
					     : rule == RULE_PEER_UP ? VST_SET_PEER_UP
								    : VST_SET_ISOLATED);
}

static int fail_at(enum vst_doc_error code, struct link_at at, const struct vst_place *place,
	struct vst_finding *ret_finding)
{
	const struct build_text text = {.line = at.line, .column = at.column};

	return build_fail(code, &text, place, ret_finding);
}

int link_close_route(struct link *link, const struct build_text *text,
	const struct vst_place *place, struct vst_finding *ret_finding)
{
	struct vst_route *route = &link->route;
	struct vst_place at = *place;

	if (link->set.n_routes == VST_LINK_ROUTES_MAX)
		return build_fail(VST_DOC_TOO_MANY_ROUTES, text, place, ret_finding);
	at.field = VST_FIELD_TO;
	if (!link->to.line)
		return build_fail(VST_DOC_MISSING, text, &at, ret_finding);
	if (link->is_default && !route->has_via)
		return fail_at(VST_DOC_ROUTE_DEFAULT, link->to, &at, ret_finding);
	if (link->is_default)
		route->to = (struct vst_address){.family = link->via_family};
	if (route->has_via && link->via_family != route->to.family) {
		at.field = VST_FIELD_VIA;
		return fail_at(VST_DOC_ROUTE_FAMILY, link->via, &at, ret_finding);
	}
	for (unsigned i = 0; i < link->set.n_routes; i++)
		if (memcmp(&link->routes[i].to, &route->to, sizeof route->to) == 0 &&
			link->routes[i].metric == route->metric)
			return fail_at(VST_DOC_ROUTE_TWICE, link->to, &at, ret_finding);
	link->routes[link->set.n_routes++] = *route;
	return 0;
}

static int has_settings(const struct link *link)
{
	const struct vst_link_set *set = &link->set;

	return link->bridge.bytes || set->mtu || set->vlan || set->flags || set->n_addresses ||
	       set->n_peer_addresses || set->n_routes;
}

/* What fits no interface of this sort, in the order of enum vst_field, and where; VST_DOC_OK:
 * nothing. */
static enum vst_doc_error set_rule(
	const struct link *link, int is_veth, int is_moved, enum vst_field *ret_field)
{
	const struct vst_link_set *set = &link->set;
	const struct {
		enum vst_field field;
		int is_wrong;
		enum vst_doc_error code;
	} rules[] = {
		{VST_FIELD_BRIDGE, link->bridge.bytes && !is_veth, VST_DOC_SET_NO_PEER},
		{VST_FIELD_ISOLATED, set->flags & VST_SET_ISOLATED && !is_veth,
			VST_DOC_SET_NO_PEER},
		{VST_FIELD_ISOLATED, set->flags & VST_SET_ISOLATED && !link->bridge.bytes,
			VST_DOC_SET_NO_BRIDGE},
		{VST_FIELD_VLAN, set->vlan && !is_veth, VST_DOC_SET_NO_PEER},
		{VST_FIELD_VLAN, set->vlan && !link->bridge.bytes, VST_DOC_SET_NO_BRIDGE},
		{VST_FIELD_PEER_UP, set->flags & VST_SET_PEER_UP && !is_veth,
			VST_DOC_SET_NO_PEER},
		{VST_FIELD_PEER_ADDRESSES, set->n_peer_addresses && !is_veth,
			VST_DOC_SET_NO_PEER},
		{VST_FIELD_MAC, set->flags & VST_SET_MAC && is_moved, VST_DOC_SET_MAC_MOVED},
		{VST_FIELD_ROUTES, set->n_routes && !(set->flags & VST_SET_UP),
			VST_DOC_ROUTES_DOWN},
		{VST_FIELD_KEEP, set->flags & VST_SET_KEEP && !is_moved, VST_DOC_KEEP_MADE},
		{VST_FIELD_KEEP,
			set->flags & VST_SET_KEEP_ROUTES &&
				!(set->flags & (VST_SET_UP | VST_SET_KEEP_UP)),
			VST_DOC_ROUTES_DOWN},
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (rules[i].is_wrong) {
			*ret_field = rules[i].field;
			return rules[i].code;
		}
	return VST_DOC_OK;
}

/* How an interface's members fit together: the table of `attach` in
 * vestibule-runtime.json(5). */
static int judge(const struct link *link, struct vst_place *place, struct build *build,
	struct vst_finding *ret_finding)
{
	const int is_veth =
		text_equals(&link->add, "veth") || (!link->add.bytes && link->peer.bytes);
	enum vst_field field = VST_FIELD_NONE;
	enum vst_doc_error code;

	if (link->add.bytes && !is_veth && link->peer.bytes)
		return build_fail(VST_DOC_PEER_UNWANTED, &link->peer, place, ret_finding);
	place->field = VST_FIELD_NAME;
	if (!seen_add(&build->names, NAMES_NAME, link->name.bytes, link->name.len))
		return build_fail(VST_DOC_NAME_TWICE, &link->name, place, ret_finding);
	place->field = VST_FIELD_PEER;
	if (link->peer.len == link->name.len &&
		memcmp(link->peer.bytes, link->name.bytes, link->name.len) == 0)
		return build_fail(VST_DOC_PEER_IS_NAME, &link->peer, place, ret_finding);
	if (link->peer.bytes &&
		!seen_add(&build->names, NAMES_PEER, link->peer.bytes, link->peer.len))
		return build_fail(VST_DOC_PEER_TWICE, &link->peer, place, ret_finding);
	code = set_rule(link, is_veth, !link->add.bytes && !is_veth, &field);
	if (code == VST_DOC_OK)
		return 0;
	place->field = (uint8_t)field;
	return fail_at(code, link->at[field - VST_FIELD_BRIDGE], place, ret_finding);
}

/* Counts the settings of all interfaces. The parent has room for as many. */
static enum vst_doc_error count(const struct link *link, struct build *build)
{
	build->n_sets++;
	build->n_addresses += (uint32_t)link->set.n_addresses + link->set.n_peer_addresses;
	build->n_routes += link->set.n_routes;
	if (build->n_sets > VST_LINK_SETS_MAX)
		return VST_DOC_TOO_MANY_SETS;
	if (build->n_addresses > VST_ADDRESSES_MAX)
		return VST_DOC_TOO_MANY_ADDRESSES;
	return build->n_routes > VST_ROUTES_MAX ? VST_DOC_TOO_MANY_ROUTES : VST_DOC_OK;
}

static struct send_string string_of(const struct build_text *text)
{
	return (struct send_string){text->bytes, text->len};
}

/* Sends an interface with settings. */
static void send_set(
	struct link *link, struct send *send, uint8_t arg, const struct send_string strings[3])
{
	struct wire_out out = {.bytes = link->op, .size = sizeof link->op};
	const struct vst_link_set *set = &link->set;
	int fits = wire_put_u8(&out, VST_OP_LINK) == 0 &&
		   wire_put_u8(&out, arg | VST_LINK_SET) == 0;

	for (unsigned i = 0; i < 3; i++)
		fits = fits && wire_put_string(&out, strings[i].bytes, strings[i].len) == 0;
	fits = fits && wire_put_string(&out, link->bridge.bytes, link->bridge.len) == 0 &&
	       wire_put_set(&out, set) == 0;
	for (unsigned i = 0; i < set->n_addresses; i++)
		fits = fits && wire_put_address(&out, &link->addresses[i]) == 0;
	for (unsigned i = 0; i < set->n_peer_addresses; i++)
		fits = fits && wire_put_address(&out, &link->peer_addresses[i]) == 0;
	for (unsigned i = 0; i < set->n_routes; i++)
		fits = fits && wire_put_route(&out, &link->routes[i]) == 0;
	assert(fits);
	send_made_op(send, link->op, out.at);
}

int link_close(struct link *link, struct build *build, struct vst_finding *ret_finding)
{
	struct vst_place place = {
		.member = VST_MEMBER_INTERFACES, .index = link->index, .sub = VST_NO_INDEX};
	const struct vst_place whole = place;
	const uint8_t arg = link->create_in_root ? VST_LINK_CREATE_IN_ROOT : 0;
	const struct send_string strings[] = {
		string_of(&link->name), string_of(&link->add), string_of(&link->peer)};
	enum vst_doc_error code;

	if (build->send->n_ops == VST_OPS_MAX)
		return build_fail(VST_DOC_TOO_MANY_OPS, &link->name, &place, ret_finding);
	if (judge(link, &place, build, ret_finding) < 0)
		return -1;
	if (!has_settings(link)) {
		send_op(build->send, VST_OP_LINK, arg, strings, 3);
		return 0;
	}
	code = count(link, build);
	if (code != VST_DOC_OK)
		return build_fail(code, &link->name, &whole, ret_finding);
	send_set(link, build->send, arg, strings);
	return 0;
}
