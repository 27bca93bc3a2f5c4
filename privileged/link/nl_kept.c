/* SPDX-License-Identifier: Apache-2.0 */
#include "nl_kept.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "nl_attr.h"
#include "nl_kind.h"
#include "nl_talk.h"

#define KEPT_GSO_IPV4_MAX_SIZE 63 /* Linux 6.3 */
#define KEPT_GRO_IPV4_MAX_SIZE 64

/* Flags that a request can set. For PROMISC and ALLMULTI the kernel reports what was requested
 * by flag, without what packet sockets request. */
#define KEPT_FLAGS                                                                             \
	(IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_PROMISC | IFF_ALLMULTI | IFF_MULTICAST | \
		IFF_PORTSEL | IFF_AUTOMEDIA | IFF_DYNAMIC)

/* Settings reported and set by one attribute. Setting one may change a later one. */
static const struct kept {
	uint16_t type;
	const char *what;
} kept_attrs[] = {
	{IFLA_MASTER, "the interface that it is a port of"},
	{IFLA_ADDRESS, "the hardware address"},
	{IFLA_BROADCAST, "the broadcast address"},
	{IFLA_MTU, "the MTU"},
	{IFLA_TXQLEN, "the queue length"},
	{IFLA_GROUP, "the group"},
	{IFLA_IFALIAS, "the alias"},
	{IFLA_LINKMODE, "the link mode"},
	{IFLA_GSO_MAX_SEGS, "the limit of segments"},
	{IFLA_GSO_MAX_SIZE, "the limit of what is segmented"},
	{IFLA_GRO_MAX_SIZE, "the limit of what is joined"},
	{KEPT_GSO_IPV4_MAX_SIZE, "the limit of what is segmented"},
	{KEPT_GRO_IPV4_MAX_SIZE, "the limit of what is joined"},
};
#define N_KEPT (sizeof kept_attrs / sizeof kept_attrs[0])

union names_request {
	struct nlmsghdr head;
	unsigned char
		bytes[NLMSG_ALIGN(sizeof(struct nlmsghdr)) + sizeof(struct ifinfomsg) + 65536];
};

static const struct nlmsghdr *as_message(const unsigned char *kept)
{
	return (const struct nlmsghdr *)(const void *)kept;
}

static struct nl_span attrs_of(const struct nlmsghdr *message)
{
	return nl_attrs(message, sizeof(struct ifinfomsg));
}

static uint32_t flags_of(const struct nlmsghdr *message)
{
	return ((const struct ifinfomsg *)NLMSG_DATA(message))->ifi_flags;
}

/* Asks for the link. `filter`: RTEXT_FILTER_* beside SKIP_STATS. */
static int get(struct nl *nl, uint32_t ifindex, uint32_t filter,
	const struct nlmsghdr **ret_answer, struct nl_refusal *why)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex};
	struct nl_request request;

	nl_begin(&request, RTM_GETLINK, 0);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS | filter);
	return nl_ask(
		nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof info), ret_answer, why);
}

static void set_request(
	struct nl_request *request, uint32_t ifindex, uint32_t flags, uint32_t change)
{
	const struct ifinfomsg info = {
		.ifi_index = (int)ifindex, .ifi_flags = flags, .ifi_change = change};

	nl_begin(request, RTM_SETLINK, NLM_F_ACK);
	nl_put_bytes(request, &info, sizeof info);
}

/* XDP modes: the attribute that reports a program, the flag that detaches it. */
static const struct {
	uint16_t id;
	uint32_t flag;
} xdp_modes[] = {
	{IFLA_XDP_DRV_PROG_ID, XDP_FLAGS_DRV_MODE},
	{IFLA_XDP_SKB_PROG_ID, XDP_FLAGS_SKB_MODE},
	{IFLA_XDP_HW_PROG_ID, XDP_FLAGS_HW_MODE},
};

/* Bit i is set if a program is attached in xdp_modes[i]. */
static unsigned programs(struct nl_span attrs)
{
	struct nl_span xdp = nl_find(attrs, IFLA_XDP);
	unsigned found = 0;

	for (unsigned i = 0; i < sizeof xdp_modes / sizeof xdp_modes[0]; i++)
		if (nl_find(xdp, xdp_modes[i].id).at)
			found |= 1u << i;
	return found;
}

