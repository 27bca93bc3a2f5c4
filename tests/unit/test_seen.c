/* SPDX-License-Identifier: Apache-2.0 */
/* Names and peers of interfaces: new is new, there is there, as many as a document holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "parser/seen.h"

static struct seen names;

static void names_find(void **state)
{
	static const char text[] = "?eth0eth1eth0aveth123456789012345123456789012345";

	(void)state;
	memset(&names, 0, sizeof names);
	seen_init(&names, text, sizeof text);
	assert_int_equal(seen_add(&names, NAMES_NAME, text + 1, 4), 1);
	assert_int_equal(seen_add(&names, NAMES_NAME, text + 5, 4), 1);
	assert_int_equal(seen_add(&names, NAMES_NAME, text + 9, 4), 0);
	assert_int_equal(seen_add(&names, NAMES_PEER, text + 9, 4), 1);
	assert_int_equal(seen_add(&names, NAMES_PEER, text + 1, 4), 0);
	assert_int_equal(seen_add(&names, NAMES_NAME, text + 1, 3), 1);
	assert_int_equal(seen_add(&names, NAMES_PEER, text + 1, 3), 1);
	assert_int_equal(seen_add(&names, NAMES_NAME, text + 18, 15), 1);
	assert_int_equal(seen_add(&names, NAMES_NAME, text + 33, 15), 0);
}

/* A table nearly full, so that a search passes the same string of the other kind. */
static void names_of_both_kinds(void **state)
{
	static const char text[] =
		"?abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	(void)state;
	for (int window = 1; window + 7 < (int)sizeof text; window++) {
		memset(&names, 0, sizeof names);
		seen_init(&names, text, 8);
		assert_int_equal(names.n_slots, 16);
		for (int i = 0; i < 14; i++)
			assert_int_equal(seen_add(&names, i & 1, text + window + i / 2, 1), 1);
		for (int i = 0; i < 14; i++)
			assert_int_equal(seen_add(&names, i & 1, text + window + i / 2, 1), 0);
	}
}

/* As many as fit in a document, with the table that its length asks for. */
static void names_hold_a_document(void **state)
{
	static char text[VST_DOC_MAX];
	uint32_t used = 1, n = 0;

	(void)state;
	memset(&names, 0, sizeof names);
	seen_init(&names, text, sizeof text);
	assert_int_equal(names.n_slots, SEEN_SLOTS);
	for (; used + 11 <= sizeof text; used += 11) {
		int len = snprintf(text + used, 8, "%x", n);

		assert_int_equal(seen_add(&names, n & 1, text + used, (uint32_t)len), 1);
		n++;
	}
	assert_true(n > 87380);
	for (uint32_t at = 1, i = 0; i < n; at += 11, i++)
		assert_int_equal(
			seen_add(&names, i & 1, text + at, (uint32_t)strlen(text + at)), 0);
}

static void names_table_grows_with_the_document(void **state)
{
	(void)state;
	for (uint32_t len = 1; len <= VST_DOC_MAX; len += len / 7 + 1) {
		seen_init(&names, "", len);
		assert_true(names.n_slots > len / 11);
		assert_true(names.n_slots <= 16 || names.n_slots <= 2 * (len / 11 + 2));
		assert_int_equal(names.n_slots & (names.n_slots - 1), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_find),
		cmocka_unit_test(names_of_both_kinds),
		cmocka_unit_test(names_hold_a_document),
		cmocka_unit_test(names_table_grows_with_the_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
