/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile parser may send of an interface's settings. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire_run.h"

static void put_set(const char *bridge, const struct vst_link_set *set)
{
	put_string(bridge);
	put_number(FREE, set->mtu, 4);
	put_number(FREE, set->vlan, 2);
	put_number(FREE, set->flags, 1);
	for (int i = 0; i < 6; i++)
		put_number(FREE, set->mac[i], 1);
	put_number(FIXED, set->n_addresses, 1);
	put_number(FIXED, set->n_peer_addresses, 1);
	put_number(FIXED, set->n_routes, 1);
}

/* The address of the text, "192.0.2.1" or with colons, and its prefix. */
static struct vst_address of(const char *text, unsigned prefix)
{
	struct vst_address ret = {.prefix = (uint8_t)prefix};

	ret.family = strchr(text, ':') ? VST_IPV6 : VST_IPV4;
	assert_int_equal(
		inet_pton(ret.family == VST_IPV4 ? AF_INET : AF_INET6, text, ret.bytes), 1);
	return ret;
}

static void put_address(struct vst_address address)
{
	put_number(FREE, address.family, 1);
	put_number(FREE, address.prefix, 1);
	put(FREE, address.bytes, 16);
}

static void put_route(struct vst_route route)
{
	put_address(route.to);
	put_number(FREE, route.has_via, 1);
	put(FREE, route.via, 16);
	put_number(FREE, route.metric, 4);
}

static struct vst_route route_of(struct vst_address to, const char *via, uint32_t metric)
{
	struct vst_route ret = {.to = to, .has_via = via != NULL, .metric = metric};

	if (via)
		memcpy(ret.via, of(via, 0).bytes, 16);
	return ret;
}

/* One link that has everything that a veth can have, and one that is moved. */
static void make_good(void)
{
	const struct vst_link_set veth = {1400, 7,
		VST_SET_UP | VST_SET_PEER_UP | VST_SET_ISOLATED | VST_SET_MAC,
		{2, 0, 0, 0, 0, 1}, 2, 1, 2};
	const struct vst_link_set moved = {
		.flags = VST_SET_KEEP | VST_SET_UP, .n_addresses = 1, .n_routes = 1};

	start();
	open_msg(VST_WIRE_OPS, 2);
	put_link(VST_LINK_SET, "e", "veth", "p");
	put_set("br0", &veth);
	put_address(of("192.0.2.2", 24));
	put_address(of("2001:db8::2", 64));
	put_address(of("192.0.2.1", 24));
	put_route(route_of(of("0.0.0.0", 0), "192.0.2.1", 0));
	put_route(route_of(of("2001:db8:1::", 48), NULL, 5));
	put_link(VST_LINK_SET, "m", "", "");
	put_set("", &moved);
	put_address(of("198.51.100.1", 32));
	put_route(route_of(of("203.0.113.0", 24), "198.51.100.9", 1));
	put_end(2, 0);
}

static void good(void **state)
{
	(void)state;
	make_good();
	accepted();
	assert_same_meaning(&made);
}

static void every_bit(void **state)
{
	(void)state;
	make_good();
	flip_every_bit();
}

static void every_length(void **state)
{
	(void)state;
	make_good();
	change_every_length();
}

static struct vst_link_set set;
static const char *add, *peer, *bridge;
static struct vst_address addresses[3];
static struct vst_route routes[2];

/* A good veth with one of each, for what a test makes of it. */
static void one(void)
{
	set = (struct vst_link_set){.mtu = 1400,
		.flags = VST_SET_UP,
		.n_addresses = 2,
		.n_peer_addresses = 1,
		.n_routes = 2};
	add = "veth";
	peer = "p";
	bridge = "b";
	addresses[0] = of("192.0.2.2", 24);
	addresses[1] = of("2001:db8::2", 64);
	addresses[2] = of("192.0.2.2", 24);
	routes[0] = route_of(of("0.0.0.0", 0), "192.0.2.1", 0);
	routes[1] = route_of(of("::", 0), "2001:db8::1", 0);
}

static void send_one(void)
{
	start();
	open_msg(VST_WIRE_OPS, 1);
	put_link(VST_LINK_SET, "e", add, peer);
	put_set(bridge, &set);
	for (unsigned i = 0; i < (unsigned)set.n_addresses + set.n_peer_addresses; i++)
		put_address(addresses[i % 3]);
	for (unsigned i = 0; i < set.n_routes; i++)
		put_route(routes[i % 2]);
	put_end(1, 0);
}

