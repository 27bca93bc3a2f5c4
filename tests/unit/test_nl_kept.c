/* SPDX-License-Identifier: Apache-2.0 */
/* What of a link outlives a move: saved, compared and set right one by one, its alternative
 * names; and what is not moved because nobody could bring it back. */
#include <linux/if.h>
#include <linux/if_link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nl_script.h"
#include "privileged/link/nl_attr.h"
#include "privileged/link/nl_kept.h"

#define INDEX 7

static struct vst_err err;
static const char *what;

/* A link's message in the making. */
static struct nl_request link;

static void begin_link(uint32_t flags)
{
	const struct ifinfomsg info = {.ifi_type = 1, .ifi_index = INDEX, .ifi_flags = flags};

	nl_begin(&link, RTM_NEWLINK, 0);
	nl_put_bytes(&link, &info, sizeof info);
}

static void link_name(const char *name)
{
	nl_put_str(&link, IFLA_ALT_IFNAME, name);
}

static void link_names(const char *first, const char *second)
{
	size_t nest = nl_nest(&link, IFLA_PROP_LIST);

	link_name(first);
	if (second)
		link_name(second);
	nl_nest_end(&link, nest);
}

static void link_kind(const char *kind, uint32_t mode)
{
	size_t nest = nl_nest(&link, IFLA_LINKINFO), data;

	nl_put_str(&link, IFLA_INFO_KIND, kind);
	data = nl_nest(&link, IFLA_INFO_DATA);
	nl_put_u32(&link, IFLA_MACVLAN_MODE, mode);
	nl_nest_end(&link, data);
	nl_nest_end(&link, nest);
}

static void link_program(uint16_t id)
{
	size_t nest = nl_nest(&link, IFLA_XDP);

	nl_put_u32(&link, id, 4711);
	nl_nest_end(&link, nest);
}

/* The kernel answers with the link. */
static void tell_link(void)
{
	struct nlmsghdr *head = (answer(), put_head(last(), RTM_NEWLINK, 0));

	put(last(), head, link.bytes + sizeof *head, link.head.nlmsg_len - sizeof *head);
}

static void qdisc(int index, uint32_t handle)
{
	const struct tcmsg tc = {.tcm_ifindex = index, .tcm_handle = handle};

	answer();
	put(last(), put_head(last(), RTM_NEWQDISC, NLM_F_MULTI), &tc, sizeof tc);
}

static void end_dump(int error)
{
	answer();
	put(last(), put_head(last(), NLMSG_DONE, NLM_F_MULTI), &error, sizeof error);
}

static void acks(int n)
{
	while (n--)
		error_answer(0, NLM_F_CAPPED);
}

static const struct nlmsghdr *sent(unsigned nth)
{
	assert_true(nth < script.n_sent);
	return (const struct nlmsghdr *)script.sent[nth];
}

static const struct ifinfomsg *sent_info(unsigned nth)
{
	return NLMSG_DATA(sent(nth));
}

static struct nl_span sent_attr(unsigned nth, uint16_t type)
{
	assert_int_equal(sent_info(nth)->ifi_index, INDEX);
	return nl_find(nl_attrs(sent(nth), sizeof(struct ifinfomsg)), type);
}

