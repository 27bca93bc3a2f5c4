/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The capabilities that capabilities.def lists for a verb, a step and a plan. A set is a mask:
 * bit n is capability n (linux/capability.h).
 */
#pragma once

#include <linux/capability.h>
#include <stdint.h>

#include "caller.h"
#include "plan.h"

/* Needed only to start the parser; dropped once it is started. */
#define PARSER_CAPABILITIES (1ULL << CAP_SETUID | 1ULL << CAP_SETGID)

/* What callers with less than the program are given at most: nothing that overrides the
 * permissions of files, which setfsuid(0) would make effective. */
#define LESS_CAPABILITIES                                                                      \
	(PARSER_CAPABILITIES | 1ULL << CAP_SYS_ADMIN | 1ULL << CAP_NET_ADMIN |                 \
		1ULL << CAP_SYS_PTRACE)

/* What the file of `make install-caps` has. */
#define FILE_CAPABILITIES (1ULL << CAP_NET_ADMIN | 1ULL << CAP_SYS_PTRACE)

/* ret_required: what the plan's steps and their undo need. ret_kept: these, and what the verb
 * uses if it is present. Steps that are done already count for nothing. */
void plan_capabilities(const struct plan *plan, uint64_t *ret_required, uint64_t *ret_kept);

/* The capabilities that a step of this kind requires. */
uint64_t step_capabilities(enum step_kind kind);

/* The capabilities that a verb uses if they are present, whatever its steps are. */
uint64_t verb_kept_capabilities(enum plan_verb verb);

/* What a caller with less is given at most, and of that what a verb does nothing without. A
 * verb that shows something shows less without. */
uint64_t less_capabilities(const struct caller *caller);
uint64_t less_required(const struct caller *caller, enum plan_verb verb);

/* All capabilities that a verb may use, before its plan is known; and those of them that only
 * the repair of an unfinished run needs. */
uint64_t verb_capabilities(enum plan_verb verb);
uint64_t repair_capabilities(enum plan_verb verb);
