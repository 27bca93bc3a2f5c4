/* SPDX-License-Identifier: Apache-2.0 */
#include "nl.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "nl_attr.h"
#include "nl_set.h"
#include "nl_talk.h"

/* Attempts at a dump, which races with other changes of addresses and routes. */
#define DUMPS_MAX 4

/* Passes over the routes: a route through a gateway needs the route to the gateway, which may
 * come later in a dump. */
#define PASSES_MAX 3

/* The longest message that is saved; the kernel's are shorter. */
#define MESSAGE_MAX 4096

/* The unit of a route's remaining lifetime (USER_HZ). */
#define TICKS_PER_SECOND 100

#define FOREVER UINT32_MAX

struct saved {
	unsigned char *bytes;
	size_t size;
	size_t len;
	size_t part; /* Offset of the current dump's messages. */
	uint32_t ifindex;
};

/* Stages of a restore, in this order. */
enum stage {
	STAGE_ADDRESSES,
	STAGE_ROUTES,
	STAGE_FLAGS, /* Flags of IPv6 addresses, see fit_address. */
};

/* Inserts the message at offset `at`. */
static int keep(
	struct saved *saved, size_t at, const struct nlmsghdr *message, struct nl_refusal *why)
{
	size_t len = NLMSG_ALIGN(message->nlmsg_len);

	if (message->nlmsg_len > MESSAGE_MAX || len > saved->size - saved->len)
		return nl_why(
			why, EOPNOTSUPP, "it has too many addresses and routes to bring back");
	memmove(saved->bytes + at + len, saved->bytes + at, saved->len - at);
	memset(saved->bytes + at, 0, len);
	memcpy(saved->bytes + at, message, message->nlmsg_len);
	saved->len += len;
	return 0;
}

static int take_address(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	const struct ifaddrmsg *addr = NLMSG_DATA(message);
	struct saved *saved = arg;
	struct nl_span flags = nl_find(nl_attrs(message, sizeof *addr), IFA_FLAGS);

	if (addr->ifa_index != saved->ifindex)
		return 0;
	/* For IPv6 the flag means a privacy address, which the kernel makes itself. For IPv4
	 * the same bit means secondary. */
	if (addr->ifa_family == AF_INET6 && nl_get_u32(flags, 0) & IFA_F_TEMPORARY)
		return 0;
	/* The kernel dumps IPv6 addresses newest first; they are restored oldest first. */
	return keep(
		saved, addr->ifa_family == AF_INET6 ? saved->part : saved->len, message, why);
}

static int take_route(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	const struct rtmsg *route = NLMSG_DATA(message);
	struct nl_span attrs = nl_attrs(message, sizeof *route);
	struct saved *saved = arg;

	/* The kernel makes these with the addresses, or learns them from routers. */
	if (route->rtm_protocol == RTPROT_KERNEL || route->rtm_protocol == RTPROT_RA ||
		route->rtm_protocol == RTPROT_REDIRECT || route->rtm_flags & RTM_F_CLONED)
		return 0;
	/* The kernel filters by RTA_OIF, so one nexthop of a multipath route is this link. */
	if (nl_find(attrs, RTA_MULTIPATH).at)
		return nl_why(why, EOPNOTSUPP,
			"a route with several nexthops could not be brought back");
	if (nl_get_u32(nl_find(attrs, RTA_OIF), 0) != saved->ifindex)
		return 0;
	if (nl_find(attrs, RTA_NH_ID).at)
		return nl_why(why, EOPNOTSUPP,
			"a route with a nexthop object could not be brought back");
	return keep(saved, saved->len, message, why);
}

static int save_addresses(
	struct nl *nl, unsigned char family, struct saved *saved, struct nl_refusal *why)
{
	const struct ifaddrmsg addr = {.ifa_family = family, .ifa_index = saved->ifindex};
	struct nl_request request;

	nl_begin(&request, RTM_GETADDR, NLM_F_DUMP);
	nl_put_bytes(&request, &addr, sizeof addr);
	return nl_dump(nl, &request.head, RTM_NEWADDR, NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
		take_address, saved, why);
}

static int save_routes(
	struct nl *nl, unsigned char family, struct saved *saved, struct nl_refusal *why)
{
	const struct rtmsg route = {.rtm_family = family}; /* rtm_table 0: all tables */
	struct nl_request request;

	nl_begin(&request, RTM_GETROUTE, NLM_F_DUMP);
	nl_put_bytes(&request, &route, sizeof route);
	nl_put_u32(&request, RTA_OIF, saved->ifindex);
	return nl_dump(nl, &request.head, RTM_NEWROUTE, NLMSG_LENGTH(sizeof(struct rtmsg)),
		take_route, saved, why);
}

