/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what is taken, and that nothing else is. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "privileged/self/cli.h"

/* Splits at spaces; "''" is the empty argument. */
static int parse(const char *line, struct cli *ret, struct vst_err *err)
{
	static char words[512];
	static char program[] = "whatever";
	char *argv[32] = {program};
	int argc = 1;

	assert_true(strlen(line) < sizeof words);
	strcpy(words, line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		if (!strcmp(word, "''"))
			*word = '\0';
		argv[argc++] = word;
	}
	return cli_parse(argc, argv, ret, err);
}

static struct cli good(const char *line)
{
	struct vst_err err;
	struct cli cli;

	if (parse(line, &cli, &err) < 0)
		fail_msg("'%s': %s", line, err.text);
	return cli;
}

/* Refused as usage, with these words; the result is untouched. */
static void bad(const char *line, const char *words)
{
	struct cli cli, before;
	struct vst_err err;

	memset(&cli, 0x5a, sizeof cli);
	before = cli;
	if (parse(line, &cli, &err) == 0)
		fail_msg("'%s' was taken", line);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
	if (!strstr(err.text, words))
		fail_msg("'%s': no '%s' in: %s", line, words, err.text);
	assert_memory_equal(&cli, &before, sizeof cli);
}

static void test_verbs(void **state)
{
	static const struct {
		const char *line;
		enum plan_verb verb;
	} verbs[] = {
		{"prepare b", PLAN_PREPARE},
		{"attach --pid 7 b", PLAN_ATTACH},
		{"cleanup b", PLAN_CLEANUP},
		{"detach b", PLAN_DETACH},
		{"status b", PLAN_STATUS},
		{"status", PLAN_STATUS},
		{"gc", PLAN_GC},
		{"plan b", PLAN_SHOW},
		{"policy check", PLAN_POLICY_CHECK},
		{"policy check f", PLAN_POLICY_CHECK},
		{"policy --quiet explain b", PLAN_POLICY_EXPLAIN},
	};
	static const struct {
		const char *line;
		enum cli_want want;
	} others[] = {
		{"--help", CLI_HELP},
		{"-h", CLI_HELP},
		{"prepare --help", CLI_HELP},
		{"--help no such thing --nor this", CLI_HELP},
		{"--version", CLI_VERSION},
	};

	(void)state;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		assert_int_equal(good(verbs[i].line).verb, verbs[i].verb);
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		assert_int_equal(good(verbs[i].line).want, CLI_VERB);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(good(others[i].line).want, others[i].want);
}

/* Every verb with every option: taken, or refused for this very option. */
static void test_options_of_each_verb(void **state)
{
	static const char *const options[] = {"--root=r", "--strict", "--expect=e", "--all",
		"--format=json", "--pid=7", "--pid-file=f", "--pidfd=9", "--quiet",
		"--log-format=json", "--user=u"};
	static const struct {
		const char *line, *takes; /* A letter for each option. */
	} verbs[] = {
		{"prepare b", "yyynnnnnyyn"},
		{"attach b", "yyynnyyyyyn"},
		{"cleanup b", "ynnynnnnyyn"},
		{"detach b", "ynnnnnnnyyn"},
		{"status b", "ynnnynnnyyn"},
		{"gc", "ynnnnnnnyyn"},
		{"plan b", "yynnyyyyyyn"},
		{"policy check f", "nnnnnnnnyyn"},
		{"policy explain b", "nynnnyyyyyy"},
	};

	(void)state;
	for (size_t v = 0; v < sizeof verbs / sizeof verbs[0]; v++)
		for (size_t o = 0; o < sizeof options / sizeof options[0]; o++) {
			/* attach needs one of the three. */
			int more = v == 1 && strncmp(options[o], "--pid", 5) != 0;
			char line[128], refused[64];

			snprintf(line, sizeof line, "%s %s%s", verbs[v].line, options[o],
				more ? " --pid 7" : "");
			snprintf(refused, sizeof refused, "takes no option %.*s",
				(int)strcspn(options[o], "="), options[o]);
			if (verbs[v].takes[o] == 'y')
				good(line);
			else
				bad(line, refused);
		}
}

static void test_prepare(void **state)
{
	struct cli cli = good("prepare /b");

	(void)state;
	assert_string_equal(cli.bundle, "/b");
	assert_null(cli.root);
	assert_null(cli.pid_file);
	assert_int_equal(cli.pid, 0);
	assert_int_equal(cli.pidfd, -1);
	assert_false(cli.strict || cli.quiet || cli.json);

	cli = good("--quiet prepare --strict b --root=/r --log-format json");
	assert_string_equal(cli.bundle, "b");
	assert_string_equal(cli.root, "/r");
	assert_true(cli.strict && cli.quiet && cli.json);

	cli = good("--root /r --log-format=text prepare -- --b");
	assert_string_equal(cli.bundle, "--b");
	assert_string_equal(cli.root, "/r");
	assert_false(cli.json);

	assert_string_equal(good("prepare -").bundle, "-");
	assert_string_equal(good("prepare --root=-x=y b").root, "-x=y");
	assert_string_equal(good("-- prepare prepare").bundle, "prepare");
}