/* The request sets this one attribute and nothing else. */
static void sets_alone(unsigned nth, uint16_t type, const void *bytes, size_t len)
{
	struct nl_span rest = nl_attrs(sent(nth), sizeof(struct ifinfomsg)), one;
	uint16_t found;

	assert_int_equal(sent(nth)->nlmsg_type, RTM_SETLINK);
	assert_int_equal(sent(nth)->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	assert_int_equal(sent_info(nth)->ifi_index, INDEX);
	assert_int_equal(sent_info(nth)->ifi_change, 0);
	one = nl_any(&rest, &found);
	assert_int_equal(found, type);
	assert_int_equal(one.len, len);
	assert_memory_equal(one.at, bytes, len);
	assert_null(nl_any(&rest, &found).at);
}

/* Saves the link that is in the making. */
static int save(unsigned char *ret, size_t size, uint32_t *ret_len)
{
	(void)reset(NULL);
	end_dump(0);
	tell_link();
	return nl_kept_save(nl, INDEX, "eth0", ret, size, ret_len, &err);
}

static unsigned char kept[2048];
static uint32_t kept_len;

/* Keeps the link that is in the making. */
static void keep(void)
{
	assert_int_equal(save(kept, sizeof kept, &kept_len), 0);
	(void)reset(NULL);
}

static int mend(int keep_names)
{
	what = NULL;
	return nl_kept_mend(nl, INDEX, "eth0", keep_names, kept, kept_len, &what, &err);
}

/* Everything that is set by one attribute, with its length and how a difference is named. */
static const struct setting {
	uint16_t type;
	size_t len;
	const char *what;
} settings[] = {
	{IFLA_MASTER, 4, "the interface that it is a port of"},
	{IFLA_ADDRESS, 6, "the hardware address"},
	{IFLA_BROADCAST, 6, "the broadcast address"},
	{IFLA_MTU, 4, "the MTU"},
	{IFLA_TXQLEN, 4, "the queue length"},
	{IFLA_GROUP, 4, "the group"},
	{IFLA_IFALIAS, 6, "the alias"},
	{IFLA_LINKMODE, 1, "the link mode"},
	{IFLA_GSO_MAX_SEGS, 4, "the limit of segments"},
	{IFLA_GSO_MAX_SIZE, 4, "the limit of what is segmented"},
	{IFLA_GRO_MAX_SIZE, 4, "the limit of what is joined"},
	{63 /* IFLA_GSO_IPV4_MAX_SIZE */, 4, "the limit of what is segmented"},
	{64 /* IFLA_GRO_IPV4_MAX_SIZE */, 4, "the limit of what is joined"},
};
#define N_SETTINGS (sizeof settings / sizeof settings[0])

/* A value of the setting's own; `differs` makes it another one. No port: that is not kept. */
static const unsigned char *value(const struct setting *setting, int differs)
{
	static unsigned char bytes[8];

	memset(bytes, setting->type == IFLA_MASTER ? 0 : setting->type, sizeof bytes);
	bytes[setting->len - 1] ^= (unsigned char)(differs ? 0x80 : 0);
	return bytes;
}

/* A link with each setting, `which` of them with its other value. */
static void begin_whole(uint32_t flags, const struct setting *which)
{
	begin_link(flags);
	for (const struct setting *one = settings; one < settings + N_SETTINGS; one++)
		nl_put(&link, one->type, value(one, one == which), one->len);
}

static void saved(void **state)
{
	static const uint16_t others[] = {IFLA_PROTO_DOWN, IFLA_OPERSTATE, IFLA_CARRIER};
	const struct nlmsghdr *message = (const struct nlmsghdr *)kept;
	struct nl_span attrs;
	unsigned char first[sizeof kept];
	uint32_t len;

	(void)state;
	begin_whole(IFF_UP, NULL);
	nl_put_str(&link, IFLA_IFNAME, "eth0");
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		nl_put(&link, others[i], "\1", 1);
	nl_put_u32(&link, IFLA_PROMISCUITY, 3);
	link_names("enp0s1", "another");
	link_kind("veth", 1);
	assert_int_equal(save(kept, sizeof kept, &kept_len), 0);
	assert_int_equal(script.n_sent, 2);
	assert_int_equal(sent(0)->nlmsg_type, RTM_GETQDISC);
	assert_int_equal(sent(1)->nlmsg_type, RTM_GETLINK);
	/* Virtual functions are only told if they are asked for. */
	assert_true(nl_get_u32(sent_attr(1, IFLA_EXT_MASK), 0) & RTEXT_FILTER_VF);
	assert_int_equal(message->nlmsg_type, RTM_NEWLINK);
	assert_int_equal(message->nlmsg_len, kept_len);
	assert_int_equal(((const struct ifinfomsg *)NLMSG_DATA(message))->ifi_flags, IFF_UP);
	attrs = nl_attrs(message, sizeof(struct ifinfomsg));
	assert_true(nl_is_whole(attrs));
	for (const struct setting *one = settings; one < settings + N_SETTINGS; one++) {
		assert_int_equal(nl_find(attrs, one->type).len, one->len);
		assert_memory_equal(nl_find(attrs, one->type).at, value(one, 0), one->len);
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(nl_find(attrs, others[i]).len, 1);
	assert_int_equal(nl_get_u32(nl_find(attrs, IFLA_PROMISCUITY), 0), 3);
	assert_non_null(nl_find(nl_find(attrs, IFLA_PROP_LIST), IFLA_ALT_IFNAME).at);
	assert_non_null(nl_find(nl_find(attrs, IFLA_LINKINFO), IFLA_INFO_KIND).at);
	/* The name is not among it: that is given by the move. */
	assert_null(nl_find(attrs, IFLA_IFNAME).at);

	/* As much room as it takes, and a byte less. */
	memcpy(first, kept, sizeof first);
	memset(kept, 0xa5, sizeof kept);
	assert_int_equal(save(kept, kept_len, &len), 0);
	assert_int_equal(len, kept_len);
	assert_memory_equal(kept, first, len);
	len = 4711;
	for (size_t size = kept_len - 1; size < kept_len; size -= 17) {
		memset(kept, 0xa5, sizeof kept);
		assert_int_equal(save(kept, size, &len), -1);
		assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
		assert_non_null(strstr(err.text, "'eth0': it has too many alternative names"));
		assert_int_equal(len, 4711);
		for (size_t i = size; i < sizeof kept; i++)
			assert_int_equal(kept[i], 0xa5);
	}
}

/* Not moved, with the reason; wanted NULL: moved. */
static void is_moved_unless(const char *wanted)
{
	if (nl_kept_save(nl, INDEX, "eth0", kept, sizeof kept, &kept_len, &err) == 0) {
		assert_null(wanted);
		return;
	}
	assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
	assert_memory_equal(err.text, "move interface 'eth0': ", 23);
	if (!wanted || !strstr(err.text, wanted))
		fail_msg("%s", err.text);
}

static void lost(void **state)
{
	static const uint16_t modes[] = {
		IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID, IFLA_XDP_HW_PROG_ID};

	(void)state;
	begin_link(0);
	nl_put_u32(&link, IFLA_MASTER, 3);
	end_dump(0);
	tell_link();
	is_moved_unless("it is a port of another interface");
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		begin_link(0);
		link_program(modes[i]);
		end_dump(0);
		tell_link();
		is_moved_unless("an XDP program is attached to it");
	}
	begin_link(0);
	nl_put_u32(&link, IFLA_NUM_VF, 2);
	end_dump(0);
	tell_link();
	is_moved_unless("it has virtual functions");
	begin_link(0);
	nl_put_u32(&link, IFLA_NUM_VF, 0);
	end_dump(0);
	tell_link();
	is_moved_unless(NULL);
	/* No program: the mode alone. */
	begin_link(0);
	link_program(IFLA_XDP_ATTACHED);
	end_dump(0);
	tell_link();
	is_moved_unless(NULL);
	begin_link(0);
	link_kind("wireguard", 0);
	end_dump(0);
	tell_link();
	is_moved_unless("one of kind 'wireguard' would bring back what was set there");
}

static void disciplines(void **state)
{
	static const struct {
		int index;
		uint32_t handle;
		int end;
		const char *why;
	} want[] = {
		{INDEX, 0x10000, 0, "a queueing discipline of it"},
		/* The kernel's own, and another link's. */
		{INDEX, 0, 0, NULL},
		{INDEX + 1, 0x10000, 0, NULL},
		/* Found in what is told before others change it, or before there is no more. */
		{INDEX, 0x10000, -EINTR, "a queueing discipline of it"},
		{INDEX, 0, -EINTR, NULL},
		/* A kernel without any. */
		{INDEX, 0, -EOPNOTSUPP, NULL},
	};

	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		(void)reset(state);
		qdisc(want[i].index, want[i].handle);
		end_dump(want[i].end);
		begin_link(0);
		tell_link();
		is_moved_unless(want[i].why);
	}
	/* Whether there is one is not known: it is not moved. */
	(void)reset(state);
	end_dump(-ENOMEM);
	tell_link();
	assert_int_equal(
		nl_kept_save(nl, INDEX, "eth0", kept, sizeof kept, &kept_len, &err), -1);
	assert_int_equal(err.code, ENOMEM);
	assert_int_equal(script.n_sent, 1);
	(void)reset(state);
	end_dump(0);
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(
		nl_kept_save(nl, INDEX, "eth0", kept, sizeof kept, &kept_len, &err), -1);
	assert_int_equal(err.code, ENODEV);
}

