/* SPDX-License-Identifier: Apache-2.0 */
/* What a document may say, and every error with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/parse.h"

static void nothing_wanted(void **state)
{
	(void)state;
	SAYS("{}", "END 0 0\n");
	SAYS("null", "END 0 0\n");
	SAYS(" \t\r\n null \n", "END 0 0\n");
	SAYS("{\"mounts\":[],\"mkdir\":[],\"cgroups\":[],\"interfaces\":[],\"bindNS\":{},"
	     "\"namespace\":\"\"}",
		"END 0 0\n");
	SAYS("{\"mounts\":null,\"mkdir\":null,\"cgroups\":null,\"interfaces\":null,"
	     "\"bindNS\":null,\"namespace\":null}",
		"END 0 0\n");
	SAYS("{\"bindNS\":{\"cgroup\":\"\",\"ipc\":null,\"mnt\":\"\",\"net\":\"\",\"pid\":\"\","
	     "\"user\":\"\",\"uts\":\"\"}}",
		"END 0 0\n");
}

static void directories(void **state)
{
	(void)state;
	SAYS("{\"mkdir\":[\"a\",\"./b//c/\",\"/d\",\".x/...\"]}",
		"MKDIR a\nMKDIR b/c\nMKDIR /d\nMKDIR .x/...\nEND 4 0\n");
	SAYS("{\"mkdir\":[\"/a\",\"//b/./c//\",\"/\",\"/a\",\"/\\u00e9\",\"\\/x\"]}",
		"MKDIR /a\nMKDIR /b/c\nMKDIR /\nMKDIR /a\nMKDIR /\xc3\xa9\nMKDIR /x\nEND 6 "
		"0\n");
	SAYS("{\"mkdir\":[\"/\xf0\x9f\x98\x80/\\ud83d\\ude00\"]}",
		"MKDIR /\xf0\x9f\x98\x80/\xf0\x9f\x98\x80\nEND 1 0\n");
}

static void interfaces(void **state)
{
	(void)state;
	SAYS("{\"interfaces\":[{\"name\":\"eth1\"},{\"peer\":\"p\",\"name\":\"eth0\"},"
	     "{\"name\":\"v\",\"add\":\"veth\",\"peer\":\"eth0\",\"createInRoot\":false},"
	     "{\"name\":\"wg0\",\"add\":\"wireguard\",\"createInRoot\":true},"
	     "{\"name\":\"br\",\"add\":\"bridge\",\"peer\":\"\"},"
	     "{\"name\":\"e\",\"add\":\"\",\"peer\":null,\"createInRoot\":null}]}",
		"LINK eth1\nLINK eth0 peer=p\nLINK v add=veth peer=eth0\n"
		"LINK wg0 add=wireguard here\nLINK br add=bridge\nLINK e\nEND 6 0\n");
	SAYS("{\"interfaces\":[{\"name\":\"\\u0065th0\",\"add\":\"\\u0076eth\","
	     "\"p\\u0065er\":\"\\u0070\"}]}",
		"LINK eth0 add=veth peer=p\nEND 1 0\n");
	/* What one interface said is not the next one's. */
	SAYS("{\"interfaces\":[{\"name\":\"a\",\"add\":\"bridge\",\"createInRoot\":true},"
	     "{\"name\":\"b\"}]}",
		"LINK a add=bridge here\nLINK b\nEND 2 0\n");
}

static void namespaces_in_order(void **state)
{
	(void)state;
	SAYS("{\"bindNS\":{\"uts\":\"/7\",\"user\":\"/6\",\"pid\":\"/5\",\"net\":\"/4/\","
	     "\"mnt\":\"/3\",\"ipc\":\"/2\",\"cgroup\":\"//1\"},\"mkdir\":[\"/d\"],"
	     "\"interfaces\":[{\"name\":\"a\"}]}",
		"MKDIR /d\nLINK a\nBIND_NS cgroup /1\nBIND_NS ipc /2\nBIND_NS mnt /3\n"
		"BIND_NS net /4\nBIND_NS pid /5\nBIND_NS user /6\nBIND_NS uts /7\nEND 9 0\n");
}