/* Verbs of two words. */
static void test_policy(void **state)
{
	struct cli cli = good("policy check");

	(void)state;
	assert_null(cli.file);
	assert_null(cli.bundle);
	cli = good("policy check f");
	assert_string_equal(cli.file, "f");
	assert_null(cli.bundle);
	cli = good("policy explain --user ci b");
	assert_string_equal(cli.user, "ci");
	assert_string_equal(cli.bundle, "b");
	assert_null(cli.file);
	bad("policy", "the second is missing");
	bad("policy --quiet", "the second is missing");
	bad("policy chec", "no verb 'policy chec'");
	bad("policy ''", "no verb 'policy '");
	bad("polic check", "no verb 'polic'");
	bad("policy_check", "no verb 'policy_check'");
	bad("check", "no verb 'check'");
	bad("policy check f g", "takes one file, and 'g'");
	bad("policy check ''", "the file's path is empty");
	bad("policy explain", "needs the bundle");
	bad("policy explain b c", "takes one bundle, and 'c'");
	bad("policy explain --user u --user u b", "twice");
	bad("policy explain --user= b", "needs a value");
	bad("policy explain --pid 7 --pidfd 9 b", "at most one");
}

static void test_attach(void **state)
{
	struct cli cli = good("attach --pid 4194304 b");

	(void)state;
	assert_int_equal(cli.pid, 4194304);
	cli = good("attach b --pid-file f");
	assert_string_equal(cli.pid_file, "f");
	cli = good("attach b --pidfd=3");
	assert_int_equal(cli.pidfd, 3);
	assert_int_equal(good("attach b --pidfd 2147483647").pidfd, 2147483647);

	bad("attach b", "--pid-file");
	bad("attach --pid 7", "bundle");
	bad("attach --pid 7 --pid-file f b", "exactly one");
	bad("attach --pid 7 --pidfd 9 b", "exactly one");
	bad("attach --pid 7 --pid 7 b", "twice");
	bad("attach --pid 0 b", "--pid:");
	bad("attach --pid=-1 b", "--pid:");
	bad("attach --pidfd 2 b", "--pidfd");
	bad("attach --pidfd 2147483648 b", "--pidfd");
	bad("attach --pidfd 03 b", "--pidfd");
	bad("attach --pidfd=3x b", "--pidfd");
}

static void test_plan(void **state)
{
	struct cli cli = good("plan b");

	(void)state;
	assert_int_equal(cli.pid, 0);
	assert_int_equal(cli.pidfd, -1);
	assert_null(cli.pid_file);
	assert_false(cli.format_json);
	cli = good("plan --pid 7 --root r --strict --format json b");
	assert_int_equal(cli.pid, 7);
	assert_string_equal(cli.root, "r");
	assert_true(cli.strict && cli.format_json);
	assert_int_equal(good("plan --pidfd 5 b").pidfd, 5);
	assert_string_equal(good("plan --pid-file f b").pid_file, "f");
	bad("plan --pid 7 --pidfd 9 b", "at most one");
	bad("plan --expect f b", "--expect");
	bad("plan --all b", "--all");

	assert_null(good("prepare b").expect);
	assert_string_equal(good("prepare --expect f b").expect, "f");
	assert_string_equal(good("attach --pid 7 --expect=f b").expect, "f");
	bad("prepare --expect b", "bundle");
	bad("prepare --expect= b", "needs a value");
	bad("cleanup --expect f b", "--expect");
	bad("detach --expect f b", "--expect");
}

static void test_refusals(void **state)
{
	(void)state;
	bad("", "--help");
	bad("--quiet", "--help");
	bad("''", "verb");
	bad("prepar b", "prepar");
	bad("PREPARE b", "PREPARE");
	bad("prepare", "bundle");
	bad("prepare ''", "empty");
	bad("prepare a b", "'b'");
	bad("status a b", "'b'");
	bad("gc a", "'a'");
	bad("detach", "bundle");
	bad("plan", "bundle");
	bad("prepare --no-such b", "--no-such");
	bad("prepare --stric b", "--stric");
	bad("prepare --STRICT b", "--STRICT");
	bad("prepare -x b", "'-x'");
	bad("prepare -q b", "'-q'");
	bad("prepare --strict=1 b", "no value");
	bad("prepare --strict --strict b", "twice");
	bad("prepare --quiet b --quiet", "twice");
	bad("prepare --root=a b --root a", "twice");
	bad("prepare b --root", "needs a value");
	bad("prepare --root= b", "needs a value");
	bad("prepare --root '' b", "needs a value");
	bad("prepare --root --quiet b", "--root=VALUE");
	bad("prepare --log-format xml b", "'xml'");
	bad("prepare --log-format JSON b", "'JSON'");
	bad("prepare --pid 7 b", "--pid");
	bad("cleanup --strict b", "--strict");
	bad("prepare --\x1b[31m b", "\\x1b");
	bad("prepare b \n", "\\x0a");
}

