/*
 * Which mount namespace a run belongs to. Mounts, and the paths that lead to files, are of one:
 * in another they are neither touched nor forgotten. Links are of a network namespace (nets.h),
 * and the same from every mount namespace.
 */
#pragma once

#include "../../policy/caller.h"
#include "../journal/journal.h"

enum scope {
	SCOPE_OURS,
	SCOPE_GONE, /* provably, and its mounts with it: what is left of it can be looked at
		       here */
	SCOPE_ELSEWHERE, /* another one, which lives, or of which it cannot be told */
};

/* The scope of the run whose record is at place. caller NULL: without asking the kernel. */
enum scope scope_of(
	const struct journal *journal, uint32_t run_place, const struct caller *caller);

/* Whether a record's object belongs to the mount namespace of its run. */
int scope_is_bound(const struct journal_rec *rec);

/* Why an object of SCOPE_ELSEWHERE is left, and what to do, as an error of VST_EXIT_INCOMPLETE.
 */
void scope_explain(const struct journal *journal, uint32_t run_place, struct vst_err *err);
