/*
 * What capabilities.def says of a verb, a step and a plan. Sets are masks: bit n is capability
 * n (linux/capability.h).
 */
#pragma once

#include <linux/capability.h>
#include <stdint.h>

#include "plan.h"

/* Only for starting the parser; gone when it was started. */
#define PARSER_CAPABILITIES (1ULL << CAP_SETUID | 1ULL << CAP_SETGID)

/* The capabilities that the plan's steps, and taking them back, require; and those that are
 * used where they are there. */
void plan_capabilities(const struct plan *plan, uint64_t *ret_required, uint64_t *ret_kept);

/* What one step of this kind requires. */
uint64_t step_capabilities(enum step_kind kind);

/* What a verb uses where it is there, whatever its steps are. */
uint64_t verb_kept_capabilities(enum plan_verb verb);

/* All that a verb may use, before its plan is known; and what of it is only for repairing what
 * an earlier run left. */
uint64_t verb_capabilities(enum plan_verb verb);
uint64_t repair_capabilities(enum plan_verb verb);

/* "CAP_SYS_ADMIN"; "CAP_?" for one that capabilities.def does not know. */
const char *capability_name(unsigned cap);
