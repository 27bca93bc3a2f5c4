/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../kernel/change.h"
#include "../link/nl_port.h"
#include "cgroup_mounts.h"
#include "pins.h"
#include "resolve_path.h"

/* Whether no part of the path is missing, as far as is known now. */
static int is_there(const struct step_path *at)
{
	return at->rest >= at->path.len ||
	       at->flags & (PATH_FILE | PATH_DEFERRED | PATH_IN_ROOT | PATH_LATE);
}

static int is_beneath(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (!path[len] || path[len] == '/');
}

/* Whether an earlier step makes what the path misses, or something beneath it. */
static int will_be_there(const struct resolver *r, const struct step_path *at)
{
	const char *rest = plan_text(r->plan, at->path.off + at->rest);
	struct object base = pins_object(at->base);

	for (unsigned i = 0; i < r->n_made; i++) {
		const struct step_path *made = r->made[i];
		const char *other = plan_text(r->plan, made->path.off + made->rest);
		struct object other_base = pins_object(made->base);

		if (beneath_same(&base, &other_base) &&
			(is_beneath(rest, other) || is_beneath(other, rest)))
			return 1;
	}
	return 0;
}

/* Resolves a path that must exist when the step acts. */
static int resolve_there(
	struct resolver *r, struct step_path *at, enum want want, struct vst_err *err)
{
	if (resolve_path(r, at, want, err) < 0)
		return -1;
	if (is_there(at))
		return 0;
	if (will_be_there(r, at)) {
		at->flags |= PATH_LATE;
		return 0;
	}
	return vst_fail(err, VST_EXIT_FAILED, ENOENT, "look up path %s",
		VST_QUOTE(plan_text(r->plan, at->path.off)));
}

/* Notes that step i mounts on what is missing beneath the pin: paths beneath that are deferred.
 */
static void add_late(struct resolver *r, uint32_t i, uint32_t base, const char *rest)
{
	r->late[r->n_late++] = (struct resolve_late){.step = i, .base = base, .rest = rest};
}

static void note_made(struct resolver *r, const struct step_path *at)
{
	if (!is_there(at) && r->n_made < sizeof r->made / sizeof r->made[0])
		r->made[r->n_made++] = at;
}

/* Notes that step i mounts on this directory: paths beneath it are deferred. */
static void add_target(struct resolver *r, uint32_t i, const struct object *at)
{
	r->targets[r->n_targets] = *at;
	r->target_steps[r->n_targets++] = i;
	/* A path that was walked before may lead beneath the mount now. */
	pins_forget_paths();
}

/* Step i mounts on the same place as an earlier step. */
static void add_again(struct resolver *r, uint32_t i, uint32_t below)
{
	for (unsigned n = 0; n < r->n_targets; n++)
		if (r->target_steps[n] == below) {
			const struct object point = r->targets[n];

			add_target(r, i, &point);
			return;
		}
	for (unsigned n = 0; n < r->n_late; n++)
		if (r->late[n].step == below) {
			add_late(r, i, r->late[n].base, r->late[n].rest);
			return;
		}
}

/* Step i mounts where only execute.c can look: on the root of an earlier mount, or in rootfs.
 */
static void add_deferred(struct resolver *r, uint32_t i, const struct step_path *at)
{
	if (at->flags & PATH_DEFERRED) {
		if (at->rest >= at->path.len)
			add_again(r, i, at->base);
		return;
	}
	r->n_in_root++;
	/* The mount may cover what was found in rootfs. */
	pins_forget_paths();
}

