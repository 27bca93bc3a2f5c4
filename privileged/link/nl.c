/* SPDX-License-Identifier: Apache-2.0 */
#include "nl.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>

#include "nl_attr.h"
#include "nl_talk.h"

/* Begins a request about a link: header and struct ifinfomsg. */
static void link_request(struct nl_request *request, int type, int flags, uint32_t ifindex)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex};

	nl_begin(request, type, flags);
	nl_put_bytes(request, &info, sizeof info);
}

/* A missing text is "". */
static int optional_str(struct nl_span payload, char *ret, size_t size)
{
	return payload.at ? nl_get_str(payload, ret, size) : 0;
}

int nl_read_link(const struct nlmsghdr *message, struct nl_link *ret)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct nl_link link = {.ifindex = (uint32_t)info->ifi_index, .flags = info->ifi_flags};
	struct nl_span attrs = nl_attrs(message, sizeof *info);
	struct nl_span kind = nl_find(nl_find(attrs, IFLA_LINKINFO), IFLA_INFO_KIND);
	struct nl_span mac = nl_find(attrs, IFLA_PERM_ADDRESS);

	if (info->ifi_index <= 0 ||
		nl_get_str(nl_find(attrs, IFLA_IFNAME), link.name, sizeof link.name) < 0 ||
		optional_str(kind, link.kind, sizeof link.kind) < 0 ||
		optional_str(nl_find(attrs, IFLA_IFALIAS), link.alias, sizeof link.alias) < 0)
		return -1;
	link.lower = nl_get_u32(nl_find(attrs, IFLA_LINK), 0);
	link.lower_nsid = (int)nl_get_u32(nl_find(attrs, IFLA_LINK_NETNSID), (uint32_t)-1);
	if (!mac.at)
		mac = nl_find(attrs, IFLA_ADDRESS);
	link.mac_is_permanent = mac.at && nl_find(attrs, IFLA_PERM_ADDRESS).at;
	if (mac.at) {
		link.mac_len =
			(uint32_t)(mac.len < sizeof link.mac ? mac.len : sizeof link.mac);
		memcpy(link.mac, mac.at + mac.len - link.mac_len, link.mac_len);
	}
	*ret = link;
	return 0;
}

/* An RTM_GETNSID or RTM_NEWNSID request. `by` and `value`: NETNSA_FD or NETNSA_NSID, and its
 * value. */
static void nsid_request(struct nl_request *request, int type, int flags, int by, int value)
{
	const struct rtgenmsg family = {.rtgen_family = AF_UNSPEC};

	nl_begin(request, type, flags);
	nl_put_bytes(request, &family, sizeof family);
	nl_put_u32(request, (uint16_t)by, (uint32_t)value);
}

/* Looks up an nsid by NETNSA_FD, or by NETNSA_NSID, which returns the same number or fails with
 * ENOENT. */
static int get_nsid(struct nl *nl, int by, int value, int *ret_id, struct nl_refusal *why)
{
	struct nl_request request;
	const struct nlmsghdr *answer;
	struct nl_span id;

	nsid_request(&request, RTM_GETNSID, 0, by, value);
	if (nl_ask(nl, &request.head, RTM_NEWNSID, NLMSG_LENGTH(sizeof(struct rtgenmsg)),
		    &answer, why) < 0)
		return -1;
	id = nl_find(nl_attrs(answer, sizeof(struct rtgenmsg)), NETNSA_NSID);
	*ret_id = (int)nl_get_u32(id, (uint32_t)NETNSA_NSID_NOT_ASSIGNED);
	return 0;
}

int nl_nsid(struct nl *nl, int ns_fd, int *ret, struct vst_err *err)
{
	struct nl_refusal why;

	if (get_nsid(nl, NETNSA_FD, ns_fd, ret, &why) < 0)
		return nl_refused(err, &why, "look up a network namespace");
	return 0;
}

int nl_nsid_exists(struct nl *nl, int nsid, struct vst_err *err)
{
	struct nl_refusal why;
	int id;

	if (get_nsid(nl, NETNSA_NSID, nsid, &id, &why) == 0)
		return 1;
	return why.code == ENOENT ? 0
				  : nl_refused(err, &why, "look up network namespace %d", nsid);
}

