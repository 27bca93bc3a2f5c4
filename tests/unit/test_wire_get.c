/* Getters: exact values, exact bounds, nothing touched on failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(short_input),
		cmocka_unit_test(strings),
		cmocka_unit_test(bad_strings),
	};

	return cmocka_run_group_tests_name("wire_get", tests, NULL, NULL);
}
