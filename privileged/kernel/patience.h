/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a run waits, in all. Whatever waits while the run holds a lock asks here after each
 * failed attempt. Time spent working is not counted. Acting may use half of the time; the rest
 * is for taking back, so that waiting for one does not leave the other undone. SIGTERM, SIGINT,
 * SIGHUP and SIGQUIT, which are blocked while a run acts, end the waiting: what was begun is
 * taken back, and what undo would have to wait for is left and reported.
 */
#pragma once

#include <stdint.h>

enum patience {
	PATIENCE_RACE,   /* A rename or mount raced a lookup. */
	PATIENCE_BUSY,   /* A mount is in use; all such waits share VST_BUSY_TIMEOUT_MS. */
	PATIENCE_LINK,   /* A container keeps changing an interface. */
	PATIENCE_ANSWER, /* The kernel's netlink answer has not come yet. */
};

/* One wait. All zero: not begun. */
struct patience_wait {
	int64_t begun_ns, last_ns;
	uint32_t tries; /* Failed attempts. */
};

/* After a failed attempt: pauses, and returns whether to try again. Charges the time since this
 * wait last asked. Preserves errno. */
int patience_again(enum patience what, struct patience_wait *wait);

/* patience_take_back: from now on the run takes back, and may use all of its time.
 * patience_act: an earlier run's leftovers are taken back, and from now on the run does its own
 * work. */
void patience_take_back(void);
void patience_act(void);

/* From now on patience_is_late() tells whether VST_LESS_S seconds have passed, those counted in
 * which the process was stopped or the machine slept. Before: never. */
void patience_deadline(void);
int patience_is_late(void);

/* Whether to begin nothing new: the time is used up, or a signal ended the waiting. */
int patience_is_over(void);

/* The signal that ended the waiting; 0: none. */
int patience_signal(void);
