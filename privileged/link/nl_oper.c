/* SPDX-License-Identifier: Apache-2.0 */
#include "nl_oper.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "nl_attr.h"
#include "nl_talk.h"

struct oper {
	unsigned char state; /* IF_OPER_* */
	unsigned char carrier;
	int is_up;
};

static unsigned char get_u8(struct nl_span payload)
{
	return payload.len == 1 ? payload.at[0] : 0;
}

static struct oper read_oper(const struct nlmsghdr *link)
{
	const struct ifinfomsg *info = NLMSG_DATA(link);
	struct nl_span attrs = nl_attrs(link, sizeof *info);

	return (struct oper){get_u8(nl_find(attrs, IFLA_OPERSTATE)),
		get_u8(nl_find(attrs, IFLA_CARRIER)), (info->ifi_flags & IFF_UP) != 0};
}

static int get_oper(struct nl *nl, uint32_t ifindex, struct oper *ret, struct nl_refusal *why)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	const struct nlmsghdr *answer;
	struct nl_request request;

	nl_begin(&request, RTM_GETLINK, 0);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (nl_ask(nl, &request.head, RTM_NEWLINK, NLMSG_LENGTH(sizeof info), &answer, why) < 0)
		return -1;
	*ret = read_oper(answer);
	return 0;
}

/* EOPNOTSUPP: the driver has no such setting, so nobody can have changed it. */
static int set_u8(struct nl *nl, uint32_t ifindex, uint16_t type, unsigned char value,
	struct nl_refusal *why)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	struct nl_request request;

	nl_begin(&request, RTM_SETLINK, NLM_F_ACK);
	nl_put_bytes(&request, &info, sizeof info);
	nl_put(&request, type, &value, sizeof value);
	if (nl_ask(nl, &request.head, 0, 0, NULL, why) == 0)
		return 1;
	return why->code == EOPNOTSUPP ? 0 : -1;
}

/* The state to ask for, as far as a request can set it: testing, dormant, or up. */
static unsigned char settable(unsigned char state)
{
	return state == IF_OPER_TESTING || state == IF_OPER_DORMANT ? state : IF_OPER_UP;
}

/* Whether the state is one of a link with a carrier: the kernel sets the others by itself. */
static int has_state(const struct oper *now)
{
	return settable(now->state) == now->state || now->state == IF_OPER_UNKNOWN;
}

/* One look. Returns how many differed and were set, or -1. */
static int settle(struct nl *nl, uint32_t ifindex, const struct oper *wanted, int round,
	struct nl_refusal *why)
{
	struct oper now;
	int n = 0, set;

	if (get_oper(nl, ifindex, &now, why) < 0)
		return -1;
	if (now.is_up ? has_state(&now) && settable(now.state) != settable(wanted->state)
		      : round == 0) {
		set = set_u8(nl, ifindex, IFLA_OPERSTATE, settable(wanted->state), why);
		if (set < 0)
			return -1;
		n += set;
	}
	if (now.carrier != wanted->carrier) {
		set = set_u8(nl, ifindex, IFLA_CARRIER, wanted->carrier, why);
		if (set < 0)
			return -1;
		n += set;
	}
	return n;
}

int nl_oper_settle(struct nl *nl, uint32_t ifindex, const char *name, const unsigned char *kept,
	uint32_t len, struct vst_err *err)
{
	const struct nlmsghdr *saved = (const void *)kept;
	struct nl_refusal why;
	struct oper wanted;
	int n = 1;

	if (len < NLMSG_LENGTH(sizeof(struct ifinfomsg)) || saved->nlmsg_len != len)
		return vst_fail(err, VST_EXIT_FAILED, EBADMSG, "the saved state is damaged");
	wanted = read_oper(saved);
	for (int round = 0; round < 2 && n; round++) {
		n = settle(nl, ifindex, &wanted, round, &why);
		if (n < 0)
			return nl_refused(err, &why,
				"set the operational state of interface '%s' right",
				VST_QUOTE(name));
	}
	if (!n)
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"interface '%s' is here and stays down: its operational state or its carrier was changed, and cannot be set right: set it as it was, and run detach again",
		VST_QUOTE(name));
}
