/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../ipc/fd.h"
#include "../ipc/limits.h"
#include "../policy/capabilities.h"
#include "journal/state.h"
#include "kernel/kernel_call.h"
#include "self/caps.h"
#include "self/filter.h"
#include "undo/repair.h"

static struct step steps[PLAN_STEPS_MAX];
static struct step_mount mounts[VST_MOUNTS_MAX];
static struct step_source sources[VST_MOUNT_SOURCES_MAX];
static struct step_option options[VST_MOUNT_OPTIONS_MAX];
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

int run_start(struct run *run, const struct cli *cli, const struct caller *caller,
	struct vst_err *err)
{
	run->cli = cli;
	run->caller = caller;
	run->bundle.fd = run->bundle.doc_fd = -1;
	run->target.pidfd = -1;
	run->state_fd = -1;
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
	run->cwd_fd = -1;
	if (needs_cwd(cli)) {
		run->cwd_fd = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (run->cwd_fd < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno,
				"open the working directory, from which a path is named");
	}
	return cli->expect ? expect_load(cli->expect, run->cwd_fd, &run->expect, err) : 0;
}

int run_open_target(struct run *run, struct vst_err *err)
{
	uint32_t pid = run->cli->pid;

	if (run->cli->pidfd >= 0)
		return process_open_pidfd(run->cli->pidfd, &run->target, err);
	if (run->cli->pid_file &&
		cli_read_pid_file(run->cwd_fd, run->cli->pid_file, &pid, err) < 0)
		return -1;
	return process_open_pid(pid, &run->target, err);
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

int run_lock(struct run *run, uint64_t keep, struct vst_err *err)
{
	if (run->state_fd < 0 &&
		(state_open(run->cli->root, run->cwd_fd, run->caller, &run->state_fd,
			 &run->state_path, err) < 0 ||
			state_key(run->state_fd, run->bundle.fd, &run->key, err) < 0))
		return -1;
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
	const int low = lock < dir ? lock : dir, high = lock < dir ? dir : lock;

	if (lock >= 0) {
		kernel_close_range(3, low - 1);
		kernel_close_range(low + 1, high - 1);
		kernel_close_range(high + 1, INT_MAX);
		(void)!chdir("/");
		journal_close(&run->journal);
	}
	kernel_close_range(3, INT_MAX);
}
