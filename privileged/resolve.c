#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "../ipc/fd.h"
#include "../ipc/limits.h"
#include "kernel.h"
#include "walk.h"

#define PIN_BUNDLE 0
#define PIN_ROOT 1
#define SLOTS 4096 /* a power of two, well above VST_PINS_MAX */

struct resolver {
	struct plan *plan;
	const struct caller *caller;
	uint32_t n_pins;
	/* Directories of the bundle that this run mounts on, and the steps that do. */
	struct object targets[2];
	uint32_t target_steps[2];
	unsigned n_targets;
};

static struct pin pins[VST_PINS_MAX + 2];
static uint16_t
	slots[SLOTS]; /* pin by the hash of its path; 0: free (the bundle has no path here) */

/* The error of a walk that ended early at `path`. */
static int walk_failed(enum walk_end end, const char *path, struct vst_err *err)
{
	int code = errno;

	switch (end) {
	case WALK_UNTRUSTED:
	case WALK_MAGIC:
		return vst_fail(err, VST_EXIT_DENIED, 0, "path %s: %s", VST_QUOTE(path),
			walk_reason(end));
	case WALK_DANGLING:
	case WALK_NOT_DIR:
	case WALK_LOOP:
	case WALK_THROUGH:
		return vst_fail(err, VST_EXIT_CONFLICT, 0, "path %s: %s", VST_QUOTE(path),
			walk_reason(end));
	case WALK_OK:
	case WALK_MISSING:
	case WALK_ERRNO:
		break;
	}
	return vst_fail(err,
		code == EACCES || code == EPERM ? VST_EXIT_DENIED : VST_EXIT_FAILED, code,
		"look up path %s", VST_QUOTE(path));
}

static uint32_t hash_byte(uint32_t hash, char byte)
{
	return (hash ^ (unsigned char)byte) * 16777619u; /* FNV-1a */
}

/* The pin of exactly this path, or the free slot for it. */
static uint16_t *find_slot(const char *path, uint32_t len, uint32_t hash)
{
	for (uint32_t i = hash;; i++) {
		uint16_t *slot = &slots[i & (SLOTS - 1)];

		if (!*slot || (pins[*slot].path_len == len &&
				      memcmp(pins[*slot].path, path, len) == 0))
			return slot;
	}
}

/* The pin that covers most of path[0..max), one pass over it; *ret_len is how much. */
static uint32_t deepest_pin(const char *path, uint32_t max, uint32_t *ret_len)
{
	uint32_t hash = 2166136261u, pin = PIN_ROOT;

	*ret_len = 0;
	for (uint32_t i = 0; i < max; i++) {
		hash = hash_byte(hash, path[i]);
		if (i + 1 == max || path[i + 1] == '/') {
			uint16_t *slot = find_slot(path, i + 1, hash);

			if (*slot) {
				pin = *slot;
				*ret_len = i + 1;
			}
		}
	}
	return pin;
}

/* Keeps the walk's directory as the pin of path[0..len). Takes the walk's descriptor. */
static int add_pin(struct resolver *r, struct walk *walk, const char *path, uint32_t len,
	uint32_t *ret_pin, struct vst_err *err)
{
	uint32_t hash = 2166136261u;

	if (r->n_pins == sizeof pins / sizeof pins[0])
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"the paths of the document lie in more than %d distinct directories",
			VST_PINS_MAX);
	pins[r->n_pins] = (struct pin){
		.fd = vst_fd_take(&walk->fd),
		.path = path,
		.path_len = len,
		.dev = walk->at.dev,
		.ino = walk->at.ino,
		.mnt_id = walk->at.mnt_id,
		.uid = walk->at.uid,
		.mode = walk->at.mode,
	};
	for (uint32_t i = 0; i < len; i++)
		hash = hash_byte(hash, path[i]);
	if (len)
		*find_slot(path, len, hash) = (uint16_t)r->n_pins;
	*ret_pin = r->n_pins++;
	return 0;
}

/* The step that mounts on this directory; STEP_NO_BASE: none does. */
static uint32_t mounted_by(const struct resolver *r, const struct object *at)
{
	for (unsigned i = 0; i < r->n_targets; i++)
		if (walk_same(&r->targets[i], at))
			return r->target_steps[i];
	return STEP_NO_BASE;
}

