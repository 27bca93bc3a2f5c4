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

int admit(const struct plan *plan, const struct caller *caller, struct vst_err *err)
{
	if (admit_caller(caller, err) < 0)
		return -1;
	for (uint32_t i = 0; i < plan->n_steps; i++) {
		switch ((enum step_kind)plan->steps[i].kind) {
		case STEP_BIND_ROOTFS:
		case STEP_TMPFS:
		case STEP_OVERLAY:
			if (plan->verb == PLAN_PREPARE)
				continue;
			break;
		case STEP_MKDIR:
			/* Absolute, on the host; what is relative does not get this far yet. */
			if (plan->verb == PLAN_PREPARE &&
				plan_text(plan, plan->steps[i].at.path.off)[0] == '/')
				continue;
			break;
		case STEP_VETH:
		case STEP_LINK_THERE:
		case STEP_LINK_HERE:
		case STEP_LINK_MOVE:
		case STEP_BIND_NS:
			if (plan->verb == PLAN_ATTACH)
				continue;
			break;
		case STEP_MOUNT_NEW:
		case STEP_MOUNT_OVERLAY:
		case STEP_MOUNT_BIND:
		case STEP_MOUNT_CHANGE:
		case STEP_CGROUP:
			break;
		}
		vst_fail(err, VST_EXIT_DENIED, 0, "step %u does not belong to this verb", i);
		err->op = plan->steps[i].op;
		return -1;
	}
	return 0;
}