struct qdiscs {
	uint32_t ifindex;
	int found;
};

/* Qdiscs that the kernel attaches itself have handle 0. */
static int take_qdisc(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	const struct tcmsg *qdisc = NLMSG_DATA(message);
	struct qdiscs *qdiscs = arg;

	(void)why;
	qdiscs->found |= (uint32_t)qdisc->tcm_ifindex == qdiscs->ifindex && qdisc->tcm_handle;
	return 0;
}

static int has_qdisc(struct nl *nl, uint32_t ifindex, struct nl_refusal *why)
{
	const struct tcmsg tc = {.tcm_family = AF_UNSPEC, .tcm_ifindex = (int)ifindex};
	struct qdiscs qdiscs = {.ifindex = ifindex};
	struct nl_request request;

	nl_begin(&request, RTM_GETQDISC, NLM_F_DUMP);
	nl_put_bytes(&request, &tc, sizeof tc);
	/* EOPNOTSUPP: a kernel built without qdiscs. */
	if (nl_dump(nl, &request.head, RTM_NEWQDISC, NLMSG_LENGTH(sizeof tc), take_qdisc,
		    &qdiscs, why) < 0 &&
		why->code != EOPNOTSUPP && why->code != EINTR)
		return -1;
	return qdiscs.found;
}

/* Why a move would lose something for good, as the end of a sentence; NULL: it would not. */
static const char *loses(const struct nlmsghdr *link, int qdisc)
{
	if (nl_get_u32(nl_find(attrs_of(link), IFLA_MASTER), 0))
		return "it is a port of another interface, and could not be brought back as one: take it out first";
	if (programs(attrs_of(link)))
		return "an XDP program is attached to it, which could not be brought back: detach it first";
	if (nl_get_u32(nl_find(attrs_of(link), IFLA_NUM_VF), 0))
		return "it has virtual functions, which could be changed there unseen: move those, or remove them first";
	return qdisc ? "a queueing discipline of it could not be brought back: remove it first"
		     : NULL;
}

struct blob {
	unsigned char *bytes;
	size_t size;
	size_t len; /* Bytes needed; more than `size` if they did not fit. */
};

static void blob_put(struct blob *blob, uint16_t type, struct nl_span payload)
{
	const struct nlattr attr = {
		.nla_len = (uint16_t)(sizeof attr + payload.len), .nla_type = type};
	size_t len = NLMSG_ALIGN(sizeof attr + payload.len);

	if (!payload.at)
		return;
	if (blob->len <= blob->size && len <= blob->size - blob->len) {
		memset(blob->bytes + blob->len, 0, len);
		memcpy(blob->bytes + blob->len, &attr, sizeof attr);
		memcpy(blob->bytes + blob->len + sizeof attr, payload.at, payload.len);
	}
	blob->len += len;
}

static size_t put_kept(const struct nlmsghdr *answer, unsigned char *ret, size_t size)
{
	static const uint16_t others[] = {IFLA_PROTO_DOWN, IFLA_PROP_LIST, IFLA_LINKINFO,
		IFLA_PROMISCUITY, IFLA_OPERSTATE, IFLA_CARRIER};
	struct blob blob = {ret, size, NLMSG_LENGTH(sizeof(struct ifinfomsg))};
	struct nlmsghdr head = {.nlmsg_type = RTM_NEWLINK};

	if (size < blob.len)
		return 0;
	memcpy(ret + sizeof head, NLMSG_DATA(answer), sizeof(struct ifinfomsg));
	for (size_t i = 0; i < N_KEPT; i++)
		blob_put(&blob, kept_attrs[i].type,
			nl_find(attrs_of(answer), kept_attrs[i].type));
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		blob_put(&blob, others[i], nl_find(attrs_of(answer), others[i]));
	if (blob.len > size)
		return 0;
	head.nlmsg_len = (uint32_t)blob.len;
	memcpy(ret, &head, sizeof head);
	return blob.len;
}