/* The nsid of ns_fd in the socket's namespace. If it has none, `wanted` is assigned, or a
 * number of the kernel's choice for NETNSA_NSID_NOT_ASSIGNED. */
static int give_nsid(struct nl *nl, int ns_fd, int wanted, int *ret_id, struct nl_refusal *why)
{
	struct nl_request request;

	nsid_request(&request, RTM_NEWNSID, NLM_F_ACK, NETNSA_FD, ns_fd);
	nl_put_u32(&request, NETNSA_NSID, (uint32_t)wanted);
	/* EEXIST: ns_fd has an nsid already, or another namespace has `wanted`. */
	if (nl_ask(nl, &request.head, 0, 0, NULL, why) < 0) {
		if (why->code != EEXIST)
			return -1;
	} else if (wanted >= 0) {
		*ret_id = wanted;
		return 0;
	}
	if (get_nsid(nl, NETNSA_FD, ns_fd, ret_id, why) < 0)
		return -1;
	return *ret_id >= 0 ? 0
			    : nl_why(why, EEXIST, "the kernel gave the namespace no number");
}

int nl_nsid_give(struct nl *nl, int ns_fd, int wanted, int *ret, struct vst_err *err)
{
	struct nl_refusal why;

	if (give_nsid(nl, ns_fd, wanted, ret, &why) < 0)
		return nl_refused(err, &why, "number the network namespace of the process");
	return 0;
}

/* The nsid of ns_fd in the socket's namespace; the kernel assigns one if it has none. */
static int need_nsid(struct nl *nl, int ns_fd, int *ret_id, struct nl_refusal *why)
{
	if (get_nsid(nl, NETNSA_FD, ns_fd, ret_id, why) < 0)
		return -1;
	if (*ret_id >= 0)
		return 0;
	return give_nsid(nl, ns_fd, NETNSA_NSID_NOT_ASSIGNED, ret_id, why);
}

/* RTM_GETLINK by ifindex, or by name if ifindex is 0. 1 found, 0 no such link, -1 with *why. */
static int get_link(struct nl *nl, int nsid, uint32_t ifindex, const char *name,
	struct nl_link *ret, struct nl_refusal *why)
{
	struct nl_request request;
	const struct nlmsghdr *answer;

	link_request(&request, RTM_GETLINK, 0, ifindex);
	if (!ifindex)
		nl_put_str(&request, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME,
			name);
	if (nsid >= 0)
		nl_put_u32(&request, IFLA_TARGET_NETNSID, (uint32_t)nsid);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (nl_ask(nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof(struct ifinfomsg)),
		    &answer, why) < 0)
		return why->code == ENODEV ? 0 : -1;
	if (nl_read_link(answer, ret) < 0 || (ifindex && ret->ifindex != ifindex))
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	return 1;
}

int nl_get_in(
	struct nl *nl, int nsid, uint32_t ifindex, struct nl_link *ret, struct vst_err *err)
{
	struct nl_refusal why;
	int found = ifindex ? get_link(nl, nsid, ifindex, NULL, ret, &why) : 0;

	if (found < 0)
		return nl_refused(err, &why, "look up interface %u", ifindex);
	return found;
}

int nl_get_by_index(struct nl *nl, uint32_t ifindex, struct nl_link *ret, struct vst_err *err)
{
	return nl_get_in(nl, -1, ifindex, ret, err);
}

int nl_name_owner(
	struct nl *nl, int ns_fd, const char *name, struct nl_link *ret, struct vst_err *err)
{
	struct nl_refusal why;
	int nsid = -1, found = -1;

	if (ns_fd < 0 || need_nsid(nl, ns_fd, &nsid, &why) == 0)
		found = get_link(nl, nsid, 0, name, ret, &why);
	if (found < 0)
		return nl_refused(err, &why, "look up interface '%s'", VST_QUOTE(name));
	return found;
}

int nl_get_by_name(struct nl *nl, const char *name, struct nl_link *ret, struct vst_err *err)
{
	struct nl_link link;
	int found = nl_name_owner(nl, -1, name, &link, err);

	if (found <= 0)
		return found;
	/* The kernel looks up alternative names by IFLA_IFNAME, too. */
	if (strcmp(link.name, name) != 0)
		return 0;
	*ret = link;
	return 1;
}

