/* SPDX-License-Identifier: Apache-2.0 */
#include "capabilities.h"

enum { REQUIRED, KEPT, REPAIR, SETS };

static void verb_lines(enum plan_verb verb, uint64_t sets[SETS])
{
#define VERB_CAP(v, when, cap)                                                                 \
	if (verb == PLAN_##v)                                                                  \
		sets[when] |= 1ULL << CAP_##cap;
#define STEP_CAP(s, when, cap)
#include "capabilities.def"
#undef VERB_CAP
#undef STEP_CAP
}

static void step_lines(enum step_kind kind, uint64_t sets[SETS])
{
#define VERB_CAP(v, when, cap)
#define STEP_CAP(s, when, cap)                                                                 \
	if (kind == STEP_##s)                                                                  \
		sets[when] |= 1ULL << CAP_##cap;
#include "capabilities.def"
#undef VERB_CAP
#undef STEP_CAP
}

uint64_t verb_kept_capabilities(enum plan_verb verb)
{
	uint64_t sets[SETS] = {0};

	verb_lines(verb, sets);
	return sets[KEPT];
}

uint64_t step_capabilities(enum step_kind kind)
{
	uint64_t sets[SETS] = {0};

	step_lines(kind, sets);
	return sets[REQUIRED];
}

void plan_capabilities(const struct plan *plan, uint64_t *ret_required, uint64_t *ret_kept)
{
	uint64_t sets[SETS] = {0};

	verb_lines(plan->verb, sets);
	/* The parser was started before the plan existed. */
	sets[KEPT] &= ~PARSER_CAPABILITIES;
	for (uint32_t i = 0; i < plan->n_steps; i++)
		if (!(plan->steps[i].flags & STEP_DONE))
			step_lines(plan->steps[i].kind, sets);
	*ret_required = sets[REQUIRED];
	*ret_kept = sets[REQUIRED] | sets[KEPT];
}

uint64_t verb_capabilities(enum plan_verb verb)
{
	uint64_t sets[SETS] = {0};

	verb_lines(verb, sets);
	for (unsigned kind = 1; kind <= STEP_KINDS; kind++)
		if (step_facts(kind)->verb == verb)
			step_lines((enum step_kind)kind, sets);
	return sets[REQUIRED] | sets[KEPT] | sets[REPAIR];
}

uint64_t less_capabilities(const struct caller *caller)
{
	return caller->is_caps ? FILE_CAPABILITIES : LESS_CAPABILITIES;
}

uint64_t less_required(const struct caller *caller, enum plan_verb verb)
{
	uint64_t set = verb_capabilities(verb) & less_capabilities(caller);

	if (verb == PLAN_STATUS)
		return 0;
	/* Its change of uid is for root's children. */
	return verb == PLAN_GC ? set & ~PARSER_CAPABILITIES : set;
}

uint64_t repair_capabilities(enum plan_verb verb)
{
	uint64_t sets[SETS] = {0};

	verb_lines(verb, sets);
	return sets[REPAIR];
}