static void test_option_and_verb_in_any_order(void **state)
{
	(void)state;
	bad("--strict cleanup b", "cleanup takes no option --strict");
	bad("--pid 7 prepare b", "prepare takes no option --pid");
	assert_int_equal(good("--pid 7 attach b").pid, 7);
}

static void test_pid(void **state)
{
	static const char *const wrong[] = {"", "0", "-1", "+1", " 1", "1 ", "01", "0x1", "1e3",
		"4194305", "4294967297", "99999999999999999999", "18446744073709551617", "1\n",
		"\xd9\xa1"};
	struct vst_err err;
	uint32_t pid = 99;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(cli_parse_pid(wrong[i], strlen(wrong[i]), &pid, &err), -1);
		assert_int_equal(err.exit, VST_EXIT_USAGE);
		assert_int_equal(pid, 99);
	}
	assert_int_equal(cli_parse_pid("1\0", 2, &pid, &err), -1);
	assert_int_equal(cli_parse_pid("12345", 2, &pid, &err), 0);
	assert_int_equal(pid, 12);
	assert_int_equal(cli_parse_pid("1", 1, &pid, &err), 0);
	assert_int_equal(pid, 1);
}

/* Writes a pid file and reads it; the exit status, or 0 with the pid. */
static int pid_file(const char *bytes, size_t len, uint32_t *ret)
{
	char name[] = "/tmp/vestibule-pid.XXXXXX";
	int fd = mkstemp(name), dir = open("/tmp", O_RDONLY | O_DIRECTORY);
	struct vst_err err;
	int result;

	assert_true(fd >= 0 && dir >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
	result = cli_read_pid_file(dir, name + 5, ret, &err);
	unlink(name);
	close(dir);
	if (result < 0 && strstr(err.text, "secret"))
		fail_msg("what is in the file was shown");
	return result < 0 ? (int)err.exit : 0;
}

static void test_pid_file(void **state)
{
	static const char *const wrong[] = {"", "\n", "12\n\n", "12 ", " 12", "12\n3", "12\r\n",
		"secret", "1234567890123456", "0", "00012"};
	uint32_t pid = 0;
	struct vst_err err;

	(void)state;
	assert_int_equal(pid_file("4711", 4, &pid), 0);
	assert_int_equal(pid, 4711);
	assert_int_equal(pid_file("4194304\n", 8, &pid), 0);
	assert_int_equal(pid, 4194304);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(pid_file(wrong[i], strlen(wrong[i]), &pid), VST_EXIT_USAGE);
	assert_int_equal(pid_file("12\0", 3, &pid), VST_EXIT_USAGE);
	assert_int_equal(pid, 4194304);

	assert_int_equal(cli_read_pid_file(AT_FDCWD, "/no/such/file", &pid, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_FAILED);
	assert_int_equal(cli_read_pid_file(AT_FDCWD, "/tmp", &pid, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
	assert_int_equal(cli_read_pid_file(AT_FDCWD, "/dev/zero", &pid, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
}

/* A FIFO that nobody writes to is refused, not waited for. */
static void test_pid_file_is_a_fifo(void **state)
{
	char name[] = "/tmp/vestibule-pid.XXXXXX";
	struct vst_err err;
	uint32_t pid;

	(void)state;
	assert_non_null(mkdtemp(name));
	assert_int_equal(rmdir(name), 0);
	assert_int_equal(mkfifo(name, 0600), 0);
	alarm(5);
	assert_int_equal(cli_read_pid_file(AT_FDCWD, name, &pid, &err), -1);
	alarm(0);
	unlink(name);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
}

static void test_help_is_short_and_complete(void **state)
{
	static const char *const words[] = {"prepare", "attach", "cleanup", "--pid ", "plan",
		"--expect", "--format", "--pid-file", "--pidfd", "--strict", "--root",
		"--log-format", "--quiet", "--help", "--version", "policy check",
		"policy explain", "--user", "--policy"};
	size_t lines = 0, column = 0;

	(void)state;
	for (const char *at = cli_help; *at; at++) {
		column++;
		if (*at == '\n') {
			lines++;
			assert_true(column <= 81);
			column = 0;
		}
	}
	assert_true(lines <= 36);
	assert_int_equal(column, 0);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		assert_non_null(strstr(cli_help, words[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_options_of_each_verb),
		cmocka_unit_test(test_prepare),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_attach),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_option_and_verb_in_any_order),
		cmocka_unit_test(test_pid),
		cmocka_unit_test(test_pid_file),
		cmocka_unit_test(test_pid_file_is_a_fifo),
		cmocka_unit_test(test_help_is_short_and_complete),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
