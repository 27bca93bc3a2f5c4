/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parser said, judged. Good plans are read back; each rule has a message that breaks
 * it alone; and one good run is mutated: every bit, every truncation, every insertion, every
 * message left out, doubled and moved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire_run.h"

static void golden(void)
{
	start();
	open_msg(VST_WIRE_OPS, 2);
	put_mkdir("/var/lib/a");
	put_mkdir("/var/lib/a"); /* twice is fine for directories */
	put_finding(
		VST_WIRE_WARN, at(VST_DOC_UNKNOWN, VST_MEMBER_INTERFACES, 1, 0, VST_NO_INDEX));
	open_msg(VST_WIRE_OPS, 5);
	put_link(VST_LINK_CREATE_IN_ROOT, "wg0", "wireguard", "");
	put_link(0, "eth0", "veth", "peer0");
	put_link(0, "peer0", "", "eth0"); /* a name may be another's peer: they live apart */
	put_link(0, "eth1", "", "");
	put_ns(VST_NS_IPC, "/run/ns/i");
	open_msg(VST_WIRE_OPS, 1);
	put_ns(VST_NS_NET, "/run/ns/n");
	put_end(8, 1);
}

static void good_run(void **state)
{
	struct request_op op;
	size_t cursor = 0;

	(void)state;
	golden();
	accepted();
	assert_same_meaning(&made);
	assert_int_equal(request.n_ops, 8);
	assert_int_equal(findings.n_warnings, 1);
	assert_int_equal(findings.warnings[0].line, 3);
	assert_int_equal(findings.warnings[0].place.index, 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(request_next(&request, &cursor, &op), 1);
	assert_int_equal(op.kind, VST_OP_LINK);
	assert_string_equal((const char *)request.bytes + op.str[0].off, "eth0");
	assert_string_equal((const char *)request.bytes + op.str[1].off, "veth");
	assert_string_equal((const char *)request.bytes + op.str[2].off, "peer0");
	start();
	put_end(0, 0);
	accepted();
	assert_int_equal(request.n_ops, 0);
	assert_int_equal(request.len, 1);
}

static void every_bit(void **state)
{
	(void)state;
	golden();
	flip_every_bit();
}

static void every_length(void **state)
{
	(void)state;
	golden();
	change_every_length();
}

static void every_message(void **state)
{
	(void)state;
	golden();
	move_every_message();
}

/* --- rules ---------------------------------------------------------------------------- */

static void greeting(void **state)
{
	(void)state;
	made.n = 0;
	put_hello(VST_WIRE_MAGIC, VST_WIRE_VERSION + 1, VST_SCHEMA_RUNTIME);
	put_end(0, 0);
	refused(BROKEN "a greeting of another version");
	made.n = 0;
	put_hello(VST_WIRE_MAGIC, VST_WIRE_VERSION, 0);
	put_end(0, 0);
	refused(BROKEN "a greeting of another version");
	made.n = 0;
	put_hello(0, VST_WIRE_VERSION, VST_SCHEMA_RUNTIME);
	put_end(0, 0);
	refused(BROKEN "a greeting that means nothing");
}

static void order(void **state)
{
	struct vst_finding finding = at(VST_DOC_TYPE_STRING, 0, VST_NO_INDEX, 0, VST_NO_INDEX);

	(void)state;
	start();
	open_msg(VST_WIRE_OPS, 0);
	put_end(0, 0);
	refused(BROKEN "a message of no operations");
	start();
	put_finding(VST_WIRE_FAIL, finding);
	put_end(0, 0);
	refused(BROKEN "a message after its failure");
	start();
	put_finding(VST_WIRE_FAIL, finding);
	put_number(FIXED, 0, 1);
	refused(BROKEN "a failure that means nothing");
	start();
	open_msg(VST_WIRE_FAIL + 1, 0);
	put_end(0, 0);
	refused(BROKEN "a message of an unknown type");
}

static void refuse_link(
	unsigned flags, const char *name, const char *add, const char *peer, const char *text)
{
	start();
	open_msg(VST_WIRE_OPS, 2);
	put_link(0, "taken", "veth", "taken-peer");
	put_link(flags, name, add, peer);
	put_end(2, 0);
	refused(BROKEN "operation 1: ");
	assert_int_equal(err.op, 1);
	if (!strstr(err.text, text))
		fail_msg("wanted \"%s\", got \"%s\"", text, err.text);
}

static void links(void **state)
{
	(void)state;
	refuse_link(4, "eth0", "", "", "flags");
	refuse_link(VST_LINK_SET, "eth0", "", "", "its settings are none");
	refuse_link(0, "", "", "", "its name");
	refuse_link(0, "eth%d", "", "", "its name");
	refuse_link(0, "all", "", "", "its name");
	refuse_link(0, "sixteen-bytes-xx", "", "", "strings");
	refuse_link(0, "eth0", "Veth", "", "its kind");
	refuse_link(0, "eth0", "thirty-two-bytes-thirty-two-byte", "", "strings");
	refuse_link(0, "eth0", "veth", "../x", "its peer");
	refuse_link(0, "eth0", "", "a/b", "its peer");
	refuse_link(0, "eth0", "bridge", "p", "a peer of what is no veth");
	refuse_link(0, "eth0", "veth", "eth0", "a peer with the interface's own name");
	refuse_link(0, "eth0", "", "eth0", "a peer with the interface's own name");
	refuse_link(0, "taken", "", "", "a name twice");
	refuse_link(0, "eth0", "", "taken-peer", "a peer twice");
}

static void refuse_path(const char *path, const char *text)
{
	start();
	open_msg(VST_WIRE_OPS, 1);
	put_mkdir(path);
	put_end(1, 0);
	refused(BROKEN "operation 0: ");
	assert_non_null(strstr(err.text, text));
	start();
	open_msg(VST_WIRE_OPS, 1);
	put_ns(VST_NS_NET, path);
	put_end(1, 0);
	refused(BROKEN "operation 0: ");
	assert_non_null(strstr(err.text, text));
}

static void paths(void **state)
{
	char longest[VST_PATH_MAX + 2];

	(void)state;
	memset(longest, 'a', sizeof longest);
	for (size_t i = 0; i < sizeof longest; i += 100)
		longest[i] = '/';
	longest[VST_PATH_MAX + 1] = '\0';
	refuse_path("", "not canonical");
	refuse_path("/a/", "not canonical");
	refuse_path("//a", "not canonical");
	refuse_path("/a/./b", "not canonical");
	refuse_path("/a/../b", "not canonical");
	refuse_path("/a\nb", "not canonical");
	refuse_path(longest, "not a string");
	longest[VST_PATH_MAX] = '\0';
	start();
	open_msg(VST_WIRE_OPS, 1);
	put_mkdir(longest);
	put_end(1, 0);
	accepted();
	start();
	open_msg(VST_WIRE_OPS, 1);
	put_mkdir("etc/x"); /* beneath rootfs */
	put_end(1, 0);
	accepted();
}

static void namespaces(void **state)
{
	(void)state;
	start();
	open_msg(VST_WIRE_OPS, VST_NS_COUNT);
	for (unsigned ns = 0; ns < VST_NS_COUNT; ns++)
		put_ns(ns, (const char *[]){"/0", "/1", "/2", "/3", "/4", "/5", "/6"}[ns]);
	put_end(VST_NS_COUNT, 0);
	accepted();
	start();
	open_msg(VST_WIRE_OPS, 2);
	put_ns(VST_NS_NET, "/a");
	put_ns(VST_NS_NET, "/b");
	put_end(2, 0);
	refused(BROKEN "operation 1: its namespace is unknown or out of order");
	start();
	open_msg(VST_WIRE_OPS, 1);
	put_ns(VST_NS_COUNT, "/a");
	put_end(1, 0);
	refused(BROKEN "operation 0: its namespace is unknown or out of order");
	start();
	open_msg(VST_WIRE_OPS, 2);
	put_ns(VST_NS_IPC, "/a");
	put_ns(VST_NS_NET, "/a");
	put_end(2, 0);
	refused(BROKEN "operation 1: a path twice");
	start();
	open_msg(VST_WIRE_OPS, 1);
	put_ns(VST_NS_NET, "run/a");
	put_end(1, 0);
	refused(BROKEN "operation 0: its path is not absolute");
}

/* 65,536 operations, and one more. The run is made directly: it is larger than struct run. */
static int many_ops(uint32_t n_ops)
{
	static const unsigned char op[] = {VST_OP_MKDIR, 0, 2, 0, '/', 'a', 0};
	enum { BATCH = 8192 };
	static unsigned char bytes[VST_WIRE_MAX];
	unsigned char head[4] = {VST_WIRE_HELLO, 0, 0, 0}, end[12] = {VST_WIRE_END, 0, 0, 0};
	struct wire_msg msg = {.bytes = bytes, .n_messages = 2};
	size_t used = 0;
	uint32_t len = VST_WIRE_HELLO_LEN;

	memcpy(bytes, &len, 4);
	memcpy(bytes + 4, head, 4);
	memcpy(bytes + 8, "vstb", 4);
	memcpy(bytes + 12, (unsigned char[]){VST_WIRE_VERSION, 0, VST_SCHEMA_RUNTIME, 0}, 4);
	used = 16;
	for (uint32_t left = n_ops; left > 0;) {
		uint32_t batch = left < BATCH ? left : BATCH;

		len = 4 + batch * (uint32_t)sizeof op;
		memcpy(bytes + used, &len, 4);
		memcpy(bytes + used + 4,
			(unsigned char[]){VST_WIRE_OPS, 0, (unsigned char)batch,
				(unsigned char)(batch >> 8)},
			4);
		used += 8;
		for (uint32_t i = 0; i < batch; i++, used += sizeof op)
			memcpy(bytes + used, op, sizeof op);
		left -= batch;
		msg.n_messages++;
	}
	len = sizeof end;
	for (int i = 0; i < 4; i++)
		end[4 + i] = (unsigned char)(n_ops >> 8 * i);
	memcpy(bytes + used, &len, 4);
	memcpy(bytes + used + 4, end, sizeof end);
	msg.len = used + 4 + sizeof end;
	return validate(&msg, &request, &findings, &err);
}

static void budget(void **state)
{
	(void)state;
	assert_int_equal(many_ops(VST_OPS_MAX), 0);
	assert_int_equal(request.n_ops, VST_OPS_MAX);
	assert_int_equal(many_ops(VST_OPS_MAX + 1), -1);
	assert_non_null(strstr(err.text, "too many operations"));
}

static void warnings(void **state)
{
	(void)state;
	start();
	for (int i = 0; i < VST_WARN_MAX; i++)
		put_finding(
			VST_WIRE_WARN, at(VST_DOC_UNKNOWN, 0, VST_NO_INDEX, 0, VST_NO_INDEX));
	put_end(0, VST_WARN_MAX);
	accepted();
	assert_int_equal(findings.n_warnings, VST_WARN_MAX);
	made.n--;
	put_finding(VST_WIRE_WARN, at(VST_DOC_UNKNOWN, 0, VST_NO_INDEX, 0, VST_NO_INDEX));
	put_end(0, VST_WARN_MAX + 1);
	refused(BROKEN "too many warnings");
	for (unsigned code = 0; code <= VST_DOC_COUNT; code++) {
		if (code == VST_DOC_UNKNOWN)
			continue; /* UNKNOWN_NEAR too: it has the place of a member */
		start();          /* BIND_IGNORED too: it has the place of an option */
		put_finding(VST_WIRE_WARN, at(code, 0, VST_NO_INDEX, 0, VST_NO_INDEX));
		put_end(0, 1);
		refused(BROKEN "a warning that means nothing");
	}
}

static void refuse_document(struct vst_finding finding, enum vst_exit exit, const char *text)
{
	start();
	put_finding(VST_WIRE_FAIL, finding);
	assert_int_equal(judge(&made), -1);
	assert_int_equal(err.exit, exit);
	assert_string_equal(err.text, text);
}

#define NO VST_NO_INDEX

static void failures(void **state)
{
	(void)state;
	refuse_document(at(VST_DOC_EMPTY, VST_MEMBER_INTERFACES, 2, VST_FIELD_NAME, NO),
		VST_EXIT_INVALID,
		"runtime.json:3:14: interfaces[2].name is an empty string, which is not "
		"allowed "
		"here");
	refuse_document(at(VST_DOC_TYPE_STRING, VST_MEMBER_MOUNTS, 0, VST_FIELD_OPTIONS, 3),
		VST_EXIT_INVALID, "runtime.json:3:14: mounts[0].options[3] must be a string");
	refuse_document(at(VST_DOC_TYPE_STRINGS, VST_MEMBER_MKDIR, NO, 0, NO), VST_EXIT_INVALID,
		"runtime.json:3:14: mkdir must be a list of strings");
	refuse_document(at(VST_DOC_JSON_COMMA_LIST, 0, NO, 0, NO), VST_EXIT_INVALID,
		"runtime.json:3:14: the document has a comma before ']'; remove that comma");
	refuse_document(at(VST_DOC_LETTER_CASE, VST_MEMBER_BIND_NS, NO, 0, NO),
		VST_EXIT_INVALID,
		"runtime.json:3:14: a member of the document differs in letter case only from "
		"one that is known; write it 'bindNS'");
	refuse_document(
		at(VST_DOC_LETTER_CASE, VST_MEMBER_INTERFACES, 7, VST_FIELD_CREATE_IN_ROOT, NO),
		VST_EXIT_INVALID,
		"runtime.json:3:14: a member of interfaces[7] differs in letter case only from "
		"one that is known; write it 'createInRoot'");
	refuse_document(at(VST_DOC_UNKNOWN_NEAR, VST_MEMBER_BIND_NS, NO, VST_FIELD_NET, NO),
		VST_EXIT_INVALID,
		"runtime.json:3:14: a member of bindNS is not a member that is known; perhaps "
		"it was to be 'net'");
	refuse_document(at(VST_DOC_NOT_ABSOLUTE, VST_MEMBER_BIND_NS, NO, VST_FIELD_NET, NO),
		VST_EXIT_INVALID, "runtime.json:3:14: bindNS.net must be an absolute path");
	refuse_document(at(VST_DOC_DOTDOT, VST_MEMBER_MKDIR, 4, 0, NO), VST_EXIT_INVALID,
		"runtime.json:3:14: mkdir[4] contains '..'; write the path without it");
	refuse_document(at(VST_DOC_SYNTAX, 0, NO, 0, NO), VST_EXIT_INVALID,
		"runtime.json:3:14: the document is not valid JSON here");
	refuse_document(at(VST_DOC_NOT_YET, VST_MEMBER_MOUNTS, NO, 0, NO), VST_EXIT_UNSUPPORTED,
		"runtime.json:3:14: mounts is not supported by this version of vestibule");
	refuse_document(at(VST_DOC_UNKNOWN, VST_MEMBER_INTERFACES, 0, 0, NO), VST_EXIT_INVALID,
		"runtime.json:3:14: a member of interfaces[0] is not a member that is known");
}

static void refuse_finding(struct vst_finding finding)
{
	char text[512] = "untouched";

	start();
	put_finding(VST_WIRE_FAIL, finding);
	refused(BROKEN "a failure that means nothing");
	assert_int_equal(validate_sentence(&finding, text, sizeof text), -1);
	assert_string_equal(text, "untouched");
}

static void meaningless(void **state)
{
	struct vst_finding finding = at(VST_DOC_TYPE_STRING, 0, NO, 0, NO);

	(void)state;
	refuse_finding(at(VST_DOC_OK, 0, NO, 0, NO));
	refuse_finding(at(VST_DOC_COUNT, 0, NO, 0, NO));
	refuse_finding(at(0xffff, 0, NO, 0, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, VST_MEMBER_COUNT, NO, 0, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, 255, NO, 0, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, VST_MEMBER_MOUNTS, 0, VST_FIELD_COUNT, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, VST_MEMBER_MOUNTS, 0, 255, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, VST_MEMBER_MOUNTS, 0, VST_FIELD_NAME, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, VST_MEMBER_MOUNTS, NO, VST_FIELD_TYPE, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, VST_MEMBER_BIND_NS, 0, VST_FIELD_NET, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, VST_MEMBER_NONE, 0, 0, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, VST_MEMBER_NONE, NO, VST_FIELD_NET, NO));
	refuse_finding(at(VST_DOC_TYPE_STRING, VST_MEMBER_MKDIR, 0, 0, 1));
	/* Sentences that end with a member's name, and no member. */
	refuse_finding(at(VST_DOC_LETTER_CASE, 0, NO, 0, NO));
	refuse_finding(at(VST_DOC_LETTER_CASE, VST_MEMBER_INTERFACES, 0, 0, NO));
	refuse_finding(at(VST_DOC_UNKNOWN_NEAR, VST_MEMBER_MOUNTS, 0, VST_FIELD_OPTIONS, 1));
	finding.line = 0;
	refuse_finding(finding);
	finding.line = 1;
	finding.column = 0;
	refuse_finding(finding);
}

/* Every sentence fits its buffer, with the longest place and numbers. */
static void sentences(void **state)
{
	(void)state;
	for (unsigned code = 1; code < VST_DOC_COUNT; code++) {
		struct vst_finding finding = at(code, VST_MEMBER_INTERFACES, UINT32_MAX - 1,
			VST_FIELD_CREATE_IN_ROOT, NO);
		char text[512];

		finding.line = finding.column = UINT32_MAX;
		assert_int_equal(validate_sentence(&finding, text, sizeof text), 0);
		assert_true(strlen(text) < 300);
		refuse_document(finding,
			code == VST_DOC_NOT_YET ? VST_EXIT_UNSUPPORTED : VST_EXIT_INVALID,
			text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_run),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(every_length),
		cmocka_unit_test(every_message),
		cmocka_unit_test(greeting),
		cmocka_unit_test(order),
		cmocka_unit_test(links),
		cmocka_unit_test(paths),
		cmocka_unit_test(namespaces),
		cmocka_unit_test(budget),
		cmocka_unit_test(warnings),
		cmocka_unit_test(failures),
		cmocka_unit_test(meaningless),
		cmocka_unit_test(sentences),
	};

	return cmocka_run_group_tests_name("validate", tests, NULL, NULL);
}
