/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../ipc/fd.h"
#include "../ipc/limits.h"
#include "../policy/admit.h"
#include "../policy/capabilities.h"
#include "journal/state.h"
#include "journal/usage.h"
#include "kernel/kernel_call.h"
#include "ns/ns.h"
#include "ns/owner.h"
#include "rights/caps.h"
#include "self/audit.h"
#include "self/filter.h"
#include "self/report.h"
#include "undo/repair.h"

static struct step steps[PLAN_STEPS_MAX];
static struct step_mount mounts[VST_MOUNTS_MAX];
static struct step_source sources[VST_MOUNT_SOURCES_MAX];
static struct step_option options[VST_MOUNT_OPTIONS_MAX];
static struct step_set sets[VST_LINK_SETS_MAX];
static struct vst_address addresses[VST_ADDRESSES_MAX];
static struct vst_route routes[VST_ROUTES_MAX];
static uint8_t outcomes[PLAN_STEPS_MAX];

/* Whether the path depends on the working directory. An absolute one opens from descriptor -1
 * as well. */
static int is_relative(const char *path)
{
	return path && path[0] != '/';
}

static int needs_cwd(const struct cli *cli)
{
	return is_relative(cli->bundle) || is_relative(cli->root) ||
	       is_relative(cli->pid_file) || is_relative(cli->expect) || is_relative(cli->file);
}

int run_start(
	struct run *run, const struct cli *cli, struct caller *caller, struct vst_err *err)
{
	run->cli = cli;
	run->caller = caller;
	run->bundle.fd = run->bundle.doc_fd = -1;
	run->target.pidfd = -1;
	run->state_fd = run->memory_fd = -1;
	run->journal.dir_fd = run->journal.fd = -1;
	for (int i = 0; i < VST_NS_COUNT; i++)
		run->ns[i].fd = -1;
	run->exec.journal = &run->journal;
	run->exec.own_net_fd = run->exec.nsid = -1;
	run->exec.outcome = outcomes;
	run->plan.steps = steps;
	run->plan.mounts = mounts;
	run->plan.sources = sources;
	run->plan.options = options;
	run->plan.sets = sets;
	run->plan.addresses = addresses;
	run->plan.routes = routes;
	run->cwd_fd = -1;
	audit_bundle(cli->bundle);
	if (caller->is_caps && (run->memory_fd = journal_memory()) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "make a journal in memory");
	if (needs_cwd(cli)) {
		run->cwd_fd = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (run->cwd_fd < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno,
				"open the working directory, from which a path is named");
	}
	return cli->expect ? expect_load(cli->expect, run->cwd_fd, &run->expect, err) : 0;
}

static int open_target(struct run *run, uint32_t pid, struct vst_err *err)
{
	return run->cli->pidfd >= 0 ? process_open_pidfd(run->cli->pidfd, &run->target, err)
				    : process_open_pid(pid, &run->target, err);
}

/* Judges the process of a caller with less, and every namespace of it that opens. */
static int judge_target(struct run *run, struct vst_err *err)
{
	const unsigned all = (1u << VST_NS_COUNT) - 1;

	if (process_judge(&run->target, err) < 0 ||
		process_namespaces(&run->target, all, run->ns, err) < 0)
		return -1;
	for (int ns = 0; ns < VST_NS_COUNT; ns++) {
		enum owner owner;
		uint32_t uid;

		if (owner_of(run->ns[ns].fd, (enum vst_ns)ns, &owner, &uid, err) < 0)
			return -1;
		if (owner == OWNER_UID && uid == run->caller->uid)
			run->owned |= 1u << ns;
	}
	return run->owned & 1u << VST_NS_USER ? 0 : -1;
}