static void unchanged(void **state)
{
	(void)state;
	begin_whole(IFF_UP, NULL);
	keep();
	/* Up, running and what packet sockets asked for are not its settings. */
	begin_whole(IFF_LOWER_UP | IFF_RUNNING, NULL);
	tell_link();
	assert_int_equal(mend(1), 0);
	assert_int_equal(script.n_sent, 1);
}

static void each_setting(void **state)
{
	for (const struct setting *one = settings; one < settings + N_SETTINGS; one++) {
		begin_whole(0, NULL);
		keep();
		begin_whole(0, one);
		tell_link();
		acks(1);
		assert_int_equal(mend(1), 1);
		assert_string_equal(what, one->what);
		assert_int_equal(script.n_sent, 2);
		sets_alone(1, one->type, value(one, 0), one->len);
	}
	/* Longer than it was, and the same so far. */
	begin_link(0);
	nl_put(&link, IFLA_IFALIAS, "web", 4);
	keep();
	begin_link(0);
	nl_put(&link, IFLA_IFALIAS, "web\0more", 8);
	tell_link();
	acks(1);
	assert_int_equal(mend(1), 1);
	sets_alone(1, IFLA_IFALIAS, "web", 4);

	/* No alias and no master are not told. */
	begin_link(0);
	keep();
	begin_link(0);
	nl_put(&link, IFLA_IFALIAS, "theirs", 7);
	nl_put_u32(&link, IFLA_MASTER, 3);
	tell_link();
	acks(2);
	assert_int_equal(mend(1), 2);
	assert_string_equal(what, "the interface that it is a port of");
	sets_alone(1, IFLA_MASTER, "\0\0\0", 4);
	sets_alone(2, IFLA_IFALIAS, "", 1);
	(void)reset(state);
	begin_link(0);
	nl_put(&link, IFLA_IFALIAS, "", 1);
	nl_put_u32(&link, IFLA_MASTER, 0);
	tell_link();
	assert_int_equal(mend(1), 0);
}

