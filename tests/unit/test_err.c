/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as values, and the escaping of what comes from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ipc/err.h"

static void fail_fills_and_keeps_errno(void **state)
{
	struct vst_err err;

	(void)state;
	errno = ENOTTY;
	assert_int_equal(vst_fail(&err, VST_EXIT_CONFLICT, EEXIST, "make %s", "x"), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_int_equal(err.code, EEXIST);
	assert_int_equal(err.op, VST_NO_OP);
	assert_string_equal(err.text, "make x: File exists");
	vst_fail(&err, VST_EXIT_FAILED, 0, "plain");
	assert_string_equal(err.text, "plain");
}

static void wrap_puts_in_front(void **state)
{
	struct vst_err err;
	char longer[700];

	(void)state;
	vst_fail(&err, VST_EXIT_DENIED, EPERM, "mount");
	assert_int_equal(vst_wrap(&err, "step %d", 3), -1);
	assert_string_equal(err.text, "step 3: mount: Operation not permitted");
	assert_int_equal(err.code, EPERM);
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	vst_wrap(&err, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	vst_fail(&err, VST_EXIT_DENIED, EPERM, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void quote_escapes(void **state)
{
	struct vst_quoted q;

	(void)state;
	assert_string_equal(vst_quote(&q, "", 0), "");
	assert_string_equal(vst_quote(&q, "a b/~", 5), "a b/~");
	assert_string_equal(
		vst_quote(&q, "\x1b[2J\n\\\x7f\xc3", 8), "\\x1b[2J\\x0a\\x5c\\x7f\\xc3");
	assert_string_equal(vst_quote(&q, "a\0b", 3), "a\\x00b");
}

/* What does not fit keeps its two ends; the buffer is never passed, whatever the bytes. */
static void quote_cuts_in_the_middle(void **state)
{
	struct vst_quoted q;
	char bytes[600];

	(void)state;
	for (size_t len = 0; len <= sizeof bytes; len++) {
		memset(bytes, 'm', sizeof bytes);
		bytes[0] = 'a';
		if (len > 0)
			bytes[len - 1] = 'z';
		vst_quote(&q, bytes, len);
		assert_true(strlen(q.text) < sizeof q.text);
		assert_int_equal(strstr(q.text, "...") != NULL, len > sizeof q.text - 1);
		if (len > 1)
			assert_true(q.text[0] == 'a' && q.text[strlen(q.text) - 1] == 'z');
		memset(bytes, '\n', sizeof bytes);
		vst_quote(&q, bytes, len);
		assert_true(strlen(q.text) < sizeof q.text);
		assert_int_equal((strlen(q.text) - (strstr(q.text, "...") ? 3 : 0)) % 4, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fail_fills_and_keeps_errno),
		cmocka_unit_test(wrap_puts_in_front),
		cmocka_unit_test(quote_escapes),
		cmocka_unit_test(quote_cuts_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
