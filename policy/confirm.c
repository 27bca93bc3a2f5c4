/* SPDX-License-Identifier: Apache-2.0 */
#include "confirm.h"

#include <string.h>
#include <sys/stat.h>

static int refuse(const struct step *step, struct vst_err *err, const char *why)
{
	vst_fail(err, VST_EXIT_DENIED, 0, "%s", why);
	err->op = step->op;
	return -1;
}

static int is_pinned(const struct plan_pinned *pinned, uint32_t pin)
{
	return pin < pinned->n_pins && pinned->pins[pin].fd >= 0;
}

static int is_directory(const struct plan_pinned *pinned, uint32_t pin)
{
	return is_pinned(pinned, pin) && S_ISDIR(pinned->pins[pin].mode);
}

/* Returns the rest of the path beneath its pin. */
static const char *rest_of(const struct plan_pinned *pinned, const struct step_path *at)
{
	return step_rest(pinned->plan->bytes, pinned->pins, at);
}

/* Flags of paths that only execute.c can look up: beneath a mount of this run, in the image, or
 * made by an earlier step. */
#define NOT_YET_KNOWN (PATH_DEFERRED | PATH_IN_ROOT | PATH_LATE)

/* Whether the path existed when resolve looked it up. */
static int exists(const struct plan_pinned *pinned, const struct step_path *at)
{
	return at->flags & PATH_FILE || rest_of(pinned, at)[0] == '\0';
}

/* Whether the path existed when resolve looked it up and was not a directory. */
static int is_file(const struct plan_pinned *pinned, const struct step_path *at)
{
	return at->flags & PATH_FILE ||
	       (rest_of(pinned, at)[0] == '\0' && !is_directory(pinned, at->base));
}

/* The base of a path must be a pinned directory, or a mount that an earlier step of this run
 * makes. With is_there the path itself must exist, so its pin may also be a file. */
static int confirm_path(const struct plan_pinned *pinned, uint32_t i,
	const struct step_path *at, int is_there, struct vst_err *err)
{
	const struct step *step = &pinned->plan->steps[i];
	const struct step *below;
	const char *rest;

	if (at->rest > at->path.len ||
		(at->flags & PATH_LINK &&
			(!is_pinned(pinned, at->base) || !pinned->pins[at->base].file)))
		return refuse(step, err, "the step's path was not resolved");
	if (at->flags & PATH_DEFERRED) {
		if (at->base >= i)
			return refuse(step, err,
				"the step lies beneath a mount that is not made before it");
		below = &pinned->plan->steps[at->base];
		if (!step_is_mount(below) || below->flags & (STEP_DONE | STEP_REFUSED))
			return refuse(step, err, "the step lies beneath what is no mount");
		return 0;
	}
	rest = rest_of(pinned, at);
	/* The source of a bind, or the target of a change, is itself pinned and may be a file.
	 */
	if (is_there && rest[0] == '\0' && !(at->flags & PATH_FILE) &&
		is_pinned(pinned, at->base))
		return 0;
	if (!is_directory(pinned, at->base))
		return refuse(step, err, "the step's directory was not resolved");
	if (at->flags & PATH_FILE && (rest[0] == '\0' || strchr(rest, '/')))
		return refuse(step, err, "the step's file is not in the directory of its path");
	return 0;
}

static int fail(const struct plan_pinned *pinned, uint32_t i, struct vst_err *err,
	enum vst_exit exit, const char *what, const char *why)
{
	const struct step *step = &pinned->plan->steps[i];

	vst_fail(err, exit, 0, "%s %s: %s", what,
		VST_QUOTE(plan_text(pinned->plan, step->at.path.off)), why);
	err->op = step->op;
	return -1;
}

/* The kernel mounts files only on files and directories only on directories. Paths that are
 * NOT_YET_KNOWN are checked by execute.c. */
