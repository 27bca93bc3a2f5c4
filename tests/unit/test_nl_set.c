/* SPDX-License-Identifier: Apache-2.0 */
/* What a link is given: states that are written down and found again, ports and their VLANs. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nl_script.h"
#include "privileged/link/nl_attr.h"
#include "privileged/link/nl_port.h"
#include "privileged/link/nl_set.h"

static struct vst_address of(const char *text, unsigned prefix)
{
	struct vst_address ret = {.prefix = (uint8_t)prefix};

	ret.family = strchr(text, ':') ? VST_IPV6 : VST_IPV4;
	assert_int_equal(
		inet_pton(ret.family == VST_IPV4 ? AF_INET : AF_INET6, text, ret.bytes), 1);
	return ret;
}

static struct vst_route route_of(
	const char *to, unsigned prefix, const char *via, uint32_t metric)
{
	struct vst_route ret = {.to = of(to, prefix), .has_via = via != NULL, .metric = metric};

	if (via)
		memcpy(ret.via, of(via, 0).bytes, 16);
	return ret;
}

static _Alignas(8) unsigned char wanted_bytes[4096], found_bytes[4096];
static struct nl_state wanted, found;

static int start(void **state)
{
	wanted = (struct nl_state){.bytes = wanted_bytes, .size = sizeof wanted_bytes};
	found = (struct nl_state){.bytes = found_bytes, .size = sizeof found_bytes};
	return reset(state);
}

static const struct nlmsghdr *first(const struct nl_state *state)
{
	return (const void *)state->bytes;
}

static void attr_is(struct nl_span attrs, uint16_t type, const void *bytes, size_t len)
{
	struct nl_span attr = nl_find(attrs, type);

	assert_int_equal(attr.len, len);
	if (len)
		assert_memory_equal(attr.at, bytes, len);
}

static void addresses_are_written_as_the_kernel_tells_them(void **state)
{
	static const struct {
		const char *address, *broadcast;
		unsigned prefix, scope;
	} cases[] = {
		{"192.0.2.1", "192.0.2.255", 24, RT_SCOPE_UNIVERSE},
		{"192.0.2.1", "192.0.3.255", 23, RT_SCOPE_UNIVERSE},
		{"192.0.2.1", "192.0.2.3", 30, RT_SCOPE_UNIVERSE},
		{"192.0.2.1", "255.255.255.255", 1, RT_SCOPE_UNIVERSE},
		{"10.1.2.3", "10.1.15.255", 20, RT_SCOPE_UNIVERSE},
		{"192.0.2.1", NULL, 31, RT_SCOPE_UNIVERSE},
		{"192.0.2.1", NULL, 32, RT_SCOPE_UNIVERSE},
		{"127.0.0.9", "127.255.255.255", 8, RT_SCOPE_HOST},
	};

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct vst_address address = of(cases[i].address, cases[i].prefix);
		const struct ifaddrmsg *body;
		struct nl_span attrs;

		start(state);
		nl_state_address(&wanted, &address);
		body = NLMSG_DATA(first(&wanted));
		attrs = nl_attrs(first(&wanted), sizeof *body);
		assert_int_equal(first(&wanted)->nlmsg_len, wanted.len);
		assert_int_equal(first(&wanted)->nlmsg_type, RTM_NEWADDR);
		assert_int_equal(body->ifa_family, AF_INET);
		assert_int_equal(body->ifa_prefixlen, cases[i].prefix);
		if (body->ifa_scope != cases[i].scope && cases[i].prefix != 1)
			fail_msg("%s: scope %u", cases[i].address, body->ifa_scope);
		attr_is(attrs, IFA_LOCAL, address.bytes, 4);
		attr_is(attrs, IFA_ADDRESS, address.bytes, 4);
		if (cases[i].broadcast)
			attr_is(attrs, IFA_BROADCAST, of(cases[i].broadcast, 0).bytes, 4);
		else
			attr_is(attrs, IFA_BROADCAST, NULL, 0);
	}
	start(state);
	nl_state_address(&wanted, &(struct vst_address){VST_IPV6, 64, {0x20, 1}});
	assert_int_equal(nl_attrs(first(&wanted), sizeof(struct ifaddrmsg)).len, 20 + 8);
	attr_is(nl_attrs(first(&wanted), sizeof(struct ifaddrmsg)), IFA_ADDRESS,
		(const uint8_t[16]){0x20, 1}, 16);
	attr_is(nl_attrs(first(&wanted), sizeof(struct ifaddrmsg)), IFA_FLAGS, "\0\0\0\0", 4);
}

static void routes_are_written_as_the_kernel_tells_them(void **state)
{
	const uint32_t metric = 7;
	const struct vst_route routes[] = {route_of("0.0.0.0", 0, "192.0.2.1", 0),
		route_of("198.51.100.0", 24, NULL, metric),
		route_of("2001:db8::", 32, NULL, 0)};
	const struct rtmsg *body;
	struct nl_span attrs;

	(void)state;
	nl_state_route(&wanted, &routes[0]);
	body = NLMSG_DATA(first(&wanted));
	attrs = nl_attrs(first(&wanted), sizeof *body);
	assert_int_equal(body->rtm_dst_len, 0);
	assert_int_equal(body->rtm_scope, RT_SCOPE_UNIVERSE);
	assert_int_equal(body->rtm_table, RT_TABLE_MAIN);
	assert_int_equal(body->rtm_type, RTN_UNICAST);
	attr_is(attrs, RTA_DST, NULL, 0);
	attr_is(attrs, RTA_GATEWAY, routes[0].via, 4);
	attr_is(attrs, RTA_PRIORITY, NULL, 0);
	start(state);
	nl_state_route(&wanted, &routes[1]);
	body = NLMSG_DATA(first(&wanted));
	attrs = nl_attrs(first(&wanted), sizeof *body);
	assert_int_equal(body->rtm_scope, RT_SCOPE_LINK);
	attr_is(attrs, RTA_DST, routes[1].to.bytes, 4);
	attr_is(attrs, RTA_GATEWAY, NULL, 0);
	attr_is(attrs, RTA_PRIORITY, &metric, 4);
	start(state);
	nl_state_route(&wanted, &routes[2]);
	body = NLMSG_DATA(first(&wanted));
	assert_int_equal(body->rtm_family, AF_INET6);
	assert_int_equal(body->rtm_scope, RT_SCOPE_UNIVERSE);
}

static void missing_is(const char *text)
{
	struct vst_quoted missing = {""};

	assert_int_equal(nl_holds(&wanted, &found, &missing), text == NULL);
	if (text)
		assert_string_equal(missing.text, text);
}

/* Each thing that is wanted, beside what else is there, and but for one thing that differs. */
static void what_is_wanted_is_held(void **state)
{
	const struct vst_address a4 = of("192.0.2.1", 24), a6 = of("2001:db8::1", 64);
	const struct vst_route r4 = route_of("198.51.100.0", 24, "192.0.2.9", 5);
	const struct vst_route others[] = {route_of("198.51.101.0", 24, "192.0.2.9", 5),
		route_of("198.51.100.0", 25, "192.0.2.9", 5),
		route_of("198.51.100.0", 24, "192.0.2.8", 5),
		route_of("198.51.100.0", 24, NULL, 5),
		route_of("198.51.100.0", 24, "192.0.2.9", 6),
		route_of("198.51.100.0", 24, "192.0.2.9", 0)};
	const struct vst_address near[] = {of("192.0.2.2", 24), of("192.0.2.1", 25), a6};

	missing_is(NULL);
	nl_state_address(&wanted, &a4);
	missing_is("the address 192.0.2.1/24");
	for (unsigned i = 0; i < 3; i++)
		nl_state_address(&found, &near[i]);
	missing_is("the address 192.0.2.1/24");
	nl_state_address(&found, &a4);
	missing_is(NULL);
	nl_state_address(&wanted, &a6);
	missing_is(NULL);
	nl_state_route(&wanted, &r4);
	missing_is("the route to 198.51.100.0/24");
	for (unsigned i = 0; i < sizeof others / sizeof *others; i++)
		nl_state_route(&found, &others[i]);
	missing_is("the route to 198.51.100.0/24");
	nl_state_route(&found, &r4);
	missing_is(NULL);
	/* An IPv6 route that is given no metric is found with the kernel's. */
	start(state);
	nl_state_route(&wanted, &(struct vst_route){.to = {VST_IPV6, 0, {0}}});
	nl_state_route(&found, &(struct vst_route){.to = {VST_IPV6, 0, {0}}, .metric = 1023});
	missing_is("the route to default/0");
	nl_state_route(&found, &(struct vst_route){.to = {VST_IPV6, 0, {0}}, .metric = 1024});
	missing_is(NULL);
}

