/* SPDX-License-Identifier: Apache-2.0 */
/* Why a process lacks rights that its program's file, or uid 0, would give it. The kernel says
 * nothing of it: it executes the file as if it had no such rights. */
#pragma once

#include <stdint.h>

#include "../../policy/caller.h"

/* Whether the file that this process executes is setuid, setgid or has file capabilities. */
int absent_is_promised(void);

/* Why the capabilities (bit n is capability n) are not permitted, and what to do, in words that
 * follow a colon. NULL: there is no reason to expect them. Before the filter. */
const char *absent_why(const struct caller *caller, uint64_t capabilities);
