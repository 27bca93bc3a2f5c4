/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes beside libmnl: put byte for byte as it puts them, and found where it finds them.
 */
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nl_answers.h"
#include "privileged/link/nl_attr.h"

/* The macros that walk attributes convert signs. */
#pragma GCC diagnostic ignored "-Wconversion"

#define SIZE sizeof(struct nl_request)
#define FILLER 4711

/* What nl.c puts, by us and by libmnl, of whom each says whether it fits. */
struct wish {
	void (*ours)(struct nl_request *request, const struct wish *wish);
	bool (*mnls)(struct nlmsghdr *head, const struct wish *wish);
	size_t needs;
	size_t len;
};

static const unsigned char *pattern(void)
{
	static unsigned char bytes[1024];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 7 + 1);
	return bytes;
}

static const char *text(size_t len)
{
	static char bytes[1024];

	memset(bytes, 'a', len);
	bytes[len] = '\0';
	return bytes;
}

static void our_u32(struct nl_request *request, const struct wish *wish)
{
	(void)wish;
	nl_put_u32(request, IFLA_EXT_MASK, 0x12345678);
}

static bool mnl_u32(struct nlmsghdr *head, const struct wish *wish)
{
	(void)wish;
	return mnl_attr_put_u32_check(head, SIZE, IFLA_EXT_MASK, 0x12345678);
}

static void our_text(struct nl_request *request, const struct wish *wish)
{
	nl_put_str(request, IFLA_IFNAME, text(wish->len));
}

static bool mnl_text(struct nlmsghdr *head, const struct wish *wish)
{
	return mnl_attr_put_strz_check(head, SIZE, IFLA_IFNAME, text(wish->len));
}

static void our_attr(struct nl_request *request, const struct wish *wish)
{
	nl_put(request, IFLA_ADDRESS, pattern(), wish->len);
}

static bool mnl_attr(struct nlmsghdr *head, const struct wish *wish)
{
	return mnl_attr_put_check(head, SIZE, IFLA_ADDRESS, wish->len, pattern());
}

static void our_bytes(struct nl_request *request, const struct wish *wish)
{
	nl_put_bytes(request, pattern(), wish->len);
}

static bool mnl_bytes(struct nlmsghdr *head, const struct wish *wish)
{
	if (head->nlmsg_len + NLMSG_ALIGN(wish->len) > SIZE)
		return false;
	memcpy(mnl_nlmsg_put_extra_header(head, wish->len), pattern(), wish->len);
	return true;
}

static void our_nest(struct nl_request *request, const struct wish *wish)
{
	(void)wish;
	nl_nest_end(request, nl_nest(request, IFLA_LINKINFO));
}

static bool mnl_nest(struct nlmsghdr *head, const struct wish *wish)
{
	struct nlattr *nest = mnl_attr_nest_start_check(head, SIZE, IFLA_LINKINFO);

	(void)wish;
	if (nest)
		mnl_attr_nest_end(head, nest);
	return nest;
}

/* As a veth is asked for: nests in a nest, and a structure in them. */
static void our_nests(struct nl_request *request, const struct wish *wish)
{
	size_t info = nl_nest(request, IFLA_LINKINFO), data, peer;

	nl_put_str(request, IFLA_INFO_KIND, "veth");
	data = nl_nest(request, IFLA_INFO_DATA);
	peer = nl_nest(request, VETH_INFO_PEER);
	nl_put_bytes(request, pattern(), sizeof(struct ifinfomsg));
	nl_put_str(request, IFLA_IFNAME, text(wish->len));
	nl_put(request, IFLA_ADDRESS, pattern(), 6);
	nl_nest_end(request, peer);
	nl_nest_end(request, data);
	nl_nest_end(request, info);
	nl_put_u32(request, IFLA_NET_NS_FD, 44);
}