static void set_flags(struct nl_state *state, uint32_t flags)
{
	struct nl_span attr =
		nl_find(nl_attrs(first(state), sizeof(struct ifaddrmsg)), IFA_FLAGS);

	memcpy(state->bytes + (attr.at - state->bytes), &flags, sizeof flags);
}

/* An address that cannot be used yet, or never, is not held; unless it was so where it came
 * from.
 */
static void a_tentative_address_is_not_held(void **state)
{
	const struct vst_address a6 = of("2001:db8::1", 64);

	(void)state;
	nl_state_address(&wanted, &a6);
	nl_state_address(&found, &a6);
	missing_is(NULL);
	set_flags(&found, IFA_F_TENTATIVE);
	missing_is("the address 2001:db8::1/64");
	set_flags(&found, IFA_F_DADFAILED);
	missing_is("the address 2001:db8::1/64");
	set_flags(&found, IFA_F_PERMANENT | IFA_F_NODAD);
	missing_is(NULL);
	set_flags(&wanted, IFA_F_TENTATIVE);
	set_flags(&found, IFA_F_TENTATIVE);
	missing_is(NULL);
}

static void parts_are_added(void **state)
{
	const struct vst_address a4 = of("192.0.2.1", 24);
	const struct vst_route r4 = route_of("198.51.100.0", 24, NULL, 0);

	for (int i = 0; i < 4; i++) {
		start(state);
		nl_state_address(&found, &a4);
		nl_state_route(&found, &r4);
		nl_state_address(&found, &a4);
		nl_state_add(&wanted, found.bytes, found.len, i & 1, i & 2);
		assert_int_equal(wanted.len == 0, i == 0);
		if (i == 3)
			assert_memory_equal(wanted.bytes, found.bytes, found.len);
		if (i)
			assert_int_equal(first(&wanted)->nlmsg_type,
				i == 2 ? RTM_NEWROUTE : RTM_NEWADDR);
	}
	/* What does not fit is not cut: it is told, however little comes behind. */
	start(state);
	wanted.size = 100;
	nl_state_address(&wanted, &a4);
	assert_true(wanted.len <= 100);
	nl_state_address(&wanted, &a4);
	nl_state_address(&wanted, &a4);
	assert_int_equal(wanted.len, 101);
	wanted.size = 100;
	nl_state_route(&wanted, &r4);
	assert_int_equal(wanted.len, 101);
	/* Bytes that are no message end it. */
	start(state);
	nl_state_address(&found, &a4);
	for (size_t len = 0; len < found.len; len++) {
		wanted.len = 0;
		nl_state_add(&wanted, found.bytes, len, 1, 1);
		assert_int_equal(wanted.len, 0);
	}
}

