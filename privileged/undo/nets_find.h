/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the process's network namespace again, for nets_open.c. */
#pragma once

#include "../../policy/caller.h"
#include "../journal/journal.h"
#include "../link/nl.h"

/* The least nsid that attach draws, far above those that the kernel assigns. A drawn nsid never
 * belongs to another namespace; a lower one may have been reassigned. */
#define NETS_NSID_MIN 0x40000000

struct nets_search {
	const struct journal *journal;
	const struct rec_run *run;
	const struct caller *caller;
	struct nl *here;
	int ns_here;
	/* Set by the search. */
	int is_bound;  /* Found through a bind mount, which the descriptor keeps busy. */
	int is_denied; /* The process exists and may not be inspected. */
};

/* Returns a descriptor of the namespace, verified, which the caller closes. -1: not found,
 * which does not prove that it is gone. */
int nets_find(struct nets_search *search);
