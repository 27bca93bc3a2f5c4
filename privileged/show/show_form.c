/* SPDX-License-Identifier: Apache-2.0 */
#include "show_form.h"

#include <string.h>

#include "../../policy/plan.h"

const char *const show_tmpfs_data[] = {"size=" STEP_TMPFS_SIZE, "mode=" STEP_TMPFS_MODE, NULL};

const char *show_exit_name(enum vst_exit exit)
{
	switch (exit) {
	case VST_EXIT_FAILED:
		return "failed";
	case VST_EXIT_USAGE:
		return "usage";
	case VST_EXIT_DENIED:
		return "denied";
	case VST_EXIT_INVALID:
		return "invalid";
	case VST_EXIT_INCOMPLETE:
		return "incomplete";
	case VST_EXIT_UNSUPPORTED:
		return "unsupported";
	case VST_EXIT_CONFLICT:
		return "conflict";
	case VST_EXIT_BUSY:
		return "busy";
	case VST_EXIT_OK:
		break;
	}
	return "ok";
}

static int is_beneath(const char *path, size_t len, const char *dir)
{
	size_t dir_len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	return len >= dir_len && memcmp(path, dir, dir_len) == 0 &&
	       (len == dir_len || path[dir_len] == '/');
}

/* Whether the step's mount will lie in the bundle: in rootfs, beneath the bundle's path, or on
 * a mount of this run that does. */
static int is_in_bundle(const struct show_facts *facts, const struct step *step)
{
	const struct step_path *at = &step->at;
	const char *path;

	while (!step_has_shape(step, STEP_SHAPE_IMPLIED) && !(at->flags & PATH_IN_ROOT)) {
		if (!(at->flags & PATH_DEFERRED) || at->base == STEP_NO_BASE) {
			const struct pin *pin = facts->pins && at->base != STEP_NO_BASE
							? &facts->pins[at->base]
							: NULL;

			path = pin ? pin->path : plan_text(facts->plan, at->path.off);
			return is_beneath(path,
				pin && pin->path_len ? pin->path_len : strlen(path),
				facts->bundle);
		}
		step = &facts->plan->steps[at->base];
		at = &step->at;
	}
	return 1;
}

/* Sets the propagation that apart_mount will give a mount that names none. */
static void settle_propagation(
	const struct showing *show, const struct step *step, struct show_mount *mount)
{
	if ((mount->flags.propagation & ~VST_PROPAGATION_RECURSIVE) == VST_PROPAGATION_KEEP &&
		is_in_bundle(show->facts, step))
		mount->flags.propagation =
			(uint8_t)(VST_PROPAGATION_PRIVATE |
				  (mount->is_recursive ? VST_PROPAGATION_RECURSIVE : 0));
}

/* Whether the path's directory ends in /run/netns, so that it may be that of "ip netns". */
static int is_in_netns(const struct showing *show, const struct step *step)
{
	static const char dir[] = "/run/netns";
	const char *path = plan_text(show->facts->plan, step->at.path.off);
	const char *slash = strrchr(path, '/');
	const size_t len = sizeof dir - 1;

	return slash && (size_t)(slash - path) >= len && memcmp(slash - len, dir, len) == 0;
}

const char *show_also(const struct showing *show, const struct step *step)
{
	struct show_mount mount;

	if (step->kind == STEP_BIND_NS && is_in_netns(show, step))
		return "where its directory is /run/netns and no mount point yet, make that a shared mount first";
	if (step->kind == STEP_TMPFS)
		return "make upper and work in it";
	if (step->kind == STEP_MOUNT_BIND && show_mount_of(show, step, &mount) &&
		mount.is_recursive && is_in_bundle(show->facts, step))
		return "where that is on a shared mount, bind it onto itself first, private";
	return NULL;
}

int show_mount_of(const struct showing *show, const struct step *step, struct show_mount *ret)
{
	const struct plan *plan = show->facts->plan;
	const struct step_mount *mount;

	*ret = (struct show_mount){.type = NULL};
	if (step_has_shape(step, STEP_SHAPE_IMPLIED)) {
		if (step->kind != STEP_BIND_ROOTFS)
			ret->type = ret->source =
				step->kind == STEP_TMPFS ? "tmpfs" : "overlay";
		ret->flags.propagation = VST_PROPAGATION_PRIVATE;
		return 1;
	}
	if (!step_has_shape(step, STEP_SHAPE_MOUNT))
		return 0;
	mount = &plan->mounts[step->mount];
	ret->of = mount;
	ret->type = mount->type ? plan_text(plan, mount->type) : NULL;
	ret->source = mount->source ? plan_text(plan, mount->source) : NULL;
	ret->flags = mount->flags;
	ret->is_recursive = mount->is_recursive;
	if (step->kind != STEP_MOUNT_CHANGE)
		settle_propagation(show, step, ret);
	return 1;
}