static int unknown_kind(const struct nlmsghdr *link, const char *name, struct vst_err *err)
{
	struct nl_span info = nl_find(attrs_of(link), IFLA_LINKINFO);
	char kind[32] = "?";

	(void)nl_get_str(nl_find(info, IFLA_INFO_KIND), kind, sizeof kind);
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"move interface '%s': one of kind '%s' would bring back what was set there, and is not told: have attach make it, or use another kind",
		VST_QUOTE(name), VST_QUOTE(kind));
}

int nl_kept_save(struct nl *nl, uint32_t ifindex, const char *name, unsigned char *ret,
	size_t size, uint32_t *ret_len, struct vst_err *err)
{
	const struct nlmsghdr *answer = NULL;
	struct nl_refusal why;
	const char *lost;
	size_t len;
	int qdisc = has_qdisc(nl, ifindex, &why);

	if (qdisc < 0 || get(nl, ifindex, RTEXT_FILTER_VF, &answer, &why) < 0)
		return nl_refused(err, &why, "look at interface '%s'", VST_QUOTE(name));
	if (!nl_kind_is_known(nl_find(attrs_of(answer), IFLA_LINKINFO)))
		return unknown_kind(answer, name, err);
	lost = loses(answer, qdisc);
	len = lost ? 0 : put_kept(answer, ret, size);
	if (!len)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0, "move interface '%s': %s",
			VST_QUOTE(name),
			lost ? lost : "it has too many alternative names to bring back");
	*ret_len = (uint32_t)len;
	return 0;
}

/* A missing IFLA_IFALIAS means an empty alias, a missing IFLA_MASTER no master. */
static struct nl_span or_none(struct nl_span payload, uint16_t type)
{
	static const unsigned char zero[4];

	if (payload.at || (type != IFLA_IFALIAS && type != IFLA_MASTER))
		return payload;
	return (struct nl_span){zero, type == IFLA_MASTER ? sizeof zero : 1};
}

/* Compares two payloads byte by byte, after or_none. */
static int is_same(struct nl_span a, struct nl_span b, uint16_t type)
{
	a = or_none(a, type);
	b = or_none(b, type);
	return a.len == b.len && (!a.len || memcmp(a.at, b.at, a.len) == 0);
}

static int send_set(struct nl *nl, struct nl_request *request, const char *name,
	const char *what, struct vst_err *err)
{
	struct nl_refusal why;

	if (nl_ask(nl, &request->head, 0, 0, NULL, &why) < 0)
		return nl_refused(
			err, &why, "set %s of interface '%s' right", what, VST_QUOTE(name));
	return 0;
}

/* Clears all reasons, too: the kernel refuses to end protodown while a reason is set. */
static void put_proto_down(struct nl_request *request, struct nl_span wanted)
{
	size_t nest;

	nl_put(request, IFLA_PROTO_DOWN, wanted.at, wanted.len);
	nest = nl_nest(request, IFLA_PROTO_DOWN_REASON);
	nl_put_u32(request, IFLA_PROTO_DOWN_REASON_MASK, UINT32_MAX);
	nl_put_u32(request, IFLA_PROTO_DOWN_REASON_VALUE, 0);
	nl_nest_end(request, nest);
}

/* Differences as bits: bit i for kept_attrs[i], then these. */
#define DIFFERS_FLAGS (1u << N_KEPT)
#define DIFFERS_PROTO_DOWN (2u << N_KEPT)
#define DIFFERS_PROGRAM (4u << N_KEPT) /* xdp_modes[0]; the next bits are the other modes. */

static unsigned compare(const struct nlmsghdr *kept, const struct nlmsghdr *now)
{
	struct nl_span wanted = attrs_of(kept), found = attrs_of(now);
	unsigned differs = 0;

	for (size_t i = 0; i < N_KEPT; i++)
		if (!is_same(nl_find(wanted, kept_attrs[i].type),
			    nl_find(found, kept_attrs[i].type), kept_attrs[i].type))
			differs |= 1u << i;
	if ((flags_of(kept) ^ flags_of(now)) & KEPT_FLAGS)
		differs |= DIFFERS_FLAGS;
	if (!is_same(nl_find(wanted, IFLA_PROTO_DOWN), nl_find(found, IFLA_PROTO_DOWN),
		    IFLA_PROTO_DOWN))
		differs |= DIFFERS_PROTO_DOWN;
	return differs | programs(found) * DIFFERS_PROGRAM;
}