static bool mnl_nests(struct nlmsghdr *head, const struct wish *wish)
{
	const struct wish fixed = {.len = sizeof(struct ifinfomsg)};
	struct nlattr *info, *data, *peer;

	if (!(info = mnl_attr_nest_start_check(head, SIZE, IFLA_LINKINFO)) ||
		!mnl_attr_put_strz_check(head, SIZE, IFLA_INFO_KIND, "veth") ||
		!(data = mnl_attr_nest_start_check(head, SIZE, IFLA_INFO_DATA)) ||
		!(peer = mnl_attr_nest_start_check(head, SIZE, VETH_INFO_PEER)) ||
		!mnl_bytes(head, &fixed) ||
		!mnl_attr_put_strz_check(head, SIZE, IFLA_IFNAME, text(wish->len)) ||
		!mnl_attr_put_check(head, SIZE, IFLA_ADDRESS, 6, pattern()))
		return false;
	mnl_attr_nest_end(head, peer);
	mnl_attr_nest_end(head, data);
	mnl_attr_nest_end(head, info);
	return mnl_attr_put_u32_check(head, SIZE, IFLA_NET_NS_FD, 44);
}

/* With room for exactly so many bytes, up to a multiple of NLMSG_ALIGNTO. */
static void with_room(const struct wish *wish, size_t room)
{
	static _Alignas(8) unsigned char made[SIZE];
	const size_t filler = SIZE - sizeof(struct nlmsghdr) - sizeof(struct nlattr) - room;
	struct nlmsghdr *head;
	struct nl_request *request = malloc(sizeof *request);

	/* Not every version of libmnl clears what it pads with. */
	memset(made, 0, sizeof made);
	head = mnl_nlmsg_put_header(made);
	head->nlmsg_type = RTM_NEWLINK;
	head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	assert_true(mnl_attr_put_check(head, SIZE, FILLER, filler, pattern()));
	memset(request, 0xa5, sizeof *request);
	nl_begin(request, RTM_NEWLINK, NLM_F_ACK);
	nl_put(request, FILLER, pattern(), filler);
	assert_int_equal(request->head.nlmsg_len, SIZE - room / 4 * 4);
	wish->ours(request, wish);
	assert_int_equal(wish->mnls(head, wish), room >= wish->needs);
	if (room >= wish->needs) {
		assert_int_equal(request->head.nlmsg_len, head->nlmsg_len);
		assert_memory_equal(request, made, head->nlmsg_len);
	} else {
		assert_int_equal(request->head.nlmsg_len, 0);
	}
	free(request);
}

static void in_every_room(const struct wish *wish)
{
	for (size_t room = 0; room < wish->needs + 9; room++)
		with_room(wish, room);
}

static void put_as_libmnl(void **state)
{
	struct wish u32 = {our_u32, mnl_u32, 8, 0}, nest = {our_nest, mnl_nest, 4, 0};

	(void)state;
	in_every_room(&u32);
	in_every_room(&nest);
	for (size_t len = 0; len < 256; len++) {
		struct wish texts = {our_text, mnl_text, 4 + NLMSG_ALIGN(len + 1), len};
		struct wish attrs = {our_attr, mnl_attr, 4 + NLMSG_ALIGN(len), len};
		struct wish bytes = {our_bytes, mnl_bytes, NLMSG_ALIGN(len), len};
		struct wish nests = {our_nests, mnl_nests, 64 + NLMSG_ALIGN(len + 1), len};

		in_every_room(&texts);
		in_every_room(&attrs);
		in_every_room(&bytes);
		in_every_room(&nests);
	}
}

/* Once something did not fit, nothing makes a request of it again. */
static void given_up(void **state)
{
	static const size_t lens[] = {1009, 65531, 65532, 65536, 65540, SIZE_MAX - 3, SIZE_MAX};
	static const struct wish wishes[] = {{.ours = our_u32}, {.ours = our_text},
		{.ours = our_attr}, {.ours = our_bytes}, {.ours = our_nest},
		{.ours = our_nests}};
	struct nl_request request;
	size_t nest;

	(void)state;
	for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
		nl_begin(&request, RTM_NEWLINK, 0);
		nl_put(&request, FILLER, pattern(), lens[i]);
		assert_int_equal(request.head.nlmsg_len, 0);
		nl_begin(&request, RTM_NEWLINK, 0);
		nl_put_bytes(&request, pattern(), lens[i]);
		assert_int_equal(request.head.nlmsg_len, 0);
	}
	for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
		struct nl_request before = request;

		wishes[i].ours(&request, &wishes[i]);
		assert_memory_equal(&request, &before, sizeof request);
	}
	nl_begin(&request, RTM_NEWLINK, 0);
	nest = nl_nest(&request, IFLA_LINKINFO);
	nl_put(&request, FILLER, pattern(), 1000);
	nl_put_u32(&request, IFLA_LINK, 1);
	nl_nest_end(&request, nest);
	assert_int_equal(request.head.nlmsg_len, 0);
}