int run_open_target(struct run *run, struct vst_err *err)
{
	uint32_t pid = run->cli->pid;
	int opened;

	if (run->cli->pid_file &&
		cli_read_pid_file(run->cwd_fd, run->cli->pid_file, &pid, err) < 0)
		return -1;
	opened = open_target(run, pid, err);
	if (!run->caller->has_less)
		return opened;
	if (opened == 0 && judge_target(run, err) == 0)
		return 0;
	/* Not a pidfd. */
	if (err->exit == VST_EXIT_USAGE)
		return -1;
	return vst_fail(err, VST_EXIT_DENIED, 0,
		"there is no such process in a user namespace of yours: name one that you started with unshare(1) or as a rootless container");
}

int run_open_namespaces(struct run *run, unsigned wanted, struct vst_err *err)
{
	if (!run->caller->has_less)
		return process_namespaces(&run->target, wanted, run->ns, err);
	for (int ns = 0; ns < VST_NS_COUNT; ns++) {
		if (!(wanted & 1u << ns))
			vst_fd_close(&run->ns[ns].fd);
		else if (!(run->owned & 1u << ns))
			return vst_fail(err, VST_EXIT_DENIED, 0,
				"the process's %s namespace was not made in a user namespace of yours: start it with unshare(1), or name another process",
				ns_kinds[ns].name);
	}
	return 0;
}

int run_limit(uint64_t keep, uint64_t required, enum plan_verb verb, struct vst_err *err)
{
	return caps_limit(keep | repair_capabilities(verb), required, verb_words(verb), err);
}

int run_confine(uint64_t keep, enum plan_verb verb, struct vst_err *err)
{
	if (run_limit(keep, 0, verb, err) < 0)
		return -1;
	return filter_load(err);
}

/* Instead of the state: nobody else's run is shut out, and nothing of an earlier one is known.
 */
static int journal_without_state(struct run *run, uint64_t keep, struct vst_err *err)
{
	run->state_path = "memory";
	report_hold();
	if (state_key(run->memory_fd, run->bundle.fd, &run->key, err) < 0 ||
		journal_open_memory(
			&run->journal, &run->memory_fd, &run->key, run->bundle.path, err) < 0)
		return -1;
	return caps_limit(keep, 0, "the rest of the run", err);
}

int run_lock(struct run *run, uint64_t keep, struct vst_err *err)
{
	if (run->caller->is_caps)
		return journal_without_state(run, keep, err);
	if (run->state_fd < 0 &&
		(state_open(run->cli->root, run->cwd_fd, run->caller, &run->state_fd,
			 &run->state_path, err) < 0 ||
			state_key(run->state_fd, run->bundle.fd, &run->key, err) < 0))
		return -1;
	if (run->caller->has_less && usage_make_room(run->state_fd, &run->key, err) < 0)
		return -1;
	report_hold();
	if (journal_open(&run->journal, run->state_fd, &run->key, run->bundle.path, err) < 0)
		return vst_wrap(err, "state directory %s", VST_QUOTE(run->state_path));
	run->is_tried = journal_unfinished(&run->journal) != 0;
	if (repair(&run->journal, run->caller, run->state_path, err) < 0)
		return -1;
	return caps_limit(keep, 0, "the rest of the run", err);
}

int run_failed(const struct run *run, struct vst_err *err)
{
	static const char nothing[] = "; nothing was changed";

	if (err->exit == VST_EXIT_FAILED && !run->is_tried && !strstr(err->text, nothing + 2))
		strncat(err->text, nothing, sizeof err->text - 1 - strlen(err->text));
	return -1;
}

/* Release the lock after closing everything but its directory: a waiting run may unmount what
 * we held open, or the working directory. */
void run_close(struct run *run)
{
	const int lock = run->journal.fd, dir = run->journal.dir_fd;
	const int low = dir >= 0 && dir < lock ? dir : lock, high = lock < dir ? dir : lock;

	if (lock >= 0) {
		kernel_close_range(3, low - 1);
		kernel_close_range(low + 1, high - 1);
		kernel_close_range(high + 1, INT_MAX);
		(void)!chdir("/");
		journal_close(&run->journal);
	}
	kernel_close_range(3, INT_MAX);
	report_let_go();
}
