/* SPDX-License-Identifier: Apache-2.0 */
/* What is read back of a user's port: one that is as it should be, and each thing that can be
 * wrong with it, alone, as older kernels and other hands leave it. */
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nl_script.h"
#include "privileged/link/nl_attr.h"
#include "privileged/link/port.h"

#define PORT 7
#define BRIDGE 3
#define MAX_GROUPS (IFLA_BRPORT_LOCKED + 3)
#define NONE (-1)

/* /proc: what disable_ipv6 of the port says; NULL: there is no such file. */
static const char *disable_ipv6;

int __wrap_proc_read(const char *path, char *text, size_t size);
int __wrap_proc_read(const char *path, char *text, size_t size)
{
	const char *says = strstr(path, "disable_ipv6") ? disable_ipv6 : "Linux\n";

	if (!says) {
		errno = ENOENT;
		return -1;
	}
	assert_true(strlen(says) < size);
	strcpy(text, says);
	return 0;
}

/* How the port is; a setting that is NONE is not told. */
static struct {
	const char *kind, *of;
	unsigned flags;
	uint32_t master;
	int isolated, locked, learning, flood, guard, protect, router, groups;
	int away;
} is;

static struct {
	uint32_t ifindex, master;
	uint16_t state;
	uint8_t flags;
	unsigned char mac[6];
} entries[4];
static unsigned n_entries;

static const unsigned char pinned_to[6] = {2, 1, 1, 1, 1, 1};

static int good(void **state)
{
	is.kind = "veth";
	is.of = "bridge";
	is.flags = IFF_UP | IFF_NOARP;
	is.master = BRIDGE;
	is.isolated = is.locked = is.guard = is.protect = 1;
	is.learning = is.flood = is.router = 0;
	is.groups = 64;
	is.away = 1;
	disable_ipv6 = "1\n";
	n_entries = 0;
	return reset(state);
}

static void entry(uint16_t state, uint8_t flags, unsigned char last)
{
	entries[n_entries].ifindex = PORT;
	entries[n_entries].master = BRIDGE;
	entries[n_entries].state = state;
	entries[n_entries].flags = flags;
	memcpy(entries[n_entries].mac, pinned_to, 6);
	entries[n_entries++].mac[5] = last;
}

static void answer_with(const struct nl_request *built)
{
	struct answer *to = answer();

	assert_int_not_equal(built->head.nlmsg_len, 0);
	memcpy(to->bytes, built->bytes, built->head.nlmsg_len);
	to->len = built->head.nlmsg_len;
}

static void put_u8(struct nl_request *to, uint16_t type, int value)
{
	const uint8_t byte = (uint8_t)value;

	if (value != NONE)
		nl_put(to, type, &byte, sizeof byte);
}

static void answer_link(void)
{
	const struct ifinfomsg info = {.ifi_index = PORT, .ifi_flags = is.flags};
	struct nl_request built;
	size_t nest, data;

	nl_begin(&built, RTM_NEWLINK, 0);
	built.head.nlmsg_flags = 0;
	nl_put_bytes(&built, &info, sizeof info);
	nl_put_str(&built, IFLA_IFNAME, "vsrs_0");
	nl_put_u32(&built, IFLA_GROUP, 30306);
	nl_put_u32(&built, IFLA_MTU, 1500);
	if (is.master)
		nl_put_u32(&built, IFLA_MASTER, is.master);
	if (is.away)
		nl_put_u32(&built, IFLA_LINK_NETNSID, 4);
	nest = nl_nest(&built, IFLA_LINKINFO);
	nl_put_str(&built, IFLA_INFO_KIND, is.kind);
	nl_put_str(&built, IFLA_INFO_SLAVE_KIND, is.of);
	data = nl_nest(&built, IFLA_INFO_SLAVE_DATA);
	put_u8(&built, IFLA_BRPORT_ISOLATED, is.isolated);
	put_u8(&built, IFLA_BRPORT_LOCKED, is.locked);
	put_u8(&built, IFLA_BRPORT_LEARNING, is.learning);
	put_u8(&built, IFLA_BRPORT_UNICAST_FLOOD, is.flood);
	put_u8(&built, IFLA_BRPORT_GUARD, is.guard);
	put_u8(&built, IFLA_BRPORT_PROTECT, is.protect);
	put_u8(&built, IFLA_BRPORT_MULTICAST_ROUTER, is.router);
	if (is.groups != NONE)
		nl_put_u32(&built, MAX_GROUPS, (uint32_t)is.groups);
	nl_nest_end(&built, data);
	nl_nest_end(&built, nest);
	answer_with(&built);
}

static void answer_entries(void)
{
	struct nl_request built;
	const int none = 0;

	for (unsigned i = 0; i < n_entries; i++) {
		const struct ndmsg neighbour = {.ndm_family = AF_BRIDGE,
			.ndm_ifindex = (int)entries[i].ifindex,
			.ndm_state = entries[i].state,
			.ndm_flags = entries[i].flags};

		nl_begin(&built, RTM_NEWNEIGH, 0);
		built.head.nlmsg_flags = NLM_F_MULTI;
		nl_put_bytes(&built, &neighbour, sizeof neighbour);
		nl_put(&built, NDA_LLADDR, entries[i].mac, 6);
		if (entries[i].master)
			nl_put_u32(&built, NDA_MASTER, entries[i].master);
		answer_with(&built);
	}
	nl_begin(&built, NLMSG_DONE, 0);
	built.head.nlmsg_flags = NLM_F_MULTI;
	nl_put_bytes(&built, &none, sizeof none);
	answer_with(&built);
}