/* Walks path[done..max) from pin `base` on and leaves the step with its base and rest. */
static int walk_path(struct resolver *r, struct step *step, uint32_t base, uint32_t done,
	uint32_t max, struct vst_err *err)
{
	const char *path = plan_text(r->plan, step->at.path.off);
	__attribute__((cleanup(walk_close))) struct walk walk = {.fd = -1};
	uint32_t start = done, target = STEP_NO_BASE;

	if (walk_start(&walk, pins[base].fd, r->caller) < 0)
		return walk_failed(WALK_ERRNO, path, err);
	walk.hidden = r->targets;
	walk.n_hidden = r->n_targets;
	while (done < max && target == STEP_NO_BASE) {
		uint32_t from = done + 1; /* behind the slash */
		uint32_t len = (uint32_t)strcspn(path + from, "/");
		enum walk_end end = walk_step(&walk, path + from, len);

		if (end == WALK_MISSING)
			break;
		if (end != WALK_OK)
			return walk_failed(end, path, err);
		done = from + len;
		target = mounted_by(r, &walk.at);
	}
	if (!S_ISDIR(walk.at.mode))
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"path %s: something that is no directory is where one should be",
			VST_QUOTE(path));
	step->at.base = base;
	step->at.rest = (uint16_t)(done < step->at.path.len ? done + 1 : done);
	if (done == step->at.path.len) {
		step->flags |= STEP_DONE;
	} else if (target != STEP_NO_BASE) {
		step->at.flags |= PATH_DEFERRED;
		step->at.base = target;
	} else if (done > start) {
		return add_pin(r, &walk, path, done, &step->at.base, err);
	}
	return 0;
}

/* A path step: the common case, a directory that is missing in one that is pinned, costs one
 * system call. */
static int resolve_path(struct resolver *r, struct step *step, struct vst_err *err)
{
	const char *path = plan_text(r->plan, step->at.path.off);
	uint32_t len = step->at.path.len, done, base, max = len;
	char name[VST_COMPONENT_MAX + 1];
	struct statx st;
	size_t n;

	if (len == 1)
		len = max = 0; /* "/": no component */
	if (step->kind == STEP_BIND_NS) {
		/* The last component is never followed: it is exec_dir_file's to judge. */
		while (max > 0 && path[max - 1] != '/')
			max--;
		if (max == 0)
			return vst_fail(err, VST_EXIT_CONFLICT, 0,
				"path /: is a directory, not a file");
		max--;
	}
	base = deepest_pin(path, max, &done);
	step->at.base = base;
	step->at.rest = (uint16_t)(done < len ? done + 1 : done);
	if (done == max) {
		if (step->kind == STEP_MKDIR)
			step->flags |= STEP_DONE;
		return 0;
	}
	n = strcspn(path + done + 1, "/");
	memcpy(name, path + done + 1, n);
	name[n] = '\0';
	if (statx(pins[base].fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &st) <
			0 &&
		errno == ENOENT)
		return 0;
	return walk_path(r, step, base, done, max, err);
}

static int resolve_link(
	struct plan *plan, struct step *step, struct nl *here, struct vst_err *err)
{
	const char *name = plan_text(plan, step->link.name);
	struct nl_link link;
	int found = nl_get_by_name(here, name, &link, err);

	if (found < 0)
		return -1;
	if (!found)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"interface %s: there is none of this name here", VST_QUOTE(name));
	step->link.ifindex = link.ifindex;
	return 0;
}

static int resolve_step(struct resolver *r, uint32_t i, struct nl *here, struct vst_err *err)
{
	struct step *step = &r->plan->steps[i];

	switch ((enum step_kind)step->kind) {
	case STEP_BIND_ROOTFS:
	case STEP_TMPFS:
	case STEP_OVERLAY:
	case STEP_VETH:
	case STEP_LINK_THERE:
	case STEP_LINK_HERE:
		return 0;
	case STEP_MOUNT_NEW:
	case STEP_MOUNT_OVERLAY:
	case STEP_MOUNT_BIND:
	case STEP_MOUNT_CHANGE:
	case STEP_CGROUP:
		break;
	case STEP_MKDIR:
	case STEP_BIND_NS:
		return resolve_path(r, step, err);
	case STEP_LINK_MOVE:
		return resolve_link(r->plan, step, here, err);
	}
	return 0;
}

/* Notes a directory of the bundle that step `i` mounts on: what lies beneath it is deferred. */
static int add_target(
	struct resolver *r, uint32_t i, const char *name, int bundle_fd, struct vst_err *err)
{
	vst_auto_fd fd = openat(bundle_fd, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || beneath_stat(fd, &r->targets[r->n_targets]) < 0)
		return vst_fail(err, VST_EXIT_INVALID, errno, "open %s in the bundle", name);
	r->target_steps[r->n_targets++] = i;
	return 0;
}

