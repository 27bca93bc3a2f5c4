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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/name.h"
#include "ipc/wire.h"
#include "privileged/validate.h"

/* A run of messages in the making: what each byte is, beside the bytes. */
enum byte_class {
	FIXED, /* every other value breaks the protocol */
	TEXT,  /* of a string: another value may be another good string */
	FREE,  /* a number that may be another one */
};

#define MSGS_MAX 40
#define MSG_LEN_MAX 6000

struct run {
	unsigned n;
	struct {
		size_t len;
		unsigned char bytes[MSG_LEN_MAX];
		unsigned char class[MSG_LEN_MAX];
	} msgs[MSGS_MAX];
};

static struct run made, mutant;
static struct request request;
static struct findings findings;
static struct vst_err err;
static unsigned char *memory;

static void put(enum byte_class class, const void *bytes, size_t len)
{
	size_t *at = &made.msgs[made.n - 1].len;

	assert_true(*at + len <= MSG_LEN_MAX);
	memcpy(made.msgs[made.n - 1].bytes + *at, bytes, len);
	memset(made.msgs[made.n - 1].class + *at, (int)class, len);
	*at += len;
}

static void put_number(enum byte_class class, uint32_t value, size_t len)
{
	for (size_t i = 0; i < len; i++, value >>= 8)
		put(class, &(unsigned char){(unsigned char)value}, 1);
}

static void put_string(const char *s)
{
	put_number(FIXED, (uint32_t)strlen(s), 2);
	put(TEXT, s, strlen(s));
	put_number(FIXED, 0, 1);
}

static void open_msg(unsigned type, unsigned count)
{
	assert_true(made.n < MSGS_MAX);
	made.msgs[made.n++].len = 0;
	put_number(FIXED, type, 1);
	put_number(FIXED, 0, 1);
	put_number(FIXED, count, 2);
}

static void put_hello(uint32_t magic, unsigned version, unsigned schema)
{
	open_msg(VST_WIRE_HELLO, 0);
	put_number(FIXED, magic, 4);
	put_number(FIXED, version, 2);
	put_number(FIXED, schema, 2);
}

static void start(void)
{
	made.n = 0;
	put_hello(VST_WIRE_MAGIC, VST_WIRE_VERSION, VST_SCHEMA_RUNTIME);
}

static void put_end(uint32_t ops, uint32_t warnings)
{
	open_msg(VST_WIRE_END, 0);
	put_number(FIXED, ops, 4);
	put_number(FIXED, warnings, 4);
}

static void put_mkdir(const char *path)
{
	put_number(FREE, VST_OP_MKDIR, 1); /* MKDIR and BIND_NS have the same shape */
	put_number(FIXED, 0, 1);
	put_string(path);
}

static void put_link(unsigned flags, const char *name, const char *add, const char *peer)
{
	put_number(FIXED, VST_OP_LINK, 1);
	put_number(FREE, flags, 1);
	put_string(name);
	put_string(add);
	put_string(peer);
}

static void put_ns(unsigned ns, const char *path)
{
	put_number(FREE, VST_OP_BIND_NS, 1);
	put_number(FREE, ns, 1);
	put_string(path);
}

static void put_finding(unsigned type, struct vst_finding f)
{
	open_msg(type, 0);
	put_number(FIXED, f.code, 2);
	put_number(FREE, f.place.member, 1);
	put_number(FREE, f.place.field, 1);
	put_number(FREE, f.line, 4);
	put_number(FREE, f.column, 4);
	put_number(FREE, f.place.index, 4);
	put_number(FREE, f.place.sub, 4);
}

static struct vst_finding at(
	unsigned code, unsigned member, uint32_t index, unsigned field, uint32_t sub)
{
	return (struct vst_finding){.code = (uint16_t)code,
		.line = 3,
		.column = 14,
		.place = {(uint8_t)member, (uint8_t)field, index, sub}};
}

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

