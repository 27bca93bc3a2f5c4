/* SPDX-License-Identifier: Apache-2.0 */
#include "port_apart.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../kernel/proc.h"
#include "nl_attr.h"
#include "nl_talk.h"

/* Addresses of a bridge that are looked at. */
#define SUBNETS_MAX 32

/* The priority of the rule for the main table. */
#define BEFORE_MAIN 32766U

struct subnet {
	uint8_t family;
	uint8_t prefix;
	uint8_t is_apart;
	unsigned char address[16];
};

struct apart {
	const struct port_bridge *bridge;
	unsigned n;
	struct subnet subnets[SUBNETS_MAX];
};

static size_t size_of(uint8_t family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

/* Whether the first bits of both are the same. */
static int agree(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	const unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* Leaves the network's bits. */
static void clear_host(unsigned char *address, size_t size, unsigned bits)
{
	for (size_t i = 0; i<size; i++, bits = bits> 8 ? bits - 8 : 0)
		if (bits < 8)
			address[i] &= (unsigned char)(0xff00 >> bits);
}

static int take_address(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	const struct ifaddrmsg *info = NLMSG_DATA(message);
	struct nl_span address = nl_find(nl_attrs(message, sizeof *info), IFA_ADDRESS);
	const size_t size = size_of(info->ifa_family);
	struct apart *apart = arg;
	struct subnet *subnet;

	/* What is of the link alone is not forwarded. */
	if (info->ifa_index != apart->bridge->ifindex || info->ifa_scope == RT_SCOPE_LINK ||
		!size)
		return 0;
	if (address.len != size || info->ifa_prefixlen > 8 * size)
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	if (apart->n == SUBNETS_MAX)
		return nl_why(why, E2BIG, "the bridge has too many addresses");
	subnet = &apart->subnets[apart->n++];
	*subnet = (struct subnet){.family = info->ifa_family, .prefix = info->ifa_prefixlen};
	memcpy(subnet->address, address.at, size);
	clear_host(subnet->address, size, subnet->prefix);
	return 0;
}

/* Whether the rule applies to all that the bridge sends to `to`: it has no selector but that.
 */
static int applies(
	const struct fib_rule_hdr *rule, struct nl_span attrs, const struct port_bridge *bridge)
{
	char name[16] = "";
	uint16_t type;

	if ((rule->action != FR_ACT_PROHIBIT && rule->action != FR_ACT_BLACKHOLE &&
		    rule->action != FR_ACT_UNREACHABLE) ||
		rule->src_len || rule->tos || rule->flags & FIB_RULE_INVERT)
		return 0;
	for (struct nl_span rest = attrs, one; (one = nl_any(&rest, &type)).at;)
		switch (type) {
		case FRA_IIFNAME:
			if (nl_get_str(one, name, sizeof name) < 0 ||
				strcmp(name, bridge->name) != 0)
				return 0;
			break;
		case FRA_PRIORITY:
			if (nl_get_u32(one, BEFORE_MAIN) >= BEFORE_MAIN)
				return 0;
			break;
		case FRA_DST:
		case FRA_TABLE:
		case FRA_SUPPRESS_PREFIXLEN:
		case FRA_SUPPRESS_IFGROUP:
		case FRA_PROTOCOL:
			break;
		default:
			return 0;
		}
	return 1;
}

static int take_rule(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	const struct fib_rule_hdr *rule = NLMSG_DATA(message);
	struct nl_span attrs = nl_attrs(message, sizeof *rule);
	struct nl_span to = nl_find(attrs, FRA_DST);
	struct apart *apart = arg;

	(void)why;
	if (!applies(rule, attrs, apart->bridge))
		return 0;
	for (unsigned i = 0; i < apart->n; i++) {
		struct subnet *subnet = &apart->subnets[i];

		if (subnet->family == rule->family && rule->dst_len <= subnet->prefix &&
			(!rule->dst_len ||
				(to.len == size_of(subnet->family) &&
					agree(to.at, subnet->address, rule->dst_len))))
			subnet->is_apart = 1;
	}
	return 0;
}

static int forwards(uint8_t family, const char *bridge)
{
	char path[96], text[16];

	snprintf(path, sizeof path, "sys/net/ipv%d/conf/%s/forwarding",
		family == AF_INET ? 4 : 6, bridge);
	return proc_read(path, text, sizeof text) < 0 || text[0] != '0';
}

int port_apart(struct nl *nl, const struct port_bridge *bridge, char ret_rule[128],
	struct vst_err *err)
{
	const struct ifaddrmsg addresses = {.ifa_index = bridge->ifindex};
	const struct fib_rule_hdr rules = {.family = AF_UNSPEC};
	struct apart apart = {.bridge = bridge};
	struct nl_request request;
	struct nl_refusal why;

	nl_begin(&request, RTM_GETADDR, NLM_F_DUMP);
	nl_put_bytes(&request, &addresses, sizeof addresses);
	if (nl_dump(nl, &request.head, RTM_NEWADDR, NLMSG_LENGTH(sizeof addresses),
		    take_address, &apart, &why) < 0)
		return nl_refused(err, &why, "list the addresses of bridge '%s'", bridge->name);
	nl_begin(&request, RTM_GETRULE, NLM_F_DUMP);
	nl_put_bytes(&request, &rules, sizeof rules);
	if (nl_dump(nl, &request.head, RTM_NEWRULE, NLMSG_LENGTH(sizeof rules), take_rule,
		    &apart, &why) < 0)
		return nl_refused(err, &why, "list the rules of routing");
	for (unsigned i = 0; i < apart.n; i++) {
		const struct subnet *subnet = &apart.subnets[i];
		char text[INET6_ADDRSTRLEN];

		if (subnet->is_apart || !forwards(subnet->family, bridge->name))
			continue;
		inet_ntop(subnet->family, subnet->address, text, sizeof text);
		snprintf(ret_rule, 128, "ip%s rule add iif %s to %s/%u prohibit",
			subnet->family == AF_INET ? "" : " -6", bridge->name, text,
			subnet->prefix);
		return 0;
	}
	return 1;
}
