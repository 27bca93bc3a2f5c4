/* SPDX-License-Identifier: Apache-2.0 */
#include "port_bridge.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../kernel/proc.h"
#include "link_node.h"
#include "nl_attr.h"
#include "nl_talk.h"

/* addr_assign_type of an interface whose address somebody has set. */
#define ADDRESS_WAS_SET "3\n"

struct found {
	struct port_bridge bridge;
	struct nl_link link;
	uint32_t stp;
	int has_stp; /* `stp` was told */
};

static int get_bridge(struct nl *nl, const char *name, struct found *ret, struct vst_err *err)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	const struct nlmsghdr *answer;
	struct nl_request request;
	struct nl_refusal why;
	struct nl_span attrs, stp;

	nl_begin(&request, RTM_GETLINK, 0);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put_str(&request, IFLA_IFNAME, name);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (nl_ask(nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof info), &answer, &why) <
		0)
		return why.code == ENODEV
			       ? vst_fail(err, VST_EXIT_CONFLICT, ENODEV,
					 "bridge '%s': there is no such interface: make it first",
					 VST_QUOTE(name))
			       : nl_refused(err, &why, "look up bridge '%s'", VST_QUOTE(name));
	attrs = nl_attrs(answer, sizeof info);
	if (nl_read_link(answer, &ret->link) < 0)
		return vst_fail(err, VST_EXIT_FAILED, EPROTO,
			"look up bridge '%s': the kernel's answer is malformed",
			VST_QUOTE(name));
	stp = nl_find(
		nl_find(nl_find(attrs, IFLA_LINKINFO), IFLA_INFO_DATA), IFLA_BR_STP_STATE);
	ret->stp = nl_get_u32(stp, 0);
	ret->has_stp = stp.len == sizeof ret->stp;
	ret->bridge.ifindex = ret->link.ifindex;
	ret->bridge.mtu = nl_get_u32(nl_find(attrs, IFLA_MTU), 0);
	memcpy(ret->bridge.mac, ret->link.mac, sizeof ret->bridge.mac);
	memcpy(ret->bridge.name, ret->link.name, sizeof ret->bridge.name);
	return 0;
}

/* Reads one number of the bridge's IPv6 settings; there is none where the kernel has no IPv6.
 * 1 with *ret, 0, -1. */
static int read_ipv6(
	const struct port_bridge *bridge, const char *setting, int *ret, struct vst_err *err)
{
	char path[96], text[16];

	snprintf(path, sizeof path, "sys/net/ipv6/conf/%s/%s", bridge->name, setting);
	if (proc_read(path, text, sizeof text) < 0) {
		/* No such directory, although this is a procfs: the kernel or the bridge has no
		 * IPv6. */
		if (errno == ENOENT && proc_read("sys/kernel/ostype", text, sizeof text) == 0)
			return 0;
		return vst_fail(err, VST_EXIT_CONFLICT, errno,
			"bridge '%s': whether it takes router advertisements cannot be read from /proc/%s",
			VST_QUOTE(bridge->name), VST_QUOTE(path));
	}
	*ret = atoi(text);
	return 1;
}

/* Whether router advertisements that come in over the bridge configure this host. 1, 0, -1. */
static int takes_advertisements(const struct port_bridge *bridge, struct vst_err *err)
{
	int off = 0, accept = 0, forwarding = 0;
	int r = read_ipv6(bridge, "disable_ipv6", &off, err);

	if (r > 0)
		r = read_ipv6(bridge, "accept_ra", &accept, err);
	if (r > 0)
		r = read_ipv6(bridge, "forwarding", &forwarding, err);
	if (r <= 0)
		return r;
	/* 2: even on a router. */
	return !off && (accept == 2 || (accept != 0 && !forwarding));
}

int port_bridge_look(
	struct nl *nl, const char *name, struct port_bridge *ret, struct vst_err *err)
{
	struct found found = {.stp = 0};
	char assigned[16];
	int takes;

	if (get_bridge(nl, name, &found, err) < 0)
		return -1;
	/* The kernel looks up alternative names, too, and those may be moved to another. */
	if (strcmp(found.link.name, name) != 0 || strcmp(found.link.kind, "bridge") != 0 ||
		found.link.mac_len != 6 || !found.has_stp || !found.bridge.mtu)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bridge '%s': the interface of that name is no bridge",
			VST_QUOTE(name));
	if (found.stp)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bridge '%s' runs the spanning tree protocol, which a container on it could take part in: switch it off (ip link set %s type bridge stp_state 0), or use another bridge",
			found.link.name, found.link.name);
	if (link_node_read(&found.link, "addr_assign_type", assigned, sizeof assigned) < 0)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bridge '%s': whether its address was set cannot be read from /sys/class/net: mount the sysfs of this network namespace there",
			found.link.name);
	if (strcmp(assigned, ADDRESS_WAS_SET) != 0)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bridge '%s' has no address of its own, and takes that of a port: set one (ip link set %s address ADDRESS; the present one will do)",
			found.link.name, found.link.name);
	takes = takes_advertisements(&found.bridge, err);
	if (takes < 0)
		return -1;
	if (takes)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bridge '%s': this host takes router advertisements from it, which a container on it could send: sysctl net.ipv6.conf.%s.accept_ra=0",
			found.link.name, found.link.name);
	*ret = found.bridge;
	return 0;
}

int port_bridge_same(struct nl *nl, const struct port_bridge *before, struct vst_err *err)
{
	struct found now = {.stp = 0};

	if (get_bridge(nl, before->name, &now, err) < 0)
		return -1;
	if (now.bridge.ifindex == before->ifindex && now.bridge.mtu == before->mtu &&
		memcmp(now.bridge.mac, before->mac, sizeof before->mac) == 0)
		return 0;
	return vst_fail(err, VST_EXIT_FAILED, 0,
		"bridge '%s': its address or MTU changed when it got a port",
		VST_QUOTE(before->name));
}
