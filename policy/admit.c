#include "admit.h"

int admit_caller(const struct caller *caller, struct vst_err *err)
{
	if (!caller->has_less)
		return 0;
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"vestibule has more rights than its caller, uid %u (setuid or file "
		"capabilities), "
		"which this version does not support: take them away and run it as root",
		caller->uid);
}

/* Absolute, on the host; or relative, and then known to be beneath rootfs. */
static int is_placed(const struct plan *plan, const struct step *step)
{
	int is_absolute = plan_text(plan, step->at.path.off)[0] == '/';

	return is_absolute == !(step->at.flags & PATH_IN_ROOT);
}

static int belongs(const struct plan *plan, const struct step *step)
{
	switch ((enum step_kind)step->kind) {
	case STEP_BIND_ROOTFS:
	case STEP_TMPFS:
	case STEP_OVERLAY:
		return plan->verb == PLAN_PREPARE;
	case STEP_MKDIR:
		return plan->verb == PLAN_PREPARE && is_placed(plan, step);
	case STEP_MOUNT_NEW:
	case STEP_MOUNT_OVERLAY:
	case STEP_MOUNT_BIND:
	case STEP_MOUNT_CHANGE:
		return plan->verb == PLAN_PREPARE && is_placed(plan, step);
	case STEP_CGROUP:
		return plan->verb == PLAN_PREPARE &&
		       plan_text(plan, step->at.path.off)[0] != '/';
	case STEP_VETH:
	case STEP_LINK_THERE:
	case STEP_LINK_HERE:
	case STEP_LINK_MOVE:
		return plan->verb == PLAN_ATTACH;
	case STEP_BIND_NS:
		return plan->verb == PLAN_ATTACH && is_placed(plan, step);
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
