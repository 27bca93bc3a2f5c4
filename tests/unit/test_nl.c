/* SPDX-License-Identifier: Apache-2.0 */
/* What answers about links are taken for, and what is refused. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "nl_script.h"
#include "privileged/link/nl.h"

static void put_attr(
	struct answer *to, struct nlmsghdr *head, int type, const void *bytes, size_t len)
{
	struct nlattr attr = {
		.nla_type = (uint16_t)type, .nla_len = (uint16_t)(sizeof attr + len)};

	put(to, head, &attr, sizeof attr);
	put(to, head, bytes, len);
}

static void put_attr_str(struct answer *to, struct nlmsghdr *head, int type, const char *text)
{
	put_attr(to, head, type, text, strlen(text) + 1);
}

static struct nlmsghdr *link_answer(int32_t ifindex, const char *name)
{
	struct answer *to = answer();
	struct nlmsghdr *head = put_head(to, RTM_NEWLINK, 0);
	struct ifinfomsg info = {.ifi_index = ifindex, .ifi_flags = 0x41};

	put(to, head, &info, sizeof info);
	if (name)
		put_attr_str(to, head, IFLA_IFNAME, name);
	return head;
}

static void put_kind(struct nlmsghdr *head, const char *kind)
{
	unsigned char info[128] = {0};
	struct nlattr attr = {.nla_type = IFLA_INFO_KIND,
		.nla_len = (uint16_t)(sizeof attr + strlen(kind) + 1)};

	memcpy(info, &attr, sizeof attr);
	memcpy(info + sizeof attr, kind, strlen(kind) + 1);
	put_attr(last(), head, IFLA_LINKINFO, info, attr.nla_len);
}

static int get(struct nl_link *ret, struct vst_err *err)
{
	memset(err, 0, sizeof *err);
	return nl_get_by_index(nl, 7, ret, err);
}

/* The scripted answer is refused, with this errno and these words. */
static void refused(int code, const char *words)
{
	struct nl_link link;
	struct vst_err err;

	assert_int_equal(get(&link, &err), -1);
	assert_int_equal(err.code, code);
	assert_int_equal(err.exit, VST_EXIT_FAILED);
	assert_non_null(strstr(err.text, "interface 7"));
	assert_non_null(strstr(err.text, words));
	reset(NULL);
}

static void a_link(void **state)
{
	static const unsigned char mac[] = {2, 1, 2, 3, 4, 5}, perm[] = {0, 9, 9, 9, 9, 9};
	struct nlmsghdr *head = link_answer(7, "eth0");
	struct nl_link link;
	struct vst_err err;
	char alias[256];

	(void)state;
	memset(alias, 'a', 255);
	alias[255] = '\0';
	put_kind(head, "veth");
	put_attr_str(last(), head, IFLA_IFALIAS, alias);
	put_attr(last(), head, IFLA_ADDRESS, mac, sizeof mac);
	assert_int_equal(get(&link, &err), 1);
	assert_int_equal(link.ifindex, 7);
	assert_int_equal(link.flags, 0x41);
	assert_string_equal(link.name, "eth0");
	assert_string_equal(link.kind, "veth");
	assert_string_equal(link.alias, alias);
	assert_int_equal(link.mac_len, 6);
	assert_memory_equal(link.mac, "\2\1\2\3\4\5\0\0", 8);
	reset(NULL);
	head = link_answer(7, "eth0");
	put_attr(last(), head, IFLA_PERM_ADDRESS, perm, sizeof perm);
	put_attr(last(), head, IFLA_ADDRESS, mac, sizeof mac);
	assert_int_equal(get(&link, &err), 1);
	assert_memory_equal(link.mac, perm, sizeof perm);
	assert_string_equal(link.kind, "");
	assert_int_equal(script.n_sent, 1);
}

static void a_long_address(void **state)
{
	struct nlmsghdr *head = link_answer(7, "ib0");
	struct nl_link link;
	struct vst_err err;

	(void)state;
	put_attr(last(), head, IFLA_ADDRESS, "abcdefghijklmnopqrst", 20);
	assert_int_equal(get(&link, &err), 1);
	assert_memory_equal(link.mac, "mnopqrst", 8);
	assert_int_equal(link.mac_len, 8);
}

