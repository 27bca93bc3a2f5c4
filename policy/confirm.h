/* May this caller do it to these very objects? The second judgement, of what resolve pinned. */
#pragma once

#include "../ipc/err.h"
#include "allowed.h"
#include "caller.h"
#include "plan.h"

/* The only maker of struct plan_allowed. 0, or -1 with the first step that is refused: one that
 * confirm_one refuses, or that is STEP_REFUSED, which nobody may act on. The result borrows
 * from pinned, which must outlive it. */
int confirm(const struct plan_pinned *pinned, const struct caller *caller,
	struct plan_allowed *ret_allowed, struct vst_err *err);

/* The same judgement of one step, whatever the others are like. STEP_DONE and STEP_REFUSED are
 * not looked at: 0. */
int confirm_one(const struct plan_pinned *pinned, const struct caller *caller, uint32_t step,
	struct vst_err *err);

/* The same judgement for a deferred step, whose base execute.c has just resolved. */
int confirm_deferred(const struct plan_allowed *allowed, uint32_t step, const struct pin *base,
	struct vst_err *err);
