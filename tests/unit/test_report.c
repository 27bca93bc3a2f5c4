/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed: one line an event, whatever is put into it and wherever it goes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "privileged/self/report.h"

/* The clock that the wrapped clock_gettime shows; 0: the real one. */
static time_t fake_time;
int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	if (!fake_time || clock != CLOCK_REALTIME)
		return __real_clock_gettime(clock, ret);
	*ret = (struct timespec){.tv_sec = fake_time, .tv_nsec = 42999999};
	return 0;
}

static char out[16384];

/* Between the two, stderr is a pipe; what was written is in `out`. */
static int pipe_fds[2], saved;
static void capture(void)
{
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	saved = dup(STDERR_FILENO);
	assert_int_equal(dup2(pipe_fds[1], STDERR_FILENO), STDERR_FILENO);
	close(pipe_fds[1]);
}
static void captured(void)
{
	ssize_t n;

	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(pipe_fds[0], out, sizeof out - 1);
	assert_true(n >= 0);
	out[n] = '\0';
	close(pipe_fds[0]);
}

static void test_text(void **state)
{
	const struct report_about plain = {.op = VST_NO_OP, .plain = 1};

	(void)state;
	report_start(0, 0);
	capture();
	report(REPORT_INFO, NULL, "step %d", 1);
	report(REPORT_WARNING, NULL, "look");
	report(REPORT_ERROR, &(struct report_about){.path = "/x", .code = 2}, "no");
	report(REPORT_INFO, &plain, "Created interface eth0 type veth");
	captured();
	assert_string_equal(out, "vestibule: step 1\n"
				 "vestibule: warning: look\n"
				 "vestibule: no\n"
				 "Created interface eth0 type veth\n");
}

static void test_quiet(void **state)
{
	(void)state;
	report_start(0, 1);
	capture();
	report(REPORT_INFO, NULL, "a");
	report(REPORT_WARNING, NULL, "b");
	report(REPORT_ERROR, NULL, "c");
	captured();
	assert_string_equal(out, "vestibule: c\n");
}

static void test_json(void **state)
{
	struct report_about about = {
		.path = "/a\n\"b\\\xff",
		.interface = "eth0",
		.op = 3,
		.code = 17,
		.exit = 7,
	};

	(void)state;
	report_start(1, 0);
	fake_time = 1700000000;
	capture();
	report(REPORT_ERROR, &about, "a \"b\" \\x0a");
	report(REPORT_INFO, &(struct report_about){.op = VST_NO_OP, .plain = 1}, "plain");
	report(REPORT_WARNING, NULL, "w");
	captured();
	fake_time = 0;
	assert_string_equal(out,
		"{\"time\":\"2023-11-14T22:13:20.042Z\",\"level\":\"error\","
		"\"msg\":\"a \\\"b\\\" \\\\x0a\",\"op\":3,"
		"\"path\":\"/a\\\\x0a\\\"b\\\\x5c\\\\xff\",\"interface\":\"eth0\","
		"\"errno\":17,\"code\":7}\n"
		"{\"time\":\"2023-11-14T22:13:20.042Z\",\"level\":\"info\",\"msg\":\"plain\"}\n"
		"{\"time\":\"2023-11-14T22:13:20.042Z\",\"level\":\"warning\",\"msg\":\"w\"}"
		"\n");
}

/* Against the library, on both sides of every leap day until 2400 and at random. */
static void test_time(void **state)
{
	static const time_t edges[] = {0, 68169600, 951782399, 951782400, 951868800, 4107542399,
		4107542400, 13574563200, 253402300799};
	unsigned n = sizeof edges / sizeof edges[0];

	(void)state;
	report_start(1, 0);
	srandom(1);
	for (unsigned i = 0; i < 4000; i++) {
		char want[64];
		struct tm tm;

		fake_time = i < n ? edges[i] + 1 : random() * 6;
		gmtime_r(&fake_time, &tm);
		strftime(want, sizeof want, "{\"time\":\"%Y-%m-%dT%H:%M:%S.042Z\"", &tm);
		capture();
		report(REPORT_INFO, NULL, "x");
		captured();
		if (strncmp(out, want, strlen(want)) != 0)
			fail_msg("wanted %s, got %s", want, out);
	}
	fake_time = 0;
}

/* As long as can be and full of what is escaped: still one whole line, and one JSON object. */
static void test_longest_line(void **state)
{
	static char text[5000];
	struct report_about about = {
		.path = text,
		.interface = text,
		.op = 4294967294u,
		.code = 2147483647,
		.exit = 8,
	};
	size_t len;

	(void)state;
	memset(text, '\\', sizeof text - 1);
	for (int json = 0; json < 2; json++) {
		report_start(json, 0);
		capture();
		report(REPORT_ERROR, &about, "%s", text);
		captured();
		len = strlen(out);
		assert_true(len > 1000 && len <= 4096);
		assert_ptr_equal(strchr(out, '\n'), out + len - 1);
		if (json)
			assert_string_equal(out + len - 11, ",\"code\":8}\n");
	}
}