/* An RTM_NEWLINK answer of the attributes that are put behind it. */
static struct nlmsghdr *link_answer(int flags, uint32_t ifindex, uint32_t if_flags)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex, .ifi_flags = if_flags};
	struct nlmsghdr *head = put_head(answer(), RTM_NEWLINK, flags);

	put(last(), head, &info, sizeof info);
	return head;
}

static void put_attr(struct nlmsghdr *head, uint16_t type, const void *bytes, size_t len)
{
	struct {
		struct nlattr attr;
		unsigned char bytes[256];
	} attr = {
		.attr = {.nla_type = type, .nla_len = (uint16_t)(sizeof(struct nlattr) + len)}};

	memcpy(attr.bytes, bytes, len);
	put(last(), head, &attr, attr.attr.nla_len);
}

/* Attributes in one another. */
static size_t nested(unsigned char *ret, uint16_t type, const void *bytes, size_t len)
{
	const struct nlattr attr = {.nla_type = type, .nla_len = (uint16_t)(sizeof attr + len)};

	memset(ret, 0, sizeof attr + NLMSG_ALIGN(len));
	memcpy(ret, &attr, sizeof attr);
	memcpy(ret + sizeof attr, bytes, len);
	return sizeof attr + NLMSG_ALIGN(len);
}

