#include "nl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>

#include "nl_talk.h"

/* The longest request: a veth with two names, or an alias of 255 bytes. */
struct request {
	_Alignas(8) unsigned char bytes[1024];
};

/* A request about a link: header and struct ifinfomsg. */
static struct nlmsghdr *link_request(
	struct request *request, int type, int flags, uint32_t ifindex)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(request->bytes);
	struct ifinfomsg *info;

	head->nlmsg_type = (uint16_t)type;
	head->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	info = mnl_nlmsg_put_extra_header(head, sizeof *info);
	info->ifi_family = AF_UNSPEC;
	info->ifi_index = (int)ifindex;
	return head;
}

static bool put_u32(struct nlmsghdr *head, uint16_t type, uint32_t value)
{
	return mnl_attr_put_u32_check(head, sizeof(struct request), type, value);
}

static bool put_str(struct nlmsghdr *head, uint16_t type, const char *value)
{
	return mnl_attr_put_strz_check(head, sizeof(struct request), type, value);
}

static int too_long(struct vst_err *err, const char *name)
{
	return vst_fail(
		err, VST_EXIT_FAILED, EMSGSIZE, "interface '%s': the request", VST_QUOTE(name));
}

/* Names, addresses and texts of a link, as they stand in its message. */
struct found {
	const struct nlattr *name, *mac, *perm_mac, *alias, *info, *kind, *lower, *lower_nsid;
};

static int find_link_attr(const struct nlattr *attr, void *arg)
{
	struct found *found = arg;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		found->name = attr;
		break;
	case IFLA_ADDRESS:
		found->mac = attr;
		break;
	case IFLA_PERM_ADDRESS:
		found->perm_mac = attr;
		break;
	case IFLA_IFALIAS:
		found->alias = attr;
		break;
	case IFLA_LINK:
		found->lower = attr;
		break;
	case IFLA_LINK_NETNSID:
		found->lower_nsid = attr;
		break;
	case IFLA_LINKINFO:
		found->info = attr;
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int find_info_attr(const struct nlattr *attr, void *arg)
{
	struct found *found = arg;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		found->kind = attr;
	return MNL_CB_OK;
}

/* A string attribute into a zeroed buffer; -1 if it is too long or not terminated. NULL is "".
 */
static int copy_str(const struct nlattr *attr, char *ret, size_t size)
{
	if (!attr)
		return 0;
	if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0 ||
		mnl_attr_get_payload_len(attr) > size)
		return -1;
	memcpy(ret, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	return 0;
}

static uint32_t get_u32(const struct nlattr *attr, uint32_t otherwise)
{
	return attr && mnl_attr_validate(attr, MNL_TYPE_U32) == 0 ? mnl_attr_get_u32(attr)
								  : otherwise;
}

static int read_link(const struct nlmsghdr *message, struct nl_link *ret)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct nl_link link = {.ifindex = (uint32_t)info->ifi_index, .flags = info->ifi_flags};
	struct found found = {0};
	const struct nlattr *mac;
	const char *bytes;

	mnl_attr_parse(message, sizeof *info, find_link_attr, &found);
	if (found.info)
		mnl_attr_parse_nested(found.info, find_info_attr, &found);
	if (info->ifi_index <= 0 || !found.name ||
		copy_str(found.name, link.name, sizeof link.name) < 0 ||
		copy_str(found.kind, link.kind, sizeof link.kind) < 0 ||
		copy_str(found.alias, link.alias, sizeof link.alias) < 0)
		return -1;
	link.lower = get_u32(found.lower, 0);
	link.lower_nsid = (int)get_u32(found.lower_nsid, (uint32_t)-1);
	mac = found.perm_mac ? found.perm_mac : found.mac;
	if (mac) {
		uint32_t len = mnl_attr_get_payload_len(mac);

		link.mac_len = len < sizeof link.mac ? len : sizeof link.mac;
		bytes = mnl_attr_get_payload(mac);
		memcpy(link.mac, bytes + len - link.mac_len, link.mac_len);
	}
	*ret = link;
	return 0;
}

/* RTM_GETNSID or RTM_NEWNSID for the namespace ns_fd. */
static struct nlmsghdr *nsid_request(struct request *request, int type, int flags, int ns_fd)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(request->bytes);

	head->nlmsg_type = (uint16_t)type;
	head->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	mnl_nlmsg_put_extra_header(head, sizeof(struct rtgenmsg));
	put_u32(head, NETNSA_FD, (uint32_t)ns_fd);
	return head;
}

