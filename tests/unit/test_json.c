/* SPDX-License-Identifier: Apache-2.0 */
/* Documents as text: what is no JSON, how deep and how large they may be, and whole ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/parse.h"

static void syntax(void **state)
{
	(void)state;
	FAILS(" ", "JSON_CUT_OFF 1:2 -");
	FAILS("\n\n", "JSON_CUT_OFF 3:1 -");
	FAILS("{", "JSON_CUT_OFF 1:2 -");
	FAILS("}", "JSON_NONE 1:1 -");
	FAILS("{\n \"mkdir\" [", "JSON_NO_COLON 2:10 -");
	FAILS("{\"mkdir\":[\"/a\",]}", "JSON_COMMA_LIST 1:16 -");
	FAILS("{\"mkdir\":[\"/a\" \"/b\"]}", "JSON_NO_COMMA 1:16 -");
	FAILS("{\"mkdir\":[,\"/a\"]}", "JSON_COMMA_EXTRA 1:11 -");
	FAILS("{\"mkdir\":[],,}", "JSON_COMMA_EXTRA 1:13 -");
	FAILS("{\"mkdir\"::[]}", "SYNTAX 1:10 -");
	FAILS("{\"mkdir\":[\"/a\"", "JSON_CUT_OFF 1:15 -");
	FAILS("{\"mkdir\":[\"/a", "JSON_STRING_OPEN 1:11 -");
	FAILS("{\"mkdir\":[\"/a\\", "JSON_STRING_OPEN 1:11 -");
	FAILS("{\"mkdir\":[\"/a\\q\"]}", "JSON_ESCAPE 1:11 -");
	FAILS("{\"mkdir\":[\"/a\\u12x4\"]}", "JSON_ESCAPE 1:11 -");
	FAILS("{\"mkdir\":[\"/a\tb\"]}", "JSON_CONTROL 1:11 -");
	FAILS("{\"mkdir\":[\"/a\0b\"]}", "JSON_CONTROL 1:11 -");
	FAILS("{\"mkdir\":tru}", "JSON_WORD 1:10 -");
	FAILS("{\"mkdir\":nul", "JSON_WORD 1:10 -");
	FAILS("{\"x\":01}", "JSON_NUMBER 1:7 -");
	FAILS("{\"x\":-}", "JSON_NUMBER 1:6 -");
	FAILS("{\"x\":+1}", "JSON_NUMBER 1:6 -");
	FAILS("{\"x\":1.}", "JSON_NUMBER 1:6 -");
	FAILS("{\"x\":.5}", "JSON_NUMBER 1:6 -");
	FAILS("{\"x\":NaN}", "JSON_WORD 1:6 -");
	FAILS("{'x':1}", "JSON_QUOTES 1:2 -");
	FAILS("{x:1}", "JSON_BARE_NAME 1:2 -");
	FAILS("{1:1}", "JSON_BARE_NAME 1:2 -");
	FAILS("{} // note", "JSON_COMMENT 1:4 -");
	FAILS("/* note */ {}", "JSON_COMMENT 1:1 -");
	FAILS("{/* note */}", "JSON_COMMENT 1:2 -");
	FAILS("\xef\xbb\xbf{}", "JSON_MARK 1:1 -");
	FAILS("\0{}", "JSON_NONE 1:1 -");
	/* yajl takes these for white space. */
	FAILS("{\f}", "JSON_WHITE 1:2 -");
	FAILS("\v{}", "JSON_WHITE 1:1 -");
	FAILS("{\"mkdir\"\v:[]}", "JSON_WHITE 1:9 -");
}