static void test_never_more_than_a_line(void **state)
{
	(void)state;
	report_start(0, 0);
	capture();
	report(REPORT_ERROR, NULL, "%s", "a\nb\r\x1b[31m\x7f\xc3\xa4");
	captured();
	assert_string_equal(out, "vestibule: a?b??[31m???\n");
}

static void test_failure(void **state)
{
	struct vst_err err;

	(void)state;
	vst_fail(&err, VST_EXIT_CONFLICT, EEXIST, "make '%s'", "x");
	report_start(0, 0);
	capture();
	assert_int_equal(report_failure(&err), VST_EXIT_CONFLICT);
	captured();
	assert_string_equal(out, "vestibule: make 'x': File exists\n");

	report_start(1, 1);
	err.op = 2;
	capture();
	assert_int_equal(report_failure(&err), VST_EXIT_CONFLICT);
	captured();
	assert_non_null(strstr(
		out, "\"msg\":\"make 'x': File exists\",\"op\":2,\"errno\":17,\"code\":7}\n"));
}

/* A stderr that nobody empties, and one that nobody can read any more. In a child, because what
 * was waited for is remembered. */
static void test_hostile_stderr(void **state)
{
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct timespec start, end;
		double took;

		report_start(0, 0);
		signal(SIGPIPE, SIG_IGN);
		dup2(fds[1], STDERR_FILENO);
		alarm(10);
		clock_gettime(CLOCK_MONOTONIC, &start);
		for (int i = 0; i < 10000; i++)
			report(REPORT_INFO, NULL, "%0500d", i);
		clock_gettime(CLOCK_MONOTONIC, &end);
		took = (double)(end.tv_sec - start.tv_sec) +
		       (double)(end.tv_nsec - start.tv_nsec) / 1e9;
		if (took < 0.4 || took > 1.5)
			_exit(1);
		/* Once somebody reads, it is heard again. */
		while (read(fds[0], out, 4096) == 4096) {
			struct pollfd more = {.fd = fds[0], .events = POLLIN};

			if (poll(&more, 1, 0) != 1)
				break;
		}
		report(REPORT_INFO, NULL, "heard");
		if (read(fds[0], out, 4096) != 17 || memcmp(out, "vestibule: heard\n", 17) != 0)
			_exit(2);
		close(fds[0]);
		report(REPORT_INFO, NULL, "gone");
		close(STDERR_FILENO);
		report(REPORT_INFO, NULL, "closed");
		_exit(0);
	}
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Lines that are held come at once behind, in their order, and before the final error; what has
 * no room is printed at once, behind what was kept. */
static void test_held(void **state)
{
	struct pollfd more;

	(void)state;
	report_start(0, 0);
	capture();
	more = (struct pollfd){.fd = pipe_fds[0], .events = POLLIN};
	report_hold();
	report(REPORT_INFO, NULL, "one");
	report(REPORT_WARNING, NULL, "two");
	assert_int_equal(poll(&more, 1, 0), 0);
	report_let_go();
	report(REPORT_INFO, NULL, "three");
	report_let_go();
	captured();
	assert_string_equal(out, "vestibule: one\nvestibule: warning: two\nvestibule: three\n");
	capture();
	report_hold();
	report(REPORT_INFO, NULL, "one");
	assert_int_equal(report_failure(&(struct vst_err){.exit = 3, .text = "last"}), 3);
	captured();
	assert_string_equal(out, "vestibule: one\nvestibule: last\n");
	capture();
	more.fd = pipe_fds[0];
	report_hold();
	for (int n = 0, len = 0; len + 512 <= 256 << 10; n++, len += 512) {
		report(REPORT_INFO, NULL, "%0500d", n);
		assert_int_equal(poll(&more, 1, 0), 0);
	}
	/* A pipe has room for a quarter of it. */
	report(REPORT_INFO, NULL, "%0500d", -1);
	assert_int_equal(poll(&more, 1, 0), 1);
	captured();
	assert_int_equal(strtol(out + strlen("vestibule: "), NULL, 10), 0);
	assert_int_equal(strtol(out + 512 + strlen("vestibule: "), NULL, 10), 1);
	report_let_go();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_never_more_than_a_line),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_hostile_stderr),
		/* It uses up the time that a run waits for stderr. */
		cmocka_unit_test(test_held),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
