/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a link's kind, compared both ways and set right one by one; its carrier and
 * operational state. */
#include <linux/if.h>
#include <linux/if_link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nl_script.h"
#include "privileged/link/nl_kind.h"
#include "privileged/link/nl_oper.h"

#define BC_CUTOFF 9

struct info {
	struct nl_request request;
	size_t data;
};

/* An IFLA_LINKINFO in the making; kind NULL: none. */
static void begin(struct info *info, const char *kind)
{
	nl_begin(&info->request, RTM_NEWLINK, 0);
	if (kind)
		nl_put_str(&info->request, IFLA_INFO_KIND, kind);
	info->data = nl_nest(&info->request, IFLA_INFO_DATA);
}

static struct nl_span end(struct info *info)
{
	nl_nest_end(&info->request, info->data);
	return nl_attrs(&info->request.head, 0);
}

static struct nl_span sent_setting(unsigned nth, uint16_t type)
{
	const struct nlmsghdr *sent = (const struct nlmsghdr *)script.sent[nth];
	struct nl_span info = nl_find(nl_attrs(sent, sizeof(struct ifinfomsg)), IFLA_LINKINFO);

	assert_int_equal(sent->nlmsg_type, RTM_NEWLINK);
	assert_int_equal(sent->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	assert_string_equal((const char *)nl_find(info, IFLA_INFO_KIND).at, "macvlan");
	return nl_find(nl_find(info, IFLA_INFO_DATA), type);
}

static void known(void **state)
{
	static const char *const kinds[] = {
		"veth", "dummy", "ifb", "macvlan", "ipvlan", "vlan"};
	static const char *const others[] = {"", "tun", "vxlan", "wireguard", "macvtap",
		"ipvtap", "netkit", "geneve", "gre", "bond", "bridge", "veth2",
		"a-kind-that-is-longer-than-any-kind-is"};
	struct info info;

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		begin(&info, kinds[i]);
		assert_true(nl_kind_is_known(end(&info)));
	}
	for (size_t i = 1; i < sizeof others / sizeof others[0]; i++) {
		begin(&info, others[i]);
		assert_false(nl_kind_is_known(end(&info)));
	}
	/* A device has none. */
	begin(&info, NULL);
	assert_true(nl_kind_is_known(end(&info)));
	assert_true(nl_kind_is_known((struct nl_span){NULL, 0}));
}

static void changed(void **state)
{
	struct info was, is;
	struct nl_span wanted, now;

	(void)state;
	begin(&was, "macvlan");
	nl_put_u32(&was.request, IFLA_MACVLAN_MODE, 4);
	nl_put_u32(&was.request, IFLA_MACVLAN_BC_QUEUE_LEN, 1000);
	nl_put_u32(&was.request, IFLA_MACVLAN_BC_QUEUE_LEN_USED, 1000);
	wanted = end(&was);
	assert_int_equal(nl_kind_settle(nl, 7, wanted, wanted, 1), 0);
	assert_int_equal(script.n_sent, 0);

	/* What others have a hand in is no difference. */
	begin(&is, "macvlan");
	nl_put_u32(&is.request, IFLA_MACVLAN_MODE, 8);
	nl_put_u32(&is.request, IFLA_MACVLAN_BC_QUEUE_LEN_USED, 5000);
	now = end(&is);
	assert_int_equal(nl_kind_settle(nl, 7, wanted, now, 0), 2);
	assert_int_equal(script.n_sent, 0);
	error_answer(0, NLM_F_CAPPED);
	error_answer(EOPNOTSUPP, NLM_F_CAPPED);
	assert_int_equal(nl_kind_settle(nl, 7, wanted, now, 1), 2);
	assert_int_equal(script.n_sent, 2);
	assert_int_equal(nl_get_u32(sent_setting(0, IFLA_MACVLAN_MODE), 0), 4);
	assert_int_equal(nl_get_u32(sent_setting(1, IFLA_MACVLAN_BC_QUEUE_LEN), 0), 1000);
}

