/* SPDX-License-Identifier: Apache-2.0 */
/* The stages that only a caller with less goes through. For others each returns 0 at once. */
#pragma once

#include "../policy/grant.h"
#include "run.h"

/* Reads the policy, the accounts that it names, and the caller's groups. Before the filter, and
 * before anything that the caller names is opened. What is wrong with the policy is said by
 * run_grant, if the plan needs it. */
int run_load_policy(struct run *run, struct vst_err *err);

/* Asks the policy for each step of the resolved plan that takes more than the caller's own
 * rights, and notes beneath which directory it is granted: VST_EXIT_DENIED, with what would be
 * needed. */
int run_grant(struct run *run, struct vst_err *err);

/* Looks at the file that step i of a resolved plan binds a namespace on: whether it is there
 * and not uid's, in ret->is_foreign, and the deepest directory on the way, borrowed. */
int run_look_at_file(const struct run *run, uint32_t i, uint32_t uid, struct grant_file *ret,
	int *ret_dir_fd, struct vst_err *err);

/* journal_begin, within what the policy lets the caller have at once: VST_EXIT_DENIED. */
int run_begin(struct run *run, struct rec_run *record, size_t space, struct vst_err *err);
