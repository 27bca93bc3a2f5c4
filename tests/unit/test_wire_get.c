/* SPDX-License-Identifier: Apache-2.0 */
/* Getters: exact values, exact bounds, nothing touched on failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/limits.h"
#include "ipc/wire_get.h"

/* Memory of exactly this length, so that a sanitizer sees the first byte too many. */
static struct wire_in input(const void *bytes, size_t len)
{
	unsigned char *copy = malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	return (struct wire_in){.bytes = copy, .len = len};
}

static void done(struct wire_in *in)
{
	free((void *)in->bytes);
}

static void numbers(void **state)
{
	struct wire_in in = input("\x01\x02\x83\x04\x05\x06\xf7", 7);
	uint8_t a;
	uint16_t b;
	uint32_t c;

	(void)state;
	assert_int_equal(wire_get_u8(&in, &a), 0);
	assert_int_equal(wire_get_u16(&in, &b), 0);
	assert_int_equal(wire_get_end(&in), -1);
	assert_int_equal(wire_get_u32(&in, &c), 0);
	assert_int_equal(a, 0x01);
	assert_int_equal(b, 0x8302);
	assert_int_equal(c, 0xf7060504);
	assert_int_equal(wire_get_end(&in), 0);
	done(&in);
}

static void short_input(void **state)
{
	(void)state;
	for (size_t len = 0; len < 4; len++) {
		struct wire_in in = input("\x01\x02\x03", len);
		uint8_t a = 0xaa;
		uint16_t b = 0xaaaa;
		uint32_t c = 0xaaaaaaaa;

		assert_int_equal(wire_get_u32(&in, &c), -1);
		assert_int_equal(c, 0xaaaaaaaa);
		assert_int_equal(wire_get_u16(&in, &b), len < 2 ? -1 : 0);
		assert_int_equal(b, len < 2 ? 0xaaaa : 0x0201);
		assert_int_equal(in.at, len < 2 ? 0 : 2);
		in.at = 0;
		assert_int_equal(wire_get_u8(&in, &a), len < 1 ? -1 : 0);
		assert_int_equal(a, len < 1 ? 0xaa : 0x01);
		done(&in);
	}
}

static int string_of(const void *bytes, size_t len, size_t max, size_t want_len)
{
	struct wire_in in = input(bytes, len);
	const char *s = "untouched";
	size_t s_len = 4711;
	int ret = wire_get_string(&in, max, &s, &s_len);

	if (ret < 0) {
		assert_string_equal(s, "untouched");
		assert_int_equal(s_len, 4711);
		assert_int_equal(in.at, 0);
	} else {
		assert_int_equal(s_len, want_len);
		assert_int_equal(strlen(s), want_len);
		assert_ptr_equal(s, in.bytes + 2);
		assert_int_equal(in.at, 2 + want_len + 1);
	}
	done(&in);
	return ret;
}

static void strings(void **state)
{
	(void)state;
	assert_int_equal(string_of("\x03\x00"
				   "abc\0",
				 6, 3, 3),
		0);
	assert_int_equal(string_of("\x00\x00\0", 3, 0, 0), 0);
	assert_int_equal(string_of("\x03\x00"
				   "abc\0rest",
				 10, 100, 3),
		0);
}

static void bad_strings(void **state)
{
	(void)state;
	/* Longer than allowed; longer than the message; no NUL; a NUL inside, at either end. */
	assert_int_equal(string_of("\x03\x00"
				   "abc\0",
				 6, 2, 0),
		-1);
	assert_int_equal(string_of("\x03\x00"
				   "abc",
				 5, 9, 0),
		-1);
	assert_int_equal(string_of("\xff\xff"
				   "abc\0",
				 6, 65535, 0),
		-1);
	assert_int_equal(string_of("\x03\x00"
				   "abcd",
				 6, 9, 0),
		-1);
	assert_int_equal(string_of("\x03\x00"
				   "a\0c\0",
				 6, 9, 0),
		-1);
	assert_int_equal(string_of("\x03\x00"
				   "\0bc\0",
				 6, 9, 0),
		-1);
	assert_int_equal(string_of("\x00\x00", 2, 9, 0), -1);
	assert_int_equal(string_of("\x00", 1, 9, 0), -1);
	assert_int_equal(string_of("", 0, 9, 0), -1);
}