/* Whether one of the saved addresses is this one. */
static int has_address(const struct saved *saved, unsigned char family, struct nl_span wanted)
{
	const struct nlmsghdr *message;

	for (size_t at = 0; at < saved->len; at += NLMSG_ALIGN(message->nlmsg_len)) {
		const struct ifaddrmsg *addr;
		struct nl_span found;

		message = (const struct nlmsghdr *)(const void *)(saved->bytes + at);
		addr = NLMSG_DATA(message);
		if (message->nlmsg_type != RTM_NEWADDR || addr->ifa_family != family)
			continue;
		found = nl_find(nl_attrs(message, sizeof *addr), IFA_LOCAL);
		if (!found.at)
			found = nl_find(nl_attrs(message, sizeof *addr), IFA_ADDRESS);
		if (found.len == wanted.len && memcmp(found.at, wanted.at, found.len) == 0)
			return 1;
	}
	return 0;
}

/* Refuses a route of another link that has an address of this one as its source: it is lost, or
 * loses that, when the address goes. */
static int take_source(const struct nlmsghdr *message, void *arg, struct nl_refusal *why)
{
	const struct rtmsg *route = NLMSG_DATA(message);
	struct nl_span attrs = nl_attrs(message, sizeof *route);
	struct nl_span source = nl_find(attrs, RTA_PREFSRC);
	const struct saved *saved = arg;
	struct vst_quoted which;
	char text[256];

	if (route->rtm_protocol == RTPROT_KERNEL || route->rtm_flags & RTM_F_CLONED ||
		!source.at || nl_get_u32(nl_find(attrs, RTA_OIF), 0) == saved->ifindex ||
		!has_address(saved, route->rtm_family, source))
		return 0;
	nl_state_say(message, &which);
	snprintf(text, sizeof text,
		"%.100s of another interface has an address of it as its source, and would not be brought back: remove it first",
		which.text);
	return nl_why(why, EOPNOTSUPP, text);
}

static int look_for_sources(
	struct nl *nl, unsigned char family, struct saved *saved, struct nl_refusal *why)
{
	const struct rtmsg route = {.rtm_family = family};
	struct nl_request request;

	nl_begin(&request, RTM_GETROUTE, NLM_F_DUMP);
	nl_put_bytes(&request, &route, sizeof route);
	return nl_dump(nl, &request.head, RTM_NEWROUTE, NLMSG_LENGTH(sizeof(struct rtmsg)),
		take_source, saved, why);
}

typedef int (*save_part)(
	struct nl *nl, unsigned char family, struct saved *saved, struct nl_refusal *why);

static int save(struct nl *nl, unsigned char family, save_part part, struct saved *saved,
	struct nl_refusal *why)
{
	int result = -1;

	saved->part = saved->len;
	why->code = EINTR;
	for (unsigned i = 0; i < DUMPS_MAX && result < 0 && why->code == EINTR; i++) {
		saved->len = saved->part;
		result = part(nl, family, saved, why);
	}
	if (result < 0 && family == AF_INET6 && why->code == EAFNOSUPPORT)
		return 0;
	return result;
}

static const unsigned char families[] = {AF_INET, AF_INET6};

/* Saves addresses and routes. has_any: for each family, whether there is an address. */
static int list(struct nl *nl, struct saved *saved, int has_any[sizeof families],
	struct nl_refusal *why)
{
	int bad = 0;

	for (size_t i = 0; i < sizeof families && !bad; i++) {
		size_t before = saved->len;

		bad = save(nl, families[i], save_addresses, saved, why) < 0;
		has_any[i] = saved->len > before;
	}
	for (size_t i = 0; i < sizeof families && !bad; i++)
		bad = save(nl, families[i], save_routes, saved, why) < 0;
	return bad ? -1 : 0;
}

int nl_list(struct nl *nl, uint32_t ifindex, const char *name, unsigned char *ret, size_t size,
	uint32_t *ret_len, struct vst_err *err)
{
	struct saved saved = {.bytes = ret, .size = size, .ifindex = ifindex};
	int has_any[sizeof families];
	struct nl_refusal why;

	if (list(nl, &saved, has_any, &why) < 0)
		return nl_refused(err, &why, "read addresses and routes of interface '%s'",
			VST_QUOTE(name));
	*ret_len = (uint32_t)saved.len;
	return 0;
}