static int confirm_same_kind(const struct plan_pinned *pinned, uint32_t i,
	const struct step_path *source, struct vst_err *err)
{
	const struct step_path *at = &pinned->plan->steps[i].at;
	int file = is_file(pinned, source);

	if (at->flags & NOT_YET_KNOWN || source->flags & NOT_YET_KNOWN)
		return 0;
	if (file && !exists(pinned, at))
		return fail(pinned, i, err, VST_EXIT_CONFLICT, "bind on",
			"the source is a file and the destination is not there; a file is never made");
	if (file && !is_file(pinned, at))
		return fail(pinned, i, err, VST_EXIT_CONFLICT, "bind on",
			"the source is a file and the destination is a directory");
	if (!file && is_file(pinned, at))
		return fail(pinned, i, err, VST_EXIT_CONFLICT, "bind on",
			"the source is a directory and the destination is a file");
	return 0;
}

static int confirm_source(const struct plan_pinned *pinned, uint32_t i,
	const struct step_source *source, struct vst_err *err)
{
	const struct step *step = &pinned->plan->steps[i];
	int is_layer = step->kind == STEP_MOUNT_OVERLAY;
	/* Missing upper and work directories are created. */
	int is_made = source->kind == VST_ITEM_UPPER || source->kind == VST_ITEM_WORK;

	if (is_layer != (source->kind != 0))
		return refuse(step, err, "the mount has a source that it cannot have");
	if (confirm_path(pinned, i, &source->at, !is_made, err) < 0)
		return -1;
	if (!is_made && !(source->at.flags & NOT_YET_KNOWN) && !exists(pinned, &source->at))
		return fail(pinned, i, err, VST_EXIT_FAILED,
			is_layer ? "overlay on" : "bind on",
			is_layer ? "a lower layer is not there" : "the source is not there");
	if (!is_layer)
		return confirm_same_kind(pinned, i, &source->at, err);
	if (!(source->at.flags & NOT_YET_KNOWN) && is_file(pinned, &source->at))
		return fail(pinned, i, err, VST_EXIT_CONFLICT, "overlay on",
			"one of its layers is a file");
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
			"bind the mount namespace: the process shares vestibule's own, which the kernel lets nobody bind; start the process in a mount namespace of its own");
		err->op = step->op;
		return -1;
	}
	return 0;
}

/* The mount has as many sources as its kind needs, and each was resolved. */
static int confirm_sources(const struct plan_pinned *pinned, uint32_t i, struct vst_err *err)
{
	const struct plan *plan = pinned->plan;
	const struct step *step = &plan->steps[i];
	const struct step_mount *mount;

	if (step->mount >= plan->n_mounts)
		return refuse(step, err, "the mount is not known");
	mount = &plan->mounts[step->mount];
	if (mount->first_source + mount->n_sources > plan->n_sources)
		return refuse(step, err, "the mount's sources are not known");
	if (mount->first_option + mount->n_options > plan->n_options)
		return refuse(step, err, "the mount's options are not known");
	if ((step->kind == STEP_MOUNT_BIND && mount->n_sources != 1) ||
		(step->kind == STEP_MOUNT_OVERLAY && mount->n_sources == 0) ||
		((step->kind == STEP_MOUNT_NEW || step->kind == STEP_MOUNT_CHANGE) &&
			mount->n_sources != 0))
		return refuse(step, err, "the mount lacks a source that it needs");
	for (unsigned s = 0; s < mount->n_sources; s++)
		if (confirm_source(pinned, i, &plan->sources[mount->first_source + s], err) < 0)
			return -1;
	return 0;
}

/* A destination such as "/proc" was probably copied from an OCI configuration, whose paths are
 * all in the container. The message says how to write it here. */
static int refuse_host(const struct plan_pinned *pinned, uint32_t i, struct vst_err *err)
{
	const char *path = plan_text(pinned->plan, pinned->plan->steps[i].at.path.off);

	vst_fail(err, VST_EXIT_CONFLICT, 0,
		"mount on %s: it is the host's, one of /, /proc, /sys, /dev and /run; absolute destinations are the host's; for the container write '%s'%s",
		VST_QUOTE(path), path[1] ? VST_QUOTE(path + 1) : "proc",
		path[1] ? "" : ", and leave out /: its root file system is made anyhow");
	err->op = pinned->plan->steps[i].op;
	return -1;
}

