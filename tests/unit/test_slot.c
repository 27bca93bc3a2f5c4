/* SPDX-License-Identifier: Apache-2.0 */
/* Names and groups of host ends: one name for each uid and slot, and none but those. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ipc/limits.h"
#include "policy/slot.h"

static void assert_name(uint32_t uid, uint32_t slot, const char *wanted)
{
	uint32_t got_uid = ~uid, got_slot = ~slot;
	char name[16];

	memset(name, 'x', sizeof name);
	slot_name(name, uid, slot);
	assert_string_equal(name, wanted);
	assert_int_equal(slot_parse(name, &got_uid, &got_slot), 1);
	assert_int_equal(got_uid, uid);
	assert_int_equal(got_slot, slot);
}

static void test_name(void **state)
{
	(void)state;
	assert_name(1000, 3, "vsrs_3");
	assert_name(0, 0, "vs0_0");
	assert_name(35, 35, "vsz_z");
	assert_name(36, 36, "vs10_10");
	assert_name(UINT32_MAX, VST_POLICY_COUNT_MAX - 1, "vs1z141z3_rq");
}

static void test_not_a_name(void **state)
{
	static const char *const names[] = {"", "v", "vs", "vs_", "vs_0", "vsrs", "vsrs_",
		"vsrs3", "xsrs_3", "vxrs_3", "vsrs_3 ", "vsrs_3_", "vsrs__3", "vs0rs_3",
		"vsrs_03", "vs00_0", "vsRS_3", "vsrs_-1", "vsrs_rr", "vsrs_100", "vs1z141z4_0",
		"vszzzzzzz_0", "vs00000001_0", "vs+1_0", "VSrs_3"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		uint32_t uid = 7, slot = 8;

		if (slot_parse(names[i], &uid, &slot) != 0)
			fail_msg("%s", names[i]);
		assert_int_equal(uid, 7);
		assert_int_equal(slot, 8);
	}
}

static void test_group(void **state)
{
	static const uint64_t begun[] = {
		0, 1, 59, 60, 61, 0xffffff, 0x1000000, 0x1000001, 0x2abcdef};

	(void)state;
	assert_int_equal(slot_making(0), 0x76000000);
	assert_int_equal(slot_making(0x2abcdef), 0x76abcdef);
	for (size_t i = 0; i < sizeof begun / sizeof begun[0]; i++) {
		uint32_t group = slot_making(begun[i]);

		assert_int_equal(slot_state(group, begun[i]), SLOT_MAKING);
		assert_int_equal(slot_state(group, begun[i] + SLOT_MAKING_S), SLOT_MAKING);
		assert_int_equal(slot_state(group, begun[i] + SLOT_MAKING_S + 1), SLOT_LEFT);
		assert_int_equal(slot_state(group, begun[i] + 0xffffff), SLOT_LEFT);
	}
	assert_int_equal(slot_state(SLOT_GROUP, 5), SLOT_COMPLETE);
	assert_int_equal(slot_state(0, 5), SLOT_OTHERS);
	assert_int_equal(slot_state(SLOT_GROUP + 1, 5), SLOT_OTHERS);
	assert_int_equal(slot_state(0x75000005, 5), SLOT_OTHERS);
	assert_int_equal(slot_state(0x77000005, 5), SLOT_OTHERS);
	assert_int_equal(slot_state(0xf6000005, 5), SLOT_OTHERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_not_a_name),
		cmocka_unit_test(test_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