int nl_save(struct nl *nl, uint32_t ifindex, const char *name, unsigned char *ret, size_t size,
	uint32_t *ret_len, struct vst_err *err)
{
	struct saved saved = {.bytes = ret, .size = size, .ifindex = ifindex};
	int has_any[sizeof families];
	struct nl_refusal why;
	int bad = list(nl, &saved, has_any, &why) < 0;

	for (size_t i = 0; i < sizeof families && !bad; i++)
		bad = has_any[i] && save(nl, families[i], look_for_sources, &saved, &why) < 0;
	if (bad && why.code == EOPNOTSUPP)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0, "move interface '%s': %s",
			VST_QUOTE(name), why.text.text);
	if (bad)
		return nl_refused(err, &why, "read addresses and routes of interface '%s'",
			VST_QUOTE(name));
	*ret_len = (uint32_t)saved.len;
	return 0;
}

/* Overwrites the number in the attribute of the type, if there is one. */
static void set_u32(struct nlmsghdr *message, size_t fixed_len, uint16_t type, uint32_t value)
{
	struct nl_span found = nl_find(nl_attrs(message, fixed_len), type);

	if (found.len == sizeof value)
		memcpy((unsigned char *)message + (found.at - (unsigned char *)message), &value,
			sizeof value);
}

/* A restored IPv6 address would be tentative for a second, and no route could use it as its
 * source until then. Duplicate address detection already passed, so restore with IFA_F_NODAD
 * and clear the flag afterwards (STAGE_FLAGS). */
static void fit_address(struct nlmsghdr *message, uint32_t ifindex, enum stage stage)
{
	struct ifaddrmsg *addr = NLMSG_DATA(message);
	struct nl_span found = nl_find(nl_attrs(message, sizeof *addr), IFA_FLAGS);
	uint32_t flags = nl_get_u32(found, 0);

	addr->ifa_index = ifindex;
	if (addr->ifa_family == AF_INET6 && stage == STAGE_ADDRESSES &&
		!(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)))
		set_u32(message, sizeof *addr, IFA_FLAGS, flags | IFA_F_NODAD);
}

/* Turns a saved message into a request for ifindex, without the flags that the kernel only
 * reports. */
static void fit(struct nlmsghdr *message, uint32_t ifindex, enum stage stage)
{
	struct rtmsg *route = NLMSG_DATA(message);

	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
	message->nlmsg_flags |= stage == STAGE_FLAGS ? NLM_F_REPLACE : NLM_F_EXCL;
	if (stage != STAGE_ROUTES) {
		fit_address(message, ifindex, stage);
		return;
	}
	set_u32(message, sizeof *route, RTA_OIF, ifindex);
	/* The kernel refuses DEAD and LINKDOWN, and ignores the others. */
	route->rtm_flags &= RTNH_F_ONLINK;
}

/* What is left of a lifetime after `seconds`; 0: it has expired. */
static uint32_t left_of(uint32_t lifetime, uint64_t seconds)
{
	if (lifetime == FOREVER)
		return lifetime;
	return lifetime > seconds ? lifetime - (uint32_t)seconds : 0;
}

/* Shortens an address's lifetimes in the request. 0: it has expired. */
static int age_address(struct nlmsghdr *message, uint64_t seconds)
{
	struct nl_span found =
		nl_find(nl_attrs(message, sizeof(struct ifaddrmsg)), IFA_CACHEINFO);
	struct ifa_cacheinfo info;

	if (found.len != sizeof info)
		return 1;
	memcpy(&info, found.at, sizeof info);
	info.ifa_valid = left_of(info.ifa_valid, seconds);
	info.ifa_prefered = left_of(info.ifa_prefered, seconds);
	memcpy((unsigned char *)message + (found.at - (unsigned char *)message), &info,
		sizeof info);
	return info.ifa_valid != 0;
}

/* As age_address, for a route. The kernel reports the remaining time in RTA_CACHEINFO and takes
 * it as RTA_EXPIRES, which is appended: `message` has room for that. */
static int age_route(struct nlmsghdr *message, uint64_t seconds)
{
	struct nl_span found = nl_find(nl_attrs(message, sizeof(struct rtmsg)), RTA_CACHEINFO);
	const struct nlattr attr = {
		.nla_len = sizeof attr + sizeof(uint32_t), .nla_type = RTA_EXPIRES};
	unsigned char *end = (unsigned char *)message + NLMSG_ALIGN(message->nlmsg_len);
	struct rta_cacheinfo info;
	uint32_t left;

	if (found.len != sizeof info)
		return 1;
	memcpy(&info, found.at, sizeof info);
	if (info.rta_expires == 0)
		return 1;
	if (info.rta_expires < 0)
		return 0;
	left = left_of(((uint32_t)info.rta_expires + TICKS_PER_SECOND - 1) / TICKS_PER_SECOND,
		seconds);
	memcpy(end, &attr, sizeof attr);
	memcpy(end + sizeof attr, &left, sizeof left);
	message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + (uint32_t)attr.nla_len;
	return left != 0;
}

