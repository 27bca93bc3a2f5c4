#include "execute.h"

#include <stdio.h>
#include <string.h>

#include "../ipc/fd.h"
#include "../ipc/limits.h"
#include "../policy/confirm.h"
#include "beneath.h"
#include "exec_dir.h"
#include "exec_link.h"
#include "exec_mount.h"
#include "exec_ns.h"

/* Where a path step stands: a descriptor, what is left of the path, and both as the journal
 * names them. */
struct footing {
	int fd; /* borrowed */
	const char *rest;
	uint32_t pin_rec;
	char rec_rest[VST_PATH_MAX + sizeof "rootfs/"];
};

/* The record of a pin, written before the first record that names it. */
static int pin_record(const struct plan_allowed *allowed, struct exec_run *run, uint32_t pin,
	uint32_t *ret_place, struct vst_err *err)
{
	const struct pin *p = &allowed->pins[pin];
	struct rec_pin rec = {.dev = p->dev, .ino = p->ino};
	char path[VST_PATH_MAX + 1];
	size_t len = p->path_len ? p->path_len : strlen(p->path);

	if (!run->pin_rec[pin]) {
		memcpy(path, p->path, len);
		path[len] = '\0';
		if (journal_append(run->journal, JOURNAL_PIN, &rec, sizeof rec, path, len + 1,
			    0, &run->pin_rec[pin], err) < 0)
			return -1;
	}
	*ret_place = run->pin_rec[pin];
	return 0;
}

/* A step beneath a mount of this run stands on that mount's own root, found only now. */
static int deferred_footing(const struct plan_allowed *allowed, uint32_t i,
	struct exec_run *run, struct footing *ret, struct vst_err *err)
{
	const struct step *step = &allowed->steps[i];
	const char *name = allowed->steps[step->at.base].kind == STEP_TMPFS ? "tmp" : "rootfs";
	struct pin base = {.fd = -1};
	struct object at;

	for (uint32_t m = 0; m < run->n_mounts; m++)
		if (run->mounts[m].step == step->at.base)
			base.fd = run->mounts[m].fd;
	if (base.fd >= 0 && beneath_stat(base.fd, &at) == 0)
		base.mode = at.mode;
	if (confirm_deferred(allowed, i, &base, err) < 0)
		return -1;
	ret->fd = base.fd;
	if ((size_t)snprintf(ret->rec_rest, sizeof ret->rec_rest, "%s/%s", name, ret->rest) >
		VST_PATH_MAX)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"path %s: is too long beneath the bundle",
			VST_QUOTE(allowed_text(allowed, step->at.path.off)));
	return pin_record(allowed, run, 0, &ret->pin_rec, err);
}

static int find_footing(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct footing *ret, struct vst_err *err)
{
	const struct step *step = &allowed->steps[i];

	ret->rest = allowed_text(allowed, step->at.path.off + step->at.rest);
	if (step->at.flags & PATH_DEFERRED)
		return deferred_footing(allowed, i, run, ret, err);
	ret->fd = allowed->pins[step->at.base].fd;
	strcpy(ret->rec_rest, ret->rest);
	return pin_record(allowed, run, step->at.base, &ret->pin_rec, err);
}

static int execute_mkdir(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	struct footing at;

	if (find_footing(allowed, i, run, &at, err) < 0)
		return -1;
	return exec_dir_make(allowed, run, at.fd, at.rest, at.pin_rec, at.rec_rest, NULL, err);
}

static int execute_bind_ns(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	struct footing at;
	vst_auto_fd made = -1, file = -1;
	char dirs[VST_PATH_MAX + 1];
	const char *name;
	int is_ns = 0, parent;

	if (find_footing(allowed, i, run, &at, err) < 0)
		return -1;
	name = strrchr(at.rest, '/');
	parent = at.fd;
	if (name) {
		size_t len = (size_t)(name - at.rest);

		memcpy(dirs, at.rest, len);
		dirs[len] = '\0';
		if (exec_dir_make(allowed, run, at.fd, dirs, at.pin_rec, dirs, &made, err) < 0)
			return -1;
		parent = made;
	}
	name = name ? name + 1 : at.rest;
	if (exec_dir_file(allowed, run, parent, name, at.pin_rec, at.rec_rest, &file, &is_ns,
		    err) < 0)
		return -1;
	return exec_ns_bind(
		allowed, i, run, parent, name, file, is_ns, at.pin_rec, at.rec_rest, err);
}

