/* SPDX-License-Identifier: Apache-2.0 */
/* The second judgement: may this caller do these steps to the objects that resolve pinned? */
#pragma once

#include "../ipc/err.h"
#include "allowed.h"
#include "caller.h"
#include "plan.h"

/* Makes the struct plan_allowed; nothing else does. Returns 0, or -1 with the first step that
 * confirm_one refuses or that is marked STEP_REFUSED. The result borrows from `pinned`, which
 * must outlive it. */
int confirm(const struct plan_pinned *pinned, const struct caller *caller,
	struct plan_allowed *ret_allowed, struct vst_err *err);

/* Judges one step, whatever the others are. Returns 0 without judging for a step that is marked
 * STEP_DONE or STEP_REFUSED. */
int confirm_one(const struct plan_pinned *pinned, const struct caller *caller, uint32_t step,
	struct vst_err *err);

/* Judges the base of a deferred step, which execute.c has just resolved: it must be an open
 * directory. */
int confirm_deferred(const struct plan_allowed *allowed, uint32_t step, const struct pin *base,
	struct vst_err *err);