static int confirm_mount(const struct plan_pinned *pinned, uint32_t i, struct vst_err *err)
{
	const struct step *step = &pinned->plan->steps[i];
	const struct step_path *at = &step->at;

	if (step->flags & STEP_HOST)
		return refuse_host(pinned, i, err);
	if (confirm_path(pinned, i, at, step->kind == STEP_MOUNT_CHANGE, err) < 0)
		return -1;
	if (!(at->flags & NOT_YET_KNOWN) && is_file(pinned, at) &&
		(step->kind == STEP_MOUNT_NEW || step->kind == STEP_MOUNT_OVERLAY))
		return fail(pinned, i, err, VST_EXIT_CONFLICT, "mount on",
			"the destination is a file, and a file system is mounted on a directory");
	if (step->kind == STEP_MOUNT_CHANGE && !(at->flags & NOT_YET_KNOWN) &&
		!exists(pinned, at))
		return fail(pinned, i, err, VST_EXIT_CONFLICT, "remount",
			"nothing is there, so nothing is mounted there");
	return confirm_sources(pinned, i, err);
}

static int confirm_cgroup(
	const struct plan_pinned *pinned, const struct step *step, struct vst_err *err)
{
	if (step->n == 0)
		return refuse(step, err, "the cgroup's hierarchies were not resolved");
	for (uint32_t pin = 0; pin < step->n; pin++)
		if (step->at.base >= pinned->n_pins ||
			!is_directory(pinned, step->at.base + pin))
			return refuse(step, err, "a hierarchy of the cgroup was not resolved");
	return 0;
}

/* What a step sets is of the interface of the step before it, or before that: the executor
 * takes what that step noted. */
static const struct step *set_of(const struct plan *plan, uint32_t i)
{
	const uint32_t op = plan->steps[i].op;

	for (; i > 0 && plan->steps[i - 1].op == op; i--)
		if (!step_is_set(&plan->steps[i - 1]))
			return &plan->steps[i - 1];
	return NULL;
}

static int fail_set(const struct plan_pinned *pinned, const struct step *step,
	struct vst_err *err, enum vst_exit exit, const char *why)
{
	vst_fail(err, exit, 0, "interface '%s': %s",
		VST_QUOTE(plan_text(pinned->plan, step->link.name)), why);
	err->op = step->op;
	return -1;
}

static int confirm_set(const struct plan_pinned *pinned, uint32_t i, struct vst_err *err)
{
	const struct plan *plan = pinned->plan;
	const struct step *step = &plan->steps[i], *of = set_of(plan, i);
	const struct vst_link_set *set;

	if (!of || !step_has_shape(of, STEP_SHAPE_LINK) || step->set == 0 ||
		step->set > plan->n_sets || of->set != step->set)
		return refuse(step, err, "the step sets what is of no interface");
	if (of->flags & STEP_REFUSED)
		return fail_set(pinned, step, err, VST_EXIT_FAILED,
			"what is set of it would come behind a step that is refused");
	set = &plan->sets[step->set - 1].is;
	if (step->kind == STEP_LINK_SET_HERE &&
		(of->kind != STEP_VETH || (plan->sets[step->set - 1].bridge &&
						  step->link.ifindex == 0 && !pinned->ports)))
		return refuse(step, err, "the bridge was not resolved");
	/* Nothing is moved then, and nothing would take back what was set. */
	if (of->kind != STEP_LINK_MOVE || !pinned->ns[VST_NS_NET].is_own ||
		!(set->mtu || set->n_addresses || set->n_routes || set->flags & VST_SET_UP))
		return 0;
	return fail_set(pinned, step, err, VST_EXIT_CONFLICT,
		"it is not moved, because the process shares vestibule's network namespace, and what would be set of it could not be taken back: set it by hand, or start the process in a network namespace of its own");
}

