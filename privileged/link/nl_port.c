/* SPDX-License-Identifier: Apache-2.0 */
#include "nl_port.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "nl_attr.h"
#include "nl_talk.h"

/* VLANs of a port that are taken away for its own: a new port has the bridge's default one. */
#define VLANS_MAX 8

int nl_filtering(struct nl *nl, uint32_t ifindex, enum nl_filtering *ret, struct vst_err *err)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	const struct nlmsghdr *answer;
	struct nl_request request;
	struct nl_refusal why;
	struct nl_span data, on;

	nl_begin(&request, RTM_GETLINK, 0);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (nl_ask(nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof info), &answer, &why) <
		0)
		return nl_refused(err, &why, "look at bridge %u", ifindex);
	data = nl_find(nl_attrs(answer, sizeof info), IFLA_LINKINFO);
	data = nl_find(data, IFLA_INFO_DATA);
	on = nl_find(data, IFLA_BR_VLAN_FILTERING);
	/* A kernel without CONFIG_BRIDGE_VLAN_FILTERING tells the state, which is off, and no
	 * protocol. */
	if (!nl_find(data, IFLA_BR_VLAN_PROTOCOL).at || on.len != 1)
		*ret = NL_FILTERING_UNKNOWN;
	else
		*ret = on.at[0] ? NL_FILTERING_ON : NL_FILTERING_OFF;
	return 0;
}

int nl_set_master(
	struct nl *nl, uint32_t ifindex, const char *name, uint32_t bridge, struct vst_err *err)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	struct nl_request request;
	struct nl_refusal why;

	nl_begin(&request, RTM_SETLINK, NLM_F_ACK);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put_u32(&request, IFLA_MASTER, bridge);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0)
		return nl_refused(
			err, &why, "make interface '%s' a port of the bridge", VST_QUOTE(name));
	return 0;
}

int nl_set_isolated(struct nl *nl, uint32_t ifindex, const char *name, struct vst_err *err)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	const uint8_t on = 1;
	struct nl_request request;
	struct nl_refusal why;
	size_t nest, data;

	nl_begin(&request, RTM_NEWLINK, NLM_F_ACK);
	nl_put_bytes(&request, &info, sizeof info);
	nest = nl_nest(&request, IFLA_LINKINFO);
	nl_put_str(&request, IFLA_INFO_SLAVE_KIND, "bridge");
	data = nl_nest(&request, IFLA_INFO_SLAVE_DATA);
	nl_put(&request, IFLA_BRPORT_ISOLATED, &on, sizeof on);
	nl_nest_end(&request, data);
	nl_nest_end(&request, nest);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0)
		return nl_refused(
			err, &why, "isolate interface '%s' on its bridge", VST_QUOTE(name));
	return 0;
}

/* The VLANs of one port. */
struct vlans {
	uint32_t ifindex;
	unsigned n; /* may be more than were kept */
	struct bridge_vlan_info is[VLANS_MAX];
};

static int take_port(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct nl_span spec = nl_find(nl_attrs(message, sizeof *info), IFLA_AF_SPEC);
	struct vlans *vlans = arg;
	struct nl_span one;

	(void)why;
	if ((uint32_t)info->ifi_index != vlans->ifindex)
		return 0;
	while ((one = nl_next(&spec, IFLA_BRIDGE_VLAN_INFO)).at) {
		if (one.len != sizeof vlans->is[0])
			continue;
		if (vlans->n < VLANS_MAX)
			memcpy(&vlans->is[vlans->n], one.at, one.len);
		vlans->n++;
	}
	return 0;
}

static int list_vlans(struct nl *nl, struct vlans *ret, struct nl_refusal *why)
{
	const struct ifinfomsg info = {.ifi_family = AF_BRIDGE};
	struct nl_request request;

	ret->n = 0;
	nl_begin(&request, RTM_GETLINK, NLM_F_DUMP);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN);
	return nl_dump(
		nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof info), take_port, ret, why);
}

/* Adds the VLAN to the port (RTM_SETLINK), or takes it away (RTM_DELLINK). */
static int change_vlan(struct nl *nl, int type, uint32_t ifindex,
	const struct bridge_vlan_info *vlan, struct nl_refusal *why)
{
	const struct ifinfomsg info = {.ifi_family = AF_BRIDGE, .ifi_index = (int)ifindex};
	struct nl_request request;
	size_t spec;

	nl_begin(&request, type, NLM_F_ACK);
	nl_put_bytes(&request, &info, sizeof info);
	spec = nl_nest(&request, IFLA_AF_SPEC);
	nl_put(&request, IFLA_BRIDGE_VLAN_INFO, vlan, sizeof *vlan);
	nl_nest_end(&request, spec);
	return nl_ask(nl, &request.head, 0, 0, NULL, why);
}

/* Whether the VLAN is the port's only one, and untagged. */
static int is_alone(const struct vlans *vlans, const struct bridge_vlan_info *vlan)
{
	return vlans->n == 1 && vlans->is[0].vid == vlan->vid &&
	       (vlans->is[0].flags & vlan->flags) == vlan->flags;
}

static int set_vlan(struct nl *nl, uint32_t ifindex, const struct bridge_vlan_info *wanted,
	struct nl_refusal *why)
{
	struct vlans vlans = {.ifindex = ifindex};

	if (change_vlan(nl, RTM_SETLINK, ifindex, wanted, why) < 0 ||
		list_vlans(nl, &vlans, why) < 0)
		return -1;
	for (unsigned i = 0; i < vlans.n && i < VLANS_MAX; i++) {
		const struct bridge_vlan_info other = {.vid = vlans.is[i].vid};

		if (other.vid != wanted->vid &&
			change_vlan(nl, RTM_DELLINK, ifindex, &other, why) < 0)
			return -1;
	}
	if (list_vlans(nl, &vlans, why) < 0)
		return -1;
	return is_alone(&vlans, wanted) ? 0 : nl_why(why, EPROTO, "it is in others");
}

int nl_set_vlan(
	struct nl *nl, uint32_t ifindex, const char *name, uint16_t vlan, struct vst_err *err)
{
	const struct bridge_vlan_info wanted = {
		.flags = BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED, .vid = vlan};
	struct nl_refusal why;

	if (set_vlan(nl, ifindex, &wanted, &why) < 0)
		return nl_refused(err, &why, "put interface '%s' into VLAN %u of its bridge",
			VST_QUOTE(name), vlan);
	return 0;
}
