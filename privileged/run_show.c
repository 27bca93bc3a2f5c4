/* SPDX-License-Identifier: Apache-2.0 */
#include "run_show.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "ns/ns.h"
#include "self/digest.h"
#include "self/report.h"
#include "undo/held.h"

int run_is_link(const struct step *step)
{
	return step_has_shape(step, STEP_SHAPE_LINK);
}

void run_warn_shared(const struct run *run)
{
	uint32_t i = 0;

	while (i < run->plan.n_steps && !run_is_link(&run->plan.steps[i]))
		i++;
	if (i < run->plan.n_steps)
		report(REPORT_WARNING, NULL,
			"process %u shares vestibule's network namespace: its interfaces stay here",
			run->target.pid);
}

static struct show_object object_of(int dir_fd, const char *name)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return (struct show_object){0, 0};
	return (struct show_object){st.st_dev, st.st_ino};
}

/* The inode of our network namespace, to which ifindexes belong; 0: unknown. */
static uint64_t own_net(void)
{
	struct vst_err ignored;
	struct ns_own own;

	return ns_own(VST_NS_NET, &own, &ignored) == 0 ? own.ino : 0;
}

void run_facts(const struct run *run, int already, struct show_facts *ret)
{
	const struct bundle *bundle = &run->bundle;

	*ret = (struct show_facts){
		.plan = &run->plan,
		.pins = already ? NULL : run->pinned.pins,
		.bundle = bundle->path,
		.bundle_dir = {bundle->dev, bundle->ino},
		.rootfs = object_of(bundle->fd, "rootfs"),
		.lower = object_of(bundle->fd, "lower"),
		.tmp = object_of(bundle->fd, "tmp"),
		.containerd = run->request.containerd,
		.pid = run->target.pid,
		.ident = run->target.ident,
		.here = run->plan.verb == PLAN_ATTACH ? own_net() : 0,
		.already = already,
	};
}

void run_warn_host(const struct run *run, uint32_t i)
{
	const struct step *step = &run->plan.steps[i];
	const char *path = plan_text(&run->plan, step->at.path.off);

	if (step->flags & STEP_COVERS)
		report(REPORT_WARNING, &(struct report_about){.path = path, .op = step->op},
			"%s is a mount point of the host, outside of the bundle: %s",
			VST_QUOTE(path),
			step->kind == STEP_MOUNT_CHANGE
				? "that mount is changed, and stays so after cleanup"
				: "what is mounted there now is covered");
}

/* Whether the earlier run was held to this very text: then the same command again is no other
 * plan. */
static int was_held_to(const struct run *run)
{
	const struct rec_run *by = held_newest(&run->journal, run->plan.verb);
	unsigned char now[DIGEST_LEN];

	digest(run->expect.bytes, run->expect.len, now);
	return by && memcmp(by->expected, now, sizeof now) == 0;
}

int run_expect(const struct run *run, int already, struct vst_err *err)
{
	struct show_facts facts;

	if (!run->expect.path || (already && was_held_to(run)))
		return 0;
	run_facts(run, already, &facts);
	return expect_compare(&run->expect, &facts, err);
}