/* All of them, each onto a path as long as one may be: they are kept until the end. */
static void longest_namespaces(void **state)
{
	static const char *const names[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
	static char doc[8 * VST_PATH_MAX], want[8 * VST_PATH_MAX];
	char path[VST_PATH_MAX + 1];
	size_t doc_len = 0, want_len = 0;

	(void)state;
	for (int i = 0; i < 7; i++) {
		for (int at = 0; at < VST_PATH_MAX; at++)
			path[at] = at % 200 ? (char)('a' + i) : '/';
		path[VST_PATH_MAX] = '\0';
		doc_len += (size_t)snprintf(doc + doc_len, sizeof doc - doc_len,
			"%s\"%s\":\"%s\"", i ? "," : "{\"bindNS\":{", names[i], path);
		want_len += (size_t)snprintf(want + want_len, sizeof want - want_len,
			"BIND_NS %s %s\n", names[i], path);
	}
	doc_len += (size_t)snprintf(doc + doc_len, sizeof doc - doc_len, "}}");
	snprintf(want + want_len, sizeof want - want_len, "END 7 0\n");
	says_n(doc, doc_len, 0, want);
}

/* What a value of another type is told to be; lists: of strings, or of objects. */
static const char *type_code(const char *takes, const char *place)
{
	if (*takes == '[')
		return strstr("mkdir/cgroups/mounts[0].options/", place) &&
				       strcmp(place, "mounts") != 0
			       ? "TYPE_STRINGS"
			       : "TYPE_OBJECTS";
	if (*takes == 'b')
		return "TYPE_BOOLEAN";
	return *takes == 's' ? "TYPE_STRING" : "TYPE_OBJECT";
}

/* A value of each type at each place that has another. */
static void wrong_types(void **state)
{
	static const struct {
		const char *before, *after, *takes, *place;
	} places[] = {
		{"", "", "{", "-"},
		{"{\"mounts\":", "}", "[", "mounts"},
		{"{\"mounts\":[", "]}", "{0", "mounts[0]"},
		{"{\"mounts\":[{\"destination\":", "}]}", "s", "mounts[0].destination"},
		{"{\"mounts\":[{\"type\":", "}]}", "s", "mounts[0].type"},
		{"{\"mounts\":[{\"source\":", "}]}", "s", "mounts[0].source"},
		{"{\"mounts\":[{\"options\":", "}]}", "[", "mounts[0].options"},
		{"{\"mounts\":[{\"options\":[", "]}]}", "s0", "mounts[0].options[0]"},
		{"{\"mounts\":[{\"uidMappings\":", "}]}", "[", "mounts[0].uidMappings"},
		{"{\"mounts\":[{\"gidMappings\":", "}]}", "[", "mounts[0].gidMappings"},
		{"{\"mounts\":[{\"gidMappings\":[", "]}]}", "{0", "mounts[0].gidMappings"},
		{"{\"mkdir\":", "}", "[", "mkdir"},
		{"{\"mkdir\":[", "]}", "s0", "mkdir[0]"},
		{"{\"cgroups\":", "}", "[", "cgroups"},
		{"{\"cgroups\":[\"a\",", "]}", "s0", "cgroups[1]"},
		{"{\"interfaces\":", "}", "[", "interfaces"},
		{"{\"interfaces\":[", "]}", "{0", "interfaces[0]"},
		{"{\"interfaces\":[{\"name\":", "}]}", "s", "interfaces[0].name"},
		{"{\"interfaces\":[{\"add\":", "}]}", "s", "interfaces[0].add"},
		{"{\"interfaces\":[{\"peer\":", "}]}", "s", "interfaces[0].peer"},
		{"{\"interfaces\":[{\"createInRoot\":", "}]}", "b",
			"interfaces[0].createInRoot"},
		{"{\"bindNS\":", "}", "{", "bindNS"},
		{"{\"bindNS\":{\"cgroup\":", "}}", "s", "bindNS.cgroup"},
		{"{\"bindNS\":{\"ipc\":", "}}", "s", "bindNS.ipc"},
		{"{\"bindNS\":{\"mnt\":", "}}", "s", "bindNS.mnt"},
		{"{\"bindNS\":{\"net\":", "}}", "s", "bindNS.net"},
		{"{\"bindNS\":{\"pid\":", "}}", "s", "bindNS.pid"},
		{"{\"bindNS\":{\"user\":", "}}", "s", "bindNS.user"},
		{"{\"bindNS\":{\"uts\":", "}}", "s", "bindNS.uts"},
		{"{\"namespace\":", "}", "s", "namespace"},
	};
	static const struct {
		char type;
		const char *text;
	} values[] = {{'n', "null"}, {'b', "true"}, {'b', "false"}, {'#', "0"},
		{'#', "-1.5e+300"}, {'#', "99999999999999999999999999999"}, {'s', "\"/s\""},
		{'[', "[]"}, {'[', "[1]"}, {'{', "{}"}, {'{', "{\"a\":1}"}};
	unsigned n_wrong = 0;

	(void)state;
	for (size_t p = 0; p < sizeof places / sizeof *places; p++)
		for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
			int is_element = places[p].takes[1] == '0';
			char doc[128], want[128];

			if (values[v].type == *places[p].takes ||
				(values[v].type == 'n' && !is_element))
				continue;
			snprintf(doc, sizeof doc, "%s%s%s", places[p].before, values[v].text,
				places[p].after);
			snprintf(want, sizeof want, "%s 1:%zu %s",
				values[v].type == 'n'
					? "NULL_ELEMENT"
					: type_code(places[p].takes, places[p].place),
				strlen(places[p].before) + 1, places[p].place);
			fails_n(doc, strlen(doc), want);
			n_wrong++;
		}
	assert_int_equal(n_wrong, 263);
}