static void a_link_as_it_is_now(void **state)
{
	const uint32_t mtu = 1400, master = 9;
	const uint8_t on = 1;
	unsigned char port[32], data[64];
	struct nlmsghdr *head;
	struct vst_err err;
	struct nl_now now;

	(void)state;
	head = link_answer(0, 7, 1);
	put_attr(head, IFLA_IFNAME, "h0", 3);
	put_attr(head, IFLA_MTU, &mtu, 4);
	put_attr(head, IFLA_MASTER, &master, 4);
	put_attr(head, IFLA_ADDRESS, "\2\0\0\0\0\1", 6);
	put_attr(head, IFLA_LINKINFO, data,
		nested(data, IFLA_INFO_SLAVE_DATA, port,
			nested(port, IFLA_BRPORT_ISOLATED, &on, 1)));
	assert_int_equal(nl_now(nl, 7, &now, &err), 1);
	assert_string_equal(now.name, "h0");
	assert_int_equal(now.mtu, 1400);
	assert_int_equal(now.master, 9);
	assert_int_equal(now.flags, 1);
	assert_true(now.is_isolated);
	assert_memory_equal(now.mac, "\2\0\0\0\0\1", 6);
	reset(NULL);
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(nl_now(nl, 7, &now, &err), 0);
	error_answer(EPERM, NLM_F_CAPPED);
	assert_int_equal(nl_now(nl, 7, &now, &err), -1);
	link_answer(0, 7, 0);
	assert_int_equal(nl_now(nl, 7, &now, &err), -1);
	assert_non_null(strstr(err.text, "malformed"));
}

static void filtering_is(
	const unsigned char *value, size_t len, int has_protocol, enum nl_filtering expected)
{
	static const unsigned char protocol[] = {0x81, 0};
	unsigned char bridge[64], data[64];
	enum nl_filtering is = 77;
	struct vst_err err;
	size_t used = 0;

	reset(NULL);
	if (len)
		used = nested(bridge, IFLA_BR_VLAN_FILTERING, value, len);
	if (has_protocol)
		used += nested(bridge + used, IFLA_BR_VLAN_PROTOCOL, protocol, 2);
	put_attr(link_answer(0, 7, 1), IFLA_LINKINFO, data,
		nested(data, IFLA_INFO_DATA, bridge, used));
	assert_int_equal(nl_filtering(nl, 7, &is, &err), 0);
	assert_int_equal(is, expected);
}

static void whether_a_bridge_filters(void **state)
{
	(void)state;
	filtering_is((const unsigned char *)"\1", 1, 1, NL_FILTERING_ON);
	filtering_is((const unsigned char *)"\0", 1, 1, NL_FILTERING_OFF);
	/* As a kernel says that has none. */
	filtering_is((const unsigned char *)"\0", 1, 0, NL_FILTERING_UNKNOWN);
	filtering_is(NULL, 0, 1, NL_FILTERING_UNKNOWN);
	filtering_is((const unsigned char *)"\1\0\0\0", 4, 1, NL_FILTERING_UNKNOWN);
}

/* A dump of one port with these VLANs, and of another with one that is nobody's. */
static void vlans_are(const struct bridge_vlan_info *vlans, unsigned n)
{
	const struct bridge_vlan_info other = {.vid = 99};
	unsigned char spec[256], one[16];
	struct nlmsghdr *head;
	int error = 0;
	size_t len = 0;

	for (unsigned i = 0; i < n; i++)
		len += nested(spec + len, IFLA_BRIDGE_VLAN_INFO, &vlans[i], sizeof *vlans);
	put_attr(link_answer(NLM_F_MULTI, 8, 1), IFLA_AF_SPEC, one,
		nested(one, IFLA_BRIDGE_VLAN_INFO, &other, sizeof other));
	put_attr(link_answer(NLM_F_MULTI, 7, 1), IFLA_AF_SPEC, spec, len);
	head = put_head(answer(), NLMSG_DONE, NLM_F_MULTI);
	put(last(), head, &error, sizeof error);
}

#define OURS (BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED)

