/* SPDX-License-Identifier: Apache-2.0 */
/* Names in /etc/passwd and /etc/group: whole tokens, the first one, and a number that is one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/accounts.h"

static struct accounts_text text_of(const char *bytes)
{
	return (struct accounts_text){bytes, strlen(bytes)};
}

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "+nis:x:1:1:::\n"
			     "-nis:x:1:1:::\n"
			     "+::::::\n"
			     "# ci:x:1:1:::\n"
			     "\n"
			     ":x:1:1:::\n"
			     "cicada:x:2:2:::\n"
			     " ci:x:3:3:::\n"
			     "ci:x:1001:100:Ci,,,:/home/ci:/bin/sh\n"
			     "ci:x:0:0:::\n"
			     "big:x:4294967295:1:::\n"
			     "over:x:4294967296:1:::\n"
			     "wide:x:18446744073709551616:1:::\n"
			     "neg:x:-1:1:::\n"
			     "oct:x:010:1:::\n"
			     "none:x::1:::\n"
			     "none:x:7:1:::\n"
			     "short:x:8\n"
			     "x\n"
			     "twin:x:1001:5:::\n"
			     "last:x:1002:1002";

/* -2: malformed; -1: unknown. */
static long uid_of(const char *name)
{
	struct accounts_text text = text_of(passwd);
	struct account account;
	int found = accounts_by_name(&text, name, strlen(name), &account);

	if (found <= 0)
		return found - 1;
	assert_int_equal(account.name_len, strlen(name));
	assert_memory_equal(account.name, name, account.name_len);
	return account.uid;
}

static void test_by_name(void **state)
{
	static const struct {
		const char *name;
		long uid;
	} names[] = {
		{"root", 0},
		{"ci", 1001},
		{"cicada", 2},
		{"cic", -1},
		{"c", -1},
		{"nis", -1},
		{"+nis", -1},
		{"-nis", -1},
		{"+", -1},
		{"# ci", -1},
		{"", -1},
		{"big", -2},
		{"over", -2},
		{"wide", -2},
		{"neg", -2},
		{"oct", -2},
		{"none", -2},
		{"short", -2},
		{"x", -2},
		{"last", 1002},
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (uid_of(names[i].name) != names[i].uid)
			fail_msg("%s: %ld", names[i].name, uid_of(names[i].name));
}

static void test_by_uid(void **state)
{
	struct accounts_text text = text_of(passwd);
	struct account account;

	(void)state;
	assert_int_equal(accounts_by_uid(&text, 1001, &account), 1);
	assert_int_equal(account.gid, 100);
	assert_memory_equal(account.name, "ci", 2);
	assert_int_equal(accounts_by_uid(&text, 1, &account), 0);
	assert_int_equal(accounts_by_uid(&text, UINT32_MAX, &account), 0);
	text = text_of("");
	assert_int_equal(accounts_by_uid(&text, 0, &account), 0);
	text = (struct accounts_text){NULL, 0};
	assert_int_equal(accounts_by_name(&text, "root", 4, &account), 0);
}

static struct rules rules;

/* The account of the first rule, with this text of accounts. */
static enum rule_account set(const char *policy, const char *accounts, int is_group)
{
	struct accounts_text text = text_of(accounts);
	struct vst_err err;

	assert_int_equal(rules_read("FILE", policy, strlen(policy), &rules, &err), 0);
	if (is_group)
		accounts_set_groups(&rules, &text);
	else
		accounts_set_users(&rules, &text);
	return (enum rule_account)rules.rule[0].account;
}

static void test_set(void **state)
{
	static const char user[] =
		"permit user ci veth bridge b\npermit group ci veth bridge b\n"
		"permit uid 5 veth bridge b\n";
	static const char group[] =
		"permit group ci veth bridge b\npermit user ci veth bridge b\n"
		"permit gid 5 veth bridge b\n";

	(void)state;
	for (int is_group = 0; is_group < 2; is_group++) {
		const char *policy = is_group ? group : user;

		assert_int_equal(set(policy, "ci:x:12:9:\nci:x:0:0:\n", is_group), RULE_KNOWN);
		assert_int_equal(rules.rule[0].id, 12);
		/* The other kind of name is not touched, nor what is a number. */
		assert_int_equal(rules.rule[1].account, RULE_UNKNOWN);
		assert_int_equal(rules.rule[2].account, RULE_KNOWN);
		assert_int_equal(rules.rule[2].id, 5);
		assert_int_equal(set(policy, "cix:x:0:0:\nc:x:0:0:\n", is_group), RULE_UNKNOWN);
		assert_int_equal(
			set(policy, "ci:x:y:0:\nci:x:12:0:\n", is_group), RULE_UNUSABLE);
		assert_int_equal(
			set(policy, "+ci:x:12:0:\n+:::\n-ci:x:1:1:\n", is_group), RULE_UNKNOWN);
		assert_int_equal(set(policy, "", is_group), RULE_UNKNOWN);
		assert_int_equal(set(policy, "ci:x:12", is_group), RULE_KNOWN);
	}
}

/* A line as long as a large group's, and a name at its end. */
static void test_long_lines(void **state)
{
	static char text[3 << 20];
	struct account ci = {.uid = 1, .gid = 2, .name = "ci", .name_len = 2};
	struct accounts_text group = {text, 0};
	uint32_t groups[2];
	char *at = text;

	(void)state;
	at += sprintf(at, "many:x:77:");
	while (at < text + (2 << 20))
		at += sprintf(at, "cicada%d,", (int)(at - text));
	at += sprintf(at, "ci\nafter:x:78:cici,cic\n");
	group.len = (size_t)(at - text);
	assert_int_equal(accounts_groups_of(&group, &ci, groups, 2), 2);
	assert_int_equal(groups[0], 2);
	assert_int_equal(groups[1], 77);
}

static void test_groups_of(void **state)
{
	static const char group[] = "own:x:100:\n"
				    "a:x:1:ci\n"
				    "b:x:2:x,ci\n"
				    "c:x:3:ci,x\n"
				    "d:x:4:cic,ic,xci, ci,CI\n"
				    "e:x:5:,,ci,,\n"
				    "f:x:bad:ci\n"
				    "+:x:6:ci\n"
				    "a:x:7:ci\n"
				    "own2:x:100:ci\n"
				    "g:x:8\n"
				    "h:x:9:ci";
	static const uint32_t want[] = {100, 1, 2, 3, 5, 7, 9};
	struct accounts_text text = text_of(group);
	struct account ci = {.uid = 1001, .gid = 100, .name = "ci", .name_len = 2};
	uint32_t groups[16];

	(void)state;
	assert_int_equal(accounts_groups_of(&text, &ci, groups, 16), 7);
	assert_memory_equal(groups, want, sizeof want);
	assert_int_equal(accounts_groups_of(&text, &ci, groups, 7), 7);
	assert_int_equal(accounts_groups_of(&text, &ci, groups, 6), -1);
	assert_int_equal(accounts_groups_of(&text, &ci, groups, 0), -1);
	ci.name = NULL;
	assert_int_equal(accounts_groups_of(&text, &ci, groups, 16), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_by_uid),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_groups_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