static int find_nsid(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == NETNSA_NSID &&
		mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		*(int *)arg = (int)mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int get_nsid(struct nl *nl, int ns_fd, int *ret_id, struct nl_refusal *why)
{
	struct request request;
	const struct nlmsghdr *answer;

	if (nl_ask(nl, nsid_request(&request, RTM_GETNSID, 0, ns_fd), RTM_NEWNSID,
		    NLMSG_LENGTH(sizeof(struct rtgenmsg)), &answer, why) < 0)
		return -1;
	*ret_id = NETNSA_NSID_NOT_ASSIGNED;
	mnl_attr_parse(answer, sizeof(struct rtgenmsg), find_nsid, ret_id);
	return 0;
}

int nl_nsid(struct nl *nl, int ns_fd, int *ret, struct vst_err *err)
{
	struct nl_refusal why;

	if (get_nsid(nl, ns_fd, ret, &why) < 0)
		return nl_refused(err, &why, "look up a network namespace");
	return 0;
}

/* The number by which the socket's namespace knows ns_fd; it is given one if it has none. */
static int need_nsid(struct nl *nl, int ns_fd, int *ret_id, struct nl_refusal *why)
{
	struct request request;
	struct nlmsghdr *head;

	if (get_nsid(nl, ns_fd, ret_id, why) < 0)
		return -1;
	if (*ret_id >= 0)
		return 0;
	head = nsid_request(&request, RTM_NEWNSID, NLM_F_ACK, ns_fd);
	put_u32(head, NETNSA_NSID, (uint32_t)NETNSA_NSID_NOT_ASSIGNED);
	/* EEXIST: somebody else was faster. */
	if (nl_ask(nl, head, 0, 0, NULL, why) < 0 && why->code != EEXIST)
		return -1;
	if (get_nsid(nl, ns_fd, ret_id, why) < 0)
		return -1;
	return *ret_id >= 0 ? 0
			    : nl_why(why, EPROTO, "the kernel gave the namespace no number");
}

/* RTM_GETLINK by ifindex, or by name if ifindex is 0. 1, 0, or -1 with *why. */
static int get_link(struct nl *nl, int ns_fd, uint32_t ifindex, const char *name,
	struct nl_link *ret, struct nl_refusal *why)
{
	struct request request;
	struct nlmsghdr *head = link_request(&request, RTM_GETLINK, 0, ifindex);
	const struct nlmsghdr *answer;
	bool fits = true;
	int id;

	if (!ifindex)
		fits = put_str(head, IFLA_IFNAME, name);
	if (ns_fd >= 0) {
		if (need_nsid(nl, ns_fd, &id, why) < 0)
			return -1;
		fits = fits && put_u32(head, IFLA_TARGET_NETNSID, (uint32_t)id);
	}
	if (!fits || !put_u32(head, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS))
		return nl_why(why, EMSGSIZE, "the request is too long");
	if (nl_ask(nl, head, RTM_NEWLINK, NLMSG_LENGTH(sizeof(struct ifinfomsg)), &answer,
		    why) < 0)
		return why->code == ENODEV ? 0 : -1;
	if (read_link(answer, ret) < 0 || (ifindex && ret->ifindex != ifindex))
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	return 1;
}

int nl_get_in(
	struct nl *nl, int ns_fd, uint32_t ifindex, struct nl_link *ret, struct vst_err *err)
{
	struct nl_refusal why;
	int found = ifindex ? get_link(nl, ns_fd, ifindex, NULL, ret, &why) : 0;

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
	int found = get_link(nl, ns_fd, 0, name, ret, &why);

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
	/* The kernel finds alternative names by IFLA_IFNAME, too. */
	if (strcmp(link.name, name) != 0)
		return 0;
	*ret = link;
	return 1;
}

/* The pair's other end, in the creating request. */
static bool put_peer(struct nlmsghdr *head, const struct nl_new *link)
{
	struct nlattr *data, *peer;
	struct ifinfomsg *info;
	bool fits;

	data = mnl_attr_nest_start_check(head, sizeof(struct request), IFLA_INFO_DATA);
	peer = data ? mnl_attr_nest_start_check(head, sizeof(struct request), VETH_INFO_PEER)
		    : NULL;
	if (!peer || head->nlmsg_len + NLMSG_ALIGN(sizeof *info) > sizeof(struct request))
		return false;
	info = mnl_nlmsg_put_extra_header(head, sizeof *info);
	info->ifi_index = (int)link->peer_ifindex;
	fits = put_str(head, IFLA_IFNAME, link->peer) &&
	       mnl_attr_put_check(
		       head, sizeof(struct request), IFLA_ADDRESS, 6, link->peer_mac);
	if (fits && link->peer_ns_fd >= 0)
		fits = put_u32(head, IFLA_NET_NS_FD, (uint32_t)link->peer_ns_fd);
	mnl_attr_nest_end(head, peer);
	mnl_attr_nest_end(head, data);
	return fits;
}

static bool put_new(struct nlmsghdr *head, const struct nl_new *link)
{
	struct nlattr *info;
	bool fits = put_str(head, IFLA_IFNAME, link->name);

	if (fits && link->mac)
		fits = mnl_attr_put_check(
			head, sizeof(struct request), IFLA_ADDRESS, 6, link->mac);
	if (fits && link->ns_fd >= 0)
		fits = put_u32(head, IFLA_NET_NS_FD, (uint32_t)link->ns_fd);
	info = fits ? mnl_attr_nest_start_check(head, sizeof(struct request), IFLA_LINKINFO)
		    : NULL;
	if (!info)
		return false;
	fits = put_str(head, IFLA_INFO_KIND, link->kind);
	if (fits && link->peer)
		fits = put_peer(head, link);
	mnl_attr_nest_end(head, info);
	return fits;
}

int nl_create(struct nl *nl, const struct nl_new *link, struct vst_err *err)
{
	struct request request;
	struct nlmsghdr *head = link_request(
		&request, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, link->ifindex);
	struct nl_refusal why;

	if (!put_new(head, link))
		return too_long(err, link->name);
	if (nl_ask(nl, head, 0, 0, NULL, &why) == 0)
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
	struct request request;
	struct nlmsghdr *head = link_request(&request, RTM_SETLINK, NLM_F_ACK, ifindex);
	struct nl_refusal why;

	if (!put_str(head, IFLA_IFALIAS, alias))
		return too_long(err, name);
	if (nl_ask(nl, head, 0, 0, NULL, &why) < 0)
		return nl_refused(
			err, &why, "set the alias of interface '%s'", VST_QUOTE(name));
	return 0;
}

int nl_set_up(struct nl *nl, uint32_t ifindex, const char *name, int up, struct vst_err *err)
{
	struct request request;
	struct nlmsghdr *head = link_request(&request, RTM_SETLINK, NLM_F_ACK, ifindex);
	struct ifinfomsg *info = mnl_nlmsg_get_payload(head);
	struct nl_refusal why;

	info->ifi_flags = up ? IFF_UP : 0;
	info->ifi_change = IFF_UP;
	if (nl_ask(nl, head, 0, 0, NULL, &why) < 0)
		return nl_refused(err, &why, "set interface '%s' %s", VST_QUOTE(name),
			up ? "up" : "down");
	return 0;
}

int nl_rename(struct nl *nl, uint32_t ifindex, const char *name, const char *new_name,
	struct vst_err *err)
{
	struct request request;
	struct nlmsghdr *head = link_request(&request, RTM_SETLINK, NLM_F_ACK, ifindex);
	struct nl_refusal why;

	if (!put_str(head, IFLA_IFNAME, new_name))
		return too_long(err, name);
	if (nl_ask(nl, head, 0, 0, NULL, &why) < 0)
		return nl_refused(err, &why, "rename interface '%s' to '%s'", VST_QUOTE(name),
			VST_QUOTE(new_name));
	return 0;
}

int nl_delete(struct nl *nl, uint32_t ifindex, const char *name, int ns_fd, struct vst_err *err)
{
	struct request request;
	struct nlmsghdr *head = link_request(&request, RTM_DELLINK, NLM_F_ACK, ifindex);
	struct nl_refusal why;
	int id;

	if (ns_fd >= 0) {
		if (need_nsid(nl, ns_fd, &id, &why) < 0)
			return nl_refused(err, &why, "delete interface '%s'", VST_QUOTE(name));
		if (!put_u32(head, IFLA_TARGET_NETNSID, (uint32_t)id))
			return too_long(err, name);
	}
	if (nl_ask(nl, head, 0, 0, NULL, &why) < 0 && why.code != ENODEV)
		return nl_refused(err, &why, "delete interface '%s'", VST_QUOTE(name));
	return 0;
}

int nl_move(struct nl *nl, uint32_t ifindex, const char *name, int ns_fd, uint32_t new_ifindex,
	struct vst_err *err)
{
	struct request request;
	struct nlmsghdr *head = link_request(&request, RTM_SETLINK, NLM_F_ACK, ifindex);
	struct nl_refusal why;

	if (!put_u32(head, IFLA_NET_NS_FD, (uint32_t)ns_fd) ||
		(new_ifindex && !put_u32(head, IFLA_NEW_IFINDEX, new_ifindex)))
		return too_long(err, name);
	if (nl_ask(nl, head, 0, 0, NULL, &why) < 0)
		return nl_refused(err, &why, "move interface '%s'", VST_QUOTE(name));
	return 0;
}