/* Notes the ifindex of one link of a dump. */
static int take_number(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct nl_numbers *numbers = arg;

	if (info->ifi_index <= 0)
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	if ((uint32_t)info->ifi_index <= NL_NUMBERS_MAX)
		numbers->taken[info->ifi_index / 8] |=
			(unsigned char)(1U << info->ifi_index % 8);
	return 0;
}

int nl_numbers(struct nl *nl, int ns_fd, struct nl_numbers *ret, struct vst_err *err)
{
	struct nl_request request;
	struct nl_refusal why;
	int id;

	link_request(&request, RTM_GETLINK, NLM_F_DUMP, 0);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (ns_fd >= 0) {
		if (need_nsid(nl, ns_fd, &id, &why) < 0)
			return nl_refused(err, &why, "list interfaces");
		nl_put_u32(&request, IFLA_TARGET_NETNSID, (uint32_t)id);
	}
	/* EINTR: the dump changed meanwhile. That is good enough, because the kernel itself
	 * refuses an ifindex that is taken. */
	if (nl_dump(nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof(struct ifinfomsg)),
		    take_number, ret, &why) < 0 &&
		why.code != EINTR)
		return nl_refused(err, &why, "list interfaces");
	return 0;
}

/* Kinds whose IFLA_LINK does not mean that they lie on that link: a pair's other end, tunnels.
 */
static int lies_on_nothing(const char *kind)
{
	static const char *const kinds[] = {"veth", "sit", "ipip", "gre", "gretap", "erspan",
		"ip6tnl", "ip6gre", "ip6gretap", "ip6erspan", "vti", "vti6", "xfrm"};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kind, kinds[i]) == 0)
			return 1;
	return !kind[0];
}

struct uppers {
	uint32_t ifindex;
	const uint32_t *skip;
	unsigned n_skip;
	struct nl_link found; /* Its ifindex is 0 until one is found. */
};

static int take_upper(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	struct uppers *uppers = arg;
	struct nl_link link;

	if (nl_read_link(message, &link) < 0)
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	if (link.lower != uppers->ifindex || link.lower_nsid >= 0 || lies_on_nothing(link.kind))
		return 0;
	for (unsigned i = 0; i < uppers->n_skip; i++)
		if (uppers->skip[i] == link.ifindex)
			return 0;
	uppers->found = link;
	return 0;
}

int nl_upper(struct nl *nl, uint32_t ifindex, const uint32_t *skip, unsigned n_skip,
	struct nl_link *ret, struct vst_err *err)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	struct uppers uppers = {.ifindex = ifindex, .skip = skip, .n_skip = n_skip};
	struct nl_request request;
	struct nl_refusal why;

	nl_begin(&request, RTM_GETLINK, NLM_F_DUMP);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (nl_dump(nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof info), take_upper,
		    &uppers, &why) < 0)
		return nl_refused(err, &why, "list interfaces");
	*ret = uppers.found;
	return uppers.found.ifindex != 0;
}

/* Puts the pair's other end into the creating request. */
static void put_peer(struct nl_request *request, const struct nl_new *link)
{
	const struct ifinfomsg info = {.ifi_index = (int)link->peer_ifindex};
	size_t data = nl_nest(request, IFLA_INFO_DATA);
	size_t peer = nl_nest(request, VETH_INFO_PEER);

	nl_put_bytes(request, &info, sizeof info);
	nl_put_str(request, IFLA_IFNAME, link->peer);
	nl_put(request, IFLA_ADDRESS, link->peer_mac, 6);
	if (link->peer_ns_fd >= 0)
		nl_put_u32(request, IFLA_NET_NS_FD, (uint32_t)link->peer_ns_fd);
	nl_nest_end(request, peer);
	nl_nest_end(request, data);
}

