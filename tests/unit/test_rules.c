/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's text: what is taken, and where and how everything else is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ipc/op.h"
#include "policy/rules.h"

static struct rules rules;

/* A copy of exactly that length, so that a sanitizer sees the first byte too many. */
static int read_text(const char *text, size_t len, struct vst_err *err)
{
	static char *copy;

	free(copy);
	copy = malloc(len ? len : 1);
	memcpy(copy, text, len);
	return rules_read("FILE", copy, len, &rules, err);
}

static void good(const char *text, unsigned n)
{
	struct vst_err err;

	if (read_text(text, strlen(text), &err) < 0)
		fail_msg("'%s': %s", text, err.text);
	assert_int_equal(rules.n, n);
}

/* Refused with exactly this place, and these words. */
static void bad_bytes(const char *text, size_t len, const char *place, const char *words)
{
	char start[64];
	struct vst_err err;

	if (read_text(text, len, &err) == 0)
		fail_msg("'%s' was taken", text);
	assert_int_equal(err.exit, VST_EXIT_INVALID);
	assert_int_equal(rules.n, 0);
	snprintf(start, sizeof start, "FILE:%s: ", place);
	if (strncmp(err.text, start, strlen(start)) != 0 || !strstr(err.text, words))
		fail_msg("'%s': wanted '%s' and '%s' in: %s", text, start, words, err.text);
}

static void bad(const char *text, const char *place, const char *words)
{
	bad_bytes(text, strlen(text), place, words);
}

static int span_is(const struct span *span, const char *text)
{
	return span->len == strlen(text) &&
	       memcmp(rules.text + span->off, text, span->len) == 0;
}

static void test_good(void **state)
{
	const struct rule *rule = rules.rule;

	(void)state;
	good("permit group containers veth bridge br-users count 8            # users\n"
	     "\n"
	     " \t# only a comment\n"
	     "\tpermit  user ci\tns net,user beneath /srv/ci/ns count 64\n"
	     "permit uid 1000 ns cgroup,ipc,net,pid,user,uts beneath /\n"
	     "permit gid 4294967294 veth bridge b shared total 1023 count 999\n"
	     "permit user DOM.x_y@z$ veth bridge br-users total 1 # more\n",
		5);
	assert_int_equal(rule[0].line, 1);
	assert_int_equal(rule[0].who, RULE_GROUP);
	assert_int_equal(rule[0].account, RULE_UNKNOWN);
	assert_true(span_is(&rule[0].account_name, "containers"));
	assert_int_equal(rule[0].grant, RULE_VETH);
	assert_true(span_is(&rule[0].place, "br-users"));
	assert_int_equal(rule[0].count, 8);
	assert_int_equal(rule[0].total, 512);
	assert_int_equal(rule[0].is_shared, 0);
	assert_int_equal(rule[1].line, 4);
	assert_int_equal(rule[1].who, RULE_USER);
	assert_int_equal(rule[1].grant, RULE_NS);
	assert_int_equal(rule[1].namespaces, 1 << VST_NS_NET | 1 << VST_NS_USER);
	assert_true(span_is(&rule[1].place, "/srv/ci/ns"));
	assert_int_equal(rule[1].count, 64);
	assert_int_equal(rule[2].who, RULE_UID);
	assert_int_equal(rule[2].account, RULE_KNOWN);
	assert_int_equal(rule[2].id, 1000);
	assert_int_equal(rule[2].count, 4);
	assert_int_equal(rule[2].namespaces, ((1 << VST_NS_COUNT) - 1) & ~(1 << VST_NS_MNT));
	assert_true(span_is(&rule[2].place, "/"));
	assert_int_equal(rule[3].who, RULE_GID);
	assert_int_equal(rule[3].id, 4294967294u);
	assert_int_equal(rule[3].is_shared, 1);
	assert_int_equal(rule[3].total, 1023);
	assert_int_equal(rule[3].count, 999);
	assert_int_equal(rule[4].total, 1);
	good("", 0);
	good("\n", 0);
	good("#\n", 0);
	good("permit uid 0 veth bridge b\npermit uid 0 veth bridge b\n", 2);
}