/* The neighbours: what is there stands before and behind, and in lists and objects. */
static void mistakes(void **state)
{
	(void)state;
	FAILS("{\"mkdir\":[],\n}", "JSON_COMMA_OBJECT 2:1 -");
	FAILS("{\"mounts\":[{\"type\":\"t\",}]}", "JSON_COMMA_OBJECT 1:24 -");
	FAILS("{,}", "JSON_COMMA_EXTRA 1:2 -");
	FAILS("{\"mkdir\":[\"/a\",,\"/b\"]}", "JSON_COMMA_EXTRA 1:16 -");
	FAILS("{\"mkdir\":,}", "JSON_NO_VALUE 1:10 -");
	FAILS("{\"mkdir\":}", "JSON_NO_VALUE 1:10 -");
	FAILS("{\"mkdir\"}", "JSON_NO_COLON 1:9 -");
	FAILS("{\"mkdir\",\"x\":1}", "JSON_NO_COLON 1:9 -");
	FAILS("{\"mkdir\":[] \"x\":1}", "JSON_NO_COMMA 1:13 -");
	FAILS("{\"mkdir\":[]\n \"x\":1}", "JSON_NO_COMMA 2:2 -");
	FAILS("{\"mkdir\":[\"/a\" x]}", "JSON_NO_COMMA 1:16 -");
	FAILS("{\"x\":[{\"type\":\"t\"} {}]}", "JSON_NO_COMMA 1:20 -");
	FAILS("{\"mkdir\":[\"/a\"}", "JSON_BRACKET 1:15 -");
	FAILS("{\"mkdir\":[]]", "JSON_BRACKET 1:12 -");
	FAILS("{\"x\":{\"y\":1]}", "JSON_BRACKET 1:12 -");
	FAILS("{\n// what it wants\n\"mkdir\":[]}", "JSON_COMMENT 2:1 -");
	FAILS("{\"mkdir\":[] # no more\n}", "JSON_COMMENT 1:13 -");
	FAILS("{\"mkdir\": /* none */ []}", "JSON_COMMENT 1:11 -");
	FAILS("{\"mkdir\":['/a']}", "JSON_QUOTES 1:11 -");
	FAILS("{\"mkdir\":'/a'}", "JSON_QUOTES 1:10 -");
	FAILS("{mkdir:[]}", "JSON_BARE_NAME 1:2 -");
	FAILS("{\"x\":1,mkdir:[]}", "JSON_BARE_NAME 1:8 -");
	FAILS("{\"mkdir\":[a]}", "JSON_WORD 1:11 -");
	FAILS("{\"x\":True}", "JSON_WORD 1:6 -");
	FAILS("{\"x\":[1,Infinity]}", "JSON_WORD 1:9 -");
	FAILS("{\"x\":0x10}", "JSON_NUMBER 1:7 -");
	FAILS("{\"x\":\"a\nb\"}", "JSON_CONTROL 1:6 -");
	FAILS("{\"mkdir\":[\"/a]}", "JSON_STRING_OPEN 1:11 -");
	FAILS("{\"a\\x\":1}", "JSON_ESCAPE 1:2 -");
	FAILS("mkdir:\n  - /a\n", "JSON_NONE 1:1 -");
	FAILS("---\nmkdir: []\n", "JSON_NONE 1:1 -");
	FAILS("{\"x\":[mounts]}\n", "JSON_WORD 1:7 -");
	FAILS("<mounts/>", "JSON_NONE 1:1 -");
	/* What stands behind the value. */
	FAILS("{} # note", "JSON_COMMENT 1:4 -");
	FAILS("{}\n/* note */", "JSON_COMMENT 2:1 -");
	/* Of text that was decoded in place nothing is taken for the document's own. */
	FAILS("{\"\\u002c\":[]]", "JSON_BRACKET 1:13 -");
	FAILS("{\"x\":\"\\u002c\"]", "JSON_BRACKET 1:14 -");
}

static void trailing(void **state)
{
	(void)state;
	FAILS("{}{}", "TRAILING 1:3 -");
	FAILS("{}\n\n  x", "TRAILING 3:3 -");
	FAILS("null null", "TRAILING 1:6 -");
	FAILS("{},", "TRAILING 1:3 -");
	FAILS("{}]", "TRAILING 1:3 -");
	FAILS("{} \f", "JSON_WHITE 1:4 -");
	FAILS("{}\0", "TRAILING 1:3 -");
}

static void utf8(void **state)
{
	(void)state;
	FAILS("{\"mkdir\":[\"/a\x80\"]}", "UTF8 1:14 -");
	FAILS("{\"mkdir\":[\n\"/a\xff\"]}", "UTF8 2:4 -");
	FAILS("{\"x\":\"\xc3\"}", "UTF8 1:7 -");
	FAILS("{\"x\":\"\xc0\xaf\"}", "UTF8 1:7 -");
	FAILS("{\"x\":\"\xe0\x80\xaf\"}", "UTF8 1:7 -");
	FAILS("{\"x\":\"\xed\xa0\x80\"}", "UTF8 1:7 -");
	FAILS("{\"x\":\"\xf0\x80\x80\x80\"}", "UTF8 1:7 -");
	FAILS("{\"x\":\"\xf4\x90\x80\x80\"}", "UTF8 1:7 -");
	FAILS("{\"x\":\"\xf5\x80\x80\x80\"}", "UTF8 1:7 -");
	FAILS("{}\xe2\x84", "UTF8 1:3 -");
	/* Cut off, where the memory behind it holds the rest of an earlier document. */
	FAILS("{}  \xe2\x84\xaa", "TRAILING 1:5 -");
	FAILS("{}  \xe2\x84", "UTF8 1:5 -");
	FAILS("{}12345678\xe2\x84\xaa\x80", "UTF8 1:14 -");
#define EDGES                                                                                  \
	"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"                     \
	"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"
	SAYS("{\"namespace\":\"" EDGES "\"}", "NAMESPACE " EDGES "\nEND 1 0\n");
}

