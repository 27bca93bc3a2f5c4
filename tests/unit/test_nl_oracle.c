/* SPDX-License-Identifier: Apache-2.0 */
/* What nl.c and nl_state.c send: byte for byte what libmnl makes of the same wishes. What they
 * take an answer for: what libmnl finds in it. */
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "emulated.h"
#include "host_order.h"
#include "nl_answers.h"
#include "nl_script.h"
#include "privileged/link/nl.h"

/* The macros that walk attributes convert signs. */
#pragma GCC diagnostic ignored "-Wconversion"

static const unsigned char mac[] = {2, 1, 2, 3, 4, 5}, peer_mac[] = {2, 9, 8, 7, 6, 5};

/* What libmnl makes, one at a time. Not every version of it clears what it pads with. */
static _Alignas(8) unsigned char made[1024];

static struct nlmsghdr *make(int type, int flags)
{
	struct nlmsghdr *head;

	memset(made, 0, sizeof made);
	head = mnl_nlmsg_put_header(made);
	head->nlmsg_type = (uint16_t)type;
	head->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	return head;
}

static struct nlmsghdr *make_link(int type, int flags, int ifindex)
{
	struct nlmsghdr *head = make(type, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(head, sizeof *info);

	info->ifi_index = ifindex;
	return head;
}

static struct nlmsghdr *make_nsid(int type, int flags, uint32_t ns_fd)
{
	struct nlmsghdr *head = make(type, flags);

