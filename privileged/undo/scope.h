/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mount namespace a run belongs to. Mounts and paths are of one mount namespace: from
 * another they are neither touched nor forgotten. Links belong to a network namespace (nets.h)
 * and look the same from every mount namespace.
 */
#pragma once

#include "../../policy/caller.h"
#include "../journal/journal.h"

enum scope {
	SCOPE_OURS,
	SCOPE_GONE, /* Provably gone, and its mounts with it. What is left of the run can be
		       inspected here. */
	SCOPE_ELSEWHERE, /* Another namespace, which exists or may exist. */
};

/* The scope of the run at run_place. With caller NULL the kernel is not asked, and SCOPE_GONE
 * comes only of a reused inode. */
enum scope scope_of(
	const struct journal *journal, uint32_t run_place, const struct caller *caller);

/* Whether a record's object belongs to its run's mount namespace: a directory, file, mount or
 * mount change. */
int scope_is_bound(const struct journal_rec *rec);

/* Sets err, VST_EXIT_INCOMPLETE: why an object of SCOPE_ELSEWHERE is left, and what to do. */
void scope_explain(const struct journal *journal, uint32_t run_place, struct vst_err *err);