static void depth(void **state)
{
	static char doc[100001];
	char want[64];

	(void)state;
	memset(doc, '[', 100000);
	fails_n(doc, 100000, "TYPE_OBJECT 1:1 -");
	memcpy(doc, "{\"x\":", 5);
	fails_n(doc, 100000, "DEPTH 1:37 -");
	for (int i = 0; i < 100000; i += 5)
		memcpy(doc + i, "{\"x\":", 5);
	snprintf(want, sizeof want, "DEPTH 1:%d -", 32 * 5 + 1);
	fails_n(doc, 100000, want);
	/* 32 are fine. */
	memcpy(doc, "{\"x\":", 5);
	memset(doc + 5, '[', 31);
	memset(doc + 36, ']', 31);
	doc[67] = '}';
	says_n(doc, 68, 0, "WARN UNKNOWN 1:2 -\nEND 0 1\n");
	FAILS("{\"mounts\":[{\"uidMappings\":[[[[[", "TYPE_OBJECT 1:28 mounts[0].uidMappings");
}

static char big[VST_DOC_MAX + 1];
static size_t big_len;

__attribute__((format(printf, 1, 2))) static void big_put(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	big_len += (size_t)vsnprintf(big + big_len, sizeof big - big_len, fmt, ap);
	va_end(ap);
	assert_true(big_len <= VST_DOC_MAX);
}

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static void operations_up_to_the_limit(void **state)
{
	const char *have;

	(void)state;
	big_len = 0;
	big_put("{\"mkdir\":[");
	for (unsigned i = 0; i < VST_OPS_MAX; i++)
		big_put("%s\"/%x\"", i ? "," : "", i);
	big_put("]");
	big[big_len] = '}';
	have = parse_bytes(big, big_len + 1, 0);
	assert_int_equal(count(have, "MKDIR /"), VST_OPS_MAX);
	assert_non_null(strstr(have, "MKDIR /fffe\nMKDIR /ffff\nEND 65536 0\n"));
	assert_true(parse_len < VST_WIRE_MAX && parse_n_msgs < VST_MSGS_MAX);
	big_len--;
	big_put(",\"/x\"]}");
	fails_n(big, big_len, "TOO_MANY_OPS 1:519931 mkdir[65536]");
	big_len -= 7;
	big_put("],\"interfaces\":[{\"name\":\"a\"}]}");
	fails_n(big, big_len, "TOO_MANY_OPS 1:519954 interfaces[0]");
	big_len -= 30;
	big_put("],\"bindNS\":{\"net\":\"/n\"}}");
	fails_n(big, big_len, "TOO_MANY_OPS 1:519948 bindNS.net");
}

/* A full document of interfaces, each name new, and then one of them again. */
static void many_interfaces(void **state)
{
	unsigned n = 0;
	char want[64];

	(void)state;
	big_len = 0;
	big_put("{\"interfaces\":[{\"name\":\"x\",\"peer\":\"y\"}");
	while (big_len < VST_DOC_MAX - 100) {
		big_put(",{\"name\":\"%x\",", n);
		big_put("\"peer\":\"%x\"}", n + 1);
		n++;
	}
	big_put("]");
	big_put("}");
	assert_int_equal(count(parse_bytes(big, big_len, 0), "LINK "), n + 1);
	snprintf(want, sizeof want, "NAME_TWICE 1:%zu interfaces[%u].name", big_len + 8, n + 1);
	big_len -= 2;
	big_put(",{\"name\":\"%x\"}]}", n / 2);
	fails_n(big, big_len, want);
	big_len -= 2;
}

/* Strings as long as a document, with an escape, so that yajl keeps a copy; cut off, so that
 * its lexer keeps another. */
static void long_strings(void **state)
{
	(void)state;
	memset(big, 'a', VST_DOC_MAX);
	memcpy(big, "{\"x\":\"\\n", 8);
	fails_n(big, VST_DOC_MAX, "JSON_STRING_OPEN 1:6 -");
	memcpy(big + VST_DOC_MAX - 2, "\"}", 2);
	says_n(big, VST_DOC_MAX, 0, "WARN UNKNOWN 1:2 -\nEND 0 1\n");
	memcpy(big, "{\"\\naaaa", 8);
	memcpy(big + VST_DOC_MAX - 4, "\":1}", 4);
	says_n(big, VST_DOC_MAX, 0, "WARN UNKNOWN 1:2 -\nEND 0 1\n");
	memset(big, 'a', VST_DOC_MAX);
	memcpy(big, "{\"x\":\"\\n", 8);
	memcpy(big + VST_DOC_MAX / 2, "\",\"y\":\"", 7);
	fails_n(big, VST_DOC_MAX, "JSON_STRING_OPEN 1:524295 -");
	memset(big, '9', VST_DOC_MAX);
	fails_n(big, VST_DOC_MAX, "TYPE_OBJECT 1:1 -");
	big[0] = '"';
	fails_n(big, VST_DOC_MAX, "JSON_STRING_OPEN 1:1 -");
	memcpy(big, "{\"mkdir\":[\"", 11);
	memset(big + 11, '/', VST_DOC_MAX - 11);
	memcpy(big + VST_DOC_MAX - 3, "\"]}", 3);
	fails_n(big, VST_DOC_MAX, "PATH_LONG 1:11 mkdir[0]");
}