/* Expects that what was made of the good one is refused, in these words; and makes another. */
static void is_refused(const char *how)
{
	send_one();
	refused(BROKEN "operation 0: ");
	if (!strstr(err.text, how))
		fail_msg("wanted \"%s\", got \"%s\"", how, err.text);
	one();
}

static void is_accepted(void)
{
	send_one();
	accepted();
	assert_same_meaning(&made);
	one();
}

static void values(void **state)
{
	(void)state;
	one();
	is_accepted();
	set.flags |= 0x80;
	is_refused("a flag of its settings is unknown");
	set.mtu = 67;
	is_refused("its MTU is none");
	set.mtu = 65536;
	is_refused("its MTU is none");
	set.mtu = 0;
	is_accepted();
	set.vlan = 4095;
	is_refused("its VLAN is none");
	set.vlan = 4094;
	is_accepted();
	set.mac[5] = 1;
	is_refused("its MAC is none");
	set.flags |= VST_SET_MAC;
	is_refused("its MAC is none");
	set.flags |= VST_SET_MAC;
	set.mac[0] = 1;
	is_refused("its MAC is none");
	bridge = "a/b";
	is_refused("its bridge is not an interface name");
	bridge = "sixteen-bytes-xx";
	is_refused("its settings are none");
	set = (struct vst_link_set){.mtu = 0};
	bridge = "";
	is_refused("settings of nothing");
}

static void sorts(void **state)
{
	(void)state;
	one();
	peer = "";
	is_accepted();
	add = "";
	is_accepted();
	/* Of another kind, and of one that is moved. */
	for (int moved = 0; moved < 2; moved++) {
		add = moved ? "" : "dummy";
		peer = "";
		is_refused("settings of a peer that it does not have");
		for (int i = 0; i < 4; i++) {
			add = moved ? "" : "dummy";
			peer = bridge = "";
			set.n_addresses = (uint8_t)(i == 0 ? 2 : 0);
			set.n_peer_addresses = i == 0;
			set.vlan = i == 1;
			set.flags |= i == 2 ? VST_SET_ISOLATED : i == 3 ? VST_SET_PEER_UP : 0;
			is_refused("settings of a peer that it does not have");
		}
		add = moved ? "" : "dummy";
		peer = bridge = "";
		set.n_peer_addresses = 0;
		is_accepted();
	}
	bridge = "";
	set.vlan = 1;
	is_refused("settings of a port that is in no bridge");
	bridge = "";
	set.flags |= VST_SET_ISOLATED;
	is_refused("settings of a port that is in no bridge");
	for (int i = 0; i < 3; i++) {
		set.flags |= (uint8_t)(VST_SET_KEEP_ADDRESSES << i);
		is_refused("settings of a link that is moved, and made");
	}
	add = peer = bridge = "";
	set.n_peer_addresses = 0;
	set.flags |= VST_SET_MAC;
	set.mac[0] = 2;
	is_refused("settings of a link that is moved, and made");
	set.flags = 0;
	is_refused("routes of a link that stays down");
	add = peer = bridge = "";
	set.flags = VST_SET_KEEP_ROUTES;
	set.n_peer_addresses = set.n_routes = 0;
	is_refused("routes that are kept of a link that stays down");
}

static void addresses_and_routes(void **state)
{
	(void)state;
	one();
	addresses[0].family = 10;
	is_refused("one of its addresses is none");
	addresses[1].prefix = 0;
	is_refused("one of its addresses is none");
	addresses[2].prefix = 33;
	is_refused("one of its addresses is none");
	addresses[0].bytes[4] = 1;
	is_refused("one of its addresses is none");
	addresses[0] = of("224.0.0.1", 24);
	is_refused("one of its addresses is none");
	addresses[1] = of("192.0.2.2", 25);
	is_refused("an address twice");
	addresses[1] = of("192.0.2.3", 24);
	is_accepted();
	routes[0].to.bytes[3] = 1;
	is_refused("one of its routes is none");
	routes[1].to.prefix = 129;
	is_refused("one of its routes is none");
	routes[0].has_via = 2;
	is_refused("one of its routes is none");
	routes[0].has_via = 0;
	is_refused("the gateway of one of its routes is none");
	memset(routes[0].via, 0, 16);
	is_refused("the gateway of one of its routes is none");
	/* Of the other family: bytes behind an IPv4 address. */
	memcpy(routes[0].via, routes[1].via, 16);
	is_refused("the gateway of one of its routes is none");
	routes[1] = route_of(of("0.0.0.0", 0), "192.0.2.9", 0);
	is_refused("a route twice");
	routes[1] = route_of(of("0.0.0.0", 0), "192.0.2.9", 1);
	is_accepted();
	set.n_addresses = 65;
	is_refused("too many addresses");
	set.n_addresses = 0;
	set.n_peer_addresses = 65;
	is_refused("too many addresses");
	set.n_routes = 129;
	is_refused("too many routes");
}

