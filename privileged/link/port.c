/* SPDX-License-Identifier: Apache-2.0 */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../policy/slot.h"
#include "../kernel/proc.h"
#include "../rights/rights.h"
#include "nl_attr.h"
#include "nl_talk.h"

#define PORT_MCAST_MAX_GROUPS (IFLA_BRPORT_LOCKED + 3) /* Linux 6.3 */

/* Attempts to list a table that others change. */
#define LOOKS_MAX 8

/* Multicast groups that a container may join; each takes memory of the bridge. */
#define GROUPS_MAX 64

/* What of a port is set, and read back. `is_optional`: a kernel without it is taken. */
static const struct setting {
	uint16_t type;
	uint8_t size; /* of the attribute: 1 or 4 */
	uint8_t is_optional;
	uint32_t value;
	const char *wrong;
} settings[] = {
	/* Only the address that it is pinned to may send. */
	{IFLA_BRPORT_LOCKED, 1, 0, 1, "is not locked"},
	{IFLA_BRPORT_LEARNING, 1, 0, 0, "learns addresses"},
	/* Frames to addresses that the bridge does not know are not the container's. */
	{IFLA_BRPORT_UNICAST_FLOOD, 1, 0, 0, "gets frames to unknown addresses"},
	/* If somebody switches the spanning tree protocol on, the container takes no part. */
	{IFLA_BRPORT_GUARD, 1, 0, 1, "takes messages of bridges"},
	{IFLA_BRPORT_PROTECT, 1, 0, 1, "can become the way to the root bridge"},
	/* It gets the groups that it joined, and not too many. */
	{IFLA_BRPORT_MULTICAST_ROUTER, 1, 0, 0, "can pass for a multicast router"},
	{PORT_MCAST_MAX_GROUPS, 4, 1, GROUPS_MAX, "can join any number of groups"},
};

#define N_SETTINGS (sizeof settings / sizeof settings[0])

static void begin(struct nl_request *request, int type, int flags, uint32_t ifindex,
	uint32_t if_flags, uint32_t change)
{
	const struct ifinfomsg info = {
		.ifi_index = (int)ifindex, .ifi_flags = if_flags, .ifi_change = change};

	nl_begin(request, type, flags);
	nl_put_bytes(request, &info, sizeof info);
}

static void put_other_end(struct nl_request *request, const struct port_new *port,
	const struct port_bridge *bridge)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	size_t data = nl_nest(request, IFLA_INFO_DATA);
	size_t peer = nl_nest(request, VETH_INFO_PEER);

	nl_put_bytes(request, &info, sizeof info);
	nl_put_str(request, IFLA_IFNAME, port->there);
	nl_put(request, IFLA_ADDRESS, port->there_mac, 6);
	nl_put_u32(request, IFLA_MTU, bridge->mtu);
	nl_put_u32(request, IFLA_NET_NS_FD, (uint32_t)port->ns_fd);
	nl_nest_end(request, peer);
	nl_nest_end(request, data);
}

int port_create(struct nl *nl, const struct port_new *port, const struct port_bridge *bridge,
	struct vst_err *err)
{
	struct nl_request request;
	struct nl_refusal why;
	size_t info;

	begin(&request, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, port->ifindex,
		IFF_NOARP, IFF_NOARP | IFF_UP);
	nl_put_str(&request, IFLA_IFNAME, port->name);
	nl_put(&request, IFLA_ADDRESS, port->mac, 6);
	nl_put_u32(&request, IFLA_MTU, bridge->mtu);
	nl_put_u32(&request, IFLA_GROUP, port->group);
	nl_put_u32(&request, IFLA_MASTER, bridge->ifindex);
	info = nl_nest(&request, IFLA_LINKINFO);
	nl_put_str(&request, IFLA_INFO_KIND, "veth");
	put_other_end(&request, port, bridge);
	nl_nest_end(&request, info);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) == 0)
		return 0;
	return nl_refused(err, &why, "create interface '%s' as a port of bridge '%s'",
		VST_QUOTE(port->there), VST_QUOTE(bridge->name));
}

