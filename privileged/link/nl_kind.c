/* SPDX-License-Identifier: Apache-2.0 */
#include "nl_kind.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "nl_talk.h"

/* Upper bound of settings that differ at once. macvlan has most, 9. */
#define SETTINGS_MAX 64

#define KIND_MACVLAN_BC_CUTOFF 9 /* Linux 6.4; not reported while it is 1. */

/* The kinds that may be moved. Other kinds have state that RTM_GETLINK does not report:
 * forwarding entries (vxlan), keys and peers (wireguard), an owner and open descriptors (tun,
 * macvtap), programs (netkit); or settings that cannot be set one by one (IP tunnels). `unsaid`
 * is a setting that other links influence, which is not compared. */
static const struct kind {
	const char *name;
	uint16_t unsaid;
} kinds[] = {
	{"", 0}, /* A device: its driver's state is not route netlink's. */
	{"veth", 0},
	{"dummy", 0},
	{"ifb", 0},
	{"macvlan", IFLA_MACVLAN_BC_QUEUE_LEN_USED},
	{"ipvlan", 0},
	{"vlan", 0},
};

static const struct kind *find_kind(struct nl_span info)
{
	char name[32] = "";
	struct nl_span kind = nl_find(info, IFLA_INFO_KIND);

	if (kind.at && nl_get_str(kind, name, sizeof name) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

int nl_kind_is_known(struct nl_span info)
{
	return find_kind(info) != NULL;
}

struct setting {
	uint16_t type;
	struct nl_span payload;
};

struct settings {
	struct setting differ[SETTINGS_MAX];
	int n;
};

static void add(struct settings *settings, uint16_t type, struct nl_span payload)
{
	if (settings->n < SETTINGS_MAX)
		settings->differ[settings->n++] = (struct setting){type, payload};
}

static int is_same(struct nl_span a, struct nl_span b)
{
	return a.len == b.len && (!a.len || memcmp(a.at, b.at, a.len) == 0);
}

static void compare(const struct kind *kind, struct nl_span wanted, struct nl_span found,
	struct settings *ret)
{
	static const int32_t cutoff = 1;
	struct nl_span rest = wanted, one;
	uint16_t type;

	while ((one = nl_any(&rest, &type)).at)
		if (type != kind->unsaid && !is_same(one, nl_find(found, type)))
			add(ret, type, one);
	for (rest = found; nl_any(&rest, &type).at;) {
		struct nl_span unset = {NULL, 0};

		if (type == kind->unsaid || nl_find(wanted, type).at)
			continue;
		if (kind->unsaid == IFLA_MACVLAN_BC_QUEUE_LEN_USED &&
			type == KIND_MACVLAN_BC_CUTOFF)
			unset = (struct nl_span){(const void *)&cutoff, sizeof cutoff};
		add(ret, type, unset);
	}
}

/* Sets one setting. Errors are ignored, because read-only settings are refused and the caller
 * compares again. */
static void set_one(
	struct nl *nl, uint32_t ifindex, const char *kind, const struct setting *setting)
{
	const struct ifinfomsg info = {.ifi_index = (int)ifindex};
	struct nl_request request;
	struct nl_refusal ignored;
	size_t nest, data;

	nl_begin(&request, RTM_NEWLINK, NLM_F_ACK);
	nl_put_bytes(&request, &info, sizeof info);
	nest = nl_nest(&request, IFLA_LINKINFO);
	nl_put_str(&request, IFLA_INFO_KIND, kind);
	data = nl_nest(&request, IFLA_INFO_DATA);
	nl_put(&request, setting->type, setting->payload.at, setting->payload.len);
	nl_nest_end(&request, data);
	nl_nest_end(&request, nest);
	(void)nl_ask(nl, &request.head, 0, 0, NULL, &ignored);
}

int nl_kind_settle(
	struct nl *nl, uint32_t ifindex, struct nl_span wanted, struct nl_span now, int set)
{
	const struct kind *kind = find_kind(wanted);
	struct settings settings = {.n = 0};

	/* Only known kinds are saved, so the record is damaged. */
	if (!kind)
		return 1;
	compare(kind, nl_find(wanted, IFLA_INFO_DATA), nl_find(now, IFLA_INFO_DATA), &settings);
	for (int i = 0; set && i < settings.n; i++)
		if (settings.differ[i].payload.at)
			set_one(nl, ifindex, kind->name, &settings.differ[i]);
	return settings.n;
}
