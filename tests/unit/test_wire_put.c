/* SPDX-License-Identifier: Apache-2.0 */
/* Putters: the very bytes, every bound, nothing written where there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ipc/wire.h"
#include "ipc/wire_put.h"

static unsigned char buf[70000];

static struct wire_out room(size_t size)
{
	memset(buf, 0xee, sizeof buf);
	return (struct wire_out){.bytes = buf, .size = size};
}

static void numbers(void **state)
{
	struct wire_out out = room(7);

	(void)state;
	assert_int_equal(wire_put_u8(&out, 0x01), 0);
	assert_int_equal(wire_put_u16(&out, 0x8302), 0);
	assert_int_equal(wire_put_u32(&out, 0xf7060504), 0);
	assert_int_equal(out.at, 7);
	assert_memory_equal(buf, "\x01\x02\x83\x04\x05\x06\xf7\xee", 8);
	assert_int_equal(wire_put_u8(&out, 0), -1);
	assert_int_equal(out.at, 7);
	assert_int_equal(buf[7], 0xee);
}

static void string(void **state)
{
	struct wire_out out = room(sizeof buf);

	(void)state;
	assert_int_equal(wire_put_string(&out, "abc", 3), 0);
	assert_int_equal(wire_put_string(&out, NULL, 0), 0);
	assert_int_equal(out.at, 9);
	assert_memory_equal(buf,
		"\x03\x00"
		"abc\0"
		"\0\0\0\xee",
		10);
}

static void string_of_two_length_bytes(void **state)
{
	static char text[UINT16_MAX + 1];
	struct wire_out out = room(sizeof buf);

	(void)state;
	memset(text, 'x', sizeof text);
	assert_int_equal(wire_put_string(&out, text, UINT16_MAX + 1), -1);
	assert_int_equal(out.at, 0);
	assert_int_equal(wire_put_string(&out, text, UINT16_MAX), 0);
	assert_memory_equal(buf,
		"\xff\xff"
		"x",
		3);
	assert_int_equal(out.at, 2 + UINT16_MAX + 1);
}

static const struct vst_finding finding = {
	.code = 0x0102,
	.line = 0x11121314,
	.column = 0x21222324,
	.place = {.member = 3, .field = 4, .index = 0x31323334, .sub = UINT32_MAX},
};

static void finding_bytes(void **state)
{
	struct wire_out out = room(sizeof buf);

	(void)state;
	assert_int_equal(wire_put_head(&out, VST_WIRE_FAIL, 0x0506), 0);
	assert_int_equal(wire_put_finding(&out, &finding), 0);
	assert_int_equal(out.at, VST_WIRE_FINDING_LEN);
	assert_memory_equal(buf,
		"\x05\x00\x06\x05"
		"\x02\x01\x03\x04\x14\x13\x12\x11\x24\x23\x22\x21\x34\x33\x32\x31\xff\xff\xff"
		"\xff\xee",
		25);
}

static const struct vst_mount_flags flags = {.set = 1,
	.clear = 2,
	.atime = 3,
	.rec_set = 4,
	.rec_clear = 5,
	.rec_atime = 6,
	.sb_set = 7,
	.sb_clear = 8,
	.propagation = 9};

static void mount_bytes(void **state)
{
	struct wire_out out = room(sizeof buf);

	(void)state;
	assert_int_equal(wire_put_flags(&out, &flags), 0);
	assert_int_equal(wire_put_item(&out, VST_ITEM_STRING, "ab", 2, "c", 1), 0);
	assert_int_equal(wire_put_item(&out, VST_ITEM_UPPER, NULL, 0, "/", 1), 0);
	assert_memory_equal(buf,
		"\1\2\3\4\5\6\7\x8\x9"
		"\2\2\0ab\0\1\0c\0"
		"\4\0\0\0\1\0/\0\xee",
		28);
	assert_int_equal(out.at, 27);
}

static const struct vst_link_set set = {.mtu = 0x01020304,
	.vlan = 0x0506,
	.flags = 7,
	.mac = {8, 9, 10, 11, 12, 13},
	.n_addresses = 14,
	.n_peer_addresses = 15,
	.n_routes = 16};
static const struct vst_route route = {
	.to = {4, 24, {192, 0, 2}}, .has_via = 1, .via = {192, 0, 2, 1}, .metric = 0x11121314};

static void link_bytes(void **state)
{
	struct wire_out out = room(sizeof buf);

	(void)state;
	assert_int_equal(wire_put_set(&out, &set), 0);
	assert_int_equal(wire_put_route(&out, &route), 0);
	assert_int_equal(out.at, 16 + VST_WIRE_ROUTE_LEN);
	assert_memory_equal(buf,
		"\4\3\2\1\6\5\7\x8\x9\xa\xb\xc\xd\xe\xf\x10"
		"\4\x18\xc0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\1\xc0\0\2\1\0\0\0\0\0\0\0\0\0\0\0\0\x14\x13\x12\x11\xee",
		56);
}

/* One byte short of what each needs: refused, and nothing written. */
static void too_short(void **state)
{
	static const size_t needs[] = {1, 2, 4, 6, 4, 20, 9, 10, 16, 18, 39};

	(void)state;
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
		for (size_t size = 0; size <= needs[i]; size++) {
			struct wire_out out = room(size);
			int puts[] = {
				i == 0 ? wire_put_u8(&out, 1) : 0,
				i == 1 ? wire_put_u16(&out, 1) : 0,
				i == 2 ? wire_put_u32(&out, 1) : 0,
				i == 3 ? wire_put_string(&out, "abc", 3) : 0,
				i == 4 ? wire_put_head(&out, 1, 1) : 0,
				i == 5 ? wire_put_finding(&out, &finding) : 0,
				i == 6 ? wire_put_flags(&out, &flags) : 0,
				i == 7 ? wire_put_item(&out, VST_ITEM_STRING, "ab", 2, "c", 1)
				       : 0,
				i == 8 ? wire_put_set(&out, &set) : 0,
				i == 9 ? wire_put_address(&out, &route.to) : 0,
				i == 10 ? wire_put_route(&out, &route) : 0,
			};

			assert_int_equal(puts[i], size == needs[i] ? 0 : -1);
			assert_int_equal(out.at, size == needs[i] ? size : 0);
			if (size < needs[i])
				assert_int_equal(buf[0], 0xee);
			assert_int_equal(buf[size], 0xee);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(string),
		cmocka_unit_test(string_of_two_length_bytes),
		cmocka_unit_test(finding_bytes),
		cmocka_unit_test(mount_bytes),
		cmocka_unit_test(link_bytes),
		cmocka_unit_test(too_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