static void flags(void **state)
{
	(void)state;
	begin_link(IFF_UP | IFF_NOARP | IFF_MULTICAST);
	keep();
	begin_link(IFF_PROMISC | IFF_MULTICAST);
	tell_link();
	acks(1);
	assert_int_equal(mend(1), 1);
	assert_string_equal(what, "a flag");
	assert_int_equal(sent(1)->nlmsg_type, RTM_SETLINK);
	assert_int_equal(sent_info(1)->ifi_flags, IFF_NOARP | IFF_MULTICAST);
	assert_true(sent_info(1)->ifi_change & IFF_PROMISC);
	assert_true(sent_info(1)->ifi_change & IFF_NOARP);
	assert_false(sent_info(1)->ifi_change & IFF_UP);
	assert_int_equal(sent(1)->nlmsg_len, NLMSG_LENGTH(sizeof(struct ifinfomsg)));
}

static void proto_down(void **state)
{
	struct nl_span reason;

	(void)state;
	begin_link(0);
	nl_put(&link, IFLA_PROTO_DOWN, "\0", 1);
	keep();
	begin_link(0);
	nl_put(&link, IFLA_PROTO_DOWN, "\1", 1);
	tell_link();
	acks(1);
	assert_int_equal(mend(1), 1);
	assert_string_equal(what, "what keeps it down");
	assert_int_equal(sent_attr(1, IFLA_PROTO_DOWN).at[0], 0);
	/* Any reason goes, or the kernel refuses. */
	reason = sent_attr(1, IFLA_PROTO_DOWN_REASON);
	assert_true(nl_get_u32(nl_find(reason, IFLA_PROTO_DOWN_REASON_MASK), 0) == UINT32_MAX);
	assert_true(nl_get_u32(nl_find(reason, IFLA_PROTO_DOWN_REASON_VALUE), 4711) == 0);
}

