/* SPDX-License-Identifier: Apache-2.0 */
#include "nl_set.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "nl_attr.h"
#include "nl_talk.h"

/* What the kernel gives an IPv6 route that is given no metric (IP6_RT_PRIO_USER). */
#define METRIC_IPV6 1024

int nl_set_mtu(
	struct nl *nl, uint32_t ifindex, const char *name, uint32_t mtu, struct vst_err *err)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	struct nl_request request;
	struct nl_refusal why;

	nl_begin(&request, RTM_SETLINK, NLM_F_ACK);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put_u32(&request, IFLA_MTU, mtu);
	if (nl_ask(nl, &request.head, 0, 0, NULL, &why) < 0)
		return nl_refused(
			err, &why, "set the MTU of interface '%s' to %u", VST_QUOTE(name), mtu);
	return 0;
}

static int read_now(const struct nlmsghdr *message, struct nl_now *ret)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct nl_span attrs = nl_attrs(message, sizeof *info);
	struct nl_span mac = nl_find(attrs, IFLA_ADDRESS);
	struct nl_span port = nl_find(nl_find(attrs, IFLA_LINKINFO), IFLA_INFO_SLAVE_DATA);
	struct nl_span isolated = nl_find(port, IFLA_BRPORT_ISOLATED);
	struct nl_now now = {.flags = info->ifi_flags};

	if (nl_get_str(nl_find(attrs, IFLA_IFNAME), now.name, sizeof now.name) < 0)
		return -1;
	now.mtu = nl_get_u32(nl_find(attrs, IFLA_MTU), 0);
	now.master = nl_get_u32(nl_find(attrs, IFLA_MASTER), 0);
	now.is_isolated = isolated.len == 1 && isolated.at[0];
	if (mac.len == sizeof now.mac)
		memcpy(now.mac, mac.at, sizeof now.mac);
	*ret = now;
	return 0;
}

int nl_now(struct nl *nl, uint32_t ifindex, struct nl_now *ret, struct vst_err *err)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	const struct nlmsghdr *answer;
	struct nl_request request;
	struct nl_refusal why;

	nl_begin(&request, RTM_GETLINK, 0);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (nl_ask(nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof info), &answer, &why) <
		0)
		return why.code == ENODEV
			       ? 0
			       : nl_refused(err, &why, "look at interface %u", ifindex);
	if (read_now(answer, ret) == 0)
		return 1;
	return vst_fail(err, VST_EXIT_FAILED, EPROTO,
		"look at interface %u: the kernel's answer is malformed", ifindex);
}

static void append(struct nl_state *state, const void *message, size_t len)
{
	const size_t padded = NLMSG_ALIGN(len);

	if (state->len > state->size || padded > state->size - state->len) {
		state->len = state->size + 1;
		return;
	}
	memset(state->bytes + state->len, 0, padded);
	memcpy(state->bytes + state->len, message, len);
	state->len += padded;
}

static void append_request(struct nl_state *state, const struct nl_request *request)
{
	append(state, request->bytes, request->head.nlmsg_len);
}

static unsigned char family_of(const struct vst_address *address)
{
	return address->family == VST_IPV4 ? AF_INET : AF_INET6;
}

static size_t bytes_of(const struct vst_address *address)
{
	return address->family == VST_IPV4 ? 4 : 16;
}

/* As DHCP clients and container runtimes do; a network of two addresses or one has none. */
static void put_broadcast(struct nl_request *request, const struct vst_address *address)
{
	unsigned char bytes[4];

	if (address->prefix > 30)
		return;
	for (unsigned i = 0; i < sizeof bytes; i++) {
		const unsigned net = address->prefix > 8 * i ? address->prefix - 8 * i : 0;

		bytes[i] = (unsigned char)(address->bytes[i] | (net < 8 ? 0xff >> net : 0));
	}
	nl_put(request, IFA_BROADCAST, bytes, sizeof bytes);
}