static void a_port_is_in_one_vlan_alone(void **state)
{
	const struct bridge_vlan_info before[] = {{OURS, 1}, {0, 3}, {OURS, 5}};
	const struct bridge_vlan_info after = {OURS, 5}, tagged = {BRIDGE_VLAN_INFO_PVID, 5};
	const struct nlmsghdr *sent;
	struct vst_err err;

	(void)state;
	error_answer(0, NLM_F_CAPPED); /* added */
	vlans_are(before, 3);
	error_answer(0, NLM_F_CAPPED); /* 1 is taken away, */
	error_answer(0, NLM_F_CAPPED); /* 3 */
	vlans_are(&after, 1);
	assert_int_equal(nl_set_vlan(nl, 7, "h0", 5, &err), 0);
	assert_int_equal(script.n_sent, 5);
	for (unsigned i = 0; i < 5; i++) {
		sent = (const void *)script.sent[i];
		assert_int_equal(sent->nlmsg_type, i == 0             ? RTM_SETLINK
						   : i == 2 || i == 3 ? RTM_DELLINK
								      : RTM_GETLINK);
	}
	for (unsigned i = 2; i < 4; i++) {
		struct nl_span spec = nl_find(
			nl_attrs((const void *)script.sent[i], sizeof(struct ifinfomsg)),
			IFLA_AF_SPEC);

		attr_is(spec, IFLA_BRIDGE_VLAN_INFO,
			&(struct bridge_vlan_info){.vid = i == 2 ? 1 : 3}, 4);
	}
	/* Something else is left of it, or it is not what was asked for. */
	for (int i = 0; i < 3; i++) {
		reset(NULL);
		error_answer(0, NLM_F_CAPPED);
		vlans_are(&after, 1);
		if (i == 0)
			vlans_are(before + 1, 2);
		else
			vlans_are(i == 1 ? &tagged : before, i == 1 ? 1 : 0);
		assert_int_equal(nl_set_vlan(nl, 7, "h0", 5, &err), -1);
		assert_non_null(strstr(err.text, "put interface 'h0' into VLAN 5"));
	}
	reset(NULL);
	error_answer(EOPNOTSUPP, NLM_F_CAPPED);
	assert_int_equal(nl_set_vlan(nl, 7, "h0", 5, &err), -1);
	assert_int_equal(script.n_sent, 1);
}

/* An address that the kernel refuses is named. */
static void what_is_refused_is_named(void **state)
{
	const struct vst_address a4 = of("192.0.2.1", 24);
	const struct vst_route r4 = route_of("198.51.100.0", 24, "192.0.2.9", 0);
	struct vst_err err;

	(void)state;
	nl_state_address(&wanted, &a4);
	nl_state_route(&wanted, &r4);
	error_answer(ENOBUFS, NLM_F_CAPPED);
	assert_int_equal(
		nl_restore(nl, 7, "e0", 0, 0, wanted.bytes, (uint32_t)wanted.len, &err), -1);
	assert_non_null(strstr(
		err.text, "give interface 'e0' 1 of its addresses: the address 192.0.2.1/24"));
	assert_int_equal(err.code, ENOBUFS);
	reset(NULL);
	error_answer(0, NLM_F_CAPPED); /* the address, */
	error_answer(0, NLM_F_CAPPED); /* up, */
	error_answer(ENETUNREACH, NLM_F_CAPPED);
	error_answer(ENETUNREACH, NLM_F_CAPPED);
	assert_int_equal(
		nl_restore(nl, 7, "e0", 1, 0, wanted.bytes, (uint32_t)wanted.len, &err), -1);
	assert_non_null(strstr(err.text, "1 of its routes: the route to 198.51.100.0/24"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(addresses_are_written_as_the_kernel_tells_them, start),
		cmocka_unit_test_setup(routes_are_written_as_the_kernel_tells_them, start),
		cmocka_unit_test_setup(what_is_wanted_is_held, start),
		cmocka_unit_test_setup(a_tentative_address_is_not_held, start),
		cmocka_unit_test_setup(parts_are_added, start),
		cmocka_unit_test_setup(a_link_as_it_is_now, start),
		cmocka_unit_test_setup(whether_a_bridge_filters, start),
		cmocka_unit_test_setup(a_port_is_in_one_vlan_alone, start),
		cmocka_unit_test_setup(what_is_refused_is_named, start),
	};

	return cmocka_run_group_tests(tests, open_socket, close_socket);
}
