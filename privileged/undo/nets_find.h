/* Where a network namespace may be found again: a part of nets.c. */
#pragma once

#include "../../policy/caller.h"
#include "../journal/journal.h"
#include "../link/nl.h"

/* Numbers that attach draws begin here, far above what the kernel gives by itself: one of these
 * is never another namespace's, one below may be by now. */
#define NETS_NSID_MIN 0x40000000

struct nets_search {
	const struct journal *journal;
	const struct rec_run *run;
	const struct caller *caller;
	struct nl *here;
	int ns_here;
	/* What the search learned. */
	int is_bound;  /* it was found through a bind, which the descriptor keeps busy */
	int is_denied; /* its process lives, and may not be looked at */
};

/* A descriptor of there, proved to be it; -1: not found, which is no proof that it is gone. */
int nets_find(struct nets_search *search);