/* n links, each with n_addresses and n_routes of its own. */
static void many(unsigned n, unsigned n_addresses, unsigned n_routes)
{
	const unsigned batch = n_addresses || n_routes ? 8 : 1024;

	start();
	for (unsigned i = 0; i < n; i++) {
		char name[16];

		if (i % batch == 0)
			open_msg(VST_WIRE_OPS, n - i < batch ? n - i : batch);
		snprintf(name, sizeof name, "i%u", i);
		put_link(VST_LINK_SET, name, "", "");
		put_set("", &(struct vst_link_set){.flags = VST_SET_UP,
				    .n_addresses = (uint8_t)n_addresses,
				    .n_routes = (uint8_t)n_routes});
		for (unsigned k = 0; k < n_addresses; k++)
			put_address((struct vst_address){4, 8, {10, 0, 1, (uint8_t)k}});
		for (unsigned k = 0; k < n_routes; k++)
			put_route((struct vst_route){.to = {4, 32, {10, 0, 1, (uint8_t)k}}});
	}
	put_end(n, 0);
}

static void limits(void **state)
{
	(void)state;
	many(VST_LINK_SETS_MAX, 0, 0);
	accepted();
	many(VST_LINK_SETS_MAX + 1, 0, 0);
	refused(BROKEN "operation 1023: more settings than a document can have");
	many(64, 64, 0);
	accepted();
	many(65, 64, 0);
	refused(BROKEN "operation 64: more settings than a document can have");
	many(32, 0, 128);
	accepted();
	many(33, 0, 128);
	refused(BROKEN "operation 32: more settings than a document can have");
}

/* Where what a route says may stand. */
static void places(void **state)
{
	static const uint8_t lists[] = {VST_FIELD_ADDRESSES, VST_FIELD_PEER_ADDRESSES,
		VST_FIELD_ROUTES, VST_FIELD_KEEP};
	static const char *const names[] = {"addresses", "peerAddresses", "routes", "keep"};
	char want[128], text[512];
	struct vst_finding finding;

	(void)state;
	for (unsigned i = 0; i < sizeof lists; i++) {
		finding = at(VST_DOC_TYPE_STRING, VST_MEMBER_INTERFACES, 7, lists[i], 3);
		assert_int_equal(validate_sentence(&finding, text, sizeof text), 0);
		snprintf(want, sizeof want,
			"runtime.json:3:14: interfaces[7].%s[3] must be a string", names[i]);
		assert_string_equal(text, want);
	}
	finding = at(VST_DOC_TYPE_STRING, VST_MEMBER_INTERFACES, 7, VST_FIELD_VIA, 3);
	assert_int_equal(validate_sentence(&finding, text, sizeof text), 0);
	assert_string_equal(
		text, "runtime.json:3:14: interfaces[7].routes[3].via must be a string");
	finding.code = VST_DOC_LETTER_CASE;
	assert_int_equal(validate_sentence(&finding, text, sizeof text), 0);
	assert_string_equal(text,
		"runtime.json:3:14: a member of interfaces[7].routes[3] differs in letter case "
		"only from one that is known; write it 'via'");
	/* A route's member has a route. */
	finding.place.sub = VST_NO_INDEX;
	assert_int_equal(validate_sentence(&finding, text, sizeof text), -1);
	finding = at(VST_DOC_TYPE_STRING, VST_MEMBER_INTERFACES, 7, VST_FIELD_MTU, 3);
	assert_int_equal(validate_sentence(&finding, text, sizeof text), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(every_length),
		cmocka_unit_test(values),
		cmocka_unit_test(sorts),
		cmocka_unit_test(addresses_and_routes),
		cmocka_unit_test(limits),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