/* What the host itself would take from the port without its bridge: frames to the link-local
 * addresses of bridges, whatever their source, and all frames when the bridge is deleted and
 * the port stays. With rp_filter a port without addresses takes no packet that has a source. */
static const struct protocol {
	const char *dir, *file;
	const char *wrong;
} protocols[] = {
	{"sys/net/ipv6/conf", "disable_ipv6", "has IPv6 here"},
	{"sys/net/ipv4/conf", "rp_filter", "takes IPv4 here (rp_filter is 0)"},
};

#define N_PROTOCOLS (sizeof protocols / sizeof protocols[0])

static int without_protocol(
	const struct protocol *protocol, const char *name, struct vst_err *err)
{
	vst_auto_fd all = proc_open(protocol->dir, O_PATH | O_DIRECTORY);
	vst_auto_fd fd = -1;
	char file[40];
	int written;

	if (all < 0 && errno == ENOENT)
		return 0; /* a kernel without it */
	snprintf(file, sizeof file, "%s/%s", name, protocol->file);
	if (all >= 0 && rights_raise(RIGHTS_NET, err) < 0)
		return -1;
	fd = all < 0 ? -1 : openat(all, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	written = fd >= 0 && write(fd, "1", 1) == 1;
	if (all >= 0)
		rights_lower();
	if (written)
		return 0;
	return vst_fail(err, VST_EXIT_FAILED, errno,
		"set %s of the host's end of a veth (/proc/%s)", protocol->file, protocol->dir);
}

static int set_port(
	struct nl *nl, const struct port_new *port, int is_shared, struct nl_refusal *why)
{
	const uint8_t isolated = !is_shared;
	struct nl_request request;
	size_t info, data;

	begin(&request, RTM_NEWLINK, NLM_F_ACK, port->ifindex, 0, 0);
	info = nl_nest(&request, IFLA_LINKINFO);
	nl_put_str(&request, IFLA_INFO_SLAVE_KIND, "bridge");
	data = nl_nest(&request, IFLA_INFO_SLAVE_DATA);
	nl_put(&request, IFLA_BRPORT_ISOLATED, &isolated, sizeof isolated);
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const uint8_t small = (uint8_t)settings[i].value;

		if (settings[i].size == sizeof small)
			nl_put(&request, settings[i].type, &small, sizeof small);
		else
			nl_put_u32(&request, settings[i].type, settings[i].value);
	}
	nl_nest_end(&request, data);
	nl_nest_end(&request, info);
	return nl_ask(nl, &request.head, 0, 0, NULL, why);
}

/* Pins the container's address to the port. Sticky: no other port that learns takes it away. */
static int pin(struct nl *nl, const struct port_new *port, struct nl_refusal *why)
{
	const struct ndmsg entry = {.ndm_family = AF_BRIDGE,
		.ndm_ifindex = (int)port->ifindex,
		.ndm_state = NUD_NOARP,
		.ndm_flags = NTF_MASTER | NTF_STICKY};
	struct nl_request request;

	nl_begin(&request, RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	nl_put_bytes(&request, &entry, sizeof entry);
	nl_put(&request, NDA_LLADDR, port->there_mac, 6);
	return nl_ask(nl, &request.head, 0, 0, NULL, why);
}

int port_secure(struct nl *nl, const struct port_new *port, int is_shared, struct vst_err *err)
{
	struct nl_refusal why;

	for (size_t i = 0; i < N_PROTOCOLS; i++)
		if (without_protocol(&protocols[i], port->name, err) < 0)
			return -1;
	if (set_port(nl, port, is_shared, &why) < 0)
		return nl_refused(
			err, &why, "secure the host's end '%s' of a veth", port->name);
	if (pin(nl, port, &why) < 0)
		return nl_refused(err, &why, "pin an address to the host's end '%s' of a veth",
			port->name);
	return 0;
}

int port_open(struct nl *nl, const struct port_new *port, uint32_t group, struct vst_err *err)
{
	struct nl_request request;
	struct nl_refusal why;

	begin(&request, RTM_SETLINK, NLM_F_ACK, port->ifindex, IFF_UP, IFF_UP);
	nl_put_u32(&request, IFLA_GROUP, group);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0)
		return nl_refused(
			err, &why, "set the host's end '%s' of a veth up", port->name);
	return 0;
}

