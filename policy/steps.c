/* SPDX-License-Identifier: Apache-2.0 */
#include "step.h"

#include <stddef.h>

static const struct step_facts steps[STEP_KINDS + 1] = {
#define STEP(kind, verb, shape, mounts, grant, name, said, undo)                               \
	[STEP_##kind] = {PLAN_##verb, STEP_SHAPE_##shape, mounts, STEP_GRANT_##grant, name,    \
		said, undo},
#include "steps.def"
#undef STEP
};

const struct step_facts *step_facts(unsigned kind)
{
	return kind >= 1 && kind <= STEP_KINDS ? &steps[kind] : NULL;
}

int step_has_shape(const struct step *step, enum step_shape shape)
{
	const struct step_facts *facts = step_facts(step->kind);

	return facts && facts->shape == shape;
}

int step_is_set(const struct step *step)
{
	return step->kind == STEP_LINK_SET_HERE || step->kind == STEP_LINK_SET_THERE;
}

int step_is_mount(const struct step *step)
{
	const struct step_facts *facts = step_facts(step->kind);

	return facts && facts->mounts;
}
