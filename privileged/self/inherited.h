/* SPDX-License-Identifier: Apache-2.0 */
/* What a process inherits beside descriptors, signals and limits (startup.h), and a caller with
 * less could slow this program down by, or hide it from the kernel's choice. */
#pragma once

#include "../../ipc/err.h"

/* Puts back to what a fresh login has: the parent-death signal, timer slack, scheduling class
 * and nice value, affinity, personality, access to the time stamp counter, and the OOM killer's
 * adjustment. Securebits other than 0 are VST_EXIT_DENIED: with them ids and capabilities do
 * not change together as is relied on. What the kernel does not let us change back is left: it
 * costs the caller's own run alone. */
int inherited_reset(struct vst_err *err);
