/* SPDX-License-Identifier: Apache-2.0 */
/* Dumps of addresses and routes, and giving them back. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host_order.h"
#include "nl_script.h"
#include "privileged/link/nl.h"

static void part(int type, int flags, const void *body, size_t len)
{
	put(last(), put_head(last(), type, flags), body, len);
}

static void address(uint32_t ifindex, int flags)
{
	struct {
		struct ifaddrmsg addr;
		struct nlattr attr;
		uint32_t flags;
	} body = {
		.addr = {.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = ifindex},
		.attr = {.nla_type = IFA_FLAGS, .nla_len = 8},
		.flags = 0x80,
	};

	part(RTM_NEWADDR, NLM_F_MULTI | flags, &body, sizeof body);
}

static void address6(uint32_t flags)
{
	struct {
		struct ifaddrmsg addr;
		struct nlattr attr;
		uint32_t flags;
	} body = {
		.addr = {.ifa_family = AF_INET6, .ifa_prefixlen = 64, .ifa_index = 7},
		.attr = {.nla_type = IFA_FLAGS, .nla_len = 8},
		.flags = flags,
	};

	part(RTM_NEWADDR, NLM_F_MULTI, &body, sizeof body);
}

static void route(uint32_t oif, unsigned char protocol)
{
	struct {
		struct rtmsg route;
		struct nlattr attr;
		uint32_t oif;
	} body = {
		.route = {.rtm_family = AF_INET,
			.rtm_protocol = protocol,
			.rtm_flags = RTNH_F_LINKDOWN | RTNH_F_ONLINK},
		.attr = {.nla_type = RTA_OIF, .nla_len = 8},
		.oif = oif,
	};

	part(RTM_NEWROUTE, NLM_F_MULTI, &body, sizeof body);
}

static void done(int error, int flags)
{
	part(NLMSG_DONE, NLM_F_MULTI | flags, &error, sizeof error);
}

static void empty_dumps(int n)
{
	for (int i = 0; i < n; i++) {
		answer();
		done(0, 0);
	}
}

#define ADDRESS_LEN 32
#define ROUTE_LEN 36

static void saved(void **state)
{
	unsigned char kept[256];
	struct vst_err err;
	uint32_t len;

	(void)state;
	/* In parts; another link's; the end in the same datagram as the last. */
	answer();
	address(7, 0);
	address(8, 0);
	answer();
	address(7, 0);
	done(0, 0);
	empty_dumps(1);
	answer();
	route(7, RTPROT_STATIC);
	route(7, RTPROT_KERNEL);
	route(9, RTPROT_STATIC);
	route(7, RTPROT_RA);
	answer();
	done(0, 0);
	empty_dumps(1);
	/* Routes of others that have an address as their source: none. */
	empty_dumps(1);
	assert_int_equal(nl_save(nl, 7, "eth0", kept, sizeof kept, &len, &err), 0);
	assert_int_equal(len, 2 * ADDRESS_LEN + ROUTE_LEN);
	assert_int_equal(script.n_sent, 5);
	/* A kernel without IPv6. */
	reset(NULL);
	empty_dumps(1);
	error_answer(EAFNOSUPPORT, NLM_F_CAPPED);
	empty_dumps(1);
	answer();
	done(-EAFNOSUPPORT, 0);
	assert_int_equal(nl_save(nl, 7, "eth0", kept, sizeof kept, &len, &err), 0);
	assert_int_equal(len, 0);
}

static void interrupted(void **state)
{
	unsigned char kept[256];
	struct vst_err err;
	uint32_t len;

	(void)state;
	answer();
	address(7, NLM_F_DUMP_INTR);
	done(0, 0);
	answer();
	address(7, 0);
	done(0, NLM_F_DUMP_INTR);
	answer();
	address(7, 0);
	done(0, 0);
	empty_dumps(4);
	assert_int_equal(nl_save(nl, 7, "eth0", kept, sizeof kept, &len, &err), 0);
	assert_int_equal(len, ADDRESS_LEN);
	assert_int_equal(script.n_sent, 7);
	reset(NULL);
	for (int i = 0; i < 20; i++) {
		answer();
		done(0, NLM_F_DUMP_INTR);
	}
	assert_int_equal(nl_save(nl, 7, "eth0", kept, sizeof kept, &len, &err), -1);
	assert_int_equal(err.code, EINTR);
	assert_true(script.n_sent < 10);
}

