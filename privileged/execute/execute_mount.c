/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../exec/exec_dir.h"
#include "../kernel/beneath.h"
#include "../kernel/change.h"
#include "../kernel/kernel_call.h"
#include "../mount/apart.h"
#include "../mount/exec_bind.h"
#include "../mount/exec_change.h"
#include "../mount/exec_mount.h"
#include "../mount/exec_new.h"
#include "execute_proof.h"
#include "footing.h"

/* A mount point: the place itself, and how the journal names it. */
struct point {
	int fd;           /* O_PATH; owned. */
	int base_fd;      /* The pin's directory; borrowed. */
	uint32_t pin_rec; /* The pin's record. */
	char rest[VST_PATH_MAX + 16];
};

static void point_close(struct point *point)
{
	vst_fd_close(&point->fd);
}

static int open_failed(
	const struct plan_allowed *allowed, const struct step_path *at, struct vst_err *err)
{
	int code = errno;
	const char *path = allowed_text(allowed, at->path.off);

	if (code == ELOOP || code == ENOTDIR)
		return vst_fail(err, VST_EXIT_CONFLICT, code, "open %s", VST_QUOTE(path));
	return vst_fail(err,
		code == EACCES || code == EPERM ? VST_EXIT_DENIED : VST_EXIT_FAILED, code,
		"open %s", VST_QUOTE(path));
}

/* O_PATH with O_NOFOLLOW opens a symbolic link itself. Mounted, or mounted on, it would send
 * everyone who goes there where its owner says. */
static int refuse_link(const struct plan_allowed *allowed, const struct step_path *at, int fd,
	struct vst_err *err)
{
	const char *path = allowed_text(allowed, at->path.off);
	struct object object;

	if (beneath_stat(fd, &object) < 0)
		return open_failed(allowed, at, err);
	if (!S_ISLNK(object.mode))
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"%s is a symbolic link, which is not followed here; name what it points to",
		VST_QUOTE(path));
}

/* Opens an existing object of the path: O_PATH, never a symbolic link. */
static int open_there(const struct plan_allowed *allowed, uint32_t i,
	const struct step_path *at, struct exec_run *run, struct footing *footing, int *ret_fd,
	struct vst_err *err)
{
	vst_auto_fd fd = -1;

	if (footing_find(allowed, i, at, 1, run, footing, err) < 0)
		return -1;
	if (footing->rest[0])
		fd = beneath_open(footing->fd, footing->rest, O_PATH | O_NOFOLLOW);
	else
		fd = kernel_dup(footing->fd);
	if (fd < 0)
		return open_failed(allowed, at, err);
	if (refuse_link(allowed, at, fd, err) < 0)
		return -1;
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

static int is_dir(int fd, struct vst_err *err)
{
	struct object object;

	if (beneath_stat(fd, &object) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look at what is mounted");
	return S_ISDIR(object.mode);
}

/* Opens a directory of step i, makes what is missing of it, and proves that it is where the
 * path says. */
static int make_dir(const struct plan_allowed *allowed, uint32_t i, const struct step_path *at,
	struct exec_run *run, struct footing *footing, int *ret_fd, struct vst_err *err)
{
	struct place place;
	uint32_t since;

	if (footing_find(allowed, i, at, 0, run, footing, err) < 0)
		return -1;
	since = journal_last(run->journal);
	place = footing_place(footing);
	if (exec_dir_make(allowed, run, &place, ret_fd, NULL, err) < 0 ||
		execute_prove_dir(allowed, run, since, &place, *ret_fd, err) < 0)
		return -1;
	/* Undo finds things in a pin by the pin's path, so prove that it still leads there. */
	if (journal_last(run->journal) == since || at->flags & (PATH_DEFERRED | PATH_IN_ROOT))
		return 0;
	return execute_prove_pin(allowed, at->base, err);
}

/* A directory to mount on; missing components are made. */
static int make_point(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct point *ret, struct vst_err *err)
{
	const struct step_path *at = &allowed->steps[i].at;
	vst_auto_footing footing = {.own_fd = -1};

	if (make_dir(allowed, i, at, run, &footing, &ret->fd, err) < 0 ||
		footing_of_dir(allowed, run, ret->fd, &ret->base_fd, &ret->pin_rec, ret->rest,
			err) < 0)
		return -1;
	if (at->flags & PATH_IN_ROOT && (ret->base_fd != allowed->pins[PIN_BUNDLE].fd ||
						strncmp(ret->rest, "rootfs", 6) != 0 ||
						(ret->rest[6] && ret->rest[6] != '/')))
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"mount point %s: somebody moves directories out of rootfs meanwhile",
			VST_QUOTE(allowed_text(allowed, at->path.off)));
	if (ret->rest[0])
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"mount point %s: leads to the bundle itself, or to /",
		VST_QUOTE(allowed_text(allowed, at->path.off)));
}