static int execute_step(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	uint32_t place;

	switch ((enum step_kind)allowed->steps[i].kind) {
	case STEP_BIND_ROOTFS:
		return pin_record(allowed, run, 0, &place, err) < 0
			       ? -1
			       : exec_mount_bind_rootfs(allowed, i, run, err);
	case STEP_TMPFS:
		return pin_record(allowed, run, 0, &place, err) < 0
			       ? -1
			       : exec_mount_tmpfs(allowed, i, run, err);
	case STEP_OVERLAY:
		return pin_record(allowed, run, 0, &place, err) < 0
			       ? -1
			       : exec_mount_overlay(allowed, i, run, err);
	case STEP_MKDIR:
		return execute_mkdir(allowed, i, run, err);
	case STEP_VETH:
		return exec_link_veth(allowed, i, run, err);
	case STEP_LINK_THERE:
		return exec_link_there(allowed, i, run, err);
	case STEP_LINK_HERE:
		return exec_link_here(allowed, i, run, err);
	case STEP_LINK_MOVE:
		return exec_link_move(allowed, i, run, err);
	case STEP_BIND_NS:
		return execute_bind_ns(allowed, i, run, err);
	case STEP_MOUNT_NEW:
	case STEP_MOUNT_OVERLAY:
	case STEP_MOUNT_BIND:
	case STEP_MOUNT_CHANGE:
	case STEP_CGROUP:
		break;
	}
	return vst_fail(err, VST_EXIT_DENIED, 0, "step %u is of no known kind", i);
}

/* An executor knows what is left of a path beneath a descriptor: here it gets its whole name.
 */
static void name_step(const struct plan_allowed *allowed, uint32_t i, struct vst_err *err)
{
	const struct step *step = &allowed->steps[i];

	err->op = step->op;
	if (step->kind == STEP_MKDIR || step->kind == STEP_BIND_NS)
		vst_wrap(err, "%s %s", step->kind == STEP_MKDIR ? "mkdir" : "bindNS",
			VST_QUOTE(allowed_text(allowed, step->at.path.off)));
}

int execute(const struct plan_allowed *allowed, struct exec_run *run,
	struct undo_left *ret_left, struct vst_err *err)
{
	for (uint32_t i = 0; i < allowed->n_steps; i++) {
		if (allowed->steps[i].flags & STEP_DONE) {
			run->outcome[i] = EXEC_ALREADY;
			continue;
		}
		if (execute_step(allowed, i, run, err) == 0)
			continue;
		name_step(allowed, i, err);
		if (undo_run(run, allowed, ret_left) < 0)
			err->exit = VST_EXIT_INCOMPLETE;
		return -1;
	}
	return 0;
}

size_t execute_space(const struct plan_allowed *allowed)
{
	size_t space = 0;

	for (uint32_t i = 0; i < allowed->n_pins; i++) {
		const struct pin *pin = &allowed->pins[i];
		size_t len = pin->path_len ? pin->path_len : strlen(pin->path);

		space += journal_space(sizeof(struct rec_pin) + len + 1, 0);
	}
	for (uint32_t i = 0; i < allowed->n_steps; i++) {
		const struct step *step = &allowed->steps[i];
		size_t rest = step->at.path.len - step->at.rest + sizeof "rootfs/";

		if (step->flags & STEP_DONE)
			continue;
		switch ((enum step_kind)step->kind) {
		case STEP_BIND_ROOTFS:
		case STEP_TMPFS:
		case STEP_OVERLAY:
			space += exec_mount_space(sizeof "rootfs");
			break;
		case STEP_MKDIR:
			space += exec_dir_space(rest);
			break;
		case STEP_BIND_NS:
			space += 2 * exec_dir_space(rest) + exec_mount_space(rest);
			break;
		case STEP_VETH:
		case STEP_LINK_THERE:
		case STEP_LINK_HERE:
		case STEP_LINK_MOVE:
			space += exec_link_space(step->kind);
			break;
		case STEP_MOUNT_NEW:
		case STEP_MOUNT_OVERLAY:
		case STEP_MOUNT_BIND:
		case STEP_MOUNT_CHANGE:
		case STEP_CGROUP:
			break;
		}
	}
	return space;
}