static int add_targets(struct resolver *r, int bundle_fd, struct vst_err *err)
{
	for (uint32_t i = 0; i < r->plan->n_steps; i++) {
		const struct step *step = &r->plan->steps[i];

		if (step->flags & STEP_DONE)
			continue;
		if (step->kind == STEP_TMPFS && add_target(r, i, "tmp", bundle_fd, err) < 0)
			return -1;
		if ((step->kind == STEP_OVERLAY || step->kind == STEP_BIND_ROOTFS) &&
			add_target(r, i, "rootfs", bundle_fd, err) < 0)
			return -1;
	}
	return 0;
}

/* Pin 0 is the bundle, found by no path of the document; pin 1 is "/". */
static int first_pins(
	struct resolver *r, const struct resolve_root *bundle, struct vst_err *err)
{
	__attribute__((cleanup(walk_close))) struct walk walk = {.fd = -1};
	vst_auto_fd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint32_t pin;

	memset(slots, 0, sizeof slots);
	if (walk_start(&walk, bundle->fd, r->caller) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "pin the bundle");
	if (add_pin(r, &walk, bundle->path, 0, &pin, err) < 0)
		return -1;
	if (root < 0 || walk_start(&walk, root, r->caller) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "pin /");
	return add_pin(r, &walk, "/", 0, &pin, err);
}

int resolve(struct plan *plan, const struct resolve_root *bundle, const struct caller *caller,
	struct nl *here, struct plan_pinned *ret, struct vst_err *err)
{
	struct resolver r = {.plan = plan, .caller = caller};

	ret->plan = plan;
	ret->pins = pins;
	ret->n_pins = 0;
	if (first_pins(&r, bundle, err) < 0 || add_targets(&r, bundle->fd, err) < 0) {
		ret->n_pins = r.n_pins;
		return -1;
	}
	for (uint32_t i = 0; i < plan->n_steps; i++) {
		if (resolve_step(&r, i, here, err) < 0) {
			err->op = plan->steps[i].op;
			ret->n_pins = r.n_pins;
			return -1;
		}
	}
	ret->n_pins = r.n_pins;
	return 0;
}

void resolve_close(struct plan_pinned *pinned)
{
	for (uint32_t i = 0; i < pinned->n_pins; i++)
		vst_fd_close(&pinned->pins[i].fd);
	pinned->n_pins = 0;
}

/* Walks all of an existing path. */
static enum walk_end walk_all(struct walk *walk, const char *path)
{
	enum walk_end end = WALK_OK;

	while (*path && end == WALK_OK) {
		size_t len = strcspn(path, "/");

		if (len > 0 && !(len == 1 && path[0] == '.'))
			end = walk_step(walk, path, len);
		path += len + (path[len] == '/');
	}
	return end;
}

int resolve_existing(int start_fd, const char *path, const struct caller *caller,
	const char *what, enum vst_exit exit, int *ret_fd, struct vst_err *err)
{
	__attribute__((cleanup(walk_close))) struct walk walk = {.fd = -1};
	vst_auto_fd root = -1;
	enum walk_end end;

	if (!path[0])
		return vst_fail(err, exit, 0, "%s: the path is empty", what);
	if (path[0] == '/')
		root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (walk_start(&walk, path[0] == '/' ? root : start_fd, caller) < 0)
		return vst_fail(err, exit, errno, "%s %s", what, VST_QUOTE(path));
	end = walk_all(&walk, path);
	if (end == WALK_MISSING || end == WALK_ERRNO)
		return vst_fail(err, exit, errno, "%s %s", what, VST_QUOTE(path));
	if (end != WALK_OK)
		return vst_fail(
			err, exit, 0, "%s %s: %s", what, VST_QUOTE(path), walk_reason(end));
	*ret_fd = vst_fd_take(&walk.fd);
	return 0;
}

int resolve_again(
	const char *path, uint64_t dev, uint64_t ino, const struct caller *caller, int *ret_fd)
{
	__attribute__((cleanup(walk_close))) struct walk walk = {.fd = -1};
	vst_auto_fd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0 || walk_start(&walk, root, caller) < 0 ||
		walk_all(&walk, path) != WALK_OK || walk.at.dev != dev || walk.at.ino != ino)
		return 0;
	*ret_fd = vst_fd_take(&walk.fd);
	return 1;
}
