/* SPDX-License-Identifier: Apache-2.0 */
/* How long a run waits in all, by a clock that the test moves: nothing here takes time. Each
 * test runs in a child, since a run has one account. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "in_child.h"
#include "ipc/limits.h"
#include "privileged/kernel/patience.h"

static int64_t clock_ns = 1;
static time_t boot_s = 1000; /* of the clock that goes on while the machine sleeps */
static unsigned n_pauses;
static int64_t attempt_ns; /* what an attempt takes beside the pause */
static unsigned signal_at; /* the pause in which one comes; 0: none does */

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	if (clock == CLOCK_BOOTTIME) {
		*ret = (struct timespec){.tv_sec = boot_s};
		return 0;
	}
	assert_int_equal(clock, CLOCK_MONOTONIC);
	*ret = (struct timespec){clock_ns / 1000000000, clock_ns % 1000000000};
	return 0;
}

long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	const struct timespec *pause;
	uint64_t set;
	va_list ap;

	assert_int_equal(number, SYS_rt_sigtimedwait);
	va_start(ap, number);
	set = *va_arg(ap, const uint64_t *);
	assert_null(va_arg(ap, void *));
	pause = va_arg(ap, const struct timespec *);
	va_end(ap);
	assert_true(set == (1ULL << (SIGHUP - 1) | 1ULL << (SIGINT - 1) |
				   1ULL << (SIGQUIT - 1) | 1ULL << (SIGTERM - 1)));
	clock_ns += pause->tv_sec * 1000000000 + pause->tv_nsec;
	errno = EAGAIN;
	return ++n_pauses == signal_at ? SIGTERM : -1;
}

/* Waits in vain; how many milliseconds that were. */
static int64_t wait_in_vain(enum patience what)
{
	struct patience_wait wait = {0};
	int64_t start;

	/* The first attempt, however long it took, was work. */
	clock_ns += 3600 * 1000000000LL;
	start = clock_ns;
	do
		clock_ns += attempt_ns;
	while (patience_again(what, &wait));
	return (clock_ns - start - attempt_ns) / 1000000;
}

/* Counts what the machine slept, and only from when there is one. */
static int act_deadline(void)
{
	WANT(!patience_is_late());
	boot_s += 10 * VST_LESS_S;
	WANT(!patience_is_late());
	patience_deadline();
	clock_ns += 10LL * VST_LESS_S * 1000000000;
	boot_s += VST_LESS_S;
	WANT(!patience_is_late());
	boot_s++;
	WANT(patience_is_late());
	return 0;
}

static int act_busy_mounts_share(void)
{
	patience_take_back();
	WANT(wait_in_vain(PATIENCE_BUSY) == VST_BUSY_TIMEOUT_MS);
	WANT(n_pauses == VST_BUSY_TIMEOUT_MS / 20);
	for (int i = 0; i < 100; i++)
		WANT(wait_in_vain(PATIENCE_BUSY) == 0);
	WANT(n_pauses == VST_BUSY_TIMEOUT_MS / 20);
	/* What is left of the run's time is for the others. */
	WANT(!patience_is_over());
	WANT(wait_in_vain(PATIENCE_LINK) == VST_WAIT_MS - VST_BUSY_TIMEOUT_MS);
	WANT(patience_is_over() && !patience_signal());
	WANT(wait_in_vain(PATIENCE_RACE) == 0 && wait_in_vain(PATIENCE_ANSWER) == 0);
	return 0;
}

/* An attempt that fails is no progress: its time counts as the pause does. */
static int act_attempts_count(void)
{
	unsigned n = 0;

	/* Each is tried so many times again, and all of them end with the run's time. */
	attempt_ns = 1000000;
	patience_take_back();
	WANT(wait_in_vain(PATIENCE_RACE) == VST_RETRY_TRIES && n_pauses == VST_RETRY_TRIES);
	while (!patience_is_over() && ++n < 10000)
		wait_in_vain(PATIENCE_RACE);
	WANT(n == VST_WAIT_MS / VST_RETRY_TRIES - 1);
	return 0;
}

static int act_half_is_for_taking_back(void)
{
	WANT(wait_in_vain(PATIENCE_LINK) == VST_WAIT_ACT_MS && patience_is_over());
	patience_take_back();
	WANT(!patience_is_over());
	WANT(wait_in_vain(PATIENCE_LINK) == VST_WAIT_MS - VST_WAIT_ACT_MS &&
		patience_is_over());
	patience_act();
	WANT(patience_is_over());
	return 0;
}

static int act_each_is_bounded(void)
{
	WANT(wait_in_vain(PATIENCE_ANSWER) == VST_ANSWER_TIMEOUT_MS);
	WANT(wait_in_vain(PATIENCE_ANSWER) == VST_ANSWER_TIMEOUT_MS);
	WANT(wait_in_vain(PATIENCE_ANSWER) == VST_WAIT_ACT_MS - 2 * VST_ANSWER_TIMEOUT_MS);
	return 0;
}

static int act_signal(void)
{
	signal_at = 3;
	patience_take_back();
	errno = EBUSY;
	WANT(wait_in_vain(PATIENCE_BUSY) == 3 * 20 && n_pauses == 3);
	WANT(errno == EBUSY);
	WANT(patience_is_over() && patience_signal() == SIGTERM);
	WANT(wait_in_vain(PATIENCE_BUSY) == 0 && wait_in_vain(PATIENCE_LINK) == 0);
	/* What is raced is still met again, for a moment. */
	attempt_ns = 1000000;
	WANT(wait_in_vain(PATIENCE_RACE) == VST_WAIT_SIGNALLED_MS);
	WANT(wait_in_vain(PATIENCE_RACE) == 0);
	patience_take_back();
	WANT(wait_in_vain(PATIENCE_RACE) == 0);
	return 0;
}

IN_CHILD(deadline)
IN_CHILD(busy_mounts_share)
IN_CHILD(attempts_count)
IN_CHILD(half_is_for_taking_back)
IN_CHILD(each_is_bounded)
IN_CHILD(signal)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_busy_mounts_share),
		cmocka_unit_test(test_attempts_count),
		cmocka_unit_test(test_half_is_for_taking_back),
		cmocka_unit_test(test_each_is_bounded),
		cmocka_unit_test(test_signal),
	};

	return cmocka_run_group_tests_name("patience", tests, NULL, NULL);
}