/* Sends one attribute per request, so that a refused one does not undo the others. */
static int set_right(struct nl *nl, uint32_t ifindex, const char *name,
	const struct nlmsghdr *kept, unsigned differs, struct vst_err *err)
{
	struct nl_request request;
	int bad = 0;
	size_t nest;

	for (size_t i = 0; i < N_KEPT; i++) {
		struct nl_span wanted = or_none(
			nl_find(attrs_of(kept), kept_attrs[i].type), kept_attrs[i].type);

		if (bad || !(differs >> i & 1))
			continue;
		set_request(&request, ifindex, 0, 0);
		nl_put(&request, kept_attrs[i].type, wanted.at, wanted.len);
		bad = send_set(nl, &request, name, kept_attrs[i].what, err);
	}
	if (!bad && differs & DIFFERS_FLAGS) {
		set_request(&request, ifindex, flags_of(kept) & KEPT_FLAGS, KEPT_FLAGS);
		bad = send_set(nl, &request, name, "the flags", err);
	}
	if (!bad && differs & DIFFERS_PROTO_DOWN) {
		set_request(&request, ifindex, 0, 0);
		put_proto_down(&request, nl_find(attrs_of(kept), IFLA_PROTO_DOWN));
		bad = send_set(nl, &request, name, "what keeps it down", err);
	}
	for (size_t i = 0; i < sizeof xdp_modes / sizeof xdp_modes[0]; i++) {
		if (bad || !(differs & DIFFERS_PROGRAM << i))
			continue;
		set_request(&request, ifindex, 0, 0);
		nest = nl_nest(&request, IFLA_XDP);
		nl_put_u32(&request, IFLA_XDP_FD, UINT32_MAX);
		nl_put_u32(&request, IFLA_XDP_FLAGS, xdp_modes[i].flag);
		nl_nest_end(&request, nest);
		bad = send_set(nl, &request, name, "the program", err);
	}
	return bad;
}

static int has_name(struct nl_span list, struct nl_span name)
{
	struct nl_span one;

	while ((one = nl_next(&list, IFLA_ALT_IFNAME)).at)
		if (one.len == name.len && memcmp(one.at, name.at, one.len) == 0)
			return 1;
	return 0;
}

/* Whether an alternative name must go: any unless keep_names, else one that was not saved. */
static int has_strange(struct nl_span list, struct nl_span kept, int keep_names)
{
	struct nl_span one;

	while ((one = nl_next(&list, IFLA_ALT_IFNAME)).at)
		if (!keep_names || !has_name(kept, one))
			return 1;
	return 0;
}

/* `list` points into the last answer: it is invalid once the request is sent. */
static int remove_names(struct nl *nl, uint32_t ifindex, const char *name, struct nl_span list,
	struct vst_err *err)
{
	static union names_request request;
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	const struct nlattr attr = {.nla_len = (uint16_t)(sizeof attr + list.len),
		.nla_type = NLA_F_NESTED | IFLA_PROP_LIST};
	size_t at = NLMSG_LENGTH(sizeof info);
	struct nl_refusal why;

	request.head = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)(at + NLMSG_ALIGN(sizeof attr + list.len)),
		.nlmsg_type = RTM_DELLINKPROP,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};
	memcpy(request.bytes + sizeof request.head, &info, sizeof info);
	memcpy(request.bytes + at, &attr, sizeof attr);
	memcpy(request.bytes + at + sizeof attr, list.at, list.len);
	/* EINVAL: a name is gone already; the next round removes those behind it. */
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0 && why.code != EINVAL)
		return nl_refused(err, &why, "remove alternative names of interface '%s'",
			VST_QUOTE(name));
	return 0;
}

static const char *what_differs(unsigned differs, int strange)
{
	for (size_t i = 0; i < N_KEPT; i++)
		if (differs >> i & 1)
			return kept_attrs[i].what;
	if (differs & DIFFERS_FLAGS)
		return "a flag";
	if (differs & DIFFERS_PROTO_DOWN)
		return "what keeps it down";
	return strange ? "an alternative name" : "a program";
}

