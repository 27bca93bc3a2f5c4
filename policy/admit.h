/* May this caller ask for this? The first judgement, before anything was looked up. */
#pragma once

#include "../ipc/err.h"
#include "caller.h"
#include "plan.h"

/* Of the caller alone, before anything of his is opened. A caller with less than the program
 * (setuid, file capabilities) is VST_EXIT_UNSUPPORTED until there is a policy to judge him by.
 */
int admit_caller(const struct caller *caller, struct vst_err *err);

/* 0, or -1 with the first step that is refused. Root, and root of its own user namespace, may
 * ask for everything. */
int admit(const struct plan *plan, const struct caller *caller, struct vst_err *err);