/* A file to mount on, which must exist. */
static int find_file_point(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct point *ret, struct vst_err *err)
{
	const struct step_path *at = &allowed->steps[i].at;
	const char *path = allowed_text(allowed, at->path.off), *slash;
	vst_auto_footing footing = {.own_fd = -1};
	vst_auto_fd dir = -1;
	int r = open_there(allowed, i, at, run, &footing, &ret->fd, err);

	if (r < 0 && err->code == ENOENT)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"mount point %s does not exist, and a file is never made: make an empty one to bind a file on",
			VST_QUOTE(path));
	if (r == 0)
		r = is_dir(ret->fd, err);
	if (r < 0)
		return -1;
	if (r)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"mount point %s is a directory, and the source of the bind is a file",
			VST_QUOTE(path));
	slash = strrchr(footing.rest, '/');
	if (slash) {
		char parent[VST_PATH_MAX + 1];

		memcpy(parent, footing.rest, (size_t)(slash - footing.rest));
		parent[slash - footing.rest] = '\0';
		dir = beneath_open(footing.fd, parent, O_PATH | O_DIRECTORY);
		if (dir < 0)
			return open_failed(allowed, at, err);
	}
	if (footing_of_dir(allowed, run, slash ? dir : footing.fd, &ret->base_fd, &ret->pin_rec,
		    ret->rest, err) < 0)
		return -1;
	if (strlen(ret->rest) + strlen(footing.rest) + 2 > VST_PATH_MAX)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"mount point %s: the path is too long", VST_QUOTE(path));
	strcat(ret->rest, ret->rest[0] ? "/" : "");
	strcat(ret->rest, slash ? slash + 1 : footing.rest);
	return 0;
}

/* The record's flags: whether cleanup unmounts it, and whether its contents end with it. */
static uint32_t rec_flags_of(const struct plan_allowed *allowed, uint32_t i,
	const struct exec_run *run, const struct point *point)
{
	const struct step *step = &allowed->steps[i];
	const char *type = allowed_text(allowed, allowed->mounts[step->mount].type);
	uint32_t flags = point->pin_rec == run->pin_rec[PIN_BUNDLE] ? REC_MOUNT_BUNDLE : 0;

	if (step->kind == STEP_MOUNT_NEW &&
		(strcmp(type, "tmpfs") == 0 || strcmp(type, "ramfs") == 0))
		flags |= REC_MOUNT_MEMORY;
	return flags;
}

/* Attaches the tree at its mount point and sets its propagation. n_ids is rec_mount's. */
static int attach(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	int *tree_fd, uint32_t n_ids, const struct point *point, struct vst_err *err)
{
	const struct step *step = &allowed->steps[i];
	const struct step_mount *mount = &allowed->mounts[step->mount];
	const struct apart place = {
		.to = {.what = "the mount",
			.at = {point->base_fd, point->rest, point->pin_rec, point->rest},
			.point_fd = point->fd,
			.rec_flags = rec_flags_of(allowed, i, run, point),
			.n_ids = n_ids},
		.propagation = mount->flags.propagation,
		.is_bind = step->kind == STEP_MOUNT_BIND,
		.is_tree = mount->is_recursive,
	};

	return apart_mount(run, i, tree_fd, &place, err);
}

static int execute_bind(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	const struct step_mount *mount = &allowed->mounts[allowed->steps[i].mount];
	__attribute__((cleanup(point_close))) struct point point = {.fd = -1, .base_fd = -1};
	vst_auto_footing footing = {.own_fd = -1};
	vst_auto_fd source = -1, tree = -1;
	uint32_t n_ids;
	int r;

	if (open_there(allowed, i, &allowed->sources[mount->first_source].at, run, &footing,
		    &source, err) < 0)
		return -1;
	r = is_dir(source, err);
	if (r < 0)
		return -1;
	r = r ? make_point(allowed, i, run, &point, err)
	      : find_file_point(allowed, i, run, &point, err);
	if (r < 0 || exec_bind_tree(allowed, i, source, &tree, &n_ids, err) < 0)
		return -1;
	return attach(allowed, i, run, &tree, n_ids, &point, err);
}