/* Judges the run from memory of exactly its length. */
static int judge(const struct run *run)
{
	size_t len = 0, used = 0;
	struct wire_msg msg = {.n_messages = run->n};

	free(memory);
	for (unsigned i = 0; i < run->n; i++)
		len += sizeof(uint32_t) + run->msgs[i].len;
	memory = malloc(len ? len : 1);
	for (unsigned i = 0; i < run->n; i++) {
		uint32_t n = (uint32_t)run->msgs[i].len;

		memcpy(memory + used, &n, sizeof n);
		memcpy(memory + used + sizeof n, run->msgs[i].bytes, n);
		used += sizeof n + n;
	}
	msg.bytes = memory;
	msg.len = len;
	memset(&err, 0, sizeof err);
	return validate(&msg, &request, &findings, &err);
}

static void accepted(void)
{
	if (judge(&made) < 0)
		fail_msg("refused: %s", err.text);
}

static void refused(enum vst_exit exit, const char *text)
{
	assert_int_equal(judge(&made), -1);
	if (err.exit != exit || !strstr(err.text, text))
		fail_msg("wanted %d \"%s\", got %d \"%s\"", exit, text, err.exit, err.text);
}

/* An accepted request says byte for byte what the run's operations say, and each is good. */
static void assert_same_meaning(const struct run *run)
{
	struct request_op op;
	size_t cursor = 0, from = 1;
	uint32_t n = 0;

	for (unsigned i = 0; i < run->n; i++) {
		if (run->msgs[i].bytes[0] != VST_WIRE_OPS)
			continue;
		assert_true(from + run->msgs[i].len - VST_WIRE_HEAD_LEN <= request.len);
		assert_memory_equal(request.bytes + from,
			run->msgs[i].bytes + VST_WIRE_HEAD_LEN,
			run->msgs[i].len - VST_WIRE_HEAD_LEN);
		from += run->msgs[i].len - VST_WIRE_HEAD_LEN;
	}
	assert_int_equal(from, request.len);
	assert_int_equal(request.bytes[0], 0);
	while (request_next(&request, &cursor, &op)) {
		const char *s = (const char *)request.bytes + op.str[0].off;

		n++;
		assert_int_equal(strlen(s), op.str[0].len);
		if (op.kind == VST_OP_LINK) {
			assert_int_equal(vst_ifname_check(s, op.str[0].len), VST_DOC_OK);
		} else {
			assert_int_equal(s[0], '/');
			assert_true(vst_path_is_canonical(s, op.str[0].len));
			assert_true(
				op.kind == VST_OP_MKDIR ? op.arg == 0 : op.arg < VST_NS_COUNT);
		}
	}
	assert_int_equal(n, request.n_ops);
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

/* --- mutation ------------------------------------------------------------------------- */

static void every_bit(void **state)
{
	unsigned n_refused = 0, n_accepted = 0;

	(void)state;
	golden();
	for (unsigned m = 0; m < made.n; m++)
		for (size_t i = 0; i < made.msgs[m].len; i++)
			for (int bit = 0; bit < 8; bit++) {
				mutant = made;
				mutant.msgs[m].bytes[i] ^= (unsigned char)(1 << bit);
				if (judge(&mutant) < 0) {
					n_refused++;
					assert_true(err.text[0] && err.exit != VST_EXIT_OK);
					continue;
				}
				if (made.msgs[m].class[i] == FIXED)
					fail_msg("accepted: message %u, byte %zu, bit %d", m, i,
						bit);
				assert_same_meaning(&mutant);
				n_accepted++;
			}
	/* Both happen, so that neither branch is dead. */
	assert_true(n_refused > 1000);
	assert_true(n_accepted > 100);
}

static void every_length(void **state)
{
	(void)state;
	golden();
	for (unsigned m = 0; m < made.n; m++)
		for (size_t i = 0; i <= made.msgs[m].len; i++) {
			if (i < made.msgs[m].len) {
				mutant = made;
				mutant.msgs[m].len = i;
				assert_int_equal(judge(&mutant), -1);
			}
			for (int byte = 0; byte < 256; byte++) {
				unsigned char *p = mutant.msgs[m].bytes;

				mutant = made;
				memmove(p + i + 1, p + i, made.msgs[m].len - i);
				p[i] = (unsigned char)byte;
				mutant.msgs[m].len++;
				if (judge(&mutant) == 0)
					fail_msg("accepted: message %u, byte %d before %zu", m,
						byte, i);
			}
		}
}

static void every_message(void **state)
{
	(void)state;
	golden();
	for (unsigned m = 0; m < made.n; m++) {
		mutant = made; /* left out */
		memmove(&mutant.msgs[m], &made.msgs[m + 1],
			(made.n - m - 1) * sizeof made.msgs[0]);
		mutant.n--;
		assert_int_equal(judge(&mutant), -1);
		mutant = made; /* twice */
		memmove(&mutant.msgs[m + 1], &made.msgs[m], (made.n - m) * sizeof made.msgs[0]);
		mutant.n++;
		assert_int_equal(judge(&mutant), -1);
		for (unsigned o = m + 1; o < made.n; o++) { /* two change places */
			int may = m > 0 && o < made.n - 1;

			mutant = made;
			mutant.msgs[m] = made.msgs[o];
			mutant.msgs[o] = made.msgs[m];
			if (judge(&mutant) == 0) {
				assert_true(may);
				assert_same_meaning(&mutant);
			}
		}
	}
	mutant.n = 0;
	assert_int_equal(judge(&mutant), -1);
}

/* --- rules ---------------------------------------------------------------------------- */

#define BROKEN VST_EXIT_INVALID, "the parser broke the protocol: "

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
	struct vst_finding finding = at(VST_DOC_TYPE, 0, VST_NO_INDEX, 0, VST_NO_INDEX);

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
	refuse_link(2, "eth0", "", "", "flags");
	refuse_link(0, "", "", "", "its name");
	refuse_link(0, "eth%d", "", "", "its name");
	refuse_link(0, "all", "", "", "its name");
	refuse_link(0, "sixteen-bytes-xx", "", "", "strings");
	refuse_link(0, "eth0", "Veth", "", "its kind");
	refuse_link(0, "eth0", "thirty-two-bytes-thirty-two-byte", "", "strings");
	refuse_link(0, "eth0", "veth", "../x", "its peer");
	refuse_link(0, "eth0", "", "a/b", "its peer");
	refuse_link(0, "eth0", "veth", "", "a veth without a peer");
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
	put_mkdir("etc/x");
	put_end(1, 0);
	refused(VST_EXIT_UNSUPPORTED, "mkdir 'etc/x': ");
	assert_int_equal(err.op, 0);
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
	memcpy(end + 4, &n_ops, 4);
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
			continue;
		start();
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
	refuse_document(at(VST_DOC_TYPE, VST_MEMBER_MOUNTS, 0, VST_FIELD_OPTIONS, 3),
		VST_EXIT_INVALID, "runtime.json:3:14: mounts[0].options[3] has the wrong type");
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
	struct vst_finding finding = at(VST_DOC_TYPE, 0, NO, 0, NO);

	(void)state;
	refuse_finding(at(VST_DOC_OK, 0, NO, 0, NO));
	refuse_finding(at(VST_DOC_COUNT, 0, NO, 0, NO));
	refuse_finding(at(0xffff, 0, NO, 0, NO));
	refuse_finding(at(VST_DOC_TYPE, VST_MEMBER_COUNT, NO, 0, NO));
	refuse_finding(at(VST_DOC_TYPE, 255, NO, 0, NO));
	refuse_finding(at(VST_DOC_TYPE, VST_MEMBER_MOUNTS, 0, VST_FIELD_COUNT, NO));
	refuse_finding(at(VST_DOC_TYPE, VST_MEMBER_MOUNTS, 0, 255, NO));
	refuse_finding(at(VST_DOC_TYPE, VST_MEMBER_MOUNTS, 0, VST_FIELD_NAME, NO));
	refuse_finding(at(VST_DOC_TYPE, VST_MEMBER_MOUNTS, NO, VST_FIELD_TYPE, NO));
	refuse_finding(at(VST_DOC_TYPE, VST_MEMBER_BIND_NS, 0, VST_FIELD_NET, NO));
	refuse_finding(at(VST_DOC_TYPE, VST_MEMBER_NONE, 0, 0, NO));
	refuse_finding(at(VST_DOC_TYPE, VST_MEMBER_NONE, NO, VST_FIELD_NET, NO));
	refuse_finding(at(VST_DOC_TYPE, VST_MEMBER_MKDIR, 0, 0, 1));
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
