/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of interfaces: small ones while one is free, and which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "privileged/link/link_id.h"

static const struct nl_numbers *const nowhere[2] = {NULL, NULL};

static void take(struct nl_numbers *numbers, uint32_t n)
{
	numbers->taken[n / 8] |= (unsigned char)(1U << n % 8);
}

static void give(struct nl_numbers *numbers, uint32_t n)
{
	numbers->taken[n / 8] &= (unsigned char)~(1U << n % 8);
}

static int is_small(uint32_t n)
{
	return n >= LINK_NUMBER_MIN && n <= LINK_NUMBER_MAX;
}

static void drawn(void **state)
{
	uint32_t least = UINT32_MAX, greatest = 0;
	struct link_id id;
	struct vst_err err;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		assert_int_equal(link_id_draw(&id, &err), 0);
		for (int end = 0; end < 2; end++) {
			least = id.ifindex[end] < least ? id.ifindex[end] : least;
			greatest = id.ifindex[end] > greatest ? id.ifindex[end] : greatest;
			assert_int_equal(id.mac[end][0] & 3, 2);
		}
	}
	assert_true(is_small(least) && is_small(greatest));
	/* All of the range: 40,000 draws leave a twentieth at either end out once in 10^890. */
	assert_true(least < 2600 && greatest > 31000);
}

static void taken(void **state)
{
	static struct nl_numbers here, there, full;
	const struct nl_numbers *in_here[2] = {&here, &here}, *in_there[2] = {&there, NULL};
	struct link_id id = {.cookie = 7, .ifindex = {2000, 2000}};

	(void)state;
	link_id_avoid(&id, nowhere, nowhere);
	assert_int_equal(id.ifindex[0], 2000);
	/* Not the other end's. */
	assert_int_equal(id.ifindex[1], 2001);
	take(&here, 2000);
	take(&there, 2001);
	take(&there, 2002);
	link_id_avoid(&id, in_here, in_there);
	assert_int_equal(id.ifindex[0], 2003);
	assert_int_equal(id.ifindex[1], 2001);
	/* The last that is left is found, wherever the search begins. */
	memset(&full, 0xff, sizeof full);
	in_here[0] = in_here[1] = &full;
	for (uint32_t left = LINK_NUMBER_MIN; left <= LINK_NUMBER_MAX; left += 31767 / 5) {
		give(&full, left);
		id.ifindex[0] = 30000;
		link_id_avoid(&id, in_here, in_there);
		take(&full, left);
		assert_int_equal(id.ifindex[0], left);
		/* And for the other one there is none: far above. */
		assert_true(id.ifindex[1] >= 1U << 20 && id.ifindex[1] < 1U << 30);
	}
	/* The two are not the same there, either: they are drawn with the cookie. */
	id.cookie = 0x1111111122222222;
	link_id_avoid(&id, in_here, in_there);
	assert_false(is_small(id.ifindex[0]) || is_small(id.ifindex[1]));
	assert_int_not_equal(id.ifindex[0], id.ifindex[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drawn),
		cmocka_unit_test(taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
