/* SPDX-License-Identifier: Apache-2.0 */
#include "execute.h"

#include <stdio.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../exec/exec_dir.h"
#include "../exec/exec_file.h"
#include "../exec/exec_netns.h"
#include "../exec/exec_ns.h"
#include "../kernel/patience.h"
#include "../link/exec_link.h"
#include "../link/exec_link_set.h"
#include "../link/exec_port.h"
#include "../mount/exec_mount.h"
#include "execute_mount.h"
#include "execute_proof.h"
#include "footing.h"
#include "last_dir.h"

static int execute_mkdir(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct last_dir *last, struct vst_err *err)
{
	vst_auto_footing at = {.own_fd = -1};
	vst_auto_fd parent = -1;
	struct place place;
	const char *name;
	uint32_t since;
	int dir_fd;

	if (footing_find(allowed, i, &allowed->steps[i].at, 0, run, &at, err) < 0)
		return -1;
	since = journal_last(run->journal); /* Behind the pin's record. */
	place = footing_place(&at);
	dir_fd = last_dir_find(last, &at, &name);
	if (dir_fd >= 0) {
		place.fd = dir_fd;
		place.rest = name;
		return exec_dir_make(allowed, run, &place, NULL, NULL, err);
	}
	/* Resolve looked for what is one component beneath its pin. */
	place.is_missing |= !(allowed->steps[i].at.flags & (PATH_DEFERRED | PATH_IN_ROOT)) &&
			    !strchr(at.rest, '/');
	if (exec_dir_make_in(allowed, run, &place, &parent, err) < 0)
		return -1;
	/* In the image. The base of any other path stays open until the end. */
	if (at.own_fd >= 0)
		return execute_prove(
			allowed, run, since, &place, parent >= 0 ? parent : at.fd, err);
	last_dir_note_pin(last, allowed, i);
	if (parent < 0)
		return 0;
	if (last_dir_keep(allowed, run, last, &at, &parent, err) < 0)
		return -1;
	last->since = since;
	last->is_new = 0;
	return 0;
}

/* The directory that the file of a namespace lies in. */
struct ns_dir {
	int fd;           /* Borrowed, or one of the two below. */
	int made;         /* Opened, and made if it was missing; owned. */
	int shared;       /* That of "ip netns", on its shared mount; owned. */
	int is_new;       /* This run made it. */
	const char *name; /* The file's name in it. */
	uint32_t since;   /* The last record before anything was made for the step. */
};

static void ns_dir_close(struct ns_dir *dir)
{
	vst_fd_close(&dir->made);
	vst_fd_close(&dir->shared);
}

static int bind_ns_dir(const struct plan_allowed *allowed, const struct footing *at,
	struct exec_run *run, const struct last_dir *last, struct ns_dir *dir,
	struct vst_err *err)
{
	const char *name = strrchr(at->rest, '/');
	struct place place = footing_place(at);
	char dirs[VST_PATH_MAX + 1];

	dir->fd = last_dir_find(last, at, &dir->name);
	if (dir->fd >= 0) {
		dir->is_new = last->is_new;
		return 0;
	}
	dir->name = name ? name + 1 : at->rest;
	dir->fd = at->fd;
	if (!name)
		return 0;
	memcpy(dirs, at->rest, (size_t)(name - at->rest));
	dirs[name - at->rest] = '\0';
	place.rest = place.rec_rest = dirs;
	place.is_missing = 0;
	if (exec_dir_make(allowed, run, &place, &dir->made, &dir->is_new, err) < 0)
		return -1;
	dir->fd = dir->made;
	return 0;
}

/* If the directory is that of "ip netns", opens it on its shared mount. The journal then names
 * everything in it beneath "/": its own pin may lie below that mount. */
static int bind_ns_shared(const struct plan_allowed *allowed, struct exec_run *run,
	const char *path, struct footing *at, struct ns_dir *dir, struct vst_err *err)
{
	size_t len = (size_t)(strrchr(path, '/') - path), tail = strlen("/" EXEC_NETNS_DIR);
	char rest[VST_PATH_MAX + 16];
	uint32_t pin_rec;
	int base_fd;

	if (len < tail || strncmp(path + len - tail, "/" EXEC_NETNS_DIR, tail) != 0)
		return 0;
	if (footing_of_dir(allowed, run, dir->fd, &base_fd, &pin_rec, rest, err) < 0)
		return -1;
	if (strcmp(rest, EXEC_NETNS_DIR) != 0 || base_fd != allowed->pins[PIN_ROOT].fd)
		return 0;
	if (exec_netns_open(run, base_fd, pin_rec, dir->fd, &dir->shared, err) < 0)
		return -1;
	dir->fd = dir->shared;
	at->pin_rec = pin_rec;
	snprintf(at->rec_rest, sizeof at->rec_rest, "%s/%s", EXEC_NETNS_DIR, dir->name);
	return 0;
}