/* A message twice: for us in memory of its own, of which it takes every byte; for libmnl, which
 * reads on to the next multiple of 4, with zeroes behind. */
struct message {
	struct nlmsghdr *ours;
	const struct nlmsghdr *mnls;
};

/* What the payload is as a number and as a text: with room for it, and for one byte less. */
static void same_value(struct nl_span ours, const struct nlattr *attr)
{
	int is_u32 = mnl_attr_validate(attr, MNL_TYPE_U32) == 0;
	int is_text = mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0;
	char copy[2048], as_it_was[sizeof copy];

	assert_int_equal(nl_get_u32(ours, 4711), is_u32 ? mnl_attr_get_u32(attr) : 4711);
	memset(copy, 0xa5, ours.len + 1);
	memset(as_it_was, 0xa5, ours.len + 1);
	assert_int_equal(nl_get_str(ours, copy, ours.len ? ours.len - 1 : 0), -1);
	assert_memory_equal(copy, as_it_was, ours.len + 1);
	assert_int_equal(nl_get_str(ours, copy, ours.len), is_text ? 0 : -1);
	if (is_text)
		memcpy(as_it_was, mnl_attr_get_payload(attr), ours.len);
	assert_memory_equal(copy, as_it_was, ours.len + 1);
}

/* What we have found is where libmnl says, or nothing if it says NULL. */
static void same(const struct message *message, struct nl_span ours, const struct nlattr *attr)
{
	const unsigned char *mnls;
	size_t at;

	if (!attr) {
		assert_null(ours.at);
		assert_int_equal(ours.len, 0);
		return;
	}
	mnls = mnl_attr_get_payload(attr);
	at = (size_t)(mnls - (const unsigned char *)message->mnls);
	/* What is not within the message is nothing. */
	if (at + mnl_attr_get_payload_len(attr) > message->ours->nlmsg_len) {
		assert_true(message->ours->nlmsg_len % NLMSG_ALIGNTO != 0);
		assert_null(ours.at);
		return;
	}
	assert_ptr_equal(ours.at, (unsigned char *)message->ours + at);
	assert_int_equal(ours.len, mnl_attr_get_payload_len(attr));
	same_value(ours, attr);
}

static const struct nlattr *mnl_find(const struct nlmsghdr *message, int type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(struct ifinfomsg))
	{
		if (mnl_attr_get_type(attr) == type)
			return attr;
	}
	return NULL;
}

static const struct nlattr *mnl_find_nested(const struct nlattr *nest, int type)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
	{
		if (mnl_attr_get_type(attr) == type)
			return attr;
	}
	return NULL;
}

static void nested(
	const struct message *message, struct nl_span ours, const struct nlattr *nest)
{
	for (int type = 0; ours.at && type < 0x40; type++)
		same(message, nl_find(ours, (uint16_t)type), mnl_find_nested(nest, type));
}

/* Every attribute, and those within the ones that have some. */
static void found_as_libmnl(const unsigned char *bytes, size_t len)
{
	static _Alignas(8) unsigned char padded[2048];
	struct message message = {.ours = malloc(len), .mnls = (const struct nlmsghdr *)padded};
	const struct nlattr *attr;
	struct nl_span attrs;

	assert_true(len < sizeof padded);
	memset(padded, 0, sizeof padded);
	memcpy(padded, bytes, len);
	memcpy(message.ours, bytes, len);
	/* nl_talk.c takes no other. */
	if (message.ours->nlmsg_len >= sizeof *message.ours && message.ours->nlmsg_len <= len) {
		attrs = nl_attrs(message.ours, sizeof(struct ifinfomsg));
		for (uint16_t type = 0; type <= IFLA_MAX; type++) {
			attr = mnl_find(message.mnls, type);
			same(&message, nl_find(attrs, type), attr);
			if (type == IFLA_LINKINFO || type == IFLA_PROP_LIST ||
				type == IFLA_AF_SPEC)
				nested(&message, nl_find(attrs, type), attr);
		}
		mnl_attr_for_each(attr, message.mnls, sizeof(struct ifinfomsg))
		{
			same(&message, nl_find(attrs, mnl_attr_get_type(attr)),
				mnl_find(message.mnls, mnl_attr_get_type(attr)));
		}
	}
	free(message.ours);
}

