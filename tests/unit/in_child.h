/* SPDX-License-Identifier: Apache-2.0 */
/* Tests that change their own process: each acts in a child. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Runs act in a child; it returns the line that failed, 0 if none did. */
static inline void in_child(int (*act)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(act() % 256);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("line %d (modulo 256), status %#x", WEXITSTATUS(status), status);
}

/* In act: returns the line of the first condition that does not hold. */
#define WANT(condition)                                                                        \
	do                                                                                     \
		if (!(condition))                                                              \
			return __LINE__;                                                       \
	while (0)

/* Defines test_NAME, which runs act_NAME in a child. */
#define IN_CHILD(name)                                                                         \
	static void test_##name(void **state)                                                  \
	{                                                                                      \
		(void)state;                                                                   \
		in_child(act_##name);                                                          \
	}