/* A mount of one item; the strings "/d", "t", "s", and "k" with "v". */
static const char a_mount[] = "\x04\x01"
			      "\x01\x02\x03\x04\x05\x06\x07\x08\x09"
			      "\x01\0"
			      "\x02\0/d\0"
			      "\x01\0t\0"
			      "\x01\0s\0"
			      "\x02"
			      "\x01\0k\0"
			      "\x01\0v\0"
			      "rest";
#define MOUNT_LEN (sizeof a_mount - sizeof "rest")

static void operations(void **state)
{
	struct wire_in in = input(a_mount, sizeof a_mount);
	struct wire_item item;
	struct wire_op op;

	(void)state;
	assert_null(wire_get_op(&in, &op));
	assert_int_equal(in.at, MOUNT_LEN);
	assert_int_equal(op.len, MOUNT_LEN);
	assert_int_equal(op.kind, VST_OP_MOUNT);
	assert_int_equal(op.arg, 1);
	assert_int_equal(op.flags.set, 1);
	assert_int_equal(op.flags.propagation, 9);
	assert_int_equal(op.n_strings, 3);
	assert_string_equal(op.str[0].s, "/d");
	assert_int_equal(op.str[0].len, 2);
	assert_string_equal(op.str[2].s, "s");
	assert_int_equal(op.n_items, 1);
	assert_int_equal(wire_get_item(&op.items, &item), 0);
	assert_int_equal(item.kind, VST_ITEM_STRING);
	assert_string_equal(item.key.s, "k");
	assert_string_equal(item.value.s, "v");
	assert_int_equal(op.items.at, MOUNT_LEN);
	done(&in);
}

/* A link with settings: "e", "veth", no peer, bridge "b", an address each, and a route. */
static const char a_link[] = "\x02\x02"
			     "\1\0e\0\4\0veth\0\0\0\0\1\0b\0"
			     "\4\3\2\1\6\5\7\x8\x9\xa\xb\xc\xd\1\1\1"
			     "\4\x18\xc0\0\2\1\0\0\0\0\0\0\0\0\0\0\0\0"
			     "\6\x40\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
			     "\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			     "\1\xc0\0\2\2\0\0\0\0\0\0\0\0\0\0\0\0\x14\x13\x12\x11"
			     "rest";
#define LINK_LEN (sizeof a_link - sizeof "rest")

