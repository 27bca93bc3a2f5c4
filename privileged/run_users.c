/* SPDX-License-Identifier: Apache-2.0 */
#include "run_users.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ipc/fd.h"
#include "../ipc/limits.h"
#include "../policy/capabilities.h"
#include "journal/state.h"
#include "kernel/kernel_call.h"
#include "rights/caps.h"
#include "rights/rights.h"
#include "self/caller.h"
#include "self/report.h"
#include "trust/policy_file.h"

/* The overflow gid: what a user's primary group is does not matter for what is his. */
#define NO_GROUP 65534

struct users {
	const struct run *run;
	int (*verb)(struct run *run, struct vst_err *err);
	unsigned failed;
};

/* Sets uid's primary group and all of his groups, by /etc/passwd and /etc/group; a uid that is
 * not there has none. */
static int find_groups(
	uint32_t uid, uint32_t groups[VST_GROUPS_MAX], uint32_t *ret_n, struct vst_err *err)
{
	static struct policy none;
	struct account account;
	int n;

	groups[0] = NO_GROUP;
	*ret_n = 1;
	if (policy_accounts(&none, 1, err) < 0)
		return -1;
	if (accounts_by_uid(&none.passwd, uid, &account) <= 0)
		return 0;
	n = accounts_groups_of(&none.group, &account, groups, VST_GROUPS_MAX);
	if (n <= 0)
		return vst_fail(err, VST_EXIT_FAILED, 0, "uid %u has too many groups", uid);
	*ret_n = (uint32_t)n;
	return 0;
}

int run_as_owner(struct caller *caller, uint32_t uid, struct vst_err *err)
{
	static uint32_t groups[VST_GROUPS_MAX];
	uint32_t n;

	if (!caller_is_machine_root(caller))
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"to act as another user is for root of the machine");
	if (caller_look_at_net(caller, err) < 0 || find_groups(uid, groups, &n, err) < 0)
		return -1;
	return rights_take(caller, uid, groups[0], groups, n, err);
}

static _Noreturn void as_user(const struct users *users, uint32_t uid)
{
	struct caller user = *users->run->caller;
	static struct run run;
	struct vst_err err;

	caps_forked();
	if (rights_take(&user, uid, NO_GROUP, NULL, 0, &err) < 0 ||
		caps_limit(verb_capabilities(users->run->cli->verb) & LESS_CAPABILITIES, 0,
			verb_words(users->run->cli->verb), &err) < 0 ||
		rights_begin(&user, &err) < 0 ||
		run_start(&run, users->run->cli, &user, &err) < 0 ||
		users->verb(&run, &err) < 0) {
		vst_wrap(&err, "of uid %u", uid);
		_exit(report_failure(&err));
	}
	run_close(&run);
	_exit(VST_EXIT_OK);
}

/* Waits for the child until the deadline, then ends it. One that is stuck in the kernel is
 * left. */
static void await(struct users *users, int pidfd, uint32_t uid)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	siginfo_t info = {.si_pid = 0};

	int in_time = poll(&ended, 1, VST_USER_GC_MS) > 0;

	if (!in_time) {
		(void)!syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		report(REPORT_ERROR, NULL,
			"of uid %u: not done in %d s, and ended: a file system or a process of that user does not answer",
			uid, VST_USER_GC_MS / 1000);
		(void)poll(&ended, 1, VST_USER_KILL_MS);
		users->failed++;
	}
	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return;
	if (info.si_code == CLD_EXITED && info.si_status == VST_EXIT_OK)
		return;
	if (in_time)
		users->failed++;
	if (in_time && info.si_code != CLD_EXITED)
		report(REPORT_ERROR, NULL,
			"of uid %u: ended by signal %d, perhaps by that user, before all was looked after",
			uid, info.si_status);
}

static int each(void *arg, uint32_t uid, struct vst_err *err)
{
	struct users *users = arg;
	int pidfd_raw = -1;
	vst_auto_fd pidfd = -1;
	long pid;

	if (users->run->cli->uid && users->run->cli->uid != uid)
		return 0;
	pid = kernel_clone(CLONE_PIDFD | SIGCHLD, &pidfd_raw);

	if (pid < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "start a process for uid %u", uid);
	if (pid == 0)
		as_user(users, uid);
	pidfd = pidfd_raw;
	await(users, pidfd, uid);
	return 0;
}

int run_for_users(const struct run *run, int (*verb)(struct run *run, struct vst_err *err),
	struct vst_err *err)
{
	struct users users = {.run = run, .verb = verb};

	if (state_users(each, &users, err) < 0)
		return -1;
	if (!users.failed)
		return 0;
	return vst_fail(err, VST_EXIT_INCOMPLETE, 0,
		"what %u users had done could not be looked after, as said above",
		users.failed);
}