	mnl_nlmsg_put_extra_header(head, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(head, NETNSA_FD, ns_fd);
	return head;
}

/* The nth request was this one: sequence and port are the socket's. */
static void sent_as(unsigned nth, struct nlmsghdr *wanted)
{
	const struct nlmsghdr *sent = (const struct nlmsghdr *)script.sent[nth];

	assert_true(nth < script.n_sent);
	wanted->nlmsg_seq = sent->nlmsg_seq;
	wanted->nlmsg_pid = sent->nlmsg_pid;
	assert_int_equal(sent->nlmsg_len, wanted->nlmsg_len);
	assert_int_equal(script.sent_len[nth], wanted->nlmsg_len);
	assert_memory_equal(sent, wanted, wanted->nlmsg_len);
}

static void acknowledged(void)
{
	reset(NULL);
	error_answer(0, NLM_F_CAPPED);
}

static void looked_up(void **state)
{
	static const char names[] = "abcdefghijklmno";
	struct nlmsghdr *wanted;
	struct nl_link link;
	struct vst_err err;

	(void)state;
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(nl_get_by_index(nl, 7, &link, &err), 0);
	wanted = make_link(RTM_GETLINK, 0, 7);
	mnl_attr_put_u32(wanted, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	sent_as(0, wanted);
	for (const char *name = names; *name; name++) {
		reset(NULL);
		error_answer(ENODEV, NLM_F_CAPPED);
		assert_int_equal(nl_get_by_name(nl, name, &link, &err), 0);
		wanted = make_link(RTM_GETLINK, 0, 0);
		mnl_attr_put_strz(wanted, IFLA_IFNAME, name);
		mnl_attr_put_u32(wanted, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		sent_as(0, wanted);
	}
}

static void nsid_answer(uint32_t id)
{
	struct nlmsghdr *head = put_head(answer(), RTM_NEWNSID, 0);
	const struct nlattr attr = {.nla_type = NETNSA_NSID, .nla_len = 8};
	const struct rtgenmsg family = {0};

	put(last(), head, &family, sizeof family);
	put(last(), head, &attr, sizeof attr);
	put(last(), head, &id, sizeof id);
}

static void looked_up_there(void **state)
{
	struct nlmsghdr *wanted;
	struct nl_link link;
	struct vst_err err;

	(void)state;
	nsid_answer((uint32_t)-1);
	error_answer(0, NLM_F_CAPPED);
	nsid_answer(5);
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(nl_name_owner(nl, 33, "eth0", &link, &err), 0);
	sent_as(0, make_nsid(RTM_GETNSID, 0, 33));
	wanted = make_nsid(RTM_NEWNSID, NLM_F_ACK, 33);
	mnl_attr_put_u32(wanted, NETNSA_NSID, (uint32_t)-1);
	sent_as(1, wanted);
	sent_as(2, make_nsid(RTM_GETNSID, 0, 33));
	wanted = make_link(RTM_GETLINK, 0, 0);
	mnl_attr_put_strz(wanted, IFLA_IFNAME, "eth0");
	mnl_attr_put_u32(wanted, IFLA_TARGET_NETNSID, 5);
	mnl_attr_put_u32(wanted, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	sent_as(3, wanted);
}

static void make_peer(struct nlmsghdr *wanted, const struct nl_new *link)
{
	struct nlattr *data = mnl_attr_nest_start(wanted, IFLA_INFO_DATA);
	struct nlattr *peer = mnl_attr_nest_start(wanted, VETH_INFO_PEER);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(wanted, sizeof *info);

	info->ifi_index = (int)link->peer_ifindex;
	mnl_attr_put_strz(wanted, IFLA_IFNAME, link->peer);
	mnl_attr_put(wanted, IFLA_ADDRESS, 6, link->peer_mac);
	if (link->peer_ns_fd >= 0)
		mnl_attr_put_u32(wanted, IFLA_NET_NS_FD, (uint32_t)link->peer_ns_fd);
	mnl_attr_nest_end(wanted, peer);
	mnl_attr_nest_end(wanted, data);
}

static struct nlmsghdr *make_new(const struct nl_new *link)
{
	struct nlmsghdr *wanted = make_link(
		RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, (int)link->ifindex);
	struct nlattr *info;

	mnl_attr_put_strz(wanted, IFLA_IFNAME, link->name);
	if (link->mac)
		mnl_attr_put(wanted, IFLA_ADDRESS, 6, link->mac);
	if (link->ns_fd >= 0)
		mnl_attr_put_u32(wanted, IFLA_NET_NS_FD, (uint32_t)link->ns_fd);
	info = mnl_attr_nest_start(wanted, IFLA_LINKINFO);
	mnl_attr_put_strz(wanted, IFLA_INFO_KIND, link->kind);
	if (link->peer)
		make_peer(wanted, link);
	mnl_attr_nest_end(wanted, info);
	return wanted;
}

static void created(void **state)
{
	static const char *const kinds[] = {"veth", "ifb", "bridge", "vxlan", "dummy"};
	static const char *const names[] = {"v", "v0", "eth0", "eth10", "sixteen-less-on"};
	struct vst_err err;

	(void)state;
	for (unsigned i = 0; i < 5 * 16; i++) {
		const struct nl_new link = {
			.name = names[i / 16],
			.kind = kinds[i / 16],
			.ifindex = 1U << i % 16,
			.mac = i & 1 ? mac : NULL,
			.ns_fd = i & 2 ? 44 : -1,
			.peer = i & 4 ? names[4 - i / 16] : NULL,
			.peer_ifindex = 4711,
			.peer_mac = peer_mac,
			.peer_ns_fd = i & 8 ? 55 : -1,
		};

		acknowledged();
		assert_int_equal(nl_create(nl, &link, &err), 0);
		sent_as(0, make_new(&link));
	}
}

static void changed(void **state)
{
	struct nlmsghdr *wanted;
	struct vst_err err;
	char alias[256] = "";

	(void)state;
	for (size_t len = 0; len < sizeof alias; len++) {
		memset(alias, 'a', len);
		acknowledged();
		assert_int_equal(nl_set_alias(nl, 7, "eth0", alias, &err), 0);
		wanted = make_link(RTM_SETLINK, NLM_F_ACK, 7);
		mnl_attr_put_strz(wanted, IFLA_IFALIAS, alias);
		sent_as(0, wanted);
	}
	for (int up = 0; up < 2; up++) {
		struct ifinfomsg *info;

		acknowledged();
		assert_int_equal(nl_set_up(nl, 7, "eth0", up, &err), 0);
		wanted = make_link(RTM_SETLINK, NLM_F_ACK, 7);
		info = mnl_nlmsg_get_payload(wanted);
		info->ifi_flags = up ? IFF_UP : 0;
		info->ifi_change = IFF_UP;
		sent_as(0, wanted);
	}
	acknowledged();
	assert_int_equal(nl_rename(nl, 7, "eth0", "eth10", &err), 0);
	wanted = make_link(RTM_SETLINK, NLM_F_ACK, 7);
	mnl_attr_put_strz(wanted, IFLA_IFNAME, "eth10");
	sent_as(0, wanted);
}

static void moved(void **state)
{
	struct nlmsghdr *wanted;
	struct vst_err err;

	(void)state;
	for (uint32_t new_ifindex = 0; new_ifindex < 10; new_ifindex += 9) {
		acknowledged();
		assert_int_equal(nl_move(nl, 7, "eth0", 44, new_ifindex, &err), 0);
		wanted = make_link(RTM_SETLINK, NLM_F_ACK, 7);
		mnl_attr_put_u32(wanted, IFLA_NET_NS_FD, 44);
		if (new_ifindex)
			mnl_attr_put_u32(wanted, IFLA_NEW_IFINDEX, new_ifindex);
		sent_as(0, wanted);
	}
	acknowledged();
	assert_int_equal(nl_delete(nl, 7, "eth0", -1, &err), 0);
	sent_as(0, make_link(RTM_DELLINK, NLM_F_ACK, 7));
	reset(NULL);
	error_answer(0, NLM_F_CAPPED);
	assert_int_equal(nl_delete(nl, 7, "eth0", 5, &err), 0);
	wanted = make_link(RTM_DELLINK, NLM_F_ACK, 7);
	mnl_attr_put_u32(wanted, IFLA_TARGET_NETNSID, 5);
	sent_as(0, wanted);
}

static void numbered(void **state)
{
	struct nlmsghdr *wanted;
	struct nl_link link;
	struct vst_err err;
	int id;

	(void)state;
	error_answer(0, NLM_F_CAPPED);
	assert_int_equal(nl_nsid_give(nl, 33, 77, &id, &err), 0);
	wanted = make_nsid(RTM_NEWNSID, NLM_F_ACK, 33);
	mnl_attr_put_u32(wanted, NETNSA_NSID, 77);
	sent_as(0, wanted);
	reset(NULL);
	nsid_answer(77);
	assert_int_equal(nl_nsid_exists(nl, 77, &err), 1);
	wanted = make(RTM_GETNSID, 0);
	mnl_nlmsg_put_extra_header(wanted, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(wanted, NETNSA_NSID, 77);
	sent_as(0, wanted);
	reset(NULL);
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(nl_get_in(nl, 77, 9, &link, &err), 0);
	wanted = make_link(RTM_GETLINK, 0, 9);
	mnl_attr_put_u32(wanted, IFLA_TARGET_NETNSID, 77);
	mnl_attr_put_u32(wanted, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	sent_as(0, wanted);
}

static void listed(void **state)
{
	static const unsigned char families[] = {AF_INET, AF_INET6};
	unsigned char kept[64];
	struct vst_err err;
	uint32_t len;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct nlmsghdr *head = put_head(answer(), NLMSG_DONE, NLM_F_MULTI);

		put(last(), head, "\0\0\0", 4);
	}
	assert_int_equal(nl_save(nl, 7, "eth0", kept, sizeof kept, &len, &err), 0);
	for (unsigned i = 0; i < 2; i++) {
		struct nlmsghdr *wanted = make(RTM_GETADDR, NLM_F_DUMP);
		struct ifaddrmsg *addr = mnl_nlmsg_put_extra_header(wanted, sizeof *addr);
		struct rtmsg *route;

		addr->ifa_family = families[i];
		addr->ifa_index = 7;
		sent_as(i, wanted);
		wanted = make(RTM_GETROUTE, NLM_F_DUMP);
		route = mnl_nlmsg_put_extra_header(wanted, sizeof *route);
		route->rtm_family = families[i];
		mnl_attr_put_u32(wanted, RTA_OIF, 7);
		sent_as(2 + i, wanted);
	}
}

/* What does not fit is refused before it is sent. */
static void too_long(void **state)
{
	static const int overs[] = {-1, 0, 1, 1000, 70000};
	static char name[80000];
	/* The header, struct ifinfomsg, the attribute's header, NUL. */
	const size_t most = 1024 - 16 - 16 - 4 - 1;
	struct nl_link link;
	struct vst_err err;

	(void)state;
	for (size_t i = 0; i < sizeof overs / sizeof *overs; i++) {
		int fits = overs[i] <= 0;

		memset(name, 'a', most + (size_t)overs[i]);
		name[most + (size_t)overs[i]] = '\0';
		acknowledged();
		assert_int_equal(nl_rename(nl, 7, "eth0", name, &err), fits ? 0 : -1);
		assert_int_equal(script.n_sent, fits);
		if (fits)
			continue;
		assert_int_equal(err.code, EMSGSIZE);
		assert_non_null(strstr(err.text, "the request is too long"));
		assert_int_equal(nl_set_alias(nl, 7, "eth0", name, &err), -1);
		assert_int_equal(nl_name_owner(nl, -1, name, &link, &err), -1);
		assert_int_equal(err.code, EMSGSIZE);
		assert_int_equal(
			nl_create(nl,
				&(struct nl_new){.name = name, .kind = "ifb", .ns_fd = -1},
				&err),
			-1);
		assert_int_equal(script.n_sent, 0);
	}
}

static const struct nlattr *find(const struct nlmsghdr *message, int type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(struct ifinfomsg))
	{
		if (mnl_attr_get_type(attr) == type)
			return attr;
	}
	return NULL;
}

static const struct nlattr *find_kind(const struct nlmsghdr *message)
{
	const struct nlattr *info = find(message, IFLA_LINKINFO), *attr;

	if (!info)
		return NULL;
	mnl_attr_for_each_nested(attr, info)
	{
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			return attr;
	}
	return NULL;
}

/* 0: not valid, or with more than size bytes. */
static int get_str(const struct nlattr *attr, char *ret, size_t size)
{
	if (!attr)
		return 1;
	if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0 ||
		mnl_attr_get_payload_len(attr) > size)
		return 0;
	memcpy(ret, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	return 1;
}

static uint32_t get_u32(const struct nlattr *attr, uint32_t otherwise)
{
	return attr && mnl_attr_validate(attr, MNL_TYPE_U32) == 0 ? mnl_attr_get_u32(attr)
								  : otherwise;
}

static int read_link(const struct nlmsghdr *message, struct nl_link *ret)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *address = find(message, IFLA_PERM_ADDRESS);

	memset(ret, 0, sizeof *ret);
	ret->ifindex = (uint32_t)info->ifi_index;
	ret->flags = info->ifi_flags;
	ret->lower = get_u32(find(message, IFLA_LINK), 0);
	ret->lower_nsid = (int)get_u32(find(message, IFLA_LINK_NETNSID), (uint32_t)-1);
	if (!address)
		address = find(message, IFLA_ADDRESS);
	if (address) {
		size_t len = mnl_attr_get_payload_len(address);

		ret->mac_len = len < 8 ? (uint32_t)len : 8;
		memcpy(ret->mac,
			(const char *)mnl_attr_get_payload(address) + len - ret->mac_len,
			ret->mac_len);
	}
	return find(message, IFLA_IFNAME) &&
	       get_str(find(message, IFLA_IFNAME), ret->name, sizeof ret->name) &&
	       get_str(find_kind(message), ret->kind, sizeof ret->kind) &&
	       get_str(find(message, IFLA_IFALIAS), ret->alias, sizeof ret->alias);
}

/* Whether the attributes fill the message. */
static int is_whole(const struct nlmsghdr *message)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(struct ifinfomsg));
	return (const char *)attr >= (const char *)mnl_nlmsg_get_payload_tail(message);
}

/* A real answer with any bit behind its header flipped: the same verdict, the same link. */
static void read_as_libmnl(const unsigned char *bytes, size_t len, const char *name)
{
	_Alignas(8) unsigned char mutant[2048];
	struct nl_link link, wanted;
	struct vst_err err;
	uint32_t ifindex;

	memcpy(mutant, bytes, len);
	memcpy(&ifindex, bytes + 20, sizeof ifindex);
	for (size_t bit = sizeof(struct nlmsghdr) * 8; bit <= len * 8; bit++) {
		int is_good;

		if (bit < len * 8)
			mutant[bit / 8] ^= (unsigned char)(1 << bit % 8);
		reset(NULL);
		memcpy(answer()->bytes, mutant, len);
		last()->len = len;
		is_good = read_link((const struct nlmsghdr *)mutant, &wanted) &&
			  wanted.ifindex == ifindex &&
			  is_whole((const struct nlmsghdr *)mutant);
		assert_int_equal(nl_get_by_index(nl, ifindex, &link, &err), is_good ? 1 : -1);
		if (is_good) {
			assert_int_equal(link.ifindex, wanted.ifindex);
			assert_int_equal(link.flags, wanted.flags);
			assert_int_equal(link.mac_len, wanted.mac_len);
			assert_memory_equal(link.mac, wanted.mac, sizeof link.mac);
			assert_string_equal(link.name, wanted.name);
			assert_string_equal(link.kind, wanted.kind);
			assert_string_equal(link.alias, wanted.alias);
			assert_int_equal(link.lower, wanted.lower);
			assert_int_equal(link.lower_nsid, wanted.lower_nsid);
		}
		if (bit < len * 8)
			mutant[bit / 8] = bytes[bit / 8];
	}
	/* The last was whole. */
	assert_string_equal(link.name, name);
}

static void real_answers(void **state)
{
	(void)state;
	if (!HOST_IS_LITTLE && qemu_lacks("answers of this byte order"))
		skip();
	read_as_libmnl(veth_answer, sizeof veth_answer, "v0");
	read_as_libmnl(macvlan_answer, sizeof macvlan_answer, "m0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(looked_up, reset),
		cmocka_unit_test_setup(looked_up_there, reset),
		cmocka_unit_test_setup(numbered, reset),
		cmocka_unit_test_setup(created, reset),
		cmocka_unit_test_setup(changed, reset),
		cmocka_unit_test_setup(moved, reset),
		cmocka_unit_test_setup(listed, reset),
		cmocka_unit_test_setup(too_long, reset),
		cmocka_unit_test_setup(real_answers, reset),
	};

	return cmocka_run_group_tests(tests, open_socket, close_socket);
}
