/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs: each a straight sequence of the stages of run.h. */
#pragma once

#include "../ipc/err.h"
#include "run.h"

/* verb_prepare(), verb_attach() and so on. */
#define VERB(number, kind, function, ...)                                                      \
	int verb_##function(struct run *run, struct vst_err *err);
#include "../policy/verbs.def"
#undef VERB

/* Whether prepare has anything to do, by the open journal and the bundle's layout: 1, 0 if the
 * bundle is prepared already, -1 if prepare would be refused. Prints nothing. */
int prepare_wanted(struct run *run, struct vst_err *err);