static void added_programs(void **state)
{
	static const struct {
		uint16_t id;
		uint32_t flag;
	} modes[] = {
		{IFLA_XDP_DRV_PROG_ID, XDP_FLAGS_DRV_MODE},
		{IFLA_XDP_SKB_PROG_ID, XDP_FLAGS_SKB_MODE},
		{IFLA_XDP_HW_PROG_ID, XDP_FLAGS_HW_MODE},
	};

	(void)state;
	begin_link(0);
	keep();
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		struct nl_span xdp;

		(void)reset(state);
		begin_link(0);
		link_program(modes[i].id);
		tell_link();
		acks(1);
		assert_int_equal(mend(1), 1);
		assert_string_equal(what, "a program");
		xdp = sent_attr(1, IFLA_XDP);
		assert_true(nl_get_u32(nl_find(xdp, IFLA_XDP_FD), 0) == UINT32_MAX);
		assert_true(nl_get_u32(nl_find(xdp, IFLA_XDP_FLAGS), 0) == modes[i].flag);
	}
}

/* Each by a request of its own, in the order of the settings, up to the first refusal. */
static void refused(void **state)
{
	begin_whole(0, NULL);
	keep();
	begin_link(IFF_NOARP);
	for (const struct setting *one = settings; one < settings + N_SETTINGS; one++)
		nl_put(&link, one->type,
			value(one, one->type == IFLA_MTU || one->type == IFLA_GROUP ||
					   one->type == IFLA_LINKMODE),
			one->len);
	tell_link();
	acks(4);
	assert_int_equal(mend(1), 4);
	assert_string_equal(what, "the MTU");
	assert_int_equal(script.n_sent, 5);
	(void)reset(state);
	tell_link();
	acks(1);
	error_answer(EOPNOTSUPP, NLM_F_CAPPED);
	assert_int_equal(mend(1), -1);
	assert_int_equal(script.n_sent, 3);
	assert_int_equal(err.code, EOPNOTSUPP);
	assert_non_null(strstr(err.text, "set the group of interface 'eth0' right"));
	(void)reset(state);
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(mend(1), -1);
	assert_non_null(strstr(err.text, "look at interface 'eth0'"));
}