/* Looks; the port is wrong so, or NULL. */
static void looks(const char *wrong, const unsigned char *there_mac)
{
	struct port_facts facts;
	struct vst_err err;

	script.n = script.next = script.n_sent = 0;
	memset(script.answers, 0, sizeof script.answers);
	answer_link();
	answer_entries();
	assert_int_equal(port_look(nl, PORT, there_mac, &facts, &err), 1);
	if (wrong)
		assert_string_equal(facts.wrong, wrong);
	else
		assert_null(facts.wrong);
	assert_int_equal(facts.group, 30306);
	assert_int_equal(facts.mtu, 1500);
	assert_int_equal(facts.master, is.master);
	assert_int_equal(facts.is_away, is.away);
	assert_int_equal(facts.is_shared, is.isolated == 0);
	good(NULL);
	entry(NUD_NOARP, NTF_STICKY, 1);
}

static void settings(void **state)
{
	(void)state;
	entry(NUD_NOARP, NTF_STICKY, 1);
	looks(NULL, NULL);
	looks(NULL, pinned_to);
	/* Its own address, and its driver's list, are no pins. */
	entry(NUD_PERMANENT, 0, 9);
	entry(NUD_REACHABLE, 0, 9);
	entries[2].master = 0;
	looks(NULL, pinned_to);
	is.isolated = 0;
	looks(NULL, NULL);
	is.kind = "dummy";
	looks("is no veth", NULL);
	is.master = 0;
	looks("is no port of a bridge", NULL);
	is.of = "bond";
	looks("is no port of a bridge", NULL);
	is.flags = IFF_UP;
	looks("answers ARP", NULL);
	is.locked = 0;
	looks("is not locked", NULL);
	is.learning = 1;
	looks("learns addresses", NULL);
	is.flood = 1;
	looks("gets frames to unknown addresses", NULL);
	is.guard = 0;
	looks("takes messages of bridges", NULL);
	is.protect = 0;
	looks("can become the way to the root bridge", NULL);
	is.router = 1;
	looks("can pass for a multicast router", NULL);
	is.groups = 0;
	looks("can join any number of groups", NULL);
	disable_ipv6 = "0\n";
	looks("has IPv6 here", NULL);
	/* A kernel without IPv6. */
	disable_ipv6 = NULL;
	looks(NULL, NULL);
}

/* What is not told is not so, but for the number of groups, which Linux 6.3 has first. */
static void older_kernels(void **state)
{
	(void)state;
	entry(NUD_NOARP, NTF_STICKY, 1);
	is.groups = NONE;
	looks(NULL, NULL);
	is.locked = NONE;
	looks(PORT_CANNOT_LOCK, NULL);
	is.isolated = NONE;
	looks("cannot be isolated", NULL);
	is.learning = NONE;
	looks("learns addresses", NULL);
	is.router = NONE;
	looks("can pass for a multicast router", NULL);
}

static void pins(void **state)
{
	static const char wrong[] = "is not pinned to one address";

	(void)state;
	looks(wrong, NULL);
	/* Of another address; learned; static, and not sticky; two. */
	entries[0].mac[5] = 8;
	looks(wrong, pinned_to);
	entries[0].mac[5] = 8;
	looks(NULL, NULL);
	entries[0].state = NUD_REACHABLE;
	looks(wrong, NULL);
	entries[0].flags = 0;
	looks(wrong, NULL);
	entry(NUD_NOARP, NTF_STICKY, 2);
	looks(wrong, NULL);
	/* In each VLAN once. */
	entry(NUD_NOARP, NTF_STICKY, 1);
	looks(NULL, pinned_to);
	/* Another port's. */
	entry(NUD_REACHABLE, 0, 9);
	entries[1].ifindex = 8;
	looks(NULL, pinned_to);
	entries[0].ifindex = 8;
	looks(wrong, NULL);
}

static void answers(void **state)
{
	struct port_facts facts;
	struct vst_err err;

	(void)state;
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(port_look(nl, PORT, NULL, &facts, &err), 0);
	good(NULL);
	error_answer(EPERM, NLM_F_CAPPED);
	assert_int_equal(port_look(nl, PORT, NULL, &facts, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_DENIED);
	/* A table that keeps changing is not believed. */
	good(NULL);
	answer_link();
	for (unsigned i = 0; i < 8; i++) {
		answer_entries();
		((struct nlmsghdr *)last()->bytes)->nlmsg_flags |= NLM_F_DUMP_INTR;
	}
	assert_int_equal(port_look(nl, PORT, NULL, &facts, &err), -1);
	assert_int_equal(script.next, 9);
	/* Once it stands still, what was listed before counts for nothing. */
	good(NULL);
	entry(NUD_REACHABLE, 0, 1);
	answer_link();
	answer_entries();
	((struct nlmsghdr *)last()->bytes)->nlmsg_flags |= NLM_F_DUMP_INTR;
	n_entries = 0;
	entry(NUD_NOARP, NTF_STICKY, 1);
	answer_entries();
	assert_int_equal(port_look(nl, PORT, pinned_to, &facts, &err), 1);
	assert_null(facts.wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(settings, good),
		cmocka_unit_test_setup(older_kernels, good),
		cmocka_unit_test_setup(pins, good),
		cmocka_unit_test_setup(answers, good),
	};

	return cmocka_run_group_tests(tests, open_socket, close_socket);
}