/* Resolves a mount of the implied root file system. */
static int resolve_implied(
	struct resolver *r, uint32_t i, const char *name, struct vst_err *err)
{
	vst_auto_fd fd =
		openat(r->bundle->fd, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	struct object at;

	if (fd < 0 || beneath_stat(fd, &at) < 0)
		return vst_fail(err, VST_EXIT_INVALID, errno, "open %s in the bundle", name);
	add_target(r, i, &at);
	return 0;
}

/* Whether an earlier run's mount is where this step would mount, or is what it would change;
 * -1. */
static int is_kept(const struct resolver *r, const struct step_path *at, struct vst_err *err)
{
	const char *name = step_rest(r->plan->bytes, r->pinned->pins, at);
	vst_auto_fd file = -1;
	struct object object;
	int fd;

	if (!r->n_kept || !is_there(at) || at->flags & ~(PATH_FILE | PATH_LINK))
		return 0;
	fd = pins_get(at->base)->fd;
	if (at->flags & PATH_FILE)
		fd = file = openat(fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	/* Unknown must not count as no, or another mount would go on top. */
	if (fd < 0 || beneath_stat(fd, &object) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"mount %s: look for the one that is there",
			VST_QUOTE(plan_text(r->plan, at->path.off)));
	for (uint32_t i = 0; object.is_mount_root && i < r->n_kept; i++)
		if (r->kept[i] == object.mnt_id)
			return 1;
	return 0;
}

/* Stats the mount point of an existing path, as it is now. */
static int point_of(
	struct resolver *r, const struct step_path *at, struct object *ret, struct vst_err *err)
{
	const int fd = pins_get(at->base)->fd;

	if ((at->flags & PATH_FILE
			    ? beneath_stat_name(
				      fd, step_rest(r->plan->bytes, r->pinned->pins, at), ret)
			    : beneath_stat(fd, ret)) == 0)
		return 0;
	return vst_fail(err, VST_EXIT_FAILED, errno, "look at path %s",
		VST_QUOTE(plan_text(r->plan, at->path.off)));
}

/* Judges the change of a mount that exists before the run, before anything is done. A file is
 * left to execute: an earlier step may mount on it, which the path does not tell. */
static int judge_change(struct resolver *r, const struct step *step, struct vst_err *err)
{
	const char *path = plan_text(r->plan, step->at.path.off);
	struct vst_mount_flags ignored;
	struct object point;

	if (!is_there(&step->at) || step->at.flags & ~PATH_LINK)
		return 0;
	if (point_of(r, &step->at, &point, err) < 0 || change_is_point(&point, path, err) < 0)
		return -1;
	if (change_flatten(&r->plan->mounts[step->mount], &point, &ignored, err) < 0)
		return vst_wrap(err, "mount %s", VST_QUOTE(path));
	return 0;
}

/* Judges an existing absolute destination. One of the host's own directories is refused (by
 * confirm, if it is named so). Another mount point outside of the bundle gets STEP_COVERS, for
 * a warning. */
static int look_at_host(struct resolver *r, struct step *step, struct vst_err *err)
{
	const struct step_path *at = &step->at;
	const char *path = plan_text(r->plan, at->path.off);
	const struct object root = pins_object(PIN_ROOT), bundle = pins_object(PIN_BUNDLE);
	struct object point;
	const char *name;
	int is_own, is_in;

	if (!is_there(at) || at->flags & ~(PATH_FILE | PATH_LINK))
		return 0;
	point = pins_object(at->base);
	if (at->flags & PATH_FILE && point_of(r, at, &point, err) < 0)
		return -1;
	is_own = host_is_point(&r->host, &root, &point, &name, err);
	if (is_own < 0)
		return -1;
	if (is_own)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"mount on %s: that is a link to %s, or the same by another name; absolute destinations are the host's, and nothing is mounted on its own directories",
			VST_QUOTE(path), name);
	if (!point.is_mount_root)
		return 0;
	is_in = beneath_is_in(pins_get(at->base)->fd, &bundle);
	if (is_in < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"look whether %s lies in the bundle", VST_QUOTE(path));
	if (!is_in)
		step->flags |= STEP_COVERS;
	return 0;
}

/* Resolves the mount point of a mount. */
static int resolve_point(struct resolver *r, uint32_t i, struct vst_err *err)
{
	struct step_path *at = &r->plan->steps[i].at;
	const char *path = plan_text(r->plan, at->path.off);
	struct object point;
	int hides, kept;

	if (resolve_path(r, at, WANT_POINT, err) < 0)
		return -1;
	kept = is_kept(r, at, err);
	if (kept) {
		r->plan->steps[i].flags |= STEP_DONE;
		return kept < 0 ? -1 : 0;
	}
	if (look_at_host(r, &r->plan->steps[i], err) < 0)
		return -1;
	note_made(r, at);
	if (at->flags & (PATH_DEFERRED | PATH_IN_ROOT | PATH_LATE)) {
		add_deferred(r, i, at);
		return 0;
	}
	if (!is_there(at))
		add_late(r, i, at->base, path + at->rest);
	if (!is_there(at) || at->flags)
		return 0;
	point = pins_object(at->base);
	hides = cover_hides(&r->cover, &point);
	if (hides < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"look whether mounting on %s hides the bundle", VST_QUOTE(path));
	if (hides)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"path %s: a mount there would hide the bundle or the state directory, and nobody could take it back",
			VST_QUOTE(path));
	add_target(r, i, &point);
	return 0;
}