static int age(struct nlmsghdr *message, enum stage stage, uint64_t seconds)
{
	return stage == STAGE_ROUTES ? age_route(message, seconds)
				     : age_address(message, seconds);
}

static int is_of(const struct nlmsghdr *message, enum stage stage)
{
	const struct ifaddrmsg *addr = NLMSG_DATA(message);

	if (stage == STAGE_ROUTES)
		return message->nlmsg_type == RTM_NEWROUTE &&
		       message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg));
	return message->nlmsg_type == RTM_NEWADDR &&
	       message->nlmsg_len >= NLMSG_LENGTH(sizeof *addr) &&
	       (stage == STAGE_ADDRESSES || addr->ifa_family == AF_INET6);
}

/* Sets *why to the first refusal, with what it is of. */
static void name_first(const struct nlmsghdr *request, const struct nl_refusal *refusal,
	struct nl_refusal *why)
{
	char text[256];
	struct vst_quoted what;

	nl_state_say(request, &what);
	snprintf(text, sizeof text, "%.100s%s%.120s", what.text,
		refusal->text.text[0] ? ": " : "", refusal->text.text);
	nl_why(why, refusal->code, text);
}

/* Restores the saved messages of a stage. Returns how many the kernel refused; *why is the
 * first refusal. */
static unsigned restore(struct nl *nl, uint32_t ifindex, enum stage stage, uint64_t seconds,
	const unsigned char *state, uint32_t len, struct nl_refusal *why)
{
	unsigned failed = 0;
	struct nlmsghdr head;

	for (size_t at = 0; at < len && len - at >= sizeof head;
		at += NLMSG_ALIGN(head.nlmsg_len)) {
		union {
			struct nlmsghdr head;
			unsigned char bytes[MESSAGE_MAX + 8]; /* Room for RTA_EXPIRES. */
		} request;
		struct nl_refusal one;

		memcpy(&head, state + at, sizeof head);
		if (head.nlmsg_len < sizeof head || head.nlmsg_len > len - at ||
			head.nlmsg_len > MESSAGE_MAX) {
			nl_why(why, EBADMSG, "the saved state is damaged");
			return failed + 1;
		}
		memcpy(request.bytes, state + at, head.nlmsg_len);
		if (!is_of(&request.head, stage) || !age(&request.head, stage, seconds))
			continue;
		/* The first address of a subnet is its primary one. Adding others while it is
		 * missing would reorder them for the next attempt. */
		if (failed && stage == STAGE_ADDRESSES) {
			failed++;
			continue;
		}
		fit(&request.head, ifindex, stage);
		if (nl_ask(nl, &request.head, 0, 0, NULL, &one) == 0 || one.code == EEXIST)
			continue;
		if (failed++ == 0)
			name_first(&request.head, &one, why);
	}
	return failed;
}

int nl_restore(struct nl *nl, uint32_t ifindex, const char *name, int up, uint64_t seconds,
	const unsigned char *state, uint32_t len, struct vst_err *err)
{
	struct nl_refusal why;
	unsigned failed = restore(nl, ifindex, STAGE_ADDRESSES, seconds, state, len, &why);
	unsigned last = 0;
	int bad = 0;

	if (failed)
		bad = nl_refused(err, &why, "give interface '%s' %u of its addresses",
			VST_QUOTE(name), failed);
	/* A link that is down has no routes. */
	if (up && nl_set_up(nl, ifindex, name, 1, err) < 0)
		return -1;
	failed = up ? restore(nl, ifindex, STAGE_ROUTES, seconds, state, len, &why) : 0;
	for (unsigned i = 1; i < PASSES_MAX && failed && failed != last; i++) {
		last = failed;
		failed = restore(nl, ifindex, STAGE_ROUTES, seconds, state, len, &why);
	}
	if (failed && !bad)
		bad = nl_refused(err, &why, "give interface '%s' %u of its routes",
			VST_QUOTE(name), failed);
	/* Only once nothing is missing: a request for a missing address would create it,
	 * tentative. */
	failed = bad ? 0 : restore(nl, ifindex, STAGE_FLAGS, seconds, state, len, &why);
	if (failed)
		bad = nl_refused(err, &why, "give interface '%s' the flags of %u addresses",
			VST_QUOTE(name), failed);
	return bad;
}