/* A number of 1 or 4 bytes, as the kernel gives it; -1: it is not there. */
static int64_t get_number(struct nl_span payload, size_t size)
{
	if (!payload.at || payload.len != size)
		return -1;
	return size == 1 ? payload.at[0] : (int64_t)nl_get_u32(payload, 0);
}

static const char *port_differs(struct nl_span data)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		int64_t now = get_number(nl_find(data, settings[i].type), settings[i].size);

		if (now < 0 && settings[i].is_optional)
			continue;
		if (now < 0 && settings[i].type == IFLA_BRPORT_LOCKED)
			return PORT_CANNOT_LOCK;
		if (now != (int64_t)settings[i].value)
			return settings[i].wrong;
	}
	return NULL;
}

/* The entries of the forwarding table that belong to a port. */
struct pins {
	uint32_t ifindex;
	const unsigned char *mac; /* that each must have; NULL: they have one, whichever */
	unsigned char first[6];
	unsigned n;
	int others; /* entries of another kind, or of another address */
};

static int take_pin(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	const struct ndmsg *entry = NLMSG_DATA(message);
	struct nl_span attrs = nl_attrs(message, sizeof *entry);
	struct nl_span mac = nl_find(attrs, NDA_LLADDR);
	struct pins *pins = arg;

	(void)why;
	/* Permanent entries are the port's own address; those without a bridge are its
	 * driver's.
	 */
	if ((uint32_t)entry->ndm_ifindex != pins->ifindex || !nl_find(attrs, NDA_MASTER).at ||
		entry->ndm_state & NUD_PERMANENT)
		return 0;
	if (entry->ndm_state != NUD_NOARP || !(entry->ndm_flags & NTF_STICKY) || mac.len != 6) {
		pins->others = 1;
		return 0;
	}
	if (!pins->n++)
		memcpy(pins->first, pins->mac ? pins->mac : mac.at, 6);
	if (memcmp(pins->first, mac.at, 6) != 0)
		pins->others = 1;
	return 0;
}

static int look_at_pins(struct nl *nl, struct pins *pins, struct nl_refusal *why)
{
	const struct ndmsg filter = {
		.ndm_family = AF_BRIDGE, .ndm_ifindex = (int)pins->ifindex};
	struct nl_request request;
	int r = -1;

	why->code = EINTR; /* The table changed while it was listed. */
	for (unsigned i = 0; i < LOOKS_MAX && r < 0 && why->code == EINTR; i++) {
		pins->n = 0;
		pins->others = 0;
		nl_begin(&request, RTM_GETNEIGH, NLM_F_DUMP);
		nl_put_bytes(&request, &filter, sizeof filter);
		r = nl_dump(nl, &request.head, RTM_NEWNEIGH, NLMSG_LENGTH(sizeof filter),
			take_pin, pins, why);
	}
	return r;
}

static int is_without(const struct protocol *protocol, const char *name)
{
	char path[64], text[16];

	snprintf(path, sizeof path, "%s/%s/%s", protocol->dir, name, protocol->file);
	if (proc_read(path, text, sizeof text) == 0)
		return text[0] != '0';
	if (errno != ENOENT)
		return 0;
	/* A kernel without the protocol, or a link without. */
	return proc_read("sys/kernel/ostype", text, sizeof text) == 0;
}

static const char *takes(const char *name)
{
	for (size_t i = 0; i < N_PROTOCOLS; i++)
		if (!is_without(&protocols[i], name))
			return protocols[i].wrong;
	return NULL;
}