static int resolve_mount(struct resolver *r, uint32_t i, struct vst_err *err)
{
	struct step *step = &r->plan->steps[i];
	struct step_mount *mount = &r->plan->mounts[step->mount];
	int kept;

	if (host_is_named(plan_text(r->plan, step->at.path.off))) {
		step->flags |= STEP_HOST;
		return 0;
	}
	for (unsigned n = 0; n < mount->n_sources; n++) {
		struct step_source *source = &r->plan->sources[mount->first_source + n];
		int result;

		if (source->kind == VST_ITEM_UPPER || source->kind == VST_ITEM_WORK) {
			result = resolve_path(r, &source->at, WANT_DIR, err);
			note_made(r, &source->at);
		} else {
			result = resolve_there(r, &source->at, WANT_THERE, err);
		}
		if (result < 0)
			return -1;
	}
	if (step->kind != STEP_MOUNT_CHANGE)
		return resolve_point(r, i, err);
	/* Undo finds a changed mount on a file by its name in its directory. */
	if (resolve_there(r, &step->at, WANT_POINT, err) < 0)
		return err->code == ENOENT
			       ? change_is_missing(plan_text(r->plan, step->at.path.off), err)
			       : -1;
	kept = is_kept(r, &step->at, err);
	if (kept > 0)
		step->flags |= STEP_DONE;
	if (kept)
		return kept < 0 ? -1 : 0;
	return look_at_host(r, step, err) < 0 ? -1 : judge_change(r, step, err);
}

/* Whether an earlier step makes an interface of this name here, as a pair's peer. */
static int is_made(const struct plan *plan, uint32_t i, const char *name)
{
	for (uint32_t at = 0; at < i; at++)
		if (plan->steps[at].kind == STEP_VETH &&
			strcmp(plan_text(plan, plan->steps[at].link.peer), name) == 0)
			return 1;
	return 0;
}

static int resolve_link(struct plan *plan, uint32_t i, struct nl *here, struct vst_err *err)
{
	struct step *step = &plan->steps[i];
	const char *name = plan_text(plan, step->link.name);
	struct nl_link link;
	int found;

	if (is_made(plan, i, name)) {
		step->flags |= STEP_MADE;
		return 0;
	}
	found = nl_get_by_name(here, name, &link, err);
	if (found < 0)
		return -1;
	if (!found)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"interface %s: there is none of this name here", VST_QUOTE(name));
	step->link.ifindex = link.ifindex;
	return 0;
}

/* Finds the bridge that an interface's end here is to be a port of, and whether it can have
 * what is asked of a port. */
static int resolve_bridge(
	struct plan *plan, struct step *step, struct nl *here, struct vst_err *err)
{
	const struct step_set *set = &plan->sets[step->set - 1];
	const char *name = plan_text(plan, set->bridge);
	enum nl_filtering filtering;
	struct nl_link link;
	int found;

	if (!set->bridge)
		return 0;
	found = nl_get_by_name(here, name, &link, err);
	if (found < 0)
		return -1;
	if (!found)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"bridge %s: there is none of this name here; make it first, as 'ip link add %s type bridge' does",
			VST_QUOTE(name), VST_QUOTE(name));
	if (strcmp(link.kind, "bridge") != 0)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bridge %s: the interface of this name is no bridge; name one that is",
			VST_QUOTE(name));
	step->link.ifindex = link.ifindex;
	if (!set->is.vlan)
		return 0;
	if (nl_filtering(here, link.ifindex, &filtering, err) < 0)
		return -1;
	if (filtering == NL_FILTERING_UNKNOWN)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"bridge %s: this kernel's bridges know no VLANs (CONFIG_BRIDGE_VLAN_FILTERING); leave out 'vlan'",
			VST_QUOTE(name));
	if (filtering == NL_FILTERING_OFF)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"bridge %s: it does not filter VLANs, so 'vlan' would have no effect; switch that on, as 'ip link set %s type bridge vlan_filtering 1' does, or leave out 'vlan'",
			VST_QUOTE(name), VST_QUOTE(name));
	return 0;
}