static void put_new(struct nl_request *request, const struct nl_new *link)
{
	size_t info;

	nl_put_str(request, IFLA_IFNAME, link->name);
	if (link->mac)
		nl_put(request, IFLA_ADDRESS, link->mac, 6);
	if (link->ns_fd >= 0)
		nl_put_u32(request, IFLA_NET_NS_FD, (uint32_t)link->ns_fd);
	info = nl_nest(request, IFLA_LINKINFO);
	nl_put_str(request, IFLA_INFO_KIND, link->kind);
	if (link->peer)
		put_peer(request, link);
	nl_nest_end(request, info);
}

int nl_create(struct nl *nl, const struct nl_new *link, struct vst_err *err)
{
	struct nl_request request;
	struct nl_refusal why;

	link_request(
		&request, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, link->ifindex);
	put_new(&request, link);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) == 0)
		return 0;
	if (why.code == EOPNOTSUPP)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, EOPNOTSUPP,
			"create interface '%s': this kernel knows no interface kind '%s'%s%s",
			VST_QUOTE(link->name), VST_QUOTE(link->kind),
			why.text.text[0] ? ": " : "", why.text.text);
	return nl_refused(err, &why, "create interface '%s' of kind '%s'",
		VST_QUOTE(link->name), VST_QUOTE(link->kind));
}

int nl_set_alias(struct nl *nl, uint32_t ifindex, const char *name, const char *alias,
	struct vst_err *err)
{
	struct nl_request request;
	struct nl_refusal why;

	link_request(&request, RTM_SETLINK, NLM_F_ACK, ifindex);
	nl_put_str(&request, IFLA_IFALIAS, alias);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0)
		return nl_refused(
			err, &why, "set the alias of interface '%s'", VST_QUOTE(name));
	return 0;
}

int nl_set_up(struct nl *nl, uint32_t ifindex, const char *name, int up, struct vst_err *err)
{
	const struct ifinfomsg info = {
		.ifi_index = (int)ifindex, .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP};
	struct nl_request request;
	struct nl_refusal why;

	nl_begin(&request, RTM_SETLINK, NLM_F_ACK);
	nl_put_bytes(&request, &info, sizeof info);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0)
		return nl_refused(err, &why, "set interface '%s' %s", VST_QUOTE(name),
			up ? "up" : "down");
	return 0;
}

int nl_rename(struct nl *nl, uint32_t ifindex, const char *name, const char *new_name,
	struct vst_err *err)
{
	struct nl_request request;
	struct nl_refusal why;

	link_request(&request, RTM_SETLINK, NLM_F_ACK, ifindex);
	nl_put_str(&request, IFLA_IFNAME, new_name);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0)
		return nl_refused(err, &why, "rename interface '%s' to '%s'", VST_QUOTE(name),
			VST_QUOTE(new_name));
	return 0;
}

int nl_delete(struct nl *nl, uint32_t ifindex, const char *name, int nsid, struct vst_err *err)
{
	struct nl_request request;
	struct nl_refusal why;

	link_request(&request, RTM_DELLINK, NLM_F_ACK, ifindex);
	if (nsid >= 0)
		nl_put_u32(&request, IFLA_TARGET_NETNSID, (uint32_t)nsid);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0 && why.code != ENODEV)
		return nl_refused(err, &why, "delete interface '%s'", VST_QUOTE(name));
	return 0;
}

int nl_move(struct nl *nl, uint32_t ifindex, const char *name, int ns_fd, uint32_t new_ifindex,
	struct vst_err *err)
{
	return nl_move_as(nl, ifindex, name, ns_fd, new_ifindex, NULL, err);
}

int nl_move_as(struct nl *nl, uint32_t ifindex, const char *name, int ns_fd,
	uint32_t new_ifindex, const char *new_name, struct vst_err *err)
{
	struct nl_request request;
	struct nl_refusal why;

	link_request(&request, RTM_SETLINK, NLM_F_ACK, ifindex);
	nl_put_u32(&request, IFLA_NET_NS_FD, (uint32_t)ns_fd);
	if (new_ifindex)
		nl_put_u32(&request, IFLA_NEW_IFINDEX, new_ifindex);
	if (new_name)
		nl_put_str(&request, IFLA_IFNAME, new_name);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0)
		return nl_refused(err, &why, "move interface '%s'", VST_QUOTE(name));
	return 0;
}