static void repeated(void **state)
{
	(void)state;
	FAILS("{\"mkdir\":[],\"mkdir\":[]}", "REPEATED 1:13 mkdir");
	FAILS("{\"mkdir\":[],\n\"x\":1, \"mk\\u0064ir\":[]}", "REPEATED 2:8 mkdir");
	FAILS("{\"x\":1,\"x\":1}", "REPEATED 1:8 -");
	FAILS("{\"\":1,\"\":1}", "REPEATED 1:7 -");
	FAILS("{\"x\\u0000y\":1,\"x\\u0000y\":1}", "REPEATED 1:15 -");
	FAILS("{\"x\":{\"y\":[{\"z\":1,\"a\":{},\"z\":2}]}}", "REPEATED 1:26 -");
	FAILS("{\"interfaces\":[{\"name\":\"a\"},{\"name\":\"a\",\"name\":\"b\"}]}",
		"REPEATED 1:41 interfaces[1].name");
	FAILS("{\"interfaces\":[{\"x\":{\"y\":1,\"y\":1}}]}", "REPEATED 1:28 interfaces[0]");
	FAILS("{\"mounts\":[{\"uidMappings\":[{},{\"a\":1,\"a\":1}]}]}",
		"REPEATED 1:38 mounts[0].uidMappings");
	FAILS("{\"interfaces\":[{\"routes\":[{\"to\":\"::/0\"},{\"via\":null,\"via\":1}]}]}",
		"REPEATED 1:53 interfaces[0].routes[1].via");
	FAILS("{\"bindNS\":{\"net\":\"\",\"net\":\"/a\"}}", "REPEATED 1:21 bindNS.net");
	/* The same name in another object is another member. */
	SAYS("{\"x\":{\"y\":1,\"z\":{\"y\":1,\"x\":1}},\"y\":[{\"y\":1},{\"y\":1}],"
	     "\"x\\u0000\":1,\"x\\u0000y\":1}",
		"WARN UNKNOWN 1:2 -\nWARN UNKNOWN 1:32 -\nWARN UNKNOWN 1:54 -\n"
		"WARN UNKNOWN 1:66 -\nEND 0 4\n");
}