static void save_refused(int code, const char *words)
{
	unsigned char kept[2 * ADDRESS_LEN];
	struct vst_err err;
	uint32_t len = 4711;

	assert_int_equal(nl_save(nl, 7, "eth0", kept, sizeof kept, &len, &err), -1);
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.text, "'eth0'"));
	assert_non_null(strstr(err.text, words));
	assert_int_equal(len, 4711);
	assert_int_equal(script.next, script.n);
	reset(NULL);
}

static void bad_dumps(void **state)
{
	static const unsigned char no[12] = {0};
	/* struct rtmsg, and attributes of it. */
	static const unsigned char hops[] = {
		2, 0, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0, HOST_ATTR(4, RTA_MULTIPATH)};
	static const unsigned char object[] = {2, 0, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0,
		HOST_ATTR(8, RTA_OIF), HOST32(7), HOST_ATTR(8, RTA_NH_ID), HOST32(1)};
	static const unsigned char words[] = {
		HOST32(-EINVAL), HOST_ATTR(10, NLMSGERR_ATTR_MSG), 'W', 'o', 'r', 'd', 's', 0};

	(void)state;
	answer();
	address(7, 0);
	save_refused(ETIMEDOUT, "did not come");
	answer();
	save_refused(EPROTO, "malformed");
	answer();
	address(7, 0);
	last()->len -= 4;
	save_refused(EPROTO, "malformed");
	answer();
	address(7, 0);
	part(NLMSG_DONE, NLM_F_MULTI, no, 0);
	save_refused(EPROTO, "malformed");
	answer();
	address(7, 0);
	done(-ENOMEM, 0);
	save_refused(ENOMEM, "Cannot allocate");
	answer();
	part(RTM_NEWROUTE, NLM_F_MULTI, no, sizeof no);
	save_refused(EPROTO, "of another kind");
	answer();
	part(RTM_NEWADDR, NLM_F_MULTI, no, 4);
	save_refused(EPROTO, "of another kind");
	error_answer(0, NLM_F_CAPPED);
	save_refused(EPROTO, "of another kind");
	error_answer(EPERM, NLM_F_CAPPED);
	save_refused(EPERM, "CAP_NET_ADMIN");
	answer();
	address(7, 0);
	last()->seq_off = 1;
	save_refused(EPROTO, "another request");
	/* What does not fit, or could not be given back: refused, but read to the end. */
	answer();
	address(7, 0);
	address(7, 0);
	address(7, 0);
	answer();
	address(7, 0);
	answer();
	done(0, 0);
	save_refused(0, "too many addresses");
	empty_dumps(2);
	answer();
	part(RTM_NEWROUTE, NLM_F_MULTI, hops, sizeof hops);
	answer();
	done(0, 0);
	save_refused(0, "several nexthops");
	empty_dumps(2);
	answer();
	part(RTM_NEWROUTE, NLM_F_MULTI, object, sizeof object);
	done(0, 0);
	save_refused(0, "nexthop object");
	answer();
	done(-4096, 0);
	save_refused(EPROTO, "malformed");
	answer();
	done(INT32_MIN, 0);
	save_refused(EPROTO, "malformed");
	/* An end with the kernel's words. */
	answer();
	part(NLMSG_DONE, NLM_F_MULTI | NLM_F_ACK_TLVS, words, sizeof words);
	save_refused(EINVAL, "Words: Invalid argument");
}

static uint32_t flags_sent(unsigned nth)
{
	uint32_t flags;

	memcpy(&flags, script.sent[nth] + 28, sizeof flags);
	return flags;
}

/* Temporary ones are the kernel's to make, tentative ones are to be proved, and the others come
 * without a proof at first; the last in the list was the first. */
