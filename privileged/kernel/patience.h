/*
 * How long a run waits, in all. Whatever it waits for while it holds a lock, it asks here after
 * each attempt that failed; work that goes on is not counted. A run has half of the time for
 * what it does and the rest for taking back, so that waiting for the one does not leave the
 * other undone. SIGTERM, SIGINT, SIGHUP and SIGQUIT, which are blocked while a run acts, end
 * the waiting: what was begun is taken back, and what that would have to wait for is left and
 * named.
 */
#pragma once

#include <stdint.h>

enum patience {
	PATIENCE_RACE,   /* a rename or a mount raced a lookup */
	PATIENCE_BUSY,   /* a mount is in use: all of them share VST_BUSY_TIMEOUT_MS */
	PATIENCE_LINK,   /* a container keeps changing an interface */
	PATIENCE_ANSWER, /* the kernel's answer to a request did not come yet */
};

/* One wait. Zero: it has not begun. */
struct patience_wait {
	int64_t begun_ns, last_ns;
	uint32_t tries; /* that failed */
};

/* An attempt failed: pauses as long as is right for it, and says whether to try again. Charges
 * the time since the last time this wait asked. Preserves errno. */
int patience_again(enum patience what, struct patience_wait *wait);

/* From here on the run takes back, and has the rest of the time for it; or, what an earlier run
 * left being taken back, does its own work. */
void patience_take_back(void);
void patience_act(void);

/* Whether nothing new is to begin: the time is used up, or a signal came while it waited. */
int patience_is_over(void);

/* The signal that ended the waiting; 0: none. */
int patience_signal(void);