static void not_for_us(void **state)
{
	(void)state;
	link_answer(7, "eth0");
	last()->seq_off = 1;
	refused(EPROTO, "another request");
	link_answer(7, "eth0");
	last()->port_off = 1;
	refused(EPROTO, "another request");
	link_answer(8, "eth0");
	refused(EPROTO, "malformed");
	link_answer(0, "eth0");
	refused(EPROTO, "malformed");
	link_answer(-7, "eth0");
	refused(EPROTO, "malformed");
}

static void strays(void **state)
{
	struct nl_link link;
	struct vst_err err;

	(void)state;
	/* The answer to a request whose answer did not come in time. */
	link_answer(7, "old");
	last()->seq_off = -1;
	error_answer(EPERM, NLM_F_CAPPED);
	last()->seq_off = -3;
	/* Another process's. */
	link_answer(7, "forged");
	last()->sender = 4711;
	answer()->code = EINTR;
	link_answer(7, "eth0");
	assert_int_equal(get(&link, &err), 1);
	assert_string_equal(link.name, "eth0");
	reset(NULL);
	for (int i = 0; i < 40; i++) {
		link_answer(7, "forged");
		last()->sender = 4711;
	}
	link_answer(7, "eth0");
	refused(EPROTO, "too many strange messages");
}

static void no_answer(void **state)
{
	(void)state;
	refused(ETIMEDOUT, "did not come");
	answer()->code = ENOBUFS;
	refused(ENOBUFS, "did not come");
	script.send_code = ENOMEM;
	refused(ENOMEM, "send the request");
}

static void cut(void **state)
{
	(void)state;
	link_answer(7, "eth0");
	last()->returns = 131073;
	refused(EMSGSIZE, "too long");
	link_answer(7, "eth0");
	last()->len = 0;
	refused(EPROTO, "malformed");
	link_answer(7, "eth0");
	last()->len = 15;
	refused(EPROTO, "malformed");
	link_answer(7, "eth0");
	last()->len -= 4;
	refused(EPROTO, "malformed");
	link_answer(7, "eth0")->nlmsg_len = 15;
	refused(EPROTO, "malformed");
	link_answer(7, "eth0")->nlmsg_len = 31;
	refused(EPROTO, "malformed");
	link_answer(7, "eth0")->nlmsg_len = UINT32_MAX;
	refused(EPROTO, "malformed");
}

static void of_another_kind(void **state)
{
	struct nlmsghdr *head;

	(void)state;
	link_answer(7, "eth0")->nlmsg_type = RTM_DELLINK;
	refused(EPROTO, "of another kind");
	link_answer(7, "eth0")->nlmsg_type = NLMSG_DONE;
	refused(EPROTO, "of another kind");
	link_answer(7, "eth0")->nlmsg_type = NLMSG_NOOP;
	refused(EPROTO, "of another kind");
	error_answer(0, NLM_F_CAPPED);
	refused(EPROTO, "of another kind");
	/* A second message behind the answer. */
	link_answer(7, "eth0");
	head = put_head(last(), NLMSG_NOOP, 0);
	put(last(), head, "1234", 4);
	refused(EPROTO, "malformed");
	/* Too short for what it says to be. */
	head = link_answer(7, NULL);
	head->nlmsg_len -= 4;
	last()->len -= 4;
	refused(EPROTO, "of another kind");
}

static void bad_strings(void **state)
{
	char alias[300];
	struct nlmsghdr *head;

	(void)state;
	link_answer(7, NULL);
	refused(EPROTO, "malformed");
	link_answer(7, "sixteen-byte-nam");
	refused(EPROTO, "malformed");
	head = link_answer(7, NULL);
	put_attr(last(), head, IFLA_IFNAME, "no-nul", 6);
	refused(EPROTO, "malformed");
	head = link_answer(7, NULL);
	put_attr(last(), head, IFLA_IFNAME, "", 0);
	refused(EPROTO, "malformed");
	put_kind(link_answer(7, "eth0"), "a-kind-of-thirty-two-characters.");
	refused(EPROTO, "malformed");
	memset(alias, 'a', sizeof alias);
	alias[256] = '\0';
	head = link_answer(7, "eth0");
	put_attr_str(last(), head, IFLA_IFALIAS, alias);
	refused(EPROTO, "malformed");
}