static void letter_case(void **state)
{
	(void)state;
	FAILS("{\"Mkdir\":[]}", "LETTER_CASE 1:2 mkdir");
	FAILS("{\"BINDNS\":null}", "LETTER_CASE 1:2 bindNS");
	FAILS("{\"m\xe2\x84\xaa"
	      "dir\":[]}",
		"LETTER_CASE 1:2 mkdir");
	FAILS("{\"m\\u212Adir\":[]}", "LETTER_CASE 1:2 mkdir");
	FAILS("{\"name\xc5\xbfpace\":\"\"}", "LETTER_CASE 1:2 namespace");
	FAILS("{\"bindN\\u017f\":{}}", "LETTER_CASE 1:2 bindNS");
	FAILS("{\"interfaces\":[{\"createInroot\":true}]}",
		"LETTER_CASE 1:17 interfaces[0].createInRoot");
	FAILS("{\"interfaces\":[{\"MTU\":1}]}", "LETTER_CASE 1:17 interfaces[0].mtu");
	FAILS("{\"mounts\":[{\"Type\":1}]}", "LETTER_CASE 1:13 mounts[0].type");
	FAILS("{\"bindNS\":{\"UT\xc5\xbf\":\"\"}}", "LETTER_CASE 1:12 bindNS.uts");
	/* Almost, but not: other letters, a Turkish dotless i, a name of another object. */
	SAYS("{\"mkdir \":1,\"mkdi\":1,\"nam\xc5\xbf\":1,\"m\xe2\x84\xab"
	     "dir\":1,\"mkd\xc4\xb1r\":1,\"Name\":1}",
		"WARN UNKNOWN_NEAR 1:2 mkdir\nWARN UNKNOWN_NEAR 1:13 mkdir\n"
		"WARN UNKNOWN 1:22 -\nWARN UNKNOWN 1:32 -\nWARN UNKNOWN 1:44 -\n"
		"WARN UNKNOWN 1:55 -\nEND 0 6\n");
	/* More than the name, and a byte between. */
	SAYS("{\"mounts\\u0000\":1,\"mo`nts\":1}",
		"WARN UNKNOWN_NEAR 1:2 mounts\nWARN UNKNOWN_NEAR 1:19 mounts\nEND 0 2\n");
}

/* A slip away from a known one. */
static void misspelled(void **state)
{
	(void)state;
	SAYS("{\"mount\":[],\"interfces\":1,\"bind_ns\":1,\"namespaze\":1,\"CGROUP\":1}",
		"WARN UNKNOWN_NEAR 1:2 mounts\nWARN UNKNOWN_NEAR 1:13 interfaces\n"
		"WARN UNKNOWN_NEAR 1:27 bindNS\nWARN UNKNOWN_NEAR 1:39 namespace\n"
		"WARN UNKNOWN_NEAR 1:53 cgroups\nEND 0 5\n");
	SAYS("{\"interfaces\":[{\"name\":\"a\",\"createInRoots\":1,\"pear\":1,\"nam\":1}],"
	     "\"bindNS\":{\"nett\":1,\"uts2\":1}}",
		"WARN UNKNOWN_NEAR 1:28 interfaces[0].createInRoot\n"
		"WARN UNKNOWN_NEAR 1:46 interfaces[0].peer\n"
		"WARN UNKNOWN_NEAR 1:55 interfaces[0].name\n"
		"WARN UNKNOWN_NEAR 1:75 bindNS.net\nWARN UNKNOWN_NEAR 1:84 bindNS.uts\n"
		"LINK a\nEND 1 5\n");
	/* Two slips in a short name make it another one, and so do three in any. */
	SAYS("{\"makedirs\":1,\"interf\":1,\"bindNS\":{\"ne\":1,\"ts\":1,\"ppid2\":1}}",
		"WARN UNKNOWN 1:2 -\nWARN UNKNOWN 1:15 -\nWARN UNKNOWN_NEAR 1:36 bindNS.net\n"
		"WARN UNKNOWN_NEAR 1:43 bindNS.uts\nWARN UNKNOWN 1:50 bindNS\nEND 0 5\n");
	SAYS_STRICT("{\"mount\":[]}", "FAIL UNKNOWN_NEAR 1:2 mounts\n");
	SAYS("{\"x\":{\"mount\":[]}}", "WARN UNKNOWN 1:2 -\nEND 0 1\n");
}