static int confirm_link(const struct plan_pinned *pinned, uint32_t i, struct vst_err *err)
{
	const struct step *step = &pinned->plan->steps[i];

	if (step->kind == STEP_LINK_MOVE && step->link.ifindex == 0 &&
		!(step->flags & STEP_MADE))
		return refuse(step, err, "the interface was not resolved");
	if (pinned->ns[VST_NS_NET].fd < 0)
		return refuse(step, err, "the process's network namespace was not opened");
	return step_is_set(step) ? confirm_set(pinned, i, err) : 0;
}

static int confirm_bundle(const struct plan_pinned *pinned, struct vst_err *err)
{
	if (pinned->n_pins == 0 || pinned->pins[0].fd < 0)
		return vst_fail(err, VST_EXIT_DENIED, 0, "the bundle was not resolved");
	return 0;
}

/* Admit has judged what a caller with less may ask for; here each step that takes more than his
 * own rights has to have been granted, by what it was found to lead to. */
static int confirm_less(const struct plan_pinned *pinned, enum step_shape shape, uint32_t i,
	struct vst_err *err)
{
	if (shape == STEP_SHAPE_DIR || shape == STEP_SHAPE_CGROUP ||
		(shape == STEP_SHAPE_NS && pinned->granted && pinned->granted[i].ino) ||
		(shape == STEP_SHAPE_LINK && pinned->ports && pinned->ports[i].count))
		return 0;
	return refuse(&pinned->plan->steps[i], err, "the step was not granted");
}

int confirm_one(const struct plan_pinned *pinned, const struct caller *caller, uint32_t i,
	struct vst_err *err)
{
	const struct step *step = &pinned->plan->steps[i];
	const struct step_facts *facts = step_facts(step->kind);

	if (confirm_bundle(pinned, err) < 0)
		return -1;
	if (step->flags & (STEP_DONE | STEP_REFUSED))
		return 0;
	if (!facts)
		return refuse(step, err, "the step is of no known kind");
	if (caller->has_less && confirm_less(pinned, facts->shape, i, err) < 0)
		return -1;
	switch (facts->shape) {
	case STEP_SHAPE_IMPLIED:
		return 0;
	case STEP_SHAPE_DIR:
		return confirm_path(pinned, i, &step->at, 0, err);
	case STEP_SHAPE_NS:
		if (confirm_path(pinned, i, &step->at, 0, err) < 0)
			return -1;
		return confirm_namespace(pinned, step, err);
	case STEP_SHAPE_MOUNT:
		return confirm_mount(pinned, i, err);
	case STEP_SHAPE_CGROUP:
		return confirm_cgroup(pinned, step, err);
	case STEP_SHAPE_LINK:
		return confirm_link(pinned, i, err);
	}
	return refuse(step, err, "the step is of no known shape");
}

int confirm(const struct plan_pinned *pinned, const struct caller *caller,
	struct plan_allowed *ret_allowed, struct vst_err *err)
{
	const struct plan *plan = pinned->plan;

	if (confirm_bundle(pinned, err) < 0)
		return -1;
	for (uint32_t i = 0; i < plan->n_steps; i++) {
		if (plan->steps[i].flags & STEP_REFUSED)
			return refuse(&plan->steps[i], err, "the step was refused before");
		if (confirm_one(pinned, caller, i, err) < 0)
			return -1;
	}
	*ret_allowed = (struct plan_allowed){
		.bytes = plan->bytes,
		.n_steps = plan->n_steps,
		.steps = plan->steps,
		.mounts = plan->mounts,
		.sources = plan->sources,
		.options = plan->options,
		.sets = plan->sets,
		.addresses = plan->addresses,
		.routes = plan->routes,
		.pins = pinned->pins,
		.n_pins = pinned->n_pins,
		.in_init_userns = caller->in_init_userns,
		.caller_uid = caller->uid,
		.caller_has_less = caller->has_less,
		.granted = caller->has_less ? pinned->granted : NULL,
		.ports = caller->has_less ? pinned->ports : NULL,
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