static int open_layer(const struct plan_allowed *allowed, uint32_t i,
	const struct step_source *source, struct exec_run *run, int *ret_fd,
	struct vst_err *err)
{
	vst_auto_footing footing = {.own_fd = -1};
	int r;

	if (source->kind == VST_ITEM_LOWER) {
		if (open_there(allowed, i, &source->at, run, &footing, ret_fd, err) < 0)
			return -1;
		r = is_dir(*ret_fd, err);
		if (r)
			return r < 0 ? -1 : 0;
		return vst_fail(err, VST_EXIT_CONFLICT, 0, "layer %s is not a directory",
			VST_QUOTE(allowed_text(allowed, source->at.path.off)));
	}
	return make_dir(allowed, i, &source->at, run, &footing, ret_fd, err);
}

static int execute_new(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	const struct step_mount *mount = &allowed->mounts[allowed->steps[i].mount];
	__attribute__((cleanup(point_close))) struct point point = {.fd = -1, .base_fd = -1};
	vst_auto_fd tree = -1;
	int layers[VST_LAYERS_MAX + 2];
	unsigned n = 0;
	int is_others = 0;
	int r = make_point(allowed, i, run, &point, err);

	for (; r == 0 && n < mount->n_sources; n++) {
		layers[n] = -1;
		r = open_layer(allowed, i, &allowed->sources[mount->first_source + n], run,
			&layers[n], err);
	}
	if (r == 0)
		r = exec_new_tree(allowed, i, layers, &tree, &is_others, err);
	while (n > 0)
		vst_fd_close(&layers[--n]);
	if (r < 0 || attach(allowed, i, run, &tree, 0, &point, err) < 0)
		return -1;
	run->mounts[run->n_mounts - 1].is_others = is_others;
	return 0;
}

/* Remount or propagation change, of a mount of this run or of another's. */
static int execute_change(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	vst_auto_footing footing = {.own_fd = -1};
	vst_auto_fd fd = -1;
	char rest[VST_PATH_MAX + 16];
	struct place place = {.rest = ""};
	struct object object;
	int base_fd, is_own = 0;

	if (open_there(allowed, i, &allowed->steps[i].at, run, &footing, &fd, err) < 0)
		return err->code == ENOENT
			       ? change_is_missing(
					 allowed_text(allowed, allowed->steps[i].at.path.off),
					 err)
			       : -1;
	if (beneath_stat(fd, &object) < 0)
		return open_failed(allowed, &allowed->steps[i].at, err);
	for (uint32_t m = 0; m < run->n_mounts; m++)
		is_own |= run->mounts[m].mnt_id == object.mnt_id;
	place.fd = fd;
	place.pin_rec = footing.pin_rec;
	place.rec_rest = footing.rec_rest;
	if (S_ISDIR(object.mode)) {
		place.rec_rest = rest;
		if (footing_of_dir(allowed, run, fd, &base_fd, &place.pin_rec, rest, err) < 0)
			return -1;
	}
	return exec_change(allowed, i, run, &place, is_own, err);
}

int execute_mount(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err)
{
	const unsigned kind = allowed->steps[i].kind;

	if (kind == STEP_MOUNT_NEW || kind == STEP_MOUNT_OVERLAY)
		return execute_new(allowed, i, run, err);
	if (kind == STEP_MOUNT_BIND)
		return execute_bind(allowed, i, run, err);
	if (kind == STEP_MOUNT_CHANGE)
		return execute_change(allowed, i, run, err);
	return vst_fail(err, VST_EXIT_DENIED, 0, "step %u is no mount", i);
}

size_t execute_mount_space(const struct plan_allowed *allowed, uint32_t i)
{
	const struct step *step = &allowed->steps[i];
	const struct step_mount *mount = &allowed->mounts[step->mount];
	/* The real path can be longer than written; the journal then grows. */
	size_t around = strlen(allowed->pins[PIN_BUNDLE].path) + sizeof "/rootfs/";
	size_t len = around + step->at.path.len, space = 0;

	if (step->kind == STEP_MOUNT_CHANGE)
		return exec_change_space(len);
	for (unsigned n = 0; n < mount->n_sources; n++) {
		const struct step_source *source = &allowed->sources[mount->first_source + n];

		if (source->kind == VST_ITEM_UPPER || source->kind == VST_ITEM_WORK)
			space += exec_dir_space(around + source->at.path.len);
	}
	/* A recursive bind may need a second mount below it. */
	return space + exec_dir_space(len) +
	       exec_mount_space(len) * (mount->is_recursive ? 2 : 1);
}