static void added(void **state)
{
	struct info was, is;
	struct nl_span wanted;

	(void)state;
	begin(&was, "macvlan");
	nl_put_u32(&was.request, IFLA_MACVLAN_MODE, 4);
	wanted = end(&was);

	/* One that is not told as long as it has this value. */
	begin(&is, "macvlan");
	nl_put_u32(&is.request, IFLA_MACVLAN_MODE, 4);
	nl_put_u32(&is.request, BC_CUTOFF, 77);
	error_answer(0, NLM_F_CAPPED);
	assert_int_equal(nl_kind_settle(nl, 7, wanted, end(&is), 1), 1);
	assert_int_equal(script.n_sent, 1);
	assert_int_equal(nl_get_u32(sent_setting(0, BC_CUTOFF), 0), 1);

	/* One that nobody knows how to take off is found all the same. */
	begin(&is, "macvlan");
	nl_put_u32(&is.request, IFLA_MACVLAN_MODE, 4);
	nl_put_u32(&is.request, 4711, 1);
	assert_int_equal(nl_kind_settle(nl, 7, wanted, end(&is), 1), 1);
	assert_int_equal(script.n_sent, 1);

	/* The number means something else of another kind. */
	begin(&was, "vlan");
	wanted = end(&was);
	begin(&is, "vlan");
	nl_put_u32(&is.request, BC_CUTOFF, 1);
	nl_put_u32(&is.request, IFLA_MACVLAN_BC_QUEUE_LEN_USED, 1);
	assert_int_equal(nl_kind_settle(nl, 7, wanted, end(&is), 1), 2);
	assert_int_equal(script.n_sent, 1);
}

/* A link that is up, with the kernel's own words of its state and carrier. */
static void tell(unsigned char carrier, unsigned char oper)
{
	const struct ifinfomsg info = {.ifi_index = 7, .ifi_flags = IFF_UP};
	struct nl_request told;
	struct nlmsghdr *head;

	nl_begin(&told, RTM_NEWLINK, 0);
	nl_put_bytes(&told, &info, sizeof info);
	nl_put(&told, IFLA_OPERSTATE, &oper, 1);
	nl_put(&told, IFLA_CARRIER, &carrier, 1);
	answer();
	head = put_head(last(), RTM_NEWLINK, 0);
	put(last(), head, told.bytes + sizeof told.head,
		told.head.nlmsg_len - sizeof told.head);
}

static unsigned char asked(unsigned nth, uint16_t type)
{
	const struct nlmsghdr *sent = (const struct nlmsghdr *)script.sent[nth];
	struct nl_span found = nl_find(nl_attrs(sent, sizeof(struct ifinfomsg)), type);

	assert_int_equal(sent->nlmsg_type, RTM_SETLINK);
	assert_int_equal(found.len, 1);
	return found.at[0];
}

static int settles(const struct answer *kept, struct vst_err *err)
{
	return nl_oper_settle(nl, 7, "eth0", kept->bytes, (uint32_t)kept->len, err);
}

/* A carrier that was taken off there (dummy), and a state: set right, or named. */
static void carrier_and_state(void **state)
{
	struct answer kept;
	struct vst_err err;

	tell(1, IF_OPER_UNKNOWN);
	kept = *last();

	(void)reset(state);
	tell(0, IF_OPER_DORMANT);
	error_answer(0, NLM_F_CAPPED);
	error_answer(0, NLM_F_CAPPED);
	tell(1, IF_OPER_UP);
	assert_int_equal(settles(&kept, &err), 0);
	assert_int_equal(script.n_sent, 4);
	assert_int_equal(asked(1, IFLA_OPERSTATE), IF_OPER_UP);
	assert_int_equal(asked(2, IFLA_CARRIER), 1);

	/* A record that was cut: nothing is asked. */
	(void)reset(state);
	kept.len--;
	assert_int_equal(settles(&kept, &err), -1);
	assert_int_equal(err.code, EBADMSG);
	assert_int_equal(script.n_sent, 0);
	kept.len++;

	/* A driver's own. */
	(void)reset(state);
	tell(0, IF_OPER_DOWN);
	error_answer(EOPNOTSUPP, NLM_F_CAPPED);
	assert_int_equal(settles(&kept, &err), 0);
	assert_int_equal(script.n_sent, 2);

	/* Set without effect. */
	(void)reset(state);
	for (int round = 0; round < 2; round++) {
		tell(1, IF_OPER_TESTING);
		error_answer(0, NLM_F_CAPPED);
	}
	assert_int_equal(settles(&kept, &err), -1);
	assert_non_null(
		strstr(err.text, "'eth0' is here and stays down: its operational state"));
	assert_int_equal(script.n_sent, 4);

	/* Refused. */
	(void)reset(state);
	tell(0, IF_OPER_UP);
	error_answer(EIO, NLM_F_CAPPED);
	assert_int_equal(settles(&kept, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(known, reset),
		cmocka_unit_test_setup(changed, reset),
		cmocka_unit_test_setup(added, reset),
		cmocka_unit_test_setup(carrier_and_state, reset),
	};

	return cmocka_run_group_tests(tests, open_socket, close_socket);
}