void nl_state_address(struct nl_state *state, const struct vst_address *address)
{
	const int is_ipv4 = address->family == VST_IPV4;
	const struct ifaddrmsg addr = {
		.ifa_family = family_of(address),
		.ifa_prefixlen = address->prefix,
		.ifa_scope =
			is_ipv4 && address->bytes[0] == 127 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE,
	};
	struct nl_request request;

	nl_begin(&request, RTM_NEWADDR, 0);
	nl_put_bytes(&request, &addr, sizeof addr);
	nl_put(&request, IFA_ADDRESS, address->bytes, bytes_of(address));
	if (is_ipv4) {
		nl_put(&request, IFA_LOCAL, address->bytes, bytes_of(address));
		put_broadcast(&request, address);
	} else {
		/* For nl_restore, which sets IFA_F_NODAD there: the first packet must not have
		 * to wait until nobody else has shown up with the address. */
		nl_put_u32(&request, IFA_FLAGS, 0);
	}
	append_request(state, &request);
}

void nl_state_route(struct nl_state *state, const struct vst_route *route)
{
	const struct rtmsg body = {
		.rtm_family = family_of(&route->to),
		.rtm_dst_len = route->to.prefix,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = route->has_via || route->to.family == VST_IPV6 ? RT_SCOPE_UNIVERSE
									    : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_request request;

	nl_begin(&request, RTM_NEWROUTE, 0);
	nl_put_bytes(&request, &body, sizeof body);
	if (route->to.prefix)
		nl_put(&request, RTA_DST, route->to.bytes, bytes_of(&route->to));
	if (route->has_via)
		nl_put(&request, RTA_GATEWAY, route->via, bytes_of(&route->to));
	if (route->metric)
		nl_put_u32(&request, RTA_PRIORITY, route->metric);
	nl_put_u32(&request, RTA_OIF, 0); /* nl_restore puts it in */
	append_request(state, &request);
}

/* The message at *at, or NULL at the end; advances *at past it. */
static const struct nlmsghdr *next(const unsigned char *bytes, size_t len, size_t *at)
{
	const struct nlmsghdr *message = (const void *)(bytes + *at);

	if (len - *at < sizeof *message || message->nlmsg_len < sizeof *message ||
		message->nlmsg_len > len - *at)
		return NULL;
	*at += NLMSG_ALIGN(message->nlmsg_len);
	return message;
}

void nl_state_add(struct nl_state *state, const unsigned char *bytes, size_t len, int addresses,
	int routes)
{
	const struct nlmsghdr *message;

	for (size_t at = 0; at < len && (message = next(bytes, len, &at));)
		if ((message->nlmsg_type == RTM_NEWADDR && addresses) ||
			(message->nlmsg_type == RTM_NEWROUTE && routes))
			append(state, message, message->nlmsg_len);
}

/* The attribute of an address that says which it is. */
static struct nl_span local_of(struct nl_span attrs)
{
	struct nl_span local = nl_find(attrs, IFA_LOCAL);

	return local.at ? local : nl_find(attrs, IFA_ADDRESS);
}

static int is_same(struct nl_span a, struct nl_span b)
{
	return a.len == b.len && (!a.len || memcmp(a.at, b.at, a.len) == 0);
}

static int is_same_address(const struct nlmsghdr *wanted, const struct nlmsghdr *found)
{
	const struct ifaddrmsg *a = NLMSG_DATA(wanted), *b = NLMSG_DATA(found);
	struct nl_span in_a = nl_attrs(wanted, sizeof *a), in_b = nl_attrs(found, sizeof *b);
	const uint32_t unusable = IFA_F_TENTATIVE | IFA_F_DADFAILED;

	return a->ifa_family == b->ifa_family && a->ifa_prefixlen == b->ifa_prefixlen &&
	       is_same(local_of(in_a), local_of(in_b)) &&
	       (a->ifa_family != AF_INET6 ||
		       nl_get_u32(nl_find(in_a, IFA_FLAGS), 0) & unusable ||
		       !(nl_get_u32(nl_find(in_b, IFA_FLAGS), 0) & unusable));
}

static uint32_t table_of(const struct rtmsg *route, struct nl_span attrs)
{
	return nl_get_u32(nl_find(attrs, RTA_TABLE), route->rtm_table);
}

static uint32_t metric_of(const struct rtmsg *route, struct nl_span attrs)
{
	const uint32_t metric = nl_get_u32(nl_find(attrs, RTA_PRIORITY), 0);

	return metric || route->rtm_family != AF_INET6 ? metric : METRIC_IPV6;
}

static int is_same_route(const struct nlmsghdr *wanted, const struct nlmsghdr *found)
{
	const struct rtmsg *a = NLMSG_DATA(wanted), *b = NLMSG_DATA(found);
	struct nl_span in_a = nl_attrs(wanted, sizeof *a), in_b = nl_attrs(found, sizeof *b);

	return a->rtm_family == b->rtm_family && a->rtm_dst_len == b->rtm_dst_len &&
	       a->rtm_tos == b->rtm_tos && a->rtm_type == b->rtm_type &&
	       table_of(a, in_a) == table_of(b, in_b) &&
	       metric_of(a, in_a) == metric_of(b, in_b) &&
	       is_same(nl_find(in_a, RTA_DST), nl_find(in_b, RTA_DST)) &&
	       is_same(nl_find(in_a, RTA_GATEWAY), nl_find(in_b, RTA_GATEWAY));
}

/* Whether a whole message of one of the two types is this one. */
static int is_message(const struct nlmsghdr *message)
{
	return (message->nlmsg_type == RTM_NEWADDR &&
		       message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifaddrmsg))) ||
	       (message->nlmsg_type == RTM_NEWROUTE &&
		       message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)));
}