/* The names in the request; it goes to the link by its index. */
static int removes(unsigned nth)
{
	struct nl_span list = sent_attr(nth, IFLA_PROP_LIST);
	int n = 0;

	assert_int_equal(sent(nth)->nlmsg_type, RTM_DELLINKPROP);
	assert_int_equal(sent(nth)->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	while (nl_next(&list, IFLA_ALT_IFNAME).at)
		n++;
	return n;
}

static void strange_names(void **state)
{
	begin_link(0);
	link_names("ours", NULL);
	keep();
	/* Those that were saved may stay, or not. */
	begin_link(0);
	link_names("ours", NULL);
	tell_link();
	assert_int_equal(mend(1), 0);
	tell_link();
	acks(1);
	assert_int_equal(mend(0), 1);
	assert_string_equal(what, "an alternative name");
	assert_int_equal(removes(2), 1);
	/* One that begins like a saved one is another. All go then: ours are given again. */
	(void)reset(state);
	begin_link(0);
	link_names("ours", "our");
	tell_link();
	acks(1);
	assert_int_equal(mend(1), 1);
	assert_int_equal(removes(1), 2);
	/* With a setting: names first. */
	(void)reset(state);
	nl_put_u32(&link, IFLA_MTU, 1);
	tell_link();
	acks(2);
	assert_int_equal(mend(1), 2);
	assert_int_equal(removes(1), 2);
	assert_int_equal(sent(2)->nlmsg_type, RTM_SETLINK);
	/* Gone meanwhile, and refused. */
	(void)reset(state);
	begin_link(0);
	link_names("theirs", NULL);
	tell_link();
	error_answer(EINVAL, NLM_F_CAPPED);
	assert_int_equal(mend(1), 1);
	(void)reset(state);
	tell_link();
	error_answer(EPERM, NLM_F_CAPPED);
	assert_int_equal(mend(1), -1);
	assert_int_equal(err.exit, VST_EXIT_DENIED);
	/* None is no difference. */
	(void)reset(state);
	begin_link(0);
	tell_link();
	assert_int_equal(mend(0), 0);
}

static void damaged(void **state)
{
	struct nlmsghdr *head = (struct nlmsghdr *)kept;

	(void)state;
	begin_link(0);
	keep();
	kept_len--;
	assert_int_equal(mend(1), -1);
	assert_int_equal(err.code, EBADMSG);
	kept_len++;
	head->nlmsg_len--;
	assert_int_equal(mend(1), -1);
	kept_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)) - 1;
	head->nlmsg_len = kept_len;
	assert_int_equal(mend(1), -1);
	assert_int_equal(err.code, EBADMSG);
	assert_int_equal(script.n_sent, 0);
}

static int settle(void)
{
	return nl_kept_settle(nl, INDEX, "eth0", kept, kept_len, &err);
}

static void settled(void **state)
{
	begin_link(0);
	nl_put_u32(&link, IFLA_PROMISCUITY, 2);
	link_kind("macvlan", 4);
	keep();
	tell_link();
	assert_int_equal(settle(), 0);
	assert_int_equal(script.n_sent, 1);
	/* Fewer users of it are no other interface's, one more is. */
	(void)reset(state);
	begin_link(0);
	nl_put_u32(&link, IFLA_PROMISCUITY, 1);
	link_kind("macvlan", 4);
	tell_link();
	assert_int_equal(settle(), 0);
	(void)reset(state);
	begin_link(0);
	nl_put_u32(&link, IFLA_PROMISCUITY, 3);
	link_kind("macvlan", 4);
	tell_link();
	assert_int_equal(settle(), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(err.text, "stays down: another one lies on it"));
	assert_int_equal(script.n_sent, 1);
	/* Set right and looked at again; the second time nothing is set. */
	for (int is_right = 0; is_right < 2; is_right++) {
		(void)reset(state);
		begin_link(0);
		link_kind("macvlan", 8);
		tell_link();
		acks(1);
		if (is_right) {
			begin_link(0);
			link_kind("macvlan", 4);
		}
		tell_link();
		assert_int_equal(settle(), is_right ? 0 : -1);
		assert_int_equal(script.n_sent, 3);
	}
	(void)reset(state);
	begin_link(0);
	link_kind("macvlan", 8);
	tell_link();
	acks(1);
	tell_link();
	assert_int_equal(settle(), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(err.text, "settings of its kind were changed"));
	(void)reset(state);
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(settle(), -1);
}

/* The link that has a name. */
static void owner(int index)
{
	const struct ifinfomsg info = {.ifi_index = index};

	nl_begin(&link, RTM_NEWLINK, 0);
	nl_put_bytes(&link, &info, sizeof info);
	nl_put_str(&link, IFLA_IFNAME, "x");
	tell_link();
}