static void set_len(unsigned char *bytes, size_t len)
{
	uint32_t nlmsg_len = (uint32_t)len;

	memcpy(bytes, &nlmsg_len, sizeof nlmsg_len);
}

/* Bits flipped, cut, made longer by bytes of each kind, every length that an attribute may say,
 * and several bytes at once: the same each time. */
static void mutated(const unsigned char *answer, size_t len)
{
	static const uint16_t lens[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x7fff, 0xffff};
	static const unsigned char more[] = {0, 4, 8, 0xff};
	unsigned char bytes[2048];
	uint32_t random = 1;

	memcpy(bytes, answer, len);
	found_as_libmnl(bytes, len);
	for (size_t bit = 0; bit < len * 8; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		found_as_libmnl(bytes, len);
		bytes[bit / 8] = answer[bit / 8];
	}
	for (size_t cut = sizeof(struct nlmsghdr); cut < len; cut++) {
		set_len(bytes, cut);
		found_as_libmnl(bytes, cut);
	}
	for (size_t i = 0; i < 8 * sizeof more; i++) {
		memset(bytes + len, more[i / 8], 8);
		set_len(bytes, len + i % 8);
		found_as_libmnl(bytes, len + i % 8);
	}
	set_len(bytes, len);
	for (size_t at = sizeof(struct nlmsghdr); at < len; at += NLMSG_ALIGNTO) {
		for (size_t i = 0; i < sizeof lens / sizeof *lens + 3; i++) {
			uint16_t left = (uint16_t)(len - at - 13 + i);

			memcpy(bytes + at, i < 12 ? &lens[i] : &left, sizeof left);
			found_as_libmnl(bytes, len);
		}
		memcpy(bytes + at, answer + at, NLMSG_ALIGNTO);
	}
	for (int i = 0; i < 10000; i++) {
		for (int j = 0; j <= i % 5; j++) {
			random = random * 1664525 + 1013904223;
			bytes[(random >> 8) % len] = (unsigned char)(random >> 24);
		}
		found_as_libmnl(bytes, len);
		memcpy(bytes, answer, len);
	}
}

static void real_answers(void **state)
{
	(void)state;
	mutated(veth_answer, sizeof veth_answer);
	mutated(macvlan_answer, sizeof macvlan_answer);
}

/* The first of a type counts, whatever bits are beside the type. */
static void by_hand(void **state)
{
	static const _Alignas(4) unsigned char attrs[] = {6, 0, 1, 0x80, 'a', 0, 0, 0, /* 1 */
		8, 0, 1, 0, 1, 2, 3, 4, 4, 0, 2, 0x40, 5, 0, 3, 0, 'b'};
	const struct nl_span in = {attrs, sizeof attrs}, none = {NULL, 0};
	struct nlmsghdr head = {.nlmsg_len = sizeof head};

	(void)state;
	assert_ptr_equal(nl_find(in, 1).at, attrs + 4);
	assert_int_equal(nl_find(in, 1).len, 2);
	assert_ptr_equal(nl_find(in, 2).at, attrs + 20);
	assert_int_equal(nl_find(in, 2).len, 0);
	assert_int_equal(nl_find(in, 3).len, 1);
	assert_null(nl_find(in, 4).at);
	assert_null(nl_find(none, 0).at);
	assert_null(nl_attrs(&head, 0).at);
	for (uint32_t len = 0; len < 36; len++) {
		head.nlmsg_len = len;
		assert_null(nl_attrs(&head, 17).at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_as_libmnl),
		cmocka_unit_test(given_up),
		cmocka_unit_test(real_answers),
		cmocka_unit_test(by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
