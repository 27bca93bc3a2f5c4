/* SPDX-License-Identifier: Apache-2.0 */
#include "patience.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "../../ipc/limits.h"
#include "clock.h"
#include "kernel_call.h"

#define NS_PER_MS 1000000

static const struct {
	uint32_t pause_ms; /* Pause between two attempts; 0: none. */
	uint32_t each_ms;  /* Limit of one wait. */
	uint32_t all_ms;   /* Limit of all waits of this kind. */
	uint32_t tries;    /* Attempts of one wait; 0: no limit. */
} kinds[] = {
	[PATIENCE_RACE] = {0, VST_WAIT_MS, VST_WAIT_MS, VST_RETRY_TRIES},
	[PATIENCE_BUSY] = {20, VST_BUSY_TIMEOUT_MS, VST_BUSY_TIMEOUT_MS, 0},
	[PATIENCE_LINK] = {20, VST_WAIT_MS, VST_WAIT_MS, 0},
	[PATIENCE_ANSWER] = {5, VST_ANSWER_TIMEOUT_MS, VST_WAIT_MS, 0},
};

/* How long the run has waited. */
struct account {
	int64_t waited_ns; /* By all kinds together. */
	int64_t by_kind_ns[sizeof kinds / sizeof kinds[0]];
	int64_t limit_ms; /* Limit of waited_ns for the present phase. */
	int signal;
};

static struct account *account(void)
{
	static struct account of_run = {.limit_ms = VST_WAIT_ACT_MS};

	return &of_run;
}

/* CLOCK_MONOTONIC stops while the machine sleeps, as does what is waited for. */
static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

static int64_t *deadline_s(void)
{
	static int64_t at;

	return &at;
}

void patience_deadline(void)
{
	*deadline_s() = kernel_boot_s() + VST_LESS_S;
}

int patience_is_late(void)
{
	return *deadline_s() && kernel_boot_s() > *deadline_s();
}

static void charge(enum patience what, struct patience_wait *wait)
{
	const int64_t now = now_ns();

	/* The first attempt is work, and not charged. */
	if (!wait->begun_ns) {
		wait->begun_ns = wait->last_ns = now;
		return;
	}
	account()->by_kind_ns[what] += now - wait->last_ns;
	account()->waited_ns += now - wait->last_ns;
	wait->last_ns = now;
}

/* Sleeps, and consumes a signal that asks for the end. */
static void pause_for(enum patience what, struct patience_wait *wait)
{
	static const uint64_t ends = UINT64_C(1) << (SIGHUP - 1) | UINT64_C(1) << (SIGINT - 1) |
				     UINT64_C(1) << (SIGQUIT - 1) |
				     UINT64_C(1) << (SIGTERM - 1);
	const struct timespec pause = {.tv_nsec = (long)kinds[what].pause_ms * NS_PER_MS};
	const int sig = kernel_sigtimedwait(&ends, &pause);
	struct account *run = account();
	int64_t end_ms;

	charge(what, wait);
	if (sig <= 0)
		return;
	run->signal = sig;
	/* Keep some time, because undo may meet races and must retry those. */
	end_ms = run->waited_ns / NS_PER_MS + VST_WAIT_SIGNALLED_MS;
	if (run->limit_ms > end_ms)
		run->limit_ms = end_ms;
}

static int is_used_up(enum patience what, const struct patience_wait *wait)
{
	const struct account *run = account();

	return (kinds[what].tries && wait->tries > kinds[what].tries) ||
	       run->waited_ns >= run->limit_ms * NS_PER_MS ||
	       run->by_kind_ns[what] >= kinds[what].all_ms * (int64_t)NS_PER_MS ||
	       wait->last_ns - wait->begun_ns >= kinds[what].each_ms * (int64_t)NS_PER_MS;
}

int patience_again(enum patience what, struct patience_wait *wait)
{
	const int code = errno;
	int again;

	charge(what, wait);
	wait->tries++;
	again = !is_used_up(what, wait) && (!account()->signal || what == PATIENCE_RACE);
	if (again) {
		pause_for(what, wait);
		again = !account()->signal || what == PATIENCE_RACE;
	}
	errno = code;
	return again;
}

void patience_take_back(void)
{
	if (!account()->signal)
		account()->limit_ms = VST_WAIT_MS;
}

void patience_act(void)
{
	if (!account()->signal)
		account()->limit_ms = VST_WAIT_ACT_MS;
}

int patience_is_over(void)
{
	const struct account *run = account();

	return run->signal || run->waited_ns >= run->limit_ms * NS_PER_MS;
}

int patience_signal(void)
{
	return account()->signal;
}
