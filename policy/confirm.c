#include "confirm.h"

#include <sys/stat.h>

static int refuse(const struct step *step, struct vst_err *err, const char *why)
{
	vst_fail(err, VST_EXIT_DENIED, 0, "%s", why);
	err->op = step->op;
	return -1;
}

/* A step must stand on something that was pinned, or on a mount that comes before it. */
static int confirm_base(const struct plan_pinned *pinned, uint32_t i, struct vst_err *err)
{
	const struct step *step = &pinned->plan->steps[i];
	const struct step *below;

	if (step->flags & STEP_DONE)
		return 0;
	if (!(step->at.flags & PATH_DEFERRED)) {
		if (step->at.base < pinned->n_pins && pinned->pins[step->at.base].fd >= 0 &&
			S_ISDIR(pinned->pins[step->at.base].mode))
			return 0;
		return refuse(step, err, "the step's directory was not resolved");
	}
	if (step->at.base >= i)
		return refuse(
			step, err, "the step lies beneath a mount that is not made before it");
	below = &pinned->plan->steps[step->at.base];
	if (below->kind != STEP_BIND_ROOTFS && below->kind != STEP_TMPFS &&
		below->kind != STEP_OVERLAY)
		return refuse(step, err, "the step lies beneath what is no mount");
	return 0;
}

static int confirm_namespace(
	const struct plan_pinned *pinned, const struct step *step, struct vst_err *err)
{
	const struct ns_fact *fact = &pinned->ns[step->ns];

	if (fact->fd < 0)
		return refuse(step, err, "the namespace was not opened");
	if (step->ns == VST_NS_MNT && fact->is_own) {
		vst_fail(err, VST_EXIT_FAILED, 0,
			"bind the mount namespace: the process shares vestibule's own, which "
			"the kernel "
			"lets nobody bind; start the process in a mount namespace of its own");
		err->op = step->op;
		return -1;
	}
	return 0;
}

static int confirm_step(const struct plan_pinned *pinned, uint32_t i, struct vst_err *err)
{
	const struct step *step = &pinned->plan->steps[i];

	switch ((enum step_kind)step->kind) {
	case STEP_BIND_ROOTFS:
	case STEP_TMPFS:
	case STEP_OVERLAY:
		return 0;
	case STEP_MKDIR:
		return confirm_base(pinned, i, err);
	case STEP_BIND_NS:
		if (confirm_base(pinned, i, err) < 0)
			return -1;
		return confirm_namespace(pinned, step, err);
	case STEP_MOUNT_NEW:
	case STEP_MOUNT_OVERLAY:
	case STEP_MOUNT_BIND:
	case STEP_MOUNT_CHANGE:
	case STEP_CGROUP:
		return refuse(step, err, "mounts are not judged yet");
	case STEP_LINK_MOVE:
		if (step->link.ifindex == 0)
			return refuse(step, err, "the interface was not resolved");
		break;
	case STEP_VETH:
	case STEP_LINK_THERE:
	case STEP_LINK_HERE:
		break;
	}
	if (pinned->ns[VST_NS_NET].fd < 0)
		return refuse(step, err, "the process's network namespace was not opened");
	return 0;
}

int confirm(const struct plan_pinned *pinned, const struct caller *caller,
	struct plan_allowed *ret_allowed, struct vst_err *err)
{
	if (caller->has_less)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"callers with less than the program are not supported by this version");
	if (pinned->n_pins == 0 || pinned->pins[0].fd < 0)
		return vst_fail(err, VST_EXIT_DENIED, 0, "the bundle was not resolved");
	for (uint32_t i = 0; i < pinned->plan->n_steps; i++)
		if (confirm_step(pinned, i, err) < 0)
			return -1;
	*ret_allowed = (struct plan_allowed){
		.bytes = pinned->plan->bytes,
		.n_steps = pinned->plan->n_steps,
		.steps = pinned->plan->steps,
		.mounts = pinned->plan->mounts,
		.sources = pinned->plan->sources,
		.pins = pinned->pins,
		.n_pins = pinned->n_pins,
		.in_init_userns = caller->in_init_userns,
		.caller_uid = caller->uid,
	};
	for (int i = 0; i < VST_NS_COUNT; i++)
		ret_allowed->ns[i] = pinned->ns[i];
	return 0;
}

int confirm_deferred(const struct plan_allowed *allowed, uint32_t step, const struct pin *base,
	struct vst_err *err)
{
	if (base->fd < 0 || !S_ISDIR(base->mode))
		return refuse(
			&allowed->steps[step], err, "the mount beneath the step is not there");
	return 0;
}