static void test_who(void **state)
{
	(void)state;
	bad("permi user ci veth bridge b\n", "1:1", "begins with 'permit'");
	bad("\n  deny user ci veth bridge b\n", "2:3", "begins with 'permit'");
	bad("Permit user ci veth bridge b\n", "1:1", "begins with 'permit'");
	bad("permit\n", "1:7", "user NAME, group NAME");
	bad("permit  # user\n", "1:9", "user NAME, group NAME");
	bad("permit all veth bridge b\n", "1:8", "user NAME, group NAME");
	bad("permit user\n", "1:12", "a name has letters");
	bad("permit user 1000 veth bridge b\n", "1:13", "a number is written with uid");
	bad("permit group +nis veth bridge b\n", "1:14", "does not begin with +");
	bad("permit group -nis veth bridge b\n", "1:14", "does not begin with +");
	bad("permit user a:b veth bridge b\n", "1:13", "a name has letters");
	bad("permit user a,b veth bridge b\n", "1:13", "a name has letters");
	bad("permit user * veth bridge b\n", "1:13", "a name has letters");
	bad("permit uid ci veth bridge b\n", "1:12", "an id is a decimal number");
	bad("permit uid 01 veth bridge b\n", "1:12", "an id is a decimal number");
	bad("permit uid -1 veth bridge b\n", "1:12", "an id is a decimal number");
	bad("permit uid +1 veth bridge b\n", "1:12", "an id is a decimal number");
	bad("permit uid 0x1 veth bridge b\n", "1:12", "an id is a decimal number");
	bad("permit gid 4294967295 veth bridge b\n", "1:12", "an id is a decimal number");
	bad("permit gid 4294967296 veth bridge b\n", "1:12", "an id is a decimal number");
	bad("permit gid 18446744073709551617 veth bridge b\n", "1:12", "an id is a decimal");
}

static void test_ns(void **state)
{
	(void)state;
	bad("permit uid 1\n", "1:13", "ns KINDS beneath PATH, or veth");
	bad("permit uid 1 tmpfs\n", "1:14", "ns KINDS beneath PATH, or veth");
	bad("permit uid 1 ns\n", "1:16", "write kinds of namespaces");
	bad("permit uid 1 ns all beneath /a\n", "1:17", "write kinds of namespaces");
	bad("permit uid 1 ns net,mnt beneath /a\n", "1:21", "never granted");
	bad("permit uid 1 ns net,net beneath /a\n", "1:21", "this kind is there already");
	bad("permit uid 1 ns net, beneath /a\n", "1:21", "with commas and without blanks");
	bad("permit uid 1 ns net,,user beneath /a\n", "1:21", "with commas and without");
	bad("permit uid 1 ns ,net beneath /a\n", "1:17", "with commas and without");
	bad("permit uid 1 ns networ beneath /a\n", "1:17", "write kinds of namespaces");
	bad("permit uid 1 ns net\n", "1:20", "write 'beneath'");
	bad("permit uid 1 ns net /a\n", "1:21", "write 'beneath'");
	bad("permit uid 1 ns net beneath\n", "1:28", "an absolute path");
	bad("permit uid 1 ns net beneath a/b\n", "1:29", "an absolute path");
	bad("permit uid 1 ns net beneath /a/\n", "1:29", "without '.', '..'");
	bad("permit uid 1 ns net beneath //a\n", "1:29", "without '.', '..'");
	bad("permit uid 1 ns net beneath /a/./b\n", "1:29", "without '.', '..'");
	bad("permit uid 1 ns net beneath /a/../b\n", "1:29", "without '.', '..'");
	bad("permit uid 1 ns net beneath /a/%u\n", "1:32", "a path has only letters");
	bad("permit uid 1 ns net beneath /a\\040b\n", "1:31", "a path has only letters");
	bad("permit uid 1 ns net beneath /a total 4\n", "1:32", "belong to bridges");
	bad("permit uid 1 ns net beneath /a shared\n", "1:32", "belong to bridges");
	bad("permit uid 1 ns net beneath /a /b\n", "1:32", "only 'count NUMBER' may follow");
}

static void test_veth_and_options(void **state)
{
	(void)state;
	bad("permit uid 1 veth\n", "1:18", "write 'bridge'");
	bad("permit uid 1 veth br0\n", "1:19", "write 'bridge'");
	bad("permit uid 1 veth bridge\n", "1:25", "write the bridge's name");
	bad("permit uid 1 veth bridge a%d\n", "1:26", "write the bridge's name");
	bad("permit uid 1 veth bridge -a\n", "1:26", "write the bridge's name");
	bad("permit uid 1 veth bridge all\n", "1:26", "write the bridge's name");
	bad("permit uid 1 veth bridge 0123456789abcdef\n", "1:26", "1 to 15");
	bad("permit uid 1 veth bridge b cnt 3\n", "1:28", "only 'shared', 'total");
	bad("permit uid 1 veth bridge b count\n", "1:33", "1 to 999");
	bad("permit uid 1 veth bridge b count 0\n", "1:34", "1 to 999");
	bad("permit uid 1 veth bridge b count 1000\n", "1:34", "1 to 999");
	bad("permit uid 1 veth bridge b count 04\n", "1:34", "1 to 999");
	bad("permit uid 1 veth bridge b count 4k\n", "1:34", "1 to 999");
	bad("permit uid 1 veth bridge b total 1024\n", "1:34", "1 to 1023");
	bad("permit uid 1 veth bridge b total 0\n", "1:34", "1 to 1023");
	bad("permit uid 1 veth bridge b total # 5\n", "1:34", "1 to 1023");
	bad("permit uid 1 veth bridge b count 4 count 4\n", "1:36", "given twice");
	bad("permit uid 1 veth bridge b shared shared\n", "1:35", "given twice");
	bad("permit uid 1 veth bridge b total 4 total 4\n", "1:36", "given twice");
	bad("permit uid 1 veth bridge b count 4 total 4\n", "1:36", "the order is");
	bad("permit uid 1 veth bridge b total 4 shared\n", "1:36", "the order is");
	bad("permit uid 1 veth bridge b#c\n", "1:27", "put one before '#'");
	bad("permit uid 1 veth bridge b shared\n#\npermit uid 2 veth bridge b\n", "3:26",
		"line 1, of the same one, has it");
	bad("permit uid 1 veth bridge b\npermit uid 2 veth bridge bb\n"
	    "permit uid 2 veth bridge b  shared\n",
		"3:26", "line 1, of the same one, does not have it");
}

