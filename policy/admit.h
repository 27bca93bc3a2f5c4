/* SPDX-License-Identifier: Apache-2.0 */
/* The first judgement: may this caller ask for these steps? No name has been looked up yet. */
#pragma once

#include "../ipc/err.h"
#include "caller.h"
#include "plan.h"

/* Judges the caller alone, before any file that the caller names is opened. A caller with fewer
 * rights than the process is accepted if these come from a setuid program of root's, in the
 * initial user namespace and a network namespace that belongs to it. In one that a user made:
 * VST_EXIT_DENIED; by file capabilities: VST_EXIT_UNSUPPORTED. */
int admit_caller(const struct caller *caller, struct vst_err *err);

/* Judges a veth, or what is set of one, of a caller with less: what is the host's is not his to
 * say (VST_EXIT_DENIED), and what is inside is not set for him (VST_EXIT_UNSUPPORTED). */
int admit_veth(const struct plan *plan, const struct step *step, struct vst_err *err);

/* Whether what is done for the caller may be recorded: VST_EXIT_UNSUPPORTED by an install that
 * keeps no state. */
int admit_records(const struct caller *caller, struct vst_err *err);

/* Judges the caller, then the form of every step: its kind belongs to the verb, its path to the
 * kind. Returns 0, or -1 with the first step that is refused. A caller with less may ask for
 * what his own rights do, and for what a policy can grant (grant.h); any other for every kind.
 */
int admit(const struct plan *plan, const struct caller *caller, struct vst_err *err);
