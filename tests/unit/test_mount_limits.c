/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts up to each limit, and one beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/parse.h"

#include "tests/unit/marked.h"

static char doc[VST_DOC_MAX + 4096];
static size_t doc_len;

__attribute__((format(printf, 1, 2))) static void put(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	doc_len += (size_t)vsnprintf(doc + doc_len, sizeof doc - doc_len, fmt, ap);
	va_end(ap);
	assert_true(doc_len < sizeof doc);
}

static void start(void)
{
	doc_len = 0;
	put("{'mounts':[");
}

/* Of a list: no comma before the first. */
static const char *comma(unsigned i)
{
	return i ? "," : "";
}

/* What the document says at its end: "END operations warnings". */
static void ends(const char *want)
{
	const char *have;

	marked_text("%s", doc);
	have = parse_bytes(marked_doc, marked_len, 0);
	if (strlen(have) < strlen(want) ||
		strcmp(have + strlen(have) - strlen(want), want) != 0)
		fail_msg("ends with %.200s", have);
}

static void mounts(void **state)
{
	(void)state;
	for (unsigned n = 512; n <= 513; n++) {
		start();
		for (unsigned i = 0; i < n; i++)
			put("%s%s{'destination':'d','options':['shared']}", comma(i),
				i == 512 ? "^" : "");
		put("]}");
		if (n == 512)
			ends("END 512 0\n");
		else
			fails("TOO_MANY_MOUNTS", "mounts[512]", "%s", doc);
	}
}

static void items(void **state)
{
	(void)state;
	for (unsigned n = 64; n <= 65; n++) {
		start();
		put("{'destination':'d','type':'t','options':[");
		for (unsigned i = 0; i < n; i++)
			put("%s'ro','rro',%s'x%u'", comma(i), i == 64 ? "^" : "", i);
		put("]}]}");
		if (n == 64)
			ends(" FLAG x62 FLAG x63\nEND 1 0\n");
		else
			fails("TOO_MANY_ITEMS", "mounts[0].options[194]", "%s", doc);
	}
}

static void layers(void **state)
{
	(void)state;
	/* As many others as there may be do not count, nor does an upper directory. */
	for (unsigned n = 500; n <= 501; n++) {
		start();
		put("{'options':['upperdir=/u','workdir=/w',");
		for (unsigned i = 0; i < 64; i++)
			put("'x%u',", i);
		put("%s'lowerdir=", n == 501 ? "^" : "");
		for (unsigned i = 0; i < n; i++)
			put("%s/%u", i ? ":" : "", i);
		put("'],'type':'overlay','destination':'d'}]}");
		if (n == 500)
			ends(" LOWER /498 LOWER /499\nEND 1 0\n");
		else
			fails("TOO_MANY_LAYERS", "mounts[0].options[66]", "%s", doc);
	}
	/* What is no layer is counted without them, wherever it stands. */
	for (unsigned n = 64; n <= 65; n++) {
		start();
		put("{'type':'overlay','destination':'d','options':['lowerdir=/l','upperdir=/"
		    "u',"
		    "'workdir=/w'");
		for (unsigned i = 0; i < n; i++)
			put(",%s'x%u'", i == 64 ? "^" : "", i);
		put("]}]}");
		if (n == 64)
			ends(" FLAG x63\nEND 1 0\n");
		else
			fails("TOO_MANY_ITEMS", "mounts[0].options[67]", "%s", doc);
	}
}

/* Sources of all mounts together: 1,023 here, and what comes then. */
static void put_sources(void)
{
	start();
	for (unsigned i = 0; i < 2; i++) {
		put("{'destination':'d','type':'overlay','options':['lowerdir=/0");
		for (unsigned layer = 1; layer < 350; layer++)
			put(":/%u", layer);
		put("','workdir=/w','upperdir=/u']},");
	}
	for (unsigned i = 0; i < 319; i++)
		put("{'destination':'d','source':'/s','options':['bind']},");
}