static int is_among(const struct nlmsghdr *wanted, const struct nl_state *found)
{
	const struct nlmsghdr *one;

	for (size_t at = 0; at < found->len && (one = next(found->bytes, found->len, &at));)
		if (one->nlmsg_type == wanted->nlmsg_type && is_message(one) &&
			(one->nlmsg_type == RTM_NEWADDR ? is_same_address(wanted, one)
							: is_same_route(wanted, one)))
			return 1;
	return 0;
}

int nl_holds(const struct nl_state *wanted, const struct nl_state *found,
	struct vst_quoted *ret_missing)
{
	const struct nlmsghdr *one;

	for (size_t at = 0; at < wanted->len && (one = next(wanted->bytes, wanted->len, &at));)
		if (!is_message(one) || !is_among(one, found)) {
			nl_state_say(one, ret_missing);
			return 0;
		}
	return 1;
}

void nl_state_say(const struct nlmsghdr *message, struct vst_quoted *ret)
{
	const int is_route = message->nlmsg_type == RTM_NEWROUTE;
	const struct ifaddrmsg *addr = NLMSG_DATA(message);
	const struct rtmsg *route = NLMSG_DATA(message);
	char address[INET6_ADDRSTRLEN] = "default", text[128];
	unsigned char family;
	struct nl_span to;

	if (!is_message(message)) {
		vst_quote(ret, "what was saved", strlen("what was saved"));
		return;
	}
	family = is_route ? route->rtm_family : addr->ifa_family;
	to = is_route ? nl_find(nl_attrs(message, sizeof *route), RTA_DST)
		      : local_of(nl_attrs(message, sizeof *addr));
	if (to.len == (family == AF_INET ? 4 : 16))
		(void)inet_ntop(family, to.at, address, sizeof address);
	snprintf(text, sizeof text, "the %s %s/%u", is_route ? "route to" : "address", address,
		is_route ? route->rtm_dst_len : addr->ifa_prefixlen);
	vst_quote(ret, text, strlen(text));
}
