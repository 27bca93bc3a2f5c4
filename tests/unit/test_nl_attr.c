/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and attributes beside what the kernel's header says of them: put byte for byte so,
 * and found where it says. nl_attr.c calls libmnl, which therefore is no judge here. */
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "emulated.h"
#include "host_order.h"
#include "nl_answers.h"
#include "privileged/link/nl_attr.h"

#define SIZE sizeof(struct nl_request)
#define FILLER 4711
/* Length and type of an attribute. */
#define HEADER 4

/* What nl.c puts, by nl_attr.c and by hand, of whom each says whether it fits. */
struct wish {
	void (*ours)(struct nl_request *request, const struct wish *wish);
	bool (*byhand)(struct nlmsghdr *head, const struct wish *wish);
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

static bool put(struct nlmsghdr *head, uint16_t type, const void *bytes, size_t len)
{
	unsigned char *at = (unsigned char *)head + head->nlmsg_len;
	const uint16_t start[] = {(uint16_t)(HEADER + len), type};

	if (head->nlmsg_len + HEADER + NLMSG_ALIGN(len) > SIZE)
		return false;
	memset(at, 0, HEADER + NLMSG_ALIGN(len));
	memcpy(at, start, sizeof start);
	memcpy(at + HEADER, bytes, len);
	head->nlmsg_len += (uint32_t)(HEADER + NLMSG_ALIGN(len));
	return true;
}

static bool nest_end(struct nlmsghdr *head, size_t nest)
{
	uint16_t len = (uint16_t)(head->nlmsg_len - nest);

	memcpy((unsigned char *)head + nest, &len, sizeof len);
	return true;
}

static void our_u32(struct nl_request *request, const struct wish *wish)
{
	(void)wish;
	nl_put_u32(request, IFLA_EXT_MASK, 0x12345678);
}

static bool hand_u32(struct nlmsghdr *head, const struct wish *wish)
{
	(void)wish;
	return put(head, IFLA_EXT_MASK, &(uint32_t){0x12345678}, 4);
}

static void our_text(struct nl_request *request, const struct wish *wish)
{
	nl_put_str(request, IFLA_IFNAME, text(wish->len));
}

static bool hand_text(struct nlmsghdr *head, const struct wish *wish)
{
	return put(head, IFLA_IFNAME, text(wish->len), wish->len + 1);
}

static void our_attr(struct nl_request *request, const struct wish *wish)
{
	nl_put(request, IFLA_ADDRESS, pattern(), wish->len);
}

static bool hand_attr(struct nlmsghdr *head, const struct wish *wish)
{
	return put(head, IFLA_ADDRESS, pattern(), wish->len);
}

static void our_bytes(struct nl_request *request, const struct wish *wish)
{
	nl_put_bytes(request, pattern(), wish->len);
}

static bool hand_bytes(struct nlmsghdr *head, const struct wish *wish)
{
	unsigned char *at = (unsigned char *)head + head->nlmsg_len;

	if (head->nlmsg_len + NLMSG_ALIGN(wish->len) > SIZE)
		return false;
	memset(at, 0, NLMSG_ALIGN(wish->len));
	memcpy(at, pattern(), wish->len);
	head->nlmsg_len += (uint32_t)NLMSG_ALIGN(wish->len);
	return true;
}

static void our_nest(struct nl_request *request, const struct wish *wish)
{
	(void)wish;
	nl_nest_end(request, nl_nest(request, IFLA_LINKINFO));
}

static bool hand_nest(struct nlmsghdr *head, const struct wish *wish)
{
	(void)wish;
	return put(head, NLA_F_NESTED | IFLA_LINKINFO, "", 0);
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

static bool hand_nests(struct nlmsghdr *head, const struct wish *wish)
{
	const struct wish fixed = {.len = sizeof(struct ifinfomsg)};
	const size_t info = head->nlmsg_len, data = info + 4 + 12, peer = data + 4;

	return put(head, NLA_F_NESTED | IFLA_LINKINFO, "", 0) &&
	       put(head, IFLA_INFO_KIND, "veth", 5) &&
	       put(head, NLA_F_NESTED | IFLA_INFO_DATA, "", 0) &&
	       put(head, NLA_F_NESTED | VETH_INFO_PEER, "", 0) && hand_bytes(head, &fixed) &&
	       hand_text(head, wish) && put(head, IFLA_ADDRESS, pattern(), 6) &&
	       nest_end(head, peer) && nest_end(head, data) && nest_end(head, info) &&
	       put(head, IFLA_NET_NS_FD, &(uint32_t){44}, 4);
}

/* With room for exactly so many bytes, up to a multiple of NLMSG_ALIGNTO. */
static void with_room(const struct wish *wish, size_t room)
{
	static _Alignas(8) unsigned char made[SIZE];
	const size_t filler = SIZE - sizeof(struct nlmsghdr) - sizeof(struct nlattr) - room;
	struct nlmsghdr *head;
	struct nl_request *request = malloc(sizeof *request);

	head = (struct nlmsghdr *)made;
	*head = (struct nlmsghdr){.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = RTM_NEWLINK,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};
	assert_true(put(head, FILLER, pattern(), filler));
	memset(request, 0xa5, sizeof *request);
	nl_begin(request, RTM_NEWLINK, NLM_F_ACK);
	nl_put(request, FILLER, pattern(), filler);
	assert_int_equal(request->head.nlmsg_len, SIZE - room / 4 * 4);
	wish->ours(request, wish);
	assert_int_equal(wish->byhand(head, wish), room >= wish->needs);
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

static void put_as_by_hand(void **state)
{
	struct wish u32 = {our_u32, hand_u32, 8, 0}, nest = {our_nest, hand_nest, 4, 0};

	(void)state;
	in_every_room(&u32);
	in_every_room(&nest);
	for (size_t len = 0; len < 256; len++) {
		struct wish texts = {our_text, hand_text, 4 + NLMSG_ALIGN(len + 1), len};
		struct wish attrs = {our_attr, hand_attr, 4 + NLMSG_ALIGN(len), len};
		struct wish bytes = {our_bytes, hand_bytes, NLMSG_ALIGN(len), len};
		struct wish nests = {our_nests, hand_nests, 64 + NLMSG_ALIGN(len + 1), len};

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

/* A message twice: where nl_attr.c looks, and a copy. */
struct message {
	const struct nlmsghdr *ours, *copy;
};

/* What the payload is as a number and as a text: with room for it, and for one byte less. */
static void same_value(struct nl_span ours, const unsigned char *payload, size_t len)
{
	int is_text = len > 0 && payload[len - 1] == 0;
	char copy[2048], as_it_was[sizeof copy];
	uint32_t value = 4711;

	if (len == sizeof value)
		memcpy(&value, payload, sizeof value);
	assert_int_equal(nl_get_u32(ours, 4711), value);
	memset(copy, 0xa5, ours.len + 1);
	memset(as_it_was, 0xa5, ours.len + 1);
	assert_int_equal(nl_get_str(ours, copy, ours.len ? ours.len - 1 : 0), -1);
	assert_memory_equal(copy, as_it_was, ours.len + 1);
	assert_int_equal(nl_get_str(ours, copy, ours.len), is_text ? 0 : -1);
	if (is_text)
		memcpy(as_it_was, payload, len);
	assert_memory_equal(copy, as_it_was, ours.len + 1);
}

/* The attribute at *at, of what ends at `end`, and its length; advances *at. NULL: none. */
static const unsigned char *walk(
	const unsigned char **at, const unsigned char *end, uint16_t *ret_len, int *ret_type)
{
	const unsigned char *attr = *at;
	uint16_t start[2];

	if (!attr || end - attr < HEADER)
		return NULL;
	memcpy(start, attr, sizeof start);
	if (start[0] < HEADER || start[0] > end - attr)
		return NULL;
	*ret_len = start[0];
	*ret_type = start[1] & NLA_TYPE_MASK;
	*at = end - attr < NLMSG_ALIGN(start[0]) ? end : attr + NLMSG_ALIGN(start[0]);
	return attr;
}

/* What nl_find finds of a type is what is found by hand; returns that attribute. */
static const unsigned char *same(const struct message *message, struct nl_span in,
	const unsigned char *at, const unsigned char *end, int type, uint16_t *ret_len)
{
	struct nl_span ours = nl_find(in, (uint16_t)type);
	const unsigned char *attr;
	int its = 0;

	while ((attr = walk(&at, end, ret_len, &its)) && its != type)
		continue;
	if (!attr) {
		assert_null(ours.at);
		assert_int_equal(ours.len, 0);
		return NULL;
	}
	assert_int_equal(ours.at - (const unsigned char *)message->ours,
		attr + HEADER - (const unsigned char *)message->copy);
	assert_int_equal(ours.len, *ret_len - HEADER);
	same_value(ours, attr + HEADER, ours.len);
	return attr;
}

/* Every attribute, and those within the ones that have some. */
static void found(const struct message *message)
{
	const unsigned char *bytes = (const unsigned char *)message->copy, *attr, *at;
	const unsigned char *first = bytes + NLMSG_LENGTH(sizeof(struct ifinfomsg));
	const unsigned char *end = bytes + message->copy->nlmsg_len;
	struct nl_span attrs = nl_attrs(message->ours, sizeof(struct ifinfomsg));
	uint16_t len, ignored;
	int type;

	if (first >= end)
		first = NULL;
	for (type = 0; type <= IFLA_MAX; type++) {
		attr = same(message, attrs, first, end, type, &len);
		if (attr && (type == IFLA_LINKINFO || type == IFLA_PROP_LIST ||
				    type == IFLA_AF_SPEC))
			for (int inner = 0; inner < 0x40; inner++)
				same(message, nl_find(attrs, (uint16_t)type), attr + HEADER,
					attr + len, inner, &ignored);
	}
	for (at = first; walk(&at, end, &len, &type);)
		same(message, attrs, first, end, type, &ignored);
	assert_int_equal(nl_is_whole(attrs), !first || at == end);
}

/* Memory with nothing behind it: whoever reads there dies, libmnl too. A message begins at a
 * multiple of NLMSG_ALIGNTO, and up to three bytes are left. */
static unsigned char *at_the_end(size_t len)
{
	static unsigned char *pages;
	const size_t size = 4096;

	if (!pages) {
		pages = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(pages, MAP_FAILED);
		assert_int_equal(mprotect(pages + size, size, PROT_NONE), 0);
		memset(pages, 0xff, size);
	}
	return pages + size - NLMSG_ALIGN(len);
}

/* Where nothing comes after it; for the sanitizers, where they know its end to the byte. */
static void found_as_by_hand(const unsigned char *bytes, size_t len)
{
	static _Alignas(8) unsigned char copy[2048];
#ifdef VST_INSTRUMENTED
	unsigned char *ours = malloc(len);
#else
	unsigned char *ours = at_the_end(len);
#endif
	const struct message message = {
		(const struct nlmsghdr *)ours, (const struct nlmsghdr *)copy};

	assert_true(len < sizeof copy);
	memcpy(copy, bytes, len);
	memcpy(ours, bytes, len);
	/* nl_talk.c takes no other. */
	if (message.copy->nlmsg_len >= NLMSG_HDRLEN && message.copy->nlmsg_len <= len)
		found(&message);
#ifdef VST_INSTRUMENTED
	free(ours);
#endif
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
	found_as_by_hand(bytes, len);
	for (size_t bit = 0; bit < len * 8; bit += every()) {
		bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		found_as_by_hand(bytes, len);
		bytes[bit / 8] = answer[bit / 8];
	}
	for (size_t cut = sizeof(struct nlmsghdr); cut < len; cut++) {
		set_len(bytes, cut);
		found_as_by_hand(bytes, cut);
	}
	for (size_t i = 0; i < 8 * sizeof more; i++) {
		memset(bytes + len, more[i / 8], 8);
		set_len(bytes, len + i % 8);
		found_as_by_hand(bytes, len + i % 8);
	}
	set_len(bytes, len);
	for (size_t at = sizeof(struct nlmsghdr); at < len; at += NLMSG_ALIGNTO * every()) {
		for (size_t i = 0; i < sizeof lens / sizeof *lens + 3; i++) {
			uint16_t left = (uint16_t)(len - at - 13 + i);

			memcpy(bytes + at, i < 12 ? &lens[i] : &left, sizeof left);
			found_as_by_hand(bytes, len);
		}
		memcpy(bytes + at, answer + at, NLMSG_ALIGNTO);
	}
	for (unsigned i = 0; i < 10000 / every(); i++) {
		for (unsigned j = 0; j <= i % 5; j++) {
			random = random * 1664525 + 1013904223;
			bytes[(random >> 8) % len] = (unsigned char)(random >> 24);
		}
		found_as_by_hand(bytes, len);
		memcpy(bytes, answer, len);
	}
}

static void real_answers(void **state)
{
	(void)state;
	if (!HOST_IS_LITTLE && qemu_lacks("answers of this byte order"))
		skip();
	mutated(veth_answer, sizeof veth_answer);
	mutated(macvlan_answer, sizeof macvlan_answer);
}

/* The first of a type counts, whatever bits are beside the type. */
static void by_hand(void **state)
{
	static const _Alignas(4) unsigned char attrs[] = {HOST_ATTR(6, 0x8001), 'a', 0, 0, 0,
		HOST_ATTR(8, 1), 1, 2, 3, 4, HOST_ATTR(4, 0x4002), HOST_ATTR(5, 3), 'b'};
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

/* Two messages in a datagram of each length, the second of each length, or one that is negative
 * where it is taken for an int. */
static void messages(void **state)
{
	const struct nlmsghdr head = {.nlmsg_len = 18};

	(void)state;
	for (uint32_t nth = 0; nth < 50; nth++) {
		for (size_t len = 0; len <= 44; len++) {
			const uint32_t second = nth < 48    ? nth
						: nth == 48 ? 0x80000000
							    : UINT32_MAX;
			const struct nlmsghdr other = {.nlmsg_len = second};
			unsigned char bytes[44] = {0}, *at = at_the_end(len);
			struct nl_span in = {at, len};
			const size_t rest = len > 20 ? len - 20 : 0;
			int bad = 4711;

			memcpy(bytes, &head, sizeof head);
			memcpy(bytes + 20, &other, sizeof other);
			memcpy(at, bytes, len);
			if (len < 18) {
				assert_null(nl_message(&in, &bad));
				assert_int_equal(bad, len != 0);
				continue;
			}
			assert_ptr_equal(nl_message(&in, &bad), at);
			assert_int_equal(bad, 0);
			assert_int_equal(in.len, rest);
			if (rest >= 16 && second >= 16 && second <= rest) {
				assert_ptr_equal(nl_message(&in, &bad), at + 20);
				assert_int_equal(bad, 0);
				assert_int_equal(in.len, rest > NLMSG_ALIGN(second)
								 ? rest - NLMSG_ALIGN(second)
								 : 0);
			} else {
				assert_null(nl_message(&in, &bad));
				assert_int_equal(bad, rest != 0);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_as_by_hand),
		cmocka_unit_test(given_up),
		cmocka_unit_test(real_answers),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
