/* SPDX-License-Identifier: Apache-2.0 */
#include "admit.h"

int admit_caller(const struct caller *caller, struct vst_err *err)
{
	if (!caller->has_less)
		return 0;
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"vestibule has more rights than its caller, uid %u (setuid or file capabilities), which this version does not support: take them away and run it as root",
		caller->uid);
}

/* Whether the path is absolute, on the host, or relative and marked as beneath rootfs. */
static int is_placed(const struct plan *plan, const struct step *step)
{
	int is_absolute = plan_text(plan, step->at.path.off)[0] == '/';

	return is_absolute == !(step->at.flags & PATH_IN_ROOT);
}

static int belongs(const struct plan *plan, const struct step *step)
{
	const struct step_facts *facts = step_facts(step->kind);

	if (!facts || facts->verb != plan->verb)
		return 0;
	switch (facts->shape) {
	case STEP_SHAPE_IMPLIED:
	case STEP_SHAPE_LINK:
		return 1;
	case STEP_SHAPE_DIR:
	case STEP_SHAPE_NS:
	case STEP_SHAPE_MOUNT:
		return is_placed(plan, step);
	case STEP_SHAPE_CGROUP:
		return plan_text(plan, step->at.path.off)[0] != '/';
	}
	return 0;
}

int admit(const struct plan *plan, const struct caller *caller, struct vst_err *err)
{
	if (admit_caller(caller, err) < 0)
		return -1;
	for (uint32_t i = 0; i < plan->n_steps; i++) {
		if (belongs(plan, &plan->steps[i]))
			continue;
		vst_fail(err, VST_EXIT_DENIED, 0, "step %u does not belong to this verb", i);
		err->op = plan->steps[i].op;
		return -1;
	}
	return 0;
}