static void unknown(void **state)
{
	char doc[512] = "{", want[1024] = "";

	(void)state;
	SAYS("{\"x\":{\"mkdir\":5,\"q\":[null,{}]},\"mkdir\":[\"/a\"]}",
		"WARN UNKNOWN 1:2 -\nMKDIR /a\nEND 1 1\n");
	SAYS("{\"interfaces\":[{\"name\":\"a\",\"x\":null}],\"bindNS\":{\"time\":\"/t\"}}",
		"WARN UNKNOWN 1:28 interfaces[0]\nWARN UNKNOWN 1:49 bindNS\nLINK a\nEND 1 2\n");
	SAYS_STRICT("{\"mkdir\":[\"/a\"],\n \"x\":1}", "FAIL UNKNOWN 2:2 -\n");
	SAYS_STRICT("{\"interfaces\":[{\"name\":\"a\"},{\"x\":1}]}",
		"FAIL UNKNOWN 1:30 interfaces[1]\n");
	SAYS_STRICT("{\"mkdir\":[\"/a\"]}", "MKDIR /a\nEND 1 0\n");
	/* The value of a skipped member is only JSON. */
	SAYS("{\"x\":\"\\u0000\\ud800\\n\",\"y\":123456789012345678901234567890,"
	     "\"z\":1e999999}",
		"WARN UNKNOWN 1:2 -\nWARN UNKNOWN 1:23 -\nWARN UNKNOWN 1:58 -\nEND 0 3\n");
	for (int i = 0; i < 20; i++) {
		if (i < 16)
			sprintf(want + strlen(want), "WARN UNKNOWN 1:%zu -\n",
				strlen(doc) + (i ? 2 : 1));
		sprintf(doc + strlen(doc), "%s\"x%d\":1", i ? "," : "", i);
	}
	strcat(doc, "}");
	strcat(want, "END 0 16\n");
	says_n(doc, strlen(doc), 0, want);
}

static void too_many_members(void **state)
{
	char doc[8192] = "{\"bindNS\":{";

	(void)state;
	for (int i = 0; i < 256; i++)
		sprintf(doc + strlen(doc), "%s\"x%03d\":0", i ? "," : "", i);
	strcat(doc, "}}");
	assert_non_null(strstr(parse_bytes(doc, strlen(doc), 0), "END 0 16\n"));
	doc[strlen(doc) - 2] = '\0';
	strcat(doc, ",\"y\":0}}");
	fails_n(doc, strlen(doc), "TOO_MANY_MEMBERS 1:2316 bindNS");
}

/* In every string that is used, and in names of members; not in what is skipped. */
static void control_characters(void **state)
{
	(void)state;
	FAILS("{\"mkdir\":[\"/a\\u0000\"]}", "CONTROL 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/a\\n\"]}", "CONTROL 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/a\x7f\"]}", "CONTROL 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/a\\u007f\"]}", "CONTROL 1:11 mkdir[0]");
	FAILS("{\"cgroups\":[\"a\\u001f\"]}", "CONTROL 1:13 cgroups[0]");
	FAILS("{\"namespace\":\"a\\b\"}", "CONTROL 1:14 namespace");
	FAILS("{\"bindNS\":{\"net\":\"/a\\t\"}}", "CONTROL 1:18 bindNS.net");
	FAILS("{\"interfaces\":[{\"name\":\"a\\u0000\"}]}", "CONTROL 1:24 interfaces[0].name");
	FAILS("{\"interfaces\":[{\"add\":\"a\\u0000\"}]}", "CONTROL 1:23 interfaces[0].add");
	FAILS("{\"interfaces\":[{\"peer\":\"a\\r\"}]}", "CONTROL 1:24 interfaces[0].peer");
	FAILS("{\"mounts\":[{\"destination\":\"/\\u0001\"}]}",
		"CONTROL 1:27 mounts[0].destination");
	FAILS("{\"mounts\":[{\"type\":\"\\u0001\"}]}", "CONTROL 1:20 mounts[0].type");
	FAILS("{\"mounts\":[{\"source\":\"\\u0001\"}]}", "CONTROL 1:22 mounts[0].source");
	FAILS("{\"mounts\":[{\"options\":[\"a\",\"\\f\"]}]}",
		"CONTROL 1:28 mounts[0].options[1]");
	SAYS("{\"mkdir\":[\"/\\u0080\"]}", "MKDIR /\xc2\x80\nEND 1 0\n");
}