struct option {
	uint8_t bit;
	const char *set, *clear;
};

static const struct option attributes[] = {
	{VST_ATTR_RO, "ro", "rw"},
	{VST_ATTR_NOSUID, "nosuid", "suid"},
	{VST_ATTR_NODEV, "nodev", "dev"},
	{VST_ATTR_NOEXEC, "noexec", "exec"},
	{VST_ATTR_NODIRATIME, "nodiratime", "diratime"},
	{0, NULL, NULL},
};
static const struct option recursive[] = {
	{VST_ATTR_RO, "rro", "rrw"},
	{VST_ATTR_NOSUID, "rnosuid", "rsuid"},
	{VST_ATTR_NODEV, "rnodev", "rdev"},
	{VST_ATTR_NOEXEC, "rnoexec", "rexec"},
	{VST_ATTR_NODIRATIME, "rnodiratime", "rdiratime"},
	{0, NULL, NULL},
};
static const struct option superblock[] = {
	{VST_SB_SYNC, "sync", "async"},
	{VST_SB_DIRSYNC, "dirsync", "nodirsync"},
	{0, NULL, NULL},
};
static const char *const atimes[VST_ATIME_COUNT] = {
	[VST_ATIME_RELATIME] = "relatime",
	[VST_ATIME_NOATIME] = "noatime",
	[VST_ATIME_STRICT] = "strictatime",
};
static const char *const recursive_atimes[VST_ATIME_COUNT] = {
	[VST_ATIME_RELATIME] = "rrelatime",
	[VST_ATIME_NOATIME] = "rnoatime",
	[VST_ATIME_STRICT] = "rstrictatime",
};
/* The option without the first letter is the form that is not recursive. */
static const char *const has_propagation[VST_PROPAGATION_COUNT] = {
	[VST_PROPAGATION_PRIVATE] = "rprivate",
	[VST_PROPAGATION_SHARED] = "rshared",
	[VST_PROPAGATION_SLAVE] = "rslave",
	[VST_PROPAGATION_UNBINDABLE] = "runbindable",
};

void show_options(const struct vst_mount_flags *flags,
	void (*each)(struct showing *show, const char *name, unsigned n), struct showing *show)
{
	const struct {
		uint8_t set, clear;
		const struct option *options;
		const char *atime; /* written after the options; NULL: unchanged */
	} groups[] = {
		{flags->set, flags->clear, attributes, atimes[flags->atime % VST_ATIME_COUNT]},
		{flags->rec_set, flags->rec_clear, recursive,
			recursive_atimes[flags->rec_atime % VST_ATIME_COUNT]},
		{flags->sb_set, flags->sb_clear, superblock, NULL},
	};
	uint8_t propagation = flags->propagation & (uint8_t)~VST_PROPAGATION_RECURSIVE;
	unsigned n = 0;

	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		for (const struct option *option = groups[i].options; option->bit; option++)
			if (groups[i].set & option->bit)
				each(show, option->set, n++);
			else if (groups[i].clear & option->bit)
				each(show, option->clear, n++);
		if (groups[i].atime)
			each(show, groups[i].atime, n++);
	}
	if (propagation != VST_PROPAGATION_KEEP && propagation < VST_PROPAGATION_COUNT)
		each(show,
			has_propagation[propagation] +
				!(flags->propagation & VST_PROPAGATION_RECURSIVE),
			n++);
}

const char *show_ns(unsigned ns)
{
	static const char *const names[VST_NS_COUNT] = {
		[VST_NS_CGROUP] = "cgroup",
		[VST_NS_IPC] = "ipc",
		[VST_NS_MNT] = "mnt",
		[VST_NS_NET] = "net",
		[VST_NS_PID] = "pid",
		[VST_NS_USER] = "user",
		[VST_NS_UTS] = "uts",
	};

	return ns < VST_NS_COUNT ? names[ns] : "?";
}

const char *show_source(uint8_t kind)
{
	switch (kind) {
	case VST_ITEM_LOWER:
		return "lower";
	case VST_ITEM_UPPER:
		return "upper";
	case VST_ITEM_WORK:
		return "work";
	default:
		return "source";
	}
}

int show_is_bare(
	const struct showing *show, const struct step *step, const struct vst_err *refused)
{
	return refused || show->facts->already || !show->facts->pins ||
	       (step->flags & STEP_DONE);
}