static void sources(void **state)
{
	(void)state;
	put_sources();
	put("{'destination':'d','source':'/s','options':['bind']}]}");
	ends("MOUNT BIND d source=/s\nEND 322 0\n");
	put_sources();
	put("{'destination':'d','type':'overlay','options':['lowerdir=/l']}]}");
	ends(" LOWER /l\nEND 322 0\n");
	put_sources();
	put("{'destination':'d','type':'overlay','options':[^'lowerdir=/l:/m']}]}");
	fails("TOO_MANY_SOURCES", "mounts[321].options[0]", "%s", doc);
	put_sources();
	put("{'destination':'d','type':'overlay','options':['upperdir=/u',^'workdir=/l']}]}");
	fails("TOO_MANY_SOURCES", "mounts[321].options[1]", "%s", doc);
	put_sources();
	put("{'destination':'d','source':'/s','options':['bind']},"
	    "{'destination':'d','source':^'/s','options':['bind']}]}");
	fails("TOO_MANY_SOURCES", "mounts[322].source", "%s", doc);
}

/* An operation of 60,000 bytes, and one more: data for most of it, and one layer more. */
static void bytes(void **state)
{
	static char x[256];

	(void)state;
	memset(x, 'x', 255);
	for (int n = 155; n <= 156; n++) {
		start();
		/* 39 bytes; 262 for each layer but the last, which has 7 and its path. */
		put("{'destination':'/d','type':'overlay','options':[%s'lowerdir=",
			n == 156 ? "^" : "");
		for (unsigned i = 0; i < 228; i++)
			put("/%.254s:", x);
		put("/%.*s']}]}", n - 1 + 64, x);
		if (n == 155) {
			ends("END 1 0\n");
			assert_int_equal(parse_n_msgs, 2);
			/* Behind two lengths and a head. */
			assert_int_equal(parse_len, 4 + 4 + 60000 + 4 + VST_WIRE_END_LEN);
		} else {
			fails("MOUNT_LONG", "mounts[0].options[0]", "%s", doc);
		}
	}
}

/* Two of the longest do not fit into one message; what is before and behind one stays in order.
 */
static void batches(void **state)
{
	static char x[256];

	(void)state;
	memset(x, 'x', 255);
	doc_len = 0;
	put("{'mkdir':['a'],'mounts':[");
	for (unsigned m = 0; m < 29; m++) {
		put("%s{'destination':'/%u','type':'t','options':[", comma(m), m);
		for (unsigned i = 0; i < 63; i++)
			put("%s'%s=%s'", comma(i), x, x);
		put("]}");
	}
	put("],'cgroups':['b']}");
	ends("CGROUP b\nEND 31 0\n");
	assert_int_equal(parse_n_msgs, 15 + 1);
	assert_memory_equal(parse_text, "MKDIR a\nMOUNT NEW /0 ", 21);
}

static void operations(void **state)
{
	static const struct {
		const char *place, *member;
	} last[] = {
		{"mounts[0]", "'mounts':[@@{'options':['shared'],'destination':'d'}]"},
		{"cgroups[0]", "'cgroups':[@@'c']"},
		{"namespace", "'namespace':@@'n'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof last / sizeof *last; i++)
		for (unsigned n = 65535; n <= 65536; n++) {
			char member[128];

			doc_len = 0;
			put("{'mkdir':['a'");
			for (unsigned mkdir = 1; mkdir < n; mkdir++)
				put(",'a'");
			snprintf(member, sizeof member, "%s", last[i].member);
			memcpy(strstr(member, "@@"), n == 65536 ? " ^" : "  ", 2);
			put("],%s}", member);
			if (n == 65535)
				ends("END 65536 0\n");
			else
				fails("TOO_MANY_OPS", last[i].place, "%s", doc);
		}
}

/* As many as a document holds: neither the time nor the table grows with them. */
static void names(void **state)
{
	(void)state;
	start();
	put("{'destination':'d','options':['unbindable'");
	while (doc_len < VST_DOC_MAX - 32)
		put(",'unbindable'");
	put("]}]}");
	ends("MOUNT PROPAGATION d propagation=unbindable\nEND 1 0\n");
}

static void warnings(void **state)
{
	(void)state;
	start();
	for (unsigned i = 0; i < 9; i++)
		put("%s{'destination':'d','source':'/s','options':['bind','sync','dirsync']}",
			comma(i));
	put("]}");
	ends("MOUNT BIND d source=/s\nEND 9 16\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts),
		cmocka_unit_test(items),
		cmocka_unit_test(layers),
		cmocka_unit_test(sources),
		cmocka_unit_test(bytes),
		cmocka_unit_test(batches),
		cmocka_unit_test(operations),
		cmocka_unit_test(names),
		cmocka_unit_test(warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