static void surrogates(void **state)
{
	(void)state;
	FAILS("{\"mkdir\":[\"/\\ud800\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/\\uDFFF\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/\\ud800x\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/\\ud800\\n\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/\\ud800\\u0041\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/\\ud800\\ud800\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/\\udc00\\ud800\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/\\udc00\\udc00\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/\\ud800xxdc00\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/\\ud83d\\ude00\\ude00\"]}", "SURROGATE 1:11 mkdir[0]");
	FAILS("{\"namespace\":\"\\ud800\"}", "SURROGATE 1:14 namespace");
	FAILS("{\"interfaces\":[{\"add\":\"\\ud800\"}]}", "SURROGATE 1:23 interfaces[0].add");
	FAILS("{\"\\ud800\":1,\"?\":1}", "SURROGATE 1:2 -");
	FAILS("{\"x\":{\"\\udc00\":1}}", "SURROGATE 1:7 -");
	/* Behind an escaped backslash stands no escape. */
	SAYS("{\"mkdir\":[\"/\\\\ud800\",\"/\\\\\\ud83d\\ude00\"]}",
		"MKDIR /\\ud800\nMKDIR /\\\xf0\x9f\x98\x80\nEND 2 0\n");
	FAILS("{\"mkdir\":[\"/\\\\\\ud800\"]}", "SURROGATE 1:11 mkdir[0]");
}

static void empty_and_missing(void **state)
{
	(void)state;
	FAILS("{\"mkdir\":[\"\"]}", "EMPTY 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"/a\",\".\"]}", "EMPTY 1:16 mkdir[1]");
	FAILS("{\"cgroups\":[\"\"]}", "EMPTY 1:13 cgroups[0]");
	FAILS("{\"interfaces\":[{\"name\":\"\"}]}", "EMPTY 1:24 interfaces[0].name");
	FAILS("{\"mounts\":[{\"destination\":\"\"}]}", "EMPTY 1:27 mounts[0].destination");
	FAILS("{\"mounts\":[{\"options\":[\"\"]}]}", "EMPTY 1:24 mounts[0].options[0]");
	FAILS("{\"interfaces\":[{\"name\":\"a\"},\n {}]}", "MISSING 2:2 interfaces[1].name");
	FAILS("{\"interfaces\":[ {\"name\":null,\"add\":\"x\"}]}",
		"MISSING 1:17 interfaces[0].name");
	FAILS("{\"mounts\":[{}]}", "MISSING 1:12 mounts[0].destination");
	FAILS("{\"mounts\":[{\"destination\":\"/d\",\"type\":\"t\"},{\"destination\":null}]}",
		"MISSING 1:44 mounts[1].destination");
}

static void paths(void **state)
{
	char doc[VST_PATH_MAX + 64];

	(void)state;
	FAILS("{\"mkdir\":[\"/a/../b\"]}", "DOTDOT 1:11 mkdir[0]");
	FAILS("{\"mkdir\":[\"..\"]}", "DOTDOT 1:11 mkdir[0]");
	FAILS("{\"cgroups\":[\"a/..\"]}", "DOTDOT 1:13 cgroups[0]");
	FAILS("{\"cgroups\":[\"/sys/fs/cgroup/x\"]}", "CGROUP_PATH 1:13 cgroups[0]");
	FAILS("{\"cgroups\":[\"sys//fs/./cgroup/\"]}", "CGROUP_PATH 1:13 cgroups[0]");
	FAILS("{\"mounts\":[{\"destination\":\"../a\"}]}", "DOTDOT 1:27 mounts[0].destination");
	FAILS("{\"bindNS\":{\"net\":\"/a/..\"}}", "DOTDOT 1:18 bindNS.net");
	FAILS("{\"bindNS\":{\"net\":\"a\"}}", "NOT_ABSOLUTE 1:18 bindNS.net");
	FAILS("{\"bindNS\":{\"uts\":\"./a\"}}", "NOT_ABSOLUTE 1:18 bindNS.uts");
	snprintf(doc, sizeof doc, "{\"mkdir\":[\"/%0256d\"]}", 0);
	fails_n(doc, strlen(doc), "COMPONENT_LONG 1:11 mkdir[0]");
	memset(doc, '/', sizeof doc);
	memcpy(doc, "{\"mkdir\":[\"/a", 13);
	memcpy(doc + 11 + VST_PATH_MAX, "\"]}", 4);
	says_n(doc, strlen(doc), 0, "MKDIR /a\nEND 1 0\n");
	memcpy(doc + 11 + VST_PATH_MAX, "/\"]}", 5);
	fails_n(doc, strlen(doc), "PATH_LONG 1:11 mkdir[0]");
}