static void refusals(void **state)
{
	struct nlmsghdr *head;
	struct nl_link link;
	struct vst_err err;

	(void)state;
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(get(&link, &err), 0);
	reset(NULL);
	/* The kernel's words, behind a request that is repeated, or not; escaped. */
	head = error_answer(EINVAL, NLM_F_CAPPED | NLM_F_ACK_TLVS);
	put_attr_str(last(), head, NLMSGERR_ATTR_MSG, "Words\n");
	refused(EINVAL, "Words\\x0a: Invalid argument");
	head = error_answer(EINVAL, NLM_F_ACK_TLVS);
	put_attr(last(), head, NLMSGERR_ATTR_OFFS, "1234", 4);
	put_attr(last(), head, NLMSGERR_ATTR_MSG, "No end", 6);
	refused(EINVAL, "interface 7: No end: Invalid argument");
	/* Nothing is taken for words that is not said to be there, or does not fit. */
	head = error_answer(EINVAL, NLM_F_CAPPED);
	put_attr_str(last(), head, NLMSGERR_ATTR_MSG, "Words");
	refused(EINVAL, "interface 7: Invalid argument");
	head = error_answer(EINVAL, NLM_F_ACK_TLVS);
	((struct nlmsgerr *)NLMSG_DATA(head))->msg.nlmsg_len = 4000;
	put_attr_str(last(), head, NLMSGERR_ATTR_MSG, "Words");
	refused(EINVAL, "interface 7: Invalid argument");
	head = error_answer(EINVAL, NLM_F_ACK_TLVS);
	((struct nlmsgerr *)NLMSG_DATA(head))->msg.nlmsg_len = 3;
	refused(EINVAL, "interface 7: Invalid argument");
	for (uint16_t len = 0; len < 300; len = (uint16_t)(len + (len == 3 ? 200 : 1))) {
		head = error_answer(EINVAL, NLM_F_CAPPED | NLM_F_ACK_TLVS);
		put_attr_str(last(), head, NLMSGERR_ATTR_MSG, "Words");
		((struct nlattr *)((unsigned char *)head + 36))->nla_len = len == 4 ? 250 : len;
		refused(EINVAL, "interface 7: Invalid argument");
	}
	error_answer(EINVAL, NLM_F_CAPPED)->nlmsg_len = 35;
	last()->len = 35;
	refused(EPROTO, "malformed");
	error_answer(-EINVAL, NLM_F_CAPPED);
	refused(EPROTO, "malformed");
	error_answer(4095, NLM_F_CAPPED);
	refused(4095, "interface 7");
	error_answer(4096, NLM_F_CAPPED);
	refused(EPROTO, "malformed");
	((struct nlmsgerr *)NLMSG_DATA(error_answer(0, NLM_F_CAPPED)))->error = INT32_MIN;
	refused(EPROTO, "malformed");
}

static void by_name(void **state)
{
	struct nl_link link;
	struct vst_err err;

	(void)state;
	link_answer(7, "eth0");
	assert_int_equal(nl_get_by_name(nl, "eth0", &link, &err), 1);
	/* The kernel looks among the alternative names too. */
	link_answer(7, "eth0");
	assert_int_equal(nl_get_by_name(nl, "an-altname", &link, &err), 0);
	link_answer(7, "eth0");
	assert_int_equal(nl_name_owner(nl, -1, "an-altname", &link, &err), 1);
	assert_string_equal(link.name, "eth0");
	assert_int_equal(script.n_sent, 3);
}