/* Makes the file, and proves that it is where the path says: the bind is proved by its whole
 * path, so the file and its directory come first. As exec_file_make. */
static int bind_ns_file(const struct plan_allowed *allowed, struct exec_run *run,
	const struct footing *at, const struct ns_dir *dir, int *ret_fd, struct vst_err *err)
{
	struct place place = footing_place(at);
	int is_ns;

	place.fd = dir->fd;
	place.rest = dir->name;
	place.is_missing = dir->is_new;
	is_ns = exec_file_make(allowed, run, &place, ret_fd, err);
	if (is_ns < 0)
		return -1;
	place.fd = dir->shared >= 0 ? -1 : at->fd;
	place.rest = at->rest;
	if (execute_prove(allowed, run, dir->since, &place, dir->fd, err) < 0) {
		exec_file_unmake(run, dir->since, dir->fd, dir->name);
		return -1;
	}
	return is_ns;
}

static int execute_bind_ns(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct last_dir *last, struct vst_err *err)
{
	__attribute__((cleanup(ns_dir_close))) struct ns_dir dir = {
		.made = -1, .shared = -1, .since = journal_last(run->journal)};
	const char *path = allowed_text(allowed, allowed->steps[i].at.path.off);
	vst_auto_footing at = {.own_fd = -1};
	vst_auto_fd fd = -1;
	struct exec_ns_file file;
	struct place place;
	int is_ns;

	if (footing_find(allowed, i, &allowed->steps[i].at, 0, run, &at, err) < 0 ||
		bind_ns_dir(allowed, &at, run, last, &dir, err) < 0 ||
		bind_ns_shared(allowed, run, path, &at, &dir, err) < 0)
		return -1;
	last_dir_note_pin(last, allowed, i);
	is_ns = bind_ns_file(allowed, run, &at, &dir, &fd, err);
	if (is_ns < 0)
		return -1;
	file = (struct exec_ns_file){.fd = fd, .parent_fd = dir.fd, .is_ns = is_ns};
	place = footing_place(&at);
	place.fd = execute_pin_fd(allowed, run, at.pin_rec);
	place.rest = at.rec_rest;
	if (dir.made >= 0 && at.own_fd < 0) {
		if (last_dir_keep(allowed, run, last, &at, &dir.made, err) < 0)
			return -1;
		last->since = journal_last(run->journal);
		last->is_new = dir.is_new;
	}
	return exec_ns_bind(allowed, i, run, &place, &file, err);
}

/* Makes the same directory in every cgroup hierarchy. */
static int execute_cgroup(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	const struct step *step = &allowed->steps[i];
	const char *path = allowed_text(allowed, step->at.path.off);

	for (uint32_t pin = step->at.base; pin < step->at.base + step->n; pin++) {
		const uint32_t since = journal_last(run->journal);
		vst_auto_fd made = -1;
		struct place place;
		uint32_t rec;

		if (footing_pin_record(allowed, run, pin, &rec, err) < 0)
			return -1;
		/* Not taken for missing: resolve did not look, and a cgroup has no birth time
		 * that tells whose it is. */
		place = (struct place){allowed->pins[pin].fd, path, rec, path, 0};
		if (exec_dir_make(allowed, run, &place, &made, NULL, err) < 0 ||
			execute_prove_dir(allowed, run, since, &place, made, err) < 0)
			return vst_wrap(err, "beneath %s", allowed->pins[pin].path);
	}
	return 0;
}

/* A veth of a caller with less is a port of its bridge from the beginning, and nothing else is
 * set of it here. */
static int execute_veth(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	if (!allowed->caller_has_less)
		return exec_link_veth(allowed, i, run, err);
	return exec_port(allowed, i,
		allowed_text(allowed, allowed->sets[allowed->steps[i].set - 1].bridge),
		&allowed->ports[i], run, err);
}

static int execute_set_here(const struct plan_allowed *allowed, uint32_t i,
	struct exec_run *run, struct vst_err *err)
{
	return allowed->caller_has_less ? 0 : exec_link_set_here(allowed, i, run, err);
}

/* The executors of steps that need nothing else from this file, by kind. */
static int (*const kinds[STEP_KINDS + 1])(const struct plan_allowed *allowed, uint32_t step,
	struct exec_run *run, struct vst_err *err) = {
	[STEP_BIND_ROOTFS] = exec_mount_bind_rootfs,
	[STEP_TMPFS] = exec_mount_tmpfs,
	[STEP_OVERLAY] = exec_mount_overlay,
	[STEP_VETH] = execute_veth,
	[STEP_LINK_THERE] = exec_link_there,
	[STEP_LINK_HERE] = exec_link_here,
	[STEP_LINK_MOVE] = exec_link_move,
	[STEP_LINK_SET_HERE] = execute_set_here,
	[STEP_LINK_SET_THERE] = exec_link_set_there,
};

static int execute_kind(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	const unsigned kind = allowed->steps[i].kind;

	return kinds[kind] ? kinds[kind](allowed, i, run, err)
			   : vst_fail(err, VST_EXIT_DENIED, 0,
				     "step %u is of a kind that nothing does", i);
}

