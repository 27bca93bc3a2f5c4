/* SPDX-License-Identifier: Apache-2.0 */
/* What must not be reached ends the program; what libcap-ng's constructor calls does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENDING(X)                                                                              \
	X(absent___syslog_chk)                                                                 \
	X(absent_getpwuid)                                                                     \
	X(absent_initgroups)                                                                   \
	X(absent_setgroups)                                                                    \
	X(absent_setresgid)                                                                    \
	X(absent_setresuid)                                                                    \
	X(absent_syslog)
#define DECLARE(name) void name(void);
ENDING(DECLARE)
int absent_pthread_atfork(void);

static void ends(void **state)
{
#define LIST(name) name,
	void (*const all[])(void) = {ENDING(LIST)};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			/* cmocka catches this one. */
			signal(SIGILL, SIG_DFL);
			signal(SIGTRAP, SIG_DFL);
			all[i]();
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
	}
}

static void answers(void **state)
{
	(void)state;
	assert_int_equal(absent_pthread_atfork(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