/* All cgroup steps share one pin for each cgroup mount. */
static int resolve_cgroup(struct resolver *r, struct step *step, struct vst_err *err)
{
	if (!r->n_hierarchies &&
		cgroup_mounts_pin(r->caller, &r->hierarchies, &r->n_hierarchies, err) < 0)
		return -1;
	step->at.base = r->hierarchies;
	step->n = (uint16_t)r->n_hierarchies;
	return 0;
}

static int resolve_step(struct resolver *r, uint32_t i, struct vst_err *err)
{
	struct step *step = &r->plan->steps[i];

	switch (step_facts(step->kind)->shape) {
	case STEP_SHAPE_IMPLIED:
		if (step->flags & STEP_DONE)
			return 0;
		return resolve_implied(r, i, step->kind == STEP_TMPFS ? "tmp" : "rootfs", err);
	case STEP_SHAPE_LINK:
		/* Of a caller with less the bridge is looked at when it is granted. */
		if (step->kind == STEP_LINK_SET_HERE && r->caller->has_less)
			return 0;
		if (step->kind == STEP_LINK_SET_HERE)
			return resolve_bridge(r->plan, step, r->here, err);
		return step->kind == STEP_LINK_MOVE ? resolve_link(r->plan, i, r->here, err)
						    : 0;
	case STEP_SHAPE_MOUNT:
		return resolve_mount(r, i, err);
	case STEP_SHAPE_CGROUP:
		return resolve_cgroup(r, step, err);
	case STEP_SHAPE_DIR:
		if (resolve_path(r, &step->at, WANT_DIR, err) < 0)
			return -1;
		/* A mount point of this run is a directory, too. */
		if (step->at.rest >= step->at.path.len)
			step->flags |= STEP_DONE;
		return 0;
	case STEP_SHAPE_NS:
		return resolve_path(r, &step->at, WANT_FILE, err);
	}
	return 0;
}

int resolve_next(struct resolver *r, uint32_t i, struct vst_err *err)
{
	int result = resolve_step(r, i, err);

	if (result < 0)
		err->op = r->plan->steps[i].op;
	pins_table(&r->pinned->n_pins);
	return result;
}

/* Adds pin 0, the bundle, which no path of the document finds, and pin 1, "/". */
static int first_pins(struct resolver *r, struct vst_err *err)
{
	__attribute__((cleanup(walk_close))) struct walk walk = WALK_NONE;
	uint32_t pin;

	if (walk_start(&walk, r->bundle->fd, r->caller) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "pin the bundle");
	if (pins_add(&walk, r->bundle->path, 0, &pin, err) < 0)
		return -1;
	if (walk_start_root(&walk, r->caller) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "pin /");
	return pins_add(&walk, "/", 0, &pin, err);
}

static int look_at_rootfs(const struct resolve_root *bundle, struct object *ret)
{
	vst_auto_fd fd =
		openat(bundle->fd, "rootfs", O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : beneath_stat(fd, ret);
}

int resolve_start(struct resolver *r, struct plan *plan, const struct resolve_root *bundle,
	int state_fd, const struct caller *caller, struct nl *here, struct plan_pinned *ret,
	struct vst_err *err)
{
	int result;

	r->plan = plan;
	r->caller = caller;
	r->here = here;
	r->bundle = bundle;
	r->pinned = ret;
	r->rootfs_pin = r->n_hierarchies = 0;
	r->n_targets = r->n_made = r->n_late = r->n_in_root = 0;
	r->missing = NULL;
	r->n_missing = r->n_listed = r->empty_pin = 0;
	r->cover.fds[0] = bundle->fd;
	r->cover.fds[1] = state_fd;
	r->cover.is_known = 0;
	r->cover.n = 0;
	r->host.is_known = 0;
	r->host.n = 0;
	pins_start();
	ret->plan = plan;
	result = first_pins(r, err);
	ret->pins = pins_table(&ret->n_pins);
	/* attach does not use rootfs. */
	if (result == 0 && plan->verb == PLAN_PREPARE && look_at_rootfs(bundle, &r->rootfs) < 0)
		return vst_fail(err, VST_EXIT_INVALID, errno, "open rootfs in the bundle");
	return result;
}

int resolve(struct resolver *r, struct vst_err *err)
{
	for (uint32_t i = 0; i < r->plan->n_steps; i++)
		if (resolve_next(r, i, err) < 0)
			return -1;
	return 0;
}