static int read_port(const struct nlmsghdr *answer, struct port_facts *ret)
{
	struct nl_span attrs = nl_attrs(answer, sizeof(struct ifinfomsg));
	struct nl_span info = nl_find(attrs, IFLA_LINKINFO), data;
	char kind[16] = "";

	*ret = (struct port_facts){.wrong = NULL};
	if (nl_read_link(answer, &ret->link) < 0)
		return -1;
	ret->group = nl_get_u32(nl_find(attrs, IFLA_GROUP), 0);
	ret->master = nl_get_u32(nl_find(attrs, IFLA_MASTER), 0);
	ret->mtu = nl_get_u32(nl_find(attrs, IFLA_MTU), 0);
	ret->is_away = ret->link.lower_nsid >= 0;
	(void)nl_get_str(nl_find(info, IFLA_INFO_SLAVE_KIND), kind, sizeof kind);
	data = nl_find(info, IFLA_INFO_SLAVE_DATA);
	ret->is_shared = get_number(nl_find(data, IFLA_BRPORT_ISOLATED), 1) == 0;
	if (strcmp(ret->link.kind, "veth") != 0)
		ret->wrong = "is no veth";
	else if (!ret->master || strcmp(kind, "bridge") != 0)
		ret->wrong = "is no port of a bridge";
	else if (!(ret->link.flags & IFF_NOARP))
		ret->wrong = "answers ARP";
	else if (get_number(nl_find(data, IFLA_BRPORT_ISOLATED), 1) < 0)
		ret->wrong = "cannot be isolated";
	else
		ret->wrong = port_differs(data);
	return 0;
}

int port_look(struct nl *nl, uint32_t ifindex, const unsigned char *there_mac,
	struct port_facts *ret, struct vst_err *err)
{
	struct pins pins = {.ifindex = ifindex, .mac = there_mac};
	const struct nlmsghdr *answer;
	struct nl_request request;
	struct nl_refusal why;

	begin(&request, RTM_GETLINK, 0, ifindex, 0, 0);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (nl_ask(nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof(struct ifinfomsg)),
		    &answer, &why) < 0) {
		if (why.code == ENODEV)
			return 0;
		return nl_refused(err, &why, "look at interface %u", ifindex);
	}
	if (read_port(answer, ret) < 0 || ret->link.ifindex != ifindex)
		return vst_fail(err, VST_EXIT_FAILED, EPROTO,
			"look at interface %u: the kernel's answer is malformed", ifindex);
	if (ret->wrong)
		return 1;
	if (look_at_pins(nl, &pins, &why) < 0)
		return nl_refused(err, &why, "look at the addresses of interface '%s'",
			VST_QUOTE(ret->link.name));
	if (pins.n == 0 || pins.others)
		ret->wrong = "is not pinned to one address";
	else
		ret->wrong = takes(ret->link.name);
	return 1;
}

struct list {
	int (*take)(const struct port_seen *seen, void *arg);
	void *arg;
	int answer;
};

static int take_seen(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	struct nl_span attrs = nl_attrs(message, sizeof(struct ifinfomsg));
	struct list *list = arg;
	struct nl_link link;
	struct port_seen seen;

	if (list->answer)
		return 0;
	if (nl_read_link(message, &link) < 0)
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	if (strcmp(link.kind, "veth") != 0 || !slot_parse(link.name, &seen.uid, &seen.slot))
		return 0;
	seen.ifindex = link.ifindex;
	seen.group = nl_get_u32(nl_find(attrs, IFLA_GROUP), 0);
	seen.master = nl_get_u32(nl_find(attrs, IFLA_MASTER), 0);
	memcpy(seen.name, link.name, sizeof seen.name);
	list->answer = list->take(&seen, list->arg);
	return 0;
}

int port_list(struct nl *nl, int (*take)(const struct port_seen *seen, void *arg), void *arg,
	struct vst_err *err)
{
	struct list list = {take, arg, 0};
	struct nl_request request;
	struct nl_refusal why;

	begin(&request, RTM_GETLINK, NLM_F_DUMP, 0, 0, 0);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (nl_dump(nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof(struct ifinfomsg)),
		    take_seen, &list, &why) < 0 &&
		why.code != EINTR)
		return nl_refused(err, &why, "list interfaces");
	return list.answer;
}