int nl_kept_mend(struct nl *nl, uint32_t ifindex, const char *name, int keep_names,
	const unsigned char *kept, uint32_t len, const char **ret_what, struct vst_err *err)
{
	const struct nlmsghdr *wanted = as_message(kept), *now;
	struct nl_refusal why;
	struct nl_span names;
	unsigned differs;
	int strange;

	if (len < NLMSG_LENGTH(sizeof(struct ifinfomsg)) || wanted->nlmsg_len != len)
		return vst_fail(err, VST_EXIT_FAILED, EBADMSG, "the saved state is damaged");
	if (get(nl, ifindex, 0, &now, &why) < 0)
		return nl_refused(err, &why, "look at interface '%s'", VST_QUOTE(name));
	differs = compare(wanted, now);
	names = nl_find(attrs_of(now), IFLA_PROP_LIST);
	strange = has_strange(names, nl_find(attrs_of(wanted), IFLA_PROP_LIST), keep_names);
	*ret_what = what_differs(differs, strange);
	if ((strange && remove_names(nl, ifindex, name, names, err) < 0) ||
		(differs && set_right(nl, ifindex, name, wanted, differs, err) < 0))
		return -1;
	return __builtin_popcount(differs) + strange;
}

int nl_kept_settle(struct nl *nl, uint32_t ifindex, const char *name, const unsigned char *kept,
	uint32_t len, struct vst_err *err)
{
	struct nl_span info = nl_find(attrs_of(as_message(kept)), IFLA_LINKINFO);
	uint32_t users = nl_get_u32(nl_find(attrs_of(as_message(kept)), IFLA_PROMISCUITY), 0);
	const struct nlmsghdr *now;
	struct nl_refusal why;

	(void)len;
	for (int round = 0; round < 2; round++) {
		if (get(nl, ifindex, 0, &now, &why) < 0)
			return nl_refused(err, &why, "look at interface '%s'", VST_QUOTE(name));
		/* A move drops what packet sockets requested, so an excess is another
		 * interface's. */
		if (nl_get_u32(nl_find(attrs_of(now), IFLA_PROMISCUITY), 0) > users)
			return vst_fail(err, VST_EXIT_CONFLICT, 0,
				"interface '%s' is here and stays down: another one lies on it, in a namespace that is not looked at; or it was given addresses there, which end when it is set up and down: then run detach again",
				VST_QUOTE(name));
		if (nl_kind_settle(nl, ifindex, info, nl_find(attrs_of(now), IFLA_LINKINFO),
			    round == 0) == 0)
			return 0;
	}
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"interface '%s' is here and stays down: settings of its kind were changed that nobody here can set right: set them as they were, and run detach again",
		VST_QUOTE(name));
}

/* Adds one alternative name, given with its NUL. 0, 1 if it is taken by another link, -1. */
static int give_name(struct nl *nl, uint32_t ifindex, const char *name, struct nl_span one,
	struct vst_err *err)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	struct nl_request request;
	struct nl_refusal why;
	struct nl_link owner;
	size_t nest;

	nl_begin(&request, RTM_NEWLINKPROP, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	nl_put_bytes(&request, &info, sizeof info);
	nest = nl_nest(&request, IFLA_PROP_LIST);
	nl_put(&request, IFLA_ALT_IFNAME, one.at, one.len);
	nl_nest_end(&request, nest);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) == 0)
		return 0;
	if (why.code != EEXIST)
		return nl_refused(
			err, &why, "give interface '%s' an alternative name", VST_QUOTE(name));
	/* The link may have the name already. */
	return !(nl_name_owner(nl, -1, (const char *)one.at, &owner, err) == 1 &&
		 owner.ifindex == ifindex);
}

int nl_kept_names(struct nl *nl, uint32_t ifindex, const char *name, const unsigned char *kept,
	uint32_t len, char ret_taken[128], struct vst_err *err)
{
	struct nl_span list = nl_find(attrs_of(as_message(kept)), IFLA_PROP_LIST), one;
	int n_taken = 0;

	(void)len;
	while ((one = nl_next(&list, IFLA_ALT_IFNAME)).at) {
		int taken;

		if (!one.len || one.len > 128 || one.at[one.len - 1])
			continue;
		taken = give_name(nl, ifindex, name, one, err);
		if (taken < 0)
			return -1;
		if (taken && !n_taken++)
			memcpy(ret_taken, one.at, one.len);
	}
	return n_taken;
}