static void by_another_namespace(void **state)
{
	static const int none = -1, five = 5;
	struct nl_link link;
	struct vst_err err;
	unsigned char family[4] = {0};
	struct nlmsghdr *head;

	(void)state;
	/* Not numbered, somebody else numbers it meanwhile, numbered 5. */
	for (int i = 0; i < 3; i++) {
		if (i == 1) {
			error_answer(EEXIST, NLM_F_CAPPED);
			continue;
		}
		head = put_head(answer(), RTM_NEWNSID, 0);
		put(last(), head, family, sizeof family);
		put_attr(last(), head, 1 /* NETNSA_NSID */, i ? &five : &none, 4);
	}
	link_answer(7, "eth0");
	assert_int_equal(nl_name_owner(nl, 3, "eth0", &link, &err), 1);
	assert_int_equal(script.n_sent, 4);
	reset(NULL);
	/* An answer without a number is none. */
	for (int i = 0; i < 3; i++) {
		if (i == 1) {
			error_answer(0, NLM_F_CAPPED);
			continue;
		}
		head = put_head(answer(), RTM_NEWNSID, 0);
		put(last(), head, family, sizeof family);
	}
	assert_int_equal(nl_name_owner(nl, 3, "eth0", &link, &err), -1);
	assert_int_equal(script.n_sent, 3);
}

static void nsid_answer(int id)
{
	static const unsigned char family[4];
	struct nlmsghdr *head = put_head(answer(), RTM_NEWNSID, 0);

	put(last(), head, family, sizeof family);
	put_attr(last(), head, 1 /* NETNSA_NSID */, &id, 4);
}

/* A number of our choice: given; it has one already; another namespace has ours. */
static void numbers(void **state)
{
	struct vst_err err;
	int id = -7;

	(void)state;
	error_answer(0, NLM_F_CAPPED);
	assert_int_equal(nl_nsid_give(nl, 3, 77, &id, &err), 0);
	assert_int_equal(id, 77);
	assert_int_equal(script.n_sent, 1);
	reset(NULL);
	error_answer(EEXIST, NLM_F_CAPPED);
	nsid_answer(5);
	assert_int_equal(nl_nsid_give(nl, 3, 77, &id, &err), 0);
	assert_int_equal(id, 5);
	reset(NULL);
	error_answer(EEXIST, NLM_F_CAPPED);
	nsid_answer(-1);
	assert_int_equal(nl_nsid_give(nl, 3, 77, &id, &err), -1);
	assert_int_equal(err.code, EEXIST);
	reset(NULL);
	error_answer(EPERM, NLM_F_CAPPED);
	assert_int_equal(nl_nsid_give(nl, 3, 77, &id, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_DENIED);
}

/* Only "no such namespace" is no; whatever else fails is no answer. */
static void number_exists(void **state)
{
	struct vst_err err;

	(void)state;
	nsid_answer(77);
	assert_int_equal(nl_nsid_exists(nl, 77, &err), 1);
	reset(NULL);
	error_answer(ENOENT, NLM_F_CAPPED);
	assert_int_equal(nl_nsid_exists(nl, 77, &err), 0);
	for (int code = 1; code < 134; code++) {
		if (code == ENOENT)
			continue;
		reset(NULL);
		error_answer(code, NLM_F_CAPPED);
		assert_int_equal(nl_nsid_exists(nl, 77, &err), -1);
	}
	reset(NULL);
	script.send_code = ENOMEM;
	assert_int_equal(nl_nsid_exists(nl, 77, &err), -1);
}

static void exits(void **state)
{
	static const struct {
		int code;
		enum vst_exit exit;
		const char *words;
	} cases[] = {
		{EEXIST, VST_EXIT_CONFLICT, "create interface 'wg0' of kind 'wireguard'"},
		{EPERM, VST_EXIT_DENIED, "CAP_NET_ADMIN"},
		{EOPNOTSUPP, VST_EXIT_UNSUPPORTED,
			"knows no interface kind 'wireguard': Words"},
		{EBUSY, VST_EXIT_FAILED, "'wg0'"},
		{EINVAL, VST_EXIT_FAILED, ": Words: Invalid argument"},
	};
	const struct nl_new new = {.name = "wg0", .kind = "wireguard", .ns_fd = -1};
	struct nlmsghdr *head;
	struct vst_err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		head = error_answer(cases[i].code, NLM_F_CAPPED | NLM_F_ACK_TLVS);
		put_attr_str(last(), head, NLMSGERR_ATTR_MSG, "Words");
		assert_int_equal(nl_create(nl, &new, &err), -1);
		assert_int_equal(err.exit, cases[i].exit);
		assert_int_equal(err.code, cases[i].code);
		assert_non_null(strstr(err.text, cases[i].words));
	}
	error_answer(0, NLM_F_CAPPED);
	assert_int_equal(nl_create(nl, &new, &err), 0);
	link_answer(7, "wg0");
	assert_int_equal(nl_create(nl, &new, &err), -1);
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(nl_delete(nl, 7, "wg0", -1, &err), 0);
	error_answer(ENODEV, NLM_F_CAPPED);
	assert_int_equal(nl_set_up(nl, 7, "wg0", 1, &err), -1);
}