static int execute_step(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct last_dir *last, struct vst_err *err)
{
	const struct step_facts *facts = step_facts(allowed->steps[i].kind);
	uint32_t place;

	if (!facts)
		return vst_fail(err, VST_EXIT_DENIED, 0, "step %u is of no known kind", i);
	if (facts->shape != STEP_SHAPE_DIR && facts->shape != STEP_SHAPE_NS &&
		last_dir_prove(allowed, run, last, err) < 0)
		return -1;
	switch (facts->shape) {
	case STEP_SHAPE_IMPLIED:
		return footing_pin_record(allowed, run, PIN_BUNDLE, &place, err) < 0
			       ? -1
			       : execute_kind(allowed, i, run, err);
	case STEP_SHAPE_LINK:
		return execute_kind(allowed, i, run, err);
	case STEP_SHAPE_DIR:
		return execute_mkdir(allowed, i, run, last, err);
	case STEP_SHAPE_NS:
		return execute_bind_ns(allowed, i, run, last, err);
	case STEP_SHAPE_MOUNT:
		return execute_mount(allowed, i, run, err);
	case STEP_SHAPE_CGROUP:
		return execute_cgroup(allowed, i, run, err);
	}
	return vst_fail(err, VST_EXIT_DENIED, 0, "step %u is of no known shape", i);
}

/* Prefixes the step's kind and whole path: an executor knows the path only relative to a
 * descriptor. */
static void name_step(const struct plan_allowed *allowed, uint32_t i, struct vst_err *err)
{
	const struct step *step = &allowed->steps[i];
	const struct step_facts *facts = step_facts(step->kind);

	err->op = step->op;
	if (facts && facts->said)
		vst_wrap(err, "%s %s", facts->said,
			VST_QUOTE(allowed_text(allowed, step->at.path.off)));
}

/* Once patience is used up, no new step begins. */
static int may_begin(struct vst_err *err)
{
	if (patience_is_late())
		return vst_fail(err, VST_EXIT_FAILED, 0, EXEC_LATE, VST_LESS_S);
	if (!patience_is_over())
		return 0;
	return vst_fail(err, VST_EXIT_FAILED, 0,
		"somebody has kept this run waiting for %d s in all, so nothing new is begun",
		VST_WAIT_ACT_MS / 1000);
}

/* If a signal ended the waiting, the error says so: the step did not fail by itself. */
static void name_signal(struct vst_err *err)
{
	if (!patience_signal())
		return;
	vst_wrap(err, "ended by signal %d while it waited", patience_signal());
	err->exit = VST_EXIT_FAILED;
}

static int take_back(const struct plan_allowed *allowed, struct exec_run *run,
	struct undo_left *ret_left, struct vst_err *err)
{
	name_signal(err);
	if (undo_run(run, allowed, ret_left) < 0)
		err->exit = VST_EXIT_INCOMPLETE;
	return -1;
}

int execute(const struct plan_allowed *allowed, struct exec_run *run,
	struct undo_left *ret_left, struct vst_err *err)
{
	__attribute__((cleanup(last_dir_close))) struct last_dir last = LAST_DIR_NONE;

	struct vst_err ignored;

	for (uint32_t i = 0; i < allowed->n_steps; i++) {
		if (allowed->steps[i].flags & STEP_DONE) {
			run->outcome[i] = EXEC_ALREADY;
			continue;
		}
		if (may_begin(err) == 0 && execute_step(allowed, i, run, &last, err) == 0)
			continue;
		name_step(allowed, i, err);
		/* Prove before undo: this removes by descriptor what was moved away and undo
		 * would not find by path. */
		(void)last_dir_prove(allowed, run, &last, &ignored);
		return take_back(allowed, run, ret_left, err);
	}
	if (last_dir_prove(allowed, run, &last, err) < 0)
		return take_back(allowed, run, ret_left, err);
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
		switch (step_facts(step->kind)->shape) {
		case STEP_SHAPE_IMPLIED:
			space += exec_mount_space(sizeof "rootfs");
			break;
		case STEP_SHAPE_DIR:
			space += exec_dir_space(rest);
			break;
		case STEP_SHAPE_NS:
			rest = step->at.path.len + sizeof EXEC_NETNS_DIR "/";
			space += exec_dir_space(rest) + exec_file_space(rest) +
				 exec_mount_space(rest) + exec_netns_space();
			break;
		case STEP_SHAPE_LINK:
			space += step->kind == STEP_VETH && allowed->ports
					 ? exec_port_space(&allowed->ports[i])
					 : exec_link_space(step->kind);
			break;
		case STEP_SHAPE_MOUNT:
			space += execute_mount_space(allowed, i);
			break;
		case STEP_SHAPE_CGROUP:
			space += step->n * exec_dir_space(step->at.path.len);
			break;
		}
	}
	return space;
}