static void arena_blocks(void **state)
{
	struct arena *arena = &parse_run.arena;
	char *a, *b, *c;

	(void)state;
	arena_init(arena);
	a = arena_alloc(arena, 5);
	strcpy(a, "four");
	assert_ptr_equal(arena_realloc(arena, a, 4), a);
	assert_ptr_equal(arena_realloc(arena, a, 100), a); /* the latest grows in place */
	b = arena_realloc(arena, NULL, 10);
	assert_true(b >= a + 100 && (uintptr_t)b % 16 == 0);
	c = arena_realloc(arena, a, 200); /* not the latest: moves, with what it holds */
	assert_true(c >= b + 10);
	assert_string_equal(c, "four");
	arena_free(arena, b); /* not the latest: stays */
	arena_free(arena, c);
	arena_free(arena, NULL);
	assert_ptr_equal(arena_alloc(arena, 1), c);
}

/* Reading descriptor 0. */
static void reads(const void *bytes, size_t len, enum vst_doc_error want)
{
	int fd = memfd_create("document", 0), saved = dup(0);
	struct vst_finding finding = {0};

	assert_true(fd > 0 && saved > 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	lseek(fd, 0, SEEK_SET);
	dup2(fd, 0);
	assert_int_equal(input_read(&parse_run.doc, &finding), want == VST_DOC_OK ? 0 : -1);
	dup2(saved, 0);
	close(saved);
	close(fd);
	assert_int_equal(finding.code, want);
	if (want == VST_DOC_OK) {
		assert_int_equal(parse_run.doc.len, len);
		assert_memory_equal(parse_run.doc.bytes, bytes, len);
	} else {
		assert_int_equal(finding.line, 1);
		assert_int_equal(finding.column, 1);
		assert_int_equal(finding.place.index, VST_NO_INDEX);
		assert_int_equal(finding.place.sub, VST_NO_INDEX);
	}
}

static void reading(void **state)
{
	struct vst_finding finding = {0};
	int saved = dup(0), fd = open("/", O_RDONLY | O_DIRECTORY);

	(void)state;
	memset(big, ' ', sizeof big);
	reads("", 0, VST_DOC_EMPTY_FILE);
	reads("{}", 2, VST_DOC_OK);
	reads(big, VST_DOC_MAX, VST_DOC_OK);
	reads(big, VST_DOC_MAX + 1, VST_DOC_TOO_LARGE);
	dup2(fd, 0);
	close(fd);
	assert_int_equal(input_read(&parse_run.doc, &finding), -1);
	assert_int_equal(finding.code, VST_DOC_READ);
	dup2(saved, 0);
	close(saved);
}

static size_t slurp(const char *path, char *buf, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t len;

	if (!file)
		fail_msg("%s cannot be opened", path);
	len = fread(buf, 1, size - 1, file);
	fclose(file);
	buf[len] = '\0';
	return len;
}

/* Every document of tests/golden says what NAME.says has. */
static void golden(void **state)
{
	DIR *dir = opendir("tests/golden");
	struct dirent *entry;
	unsigned n = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		static char want[65536];
		char path[512];
		const char *dot = strrchr(entry->d_name, '.');
		size_t len;

		if (!dot || strcmp(dot, ".json") != 0)
			continue;
		snprintf(path, sizeof path, "tests/golden/%s", entry->d_name);
		len = slurp(path, big, sizeof big);
		snprintf(path, sizeof path, "tests/golden/%.*s.says",
			(int)(dot - entry->d_name), entry->d_name);
		slurp(path, want, sizeof want);
		says_n(big, len, 0, want);
		n++;
	}
	closedir(dir);
	assert_true(n >= 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syntax),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(trailing),
		cmocka_unit_test(utf8),
		cmocka_unit_test(depth),
		cmocka_unit_test(operations_up_to_the_limit),
		cmocka_unit_test(many_interfaces),
		cmocka_unit_test(long_strings),
		cmocka_unit_test(arena_blocks),
		cmocka_unit_test(reading),
		cmocka_unit_test(golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