static void addresses_of_ipv6(void **state)
{
	unsigned char kept[256];
	struct vst_err err;
	uint32_t len;

	(void)state;
	empty_dumps(1);
	answer();
	address6(IFA_F_PERMANENT);
	address6(IFA_F_TEMPORARY);
	address6(IFA_F_PERMANENT | IFA_F_TENTATIVE);
	done(0, 0);
	empty_dumps(3);
	assert_int_equal(nl_save(nl, 7, "eth0", kept, sizeof kept, &len, &err), 0);
	assert_int_equal(len, 2 * ADDRESS_LEN);
	reset(NULL);
	for (int i = 0; i < 4; i++)
		error_answer(0, NLM_F_CAPPED);
	assert_int_equal(nl_restore(nl, 7, "eth0", 0, 0, kept, len, &err), 0);
	assert_int_equal(script.n_sent, 4);
	assert_int_equal(flags_sent(0), IFA_F_PERMANENT | IFA_F_TENTATIVE);
	assert_int_equal(flags_sent(1), IFA_F_PERMANENT | IFA_F_NODAD);
	assert_int_equal(flags_sent(2), IFA_F_PERMANENT | IFA_F_TENTATIVE);
	assert_int_equal(flags_sent(3), IFA_F_PERMANENT);
}

static void restored(void **state)
{
	unsigned char kept[256];
	const struct nlmsghdr *sent;
	struct vst_err err;
	uint32_t len, oif;

	(void)state;
	answer();
	address(7, 0);
	done(0, 0);
	empty_dumps(1);
	answer();
	route(7, RTPROT_STATIC);
	done(0, 0);
	empty_dumps(2);
	assert_int_equal(nl_save(nl, 7, "eth0", kept, sizeof kept, &len, &err), 0);
	reset(NULL);
	/* The address is there, up, and the route only the second time. */
	error_answer(EEXIST, NLM_F_CAPPED);
	error_answer(0, NLM_F_CAPPED);
	error_answer(ENETUNREACH, NLM_F_CAPPED);
	error_answer(0, NLM_F_CAPPED);
	assert_int_equal(nl_restore(nl, 70, "eth0", 1, 0, kept, len, &err), 0);
	assert_int_equal(script.n_sent, 4);
	sent = (const struct nlmsghdr *)script.sent[0];
	assert_int_equal(sent->nlmsg_type, RTM_NEWADDR);
	assert_int_equal(
		sent->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	assert_int_equal(((const struct ifaddrmsg *)NLMSG_DATA(sent))->ifa_index, 70);
	sent = (const struct nlmsghdr *)script.sent[3];
	assert_int_equal(sent->nlmsg_type, RTM_NEWROUTE);
	assert_int_equal(((const struct rtmsg *)NLMSG_DATA(sent))->rtm_flags, RTNH_F_ONLINK);
	memcpy(&oif, (const unsigned char *)sent + 32, sizeof oif);
	assert_int_equal(oif, 70);
	/* Down: no routes. */
	reset(NULL);
	error_answer(0, NLM_F_CAPPED);
	assert_int_equal(nl_restore(nl, 7, "eth0", 0, 0, kept, len, &err), 0);
	assert_int_equal(script.n_sent, 1);
	/* A failure is told, and the rest is done. */
	reset(NULL);
	error_answer(EADDRNOTAVAIL, NLM_F_CAPPED);
	error_answer(0, NLM_F_CAPPED);
	error_answer(0, NLM_F_CAPPED);
	assert_int_equal(nl_restore(nl, 7, "eth0", 1, 0, kept, len, &err), -1);
	assert_int_equal(err.code, EADDRNOTAVAIL);
	assert_int_equal(script.n_sent, 3);
	/* A state that lies about itself sends nothing that it does not hold. */
	for (uint32_t lie = 0; lie < 16; lie++) {
		reset(NULL);
		memcpy(kept, &lie, sizeof lie);
		assert_int_equal(nl_restore(nl, 7, "eth0", 0, 0, kept, len, &err), -1);
		assert_int_equal(script.n_sent, 0);
	}
	reset(NULL);
	memcpy(kept, &(uint32_t){5000}, sizeof(uint32_t));
	assert_int_equal(nl_restore(nl, 7, "eth0", 0, 0, kept, len, &err), -1);
	assert_int_equal(script.n_sent, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(saved, reset),
		cmocka_unit_test_setup(interrupted, reset),
		cmocka_unit_test_setup(bad_dumps, reset),
		cmocka_unit_test_setup(addresses_of_ipv6, reset),
		cmocka_unit_test_setup(restored, reset),
	};

	return cmocka_run_group_tests(tests, open_socket, close_socket);
}