static void interface_forms(void **state)
{
	(void)state;
	FAILS("{\"interfaces\":[{\"name\":\"1234567890123456\"}]}",
		"IFNAME_LONG 1:24 interfaces[0].name");
	FAILS("{\"interfaces\":[{\"peer\":\"1234567890123456\"}]}",
		"IFNAME_LONG 1:24 interfaces[0].peer");
	FAILS("{\"interfaces\":[{\"name\":\"a/b\"}]}", "IFNAME 1:24 interfaces[0].name");
	FAILS("{\"interfaces\":[{\"name\":\"all\"}]}", "IFNAME 1:24 interfaces[0].name");
	FAILS("{\"interfaces\":[{\"peer\":\"-x\"}]}", "IFNAME 1:24 interfaces[0].peer");
	FAILS("{\"interfaces\":[{\"add\":\"Veth\"}]}", "KIND 1:23 interfaces[0].add");
	FAILS("{\"interfaces\":[{\"add\":\"12345678901234567890123456789012\"}]}",
		"KIND 1:23 interfaces[0].add");
}

static void interface_rules(void **state)
{
	(void)state;
	FAILS("{\"interfaces\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"a\"}]}",
		"NAME_TWICE 1:50 interfaces[2].name");
	FAILS("{\"interfaces\":[{\"name\":\"a\",\"peer\":\"p\"},{\"peer\":\"p\",\"name\":\"b\"}"
	      "]}",
		"PEER_TWICE 1:48 interfaces[1].peer");
	FAILS("{\"interfaces\":[{\"name\":\"a\",\"peer\":\"a\"}]}",
		"PEER_IS_NAME 1:35 interfaces[0].peer");
	/* A veth's peer may be left out: its name is drawn. */
	SAYS("{\"interfaces\":[{\"name\":\"a\",\"add\":\"veth\"}]}",
		"LINK a add=veth\nEND 1 0\n");
	SAYS("{\"interfaces\":[{\"name\":\"a\",\"peer\":\"\",\"add\":\"veth\"}]}",
		"LINK a add=veth\nEND 1 0\n");
	FAILS("{\"interfaces\":[{\"name\":\"a\",\"add\":\"bridge\",\"peer\":\"b\"}]}",
		"PEER_UNWANTED 1:50 interfaces[0]");
	/* One's name may be another's peer: they are not in the same namespace. */
	SAYS("{\"interfaces\":[{\"name\":\"a\",\"peer\":\"b\"},{\"name\":\"b\",\"peer\":\"a\"}]"
	     "}",
		"LINK a peer=b\nLINK b peer=a\nEND 2 0\n");
}

static void bind_twice(void **state)
{
	(void)state;
	FAILS("{\"bindNS\":{\"uts\":\"/a/b\",\n\"net\":\"//a/./b\"}}",
		"BIND_TWICE 2:7 bindNS.net");
	SAYS("{\"bindNS\":{\"uts\":\"/a/b\",\"net\":\"/a\"}}",
		"BIND_NS net /a\nBIND_NS uts /a/b\nEND 2 0\n");
}

static void not_yet(void **state)
{
	(void)state;
	/* The first one is told, with the mount's own parts judged all the same. */
	FAILS("{\"mounts\":[{\"destination\":\"a\",\"type\":\"t\","
	      "\"uidMappings\":[{\"containerID\":0},{}],\"gidMappings\":[{}]}]}",
		"NOT_YET 1:56 mounts[0].uidMappings");
	FAILS("{\"mounts\":[{\"gidMappings\":\n[{}],\"destination\":\"a\",\"type\":\"t\"}],"
	      "\"interfaces\":[{\"name\":\"a\",\"mtu\":68}]}",
		"NOT_YET 2:1 mounts[0].gidMappings");
	FAILS("{\"mounts\":[{\"uidMappings\":[{}],\"destination\":\"a\"}]}",
		"NO_FS_TYPE 1:12 mounts[0].type");
	SAYS("{\"mounts\":[{\"uidMappings\":[],\"gidMappings\":null,\"destination\":\"a\","
	     "\"type\":\"t\"}]}",
		"MOUNT NEW a type=t source=t\nEND 1 0\n");
}