/* Every bit of an answer flipped, every length: a verdict, and strings that end. */
static void mutations(void **state)
{
	struct answer good;
	struct nlmsghdr *head;
	struct nl_link link;
	struct vst_err err;

	(void)state;
	head = link_answer(7, "eth0");
	put_kind(head, "veth");
	put_attr_str(last(), head, IFLA_IFALIAS, "alias");
	put_attr(last(), head, IFLA_ADDRESS, "\2abcde", 6);
	good = *last();
	for (size_t bit = 0; bit < good.len * 8; bit++) {
		reset(NULL);
		*answer() = good;
		last()->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		memset(&link, 0xff, sizeof link);
		if (get(&link, &err) == 1) {
			assert_int_equal(link.ifindex, 7);
			assert_non_null(memchr(link.name, 0, sizeof link.name));
			assert_non_null(memchr(link.kind, 0, sizeof link.kind));
			assert_non_null(memchr(link.alias, 0, sizeof link.alias));
			assert_true(link.mac_len <= sizeof link.mac);
		}
	}
	for (size_t len = 0; len < good.len; len++) {
		reset(NULL);
		*answer() = good;
		last()->len = len;
		assert_int_equal(get(&link, &err), -1);
	}
}

static void two_sockets(void **state)
{
	struct nl *second = NULL, *third = NULL;
	struct vst_err err;

	(void)state;
	assert_int_equal(nl_open(&second, &err), 0);
	assert_ptr_not_equal(second, nl);
	assert_int_equal(nl_open(&third, &err), -1);
	assert_null(third);
	nl_close(&third);
	nl_close(&second);
	assert_null(second);
	assert_int_equal(nl_open(&second, &err), 0);
	nl_close(&second);
}

/* Real sockets: whoever may send to ours must not reach it. */
static void others_are_not_heard(void **state)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK};
	struct nlmsghdr message = {.nlmsg_len = sizeof message, .nlmsg_type = NLMSG_NOOP};
	struct iovec iov = {&message, sizeof message};
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &iov, .msg_iovlen = 1};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct nl *ours = NULL;
	struct vst_err err;
	ssize_t sent;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(nl_open(&ours, &err), 0);
	to.nl_pid = ours->port_id;
	sent = sendmsg(fd, &msg, 0);
	assert_int_equal(sent, -1);
	/* EPERM: not even tried, without CAP_NET_ADMIN. */
	assert_true(errno == ECONNREFUSED || errno == EPERM);
	nl_close(&ours);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_link, reset),
		cmocka_unit_test_setup(a_long_address, reset),
		cmocka_unit_test_setup(not_for_us, reset),
		cmocka_unit_test_setup(strays, reset),
		cmocka_unit_test_setup(no_answer, reset),
		cmocka_unit_test_setup(cut, reset),
		cmocka_unit_test_setup(of_another_kind, reset),
		cmocka_unit_test_setup(bad_strings, reset),
		cmocka_unit_test_setup(refusals, reset),
		cmocka_unit_test_setup(by_name, reset),
		cmocka_unit_test_setup(by_another_namespace, reset),
		cmocka_unit_test_setup(numbers, reset),
		cmocka_unit_test_setup(number_exists, reset),
		cmocka_unit_test_setup(exits, reset),
		cmocka_unit_test_setup(mutations, reset),
		cmocka_unit_test_setup(two_sockets, reset),
		cmocka_unit_test_setup(others_are_not_heard, reset),
	};

	return cmocka_run_group_tests(tests, open_socket, close_socket);
}