static void test_bytes(void **state)
{
	char text[] = "# c ?\npermit uid 1 veth bridge b\n";

	(void)state;
	for (int c = 0; c < 256; c++) {
		const char *words = c == 0      ? "NUL"
				    : c == '\r' ? "carriage return"
				    : c < 0x80  ? "control character"
						: "not ASCII";

		text[4] = (char)c;
		if (c == '\n')
			good(text, 1);
		else if (c == '\t' || (c >= 0x20 && c < 0x7f))
			good(text, 1);
		else
			bad_bytes(text, sizeof text - 1, "1:5", words);
	}
	bad("permit uid 1 veth bridge b\r\n", "1:27", "carriage return");
	bad("permit uid 1 veth bridge b", "1:27", "the last line does not end");
	bad("\n# cut", "2:6", "the last line does not end");
	bad("permit uid 1 veth bridge b\n ", "2:2", "the last line does not end");
}

/* Wherever the text is cut, it is refused, or cut between two lines. */
static void test_every_truncation(void **state)
{
	static const char text[] = "permit group g veth bridge b shared total 9 count 8 # c\n"
				   "permit user ci ns net,user beneath /srv/ci/ns count 64\n"
				   "permit uid 1000 ns uts beneath /a\n";
	unsigned lines = 0;

	(void)state;
	for (size_t len = 0; len < sizeof text; len++) {
		struct vst_err err;
		int taken = read_text(text, len, &err) == 0;

		if (len && text[len - 1] == '\n')
			lines++;
		assert_int_equal(taken, len == 0 || text[len - 1] == '\n');
		assert_int_equal(rules.n, taken ? lines : 0);
	}
}

static void test_bounds(void **state)
{
	static char text[VST_POLICY_MAX + 2];
	static const char rule[] = "permit uid 1 veth bridge b\n";
	struct vst_err err;
	size_t len = 0;

	(void)state;
	memset(text, '#', sizeof text);
	text[VST_POLICY_MAX - 1] = '\n';
	assert_int_equal(read_text(text, VST_POLICY_MAX, &err), 0);
	text[VST_POLICY_MAX - 1] = '#';
	text[VST_POLICY_MAX] = '\n';
	assert_int_equal(read_text(text, VST_POLICY_MAX + 1, &err), -1);
	assert_non_null(strstr(err.text, "at most 65536 bytes"));
	for (int i = 0; i < VST_POLICY_LINES_MAX; i++, len += sizeof rule - 1)
		memcpy(text + len, rule, sizeof rule - 1);
	assert_int_equal(read_text(text, len, &err), 0);
	assert_int_equal(rules.n, VST_POLICY_LINES_MAX);
	text[len++] = '\n';
	bad_bytes(text, len, "1025:1", "at most 1024 lines");
	/* A path of 4095 bytes, and of one more; a component of 255, and of one more. */
	len = (size_t)snprintf(text, sizeof text, "permit uid 1 ns net beneath ");
	for (int i = 0; i < 2047; i++, len += 2)
		memcpy(text + len, "/a", 2);
	memcpy(text + len, "b\n", 3);
	good(text, 1);
	memcpy(text + len, "bb\n", 4);
	bad(text, "1:29", "at most 4095 bytes");
	len = (size_t)snprintf(text, sizeof text, "permit uid 1 ns net beneath /%0255d", 0);
	memcpy(text + len, "\n", 2);
	good(text, 1);
	memcpy(text + len, "0\n", 3);
	bad(text, "1:29", "255 a component");
	len = (size_t)snprintf(text, sizeof text, "permit user %0254dx", 0);
	strcpy(text + len, " veth bridge b\n");
	good(text, 1);
	strcpy(text + len, "x veth bridge b\n");
	bad(text, "1:13", "a name has letters");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_ns),
		cmocka_unit_test(test_veth_and_options),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