/* What is invalid is told, wherever it stands, before what is not supported. */
static void invalid_before_not_yet(void **state)
{
	(void)state;
#define NOT_YET                                                                                \
	"{\"mounts\":[{\"uidMappings\":[{}],\"destination\":\"a\",\"type\":\"t\"}]" /* 61      \
										       bytes   \
										     */
	FAILS(NOT_YET "}", "NOT_YET 1:27 mounts[0].uidMappings");
	FAILS(NOT_YET ",\"interfaces\":[{\"name\":5}]}", "TYPE_STRING 1:85 interfaces[0].name");
	FAILS(NOT_YET ",\"namespace\":5}", "TYPE_STRING 1:75 namespace");
	FAILS(NOT_YET, "JSON_CUT_OFF 1:62 -");
	FAILS(NOT_YET "}x", "TRAILING 1:63 -");
	FAILS("{\"mounts\":[{\"uidMappings\":[{}]}]}", "MISSING 1:12 mounts[0].destination");
	SAYS_STRICT(NOT_YET ",\"x\":1}", "FAIL UNKNOWN 1:63 -\n");
}

static void first_invalid_wins(void **state)
{
	(void)state;
	FAILS("{\"mkdir\":[5,\"..\"],\"mkdir\":1", "TYPE_STRING 1:11 mkdir[0]");
	FAILS("{\"interfaces\":[{\"name\":\"\"},{}]}", "EMPTY 1:24 interfaces[0].name");
}

/* A config.json is called one wherever that is seen, and whatever else is wrong with it. */
static void another_document(void **state)
{
	(void)state;
	FAILS("{\"ociVersion\":\"1.0.2\",\"mounts\":[{\"destination\":\"/proc\"}]}",
		"OCI_CONFIG 1:2 -");
	FAILS("{\"mounts\":[{\"destination\":5,\"x\":[[]]},3],\"mkdir\":{},\n"
	      "\"ociVersion\":null}",
		"OCI_CONFIG 2:1 -");
	FAILS("{\"Mounts\":[],\"ociVersion\":1", "OCI_CONFIG 1:14 -");
	FAILS("{\"mkdir\":1,\"mkdir\":2,\"interfaces\":[{\"mtu\":1}],\"ociVersion\":1}",
		"OCI_CONFIG 1:47 -");
	/* Only the document's own member, and only this one. */
	FAILS("{\"mkdir\":5,\"x\":{\"ociVersion\":1}}", "TYPE_STRINGS 1:10 mkdir");
	FAILS("[{\"ociVersion\":1}]", "TYPE_OBJECT 1:1 -");
	FAILS("{\"mkdir\":[\"ociVersion\",5]}", "TYPE_STRING 1:24 mkdir[1]");
	SAYS("{\"ociversion\":1,\"x\":{\"ociVersion\":1}}",
		"WARN UNKNOWN 1:2 -\nWARN UNKNOWN 1:17 -\nEND 0 2\n");
	/* What comes behind the first thing that is wrong changes nothing else. */
	FAILS("{\"mkdir\":5,\"Mkdir\":1,\"y\":[1,]", "TYPE_STRINGS 1:10 mkdir");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_wanted),
		cmocka_unit_test(directories),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(namespaces_in_order),
		cmocka_unit_test(longest_namespaces),
		cmocka_unit_test(wrong_types),
		cmocka_unit_test(repeated),
		cmocka_unit_test(letter_case),
		cmocka_unit_test(misspelled),
		cmocka_unit_test(unknown),
		cmocka_unit_test(too_many_members),
		cmocka_unit_test(control_characters),
		cmocka_unit_test(surrogates),
		cmocka_unit_test(empty_and_missing),
		cmocka_unit_test(paths),
		cmocka_unit_test(interface_forms),
		cmocka_unit_test(interface_rules),
		cmocka_unit_test(bind_twice),
		cmocka_unit_test(not_yet),
		cmocka_unit_test(invalid_before_not_yet),
		cmocka_unit_test(first_invalid_wins),
		cmocka_unit_test(another_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