static void a_link_with_settings(void **state)
{
	struct wire_in in = input(a_link, sizeof a_link);
	struct vst_address address;
	struct vst_route route;
	struct wire_set set;
	struct wire_op op;

	(void)state;
	assert_null(wire_get_op(&in, &op));
	assert_int_equal(op.len, LINK_LEN);
	assert_int_equal(op.n_strings, 3);
	assert_string_equal(op.str[1].s, "veth");
	assert_int_equal(wire_get_set(&op.items, &set), 0);
	assert_string_equal(set.bridge.s, "b");
	assert_int_equal(set.is.mtu, 0x01020304);
	assert_int_equal(set.is.vlan, 0x0506);
	assert_int_equal(set.is.flags, 7);
	assert_memory_equal(set.is.mac, "\x8\x9\xa\xb\xc\xd", 6);
	assert_int_equal(wire_get_address(&op.items, &address), 0);
	assert_int_equal(address.family, VST_IPV4);
	assert_int_equal(address.prefix, 24);
	assert_memory_equal(address.bytes, "\xc0\0\2\1\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(wire_get_address(&op.items, &address), 0);
	assert_int_equal(address.family, VST_IPV6);
	assert_int_equal(address.bytes[15], 1);
	assert_int_equal(wire_get_route(&op.items, &route), 0);
	assert_int_equal(route.to.prefix, 0);
	assert_int_equal(route.has_via, 1);
	assert_memory_equal(route.via, "\xc0\0\2\2\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(route.metric, 0x11121314);
	assert_int_equal(op.items.at, LINK_LEN);
	assert_int_equal(in.at, LINK_LEN);
	done(&in);
	/* Without the flag it ends behind its strings, whatever follows. */
	in = input("\x02\x01\1\0e\0\0\0\0\0\0\0\1\0b\0", 16);
	assert_null(wire_get_op(&in, &op));
	assert_int_equal(op.n_strings, 3);
	assert_int_equal(op.len, 12);
	done(&in);
	for (size_t len = 0; len < LINK_LEN; len++) {
		in = input(a_link, len);
		op.kind = 77;
		assert_non_null(wire_get_op(&in, &op));
		assert_int_equal(op.kind, 77);
		assert_int_equal(in.at, 0);
		done(&in);
	}
}

static void operations_cut_short(void **state)
{
	(void)state;
	for (size_t len = 0; len < MOUNT_LEN; len++) {
		struct wire_in in = input(a_mount, len);
		struct wire_op op = {.kind = 77};

		assert_non_null(wire_get_op(&in, &op));
		assert_int_equal(op.kind, 77);
		assert_int_equal(in.at, 0);
		done(&in);
	}
}

/* Of every kind of operation, and each of its strings: as long as it may be, and one more. */
static void operations_with_long_strings(void **state)
{
	static const struct {
		uint8_t kind;
		unsigned n;
		size_t max[3];
	} kinds[] = {
		{VST_OP_MKDIR, 1, {VST_PATH_MAX}},
		{VST_OP_LINK, 3, {VST_IFNAME_MAX, VST_KIND_MAX, VST_IFNAME_MAX}},
		{VST_OP_BIND_NS, 1, {VST_PATH_MAX}},
		{VST_OP_MOUNT, 3, {VST_PATH_MAX, VST_FS_TYPE_MAX, VST_PATH_MAX}},
		{VST_OP_CGROUP, 1, {VST_PATH_MAX}},
		{VST_OP_NAMESPACE, 1, {VST_NAMESPACE_MAX}},
	};

	(void)state;
	for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (unsigned longer = 0; longer <= kinds[k].n; longer++) {
			unsigned char bytes[16384] = {kinds[k].kind};
			size_t len = kinds[k].kind == VST_OP_MOUNT ? 13 : 2;
			struct wire_op op;
			struct wire_in in;

			for (unsigned i = 0; i < kinds[k].n; i++) {
				size_t n = kinds[k].max[i] + (i + 1 == longer);

				bytes[len] = (unsigned char)n;
				bytes[len + 1] = (unsigned char)(n >> 8);
				memset(bytes + len + 2, 'a', n);
				len += 2 + n + 1;
			}
			in = input(bytes, len);
			assert_int_equal(wire_get_op(&in, &op) == NULL, longer == 0);
			assert_int_equal(in.at, longer ? 0 : len);
			done(&in);
		}
}

static void operations_of_no_kind(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 256; kind++) {
		const unsigned char bytes[64] = {(unsigned char)kind};
		struct wire_in in = input(bytes, sizeof bytes);
		struct wire_op op;
		const char *how = wire_get_op(&in, &op);

		if (kind >= VST_OP_MKDIR && kind <= VST_OP_NAMESPACE)
			assert_null(how);
		else
			assert_string_equal(how, "its kind is unknown");
		done(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(short_input),
		cmocka_unit_test(strings),
		cmocka_unit_test(bad_strings),
		cmocka_unit_test(operations),
		cmocka_unit_test(a_link_with_settings),
		cmocka_unit_test(operations_cut_short),
		cmocka_unit_test(operations_with_long_strings),
		cmocka_unit_test(operations_of_no_kind),
	};

	return cmocka_run_group_tests_name("wire_get", tests, NULL, NULL);
}