static char taken[128];

static int names(void)
{
	memset(taken, 0, sizeof taken);
	return nl_kept_names(nl, INDEX, "eth0", kept, kept_len, taken, &err);
}

static void names_back(void **state)
{
	struct nl_span given;

	begin_link(0);
	link_names("first", "second");
	keep();
	acks(2);
	assert_int_equal(names(), 0);
	assert_int_equal(script.n_sent, 2);
	assert_int_equal(sent(1)->nlmsg_type, RTM_NEWLINKPROP);
	assert_int_equal(
		sent(1)->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	given = nl_find(sent_attr(1, IFLA_PROP_LIST), IFLA_ALT_IFNAME);
	assert_int_equal(given.len, 7);
	assert_string_equal((const char *)given.at, "second");
	/* Its own already. */
	(void)reset(state);
	error_answer(EEXIST, NLM_F_CAPPED);
	owner(INDEX);
	acks(1);
	assert_int_equal(names(), 0);
	/* Another's, and both. The first is told. */
	(void)reset(state);
	acks(1);
	error_answer(EEXIST, NLM_F_CAPPED);
	owner(INDEX + 1);
	assert_int_equal(names(), 1);
	assert_string_equal(taken, "second");
	(void)reset(state);
	for (int i = 0; i < 2; i++) {
		error_answer(EEXIST, NLM_F_CAPPED);
		owner(INDEX + 1);
	}
	assert_int_equal(names(), 2);
	assert_string_equal(taken, "first");
	/* Nobody has it when it is looked for: not given all the same. */
	(void)reset(state);
	error_answer(EEXIST, NLM_F_CAPPED);
	error_answer(ENODEV, NLM_F_CAPPED);
	acks(1);
	assert_int_equal(names(), 1);
	/* Refused: no further. */
	(void)reset(state);
	error_answer(ENOMEM, NLM_F_CAPPED);
	assert_int_equal(names(), -1);
	assert_int_equal(script.n_sent, 1);
	assert_int_equal(err.code, ENOMEM);
}

/* What no kernel tells, and a damaged journal may have: passed over. */
static void strange_texts(void **state)
{
	char longest[130];
	size_t nest;

	memset(longest, 'x', sizeof longest);
	begin_link(0);
	nest = nl_nest(&link, IFLA_PROP_LIST);
	nl_put(&link, IFLA_ALT_IFNAME, "", 0);
	nl_put(&link, IFLA_ALT_IFNAME, "text", 4);
	longest[128] = '\0';
	nl_put(&link, IFLA_ALT_IFNAME, longest, 129);
	nl_nest_end(&link, nest);
	keep();
	assert_int_equal(names(), 0);
	assert_int_equal(script.n_sent, 0);
	/* The longest that there may be. */
	longest[127] = '\0';
	begin_link(0);
	link_names(longest, NULL);
	keep();
	error_answer(EEXIST, NLM_F_CAPPED);
	owner(INDEX + 1);
	assert_int_equal(names(), 1);
	assert_string_equal(taken, longest);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(saved, reset),
		cmocka_unit_test_setup(lost, reset),
		cmocka_unit_test_setup(disciplines, reset),
		cmocka_unit_test_setup(unchanged, reset),
		cmocka_unit_test_setup(each_setting, reset),
		cmocka_unit_test_setup(flags, reset),
		cmocka_unit_test_setup(proto_down, reset),
		cmocka_unit_test_setup(added_programs, reset),
		cmocka_unit_test_setup(refused, reset),
		cmocka_unit_test_setup(strange_names, reset),
		cmocka_unit_test_setup(damaged, reset),
		cmocka_unit_test_setup(settled, reset),
		cmocka_unit_test_setup(names_back, reset),
		cmocka_unit_test_setup(strange_texts, reset),
	};

	return cmocka_run_group_tests(tests, open_socket, close_socket);
}
