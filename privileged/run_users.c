/* SPDX-License-Identifier: Apache-2.0 */
#include "run_users.h"

#include <errno.h>
#include <fcntl.h>
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
#include "kernel/clock.h"
#include "kernel/kernel_call.h"
#include "rights/caps.h"
#include "rights/rights.h"
#include "self/caller.h"
#include "self/report.h"
#include "trust/policy_file.h"

/* The overflow gid, of a uid that is in no file of accounts. */
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
	if (caller_look_around(caller, err) < 0 || find_groups(uid, groups, &n, err) < 0)
		return -1;
	return rights_take(caller, uid, groups[0], groups, n, err);
}

static _Noreturn void as_user(const struct users *users, uint32_t uid)
{
	struct caller user = *users->run->caller;
	static uint32_t groups[VST_GROUPS_MAX];
	static struct run run;
	struct vst_err err;
	uint32_t n;

	caps_forked();
	if (find_groups(uid, groups, &n, &err) < 0 ||
		rights_take(&user, uid, groups[0], groups, n, &err) < 0 ||
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

/* Passes on what the child says until it has ended: a child that is stuck in the kernel must
 * not keep our own standard error open for whoever reads it. Whether it ended in time. */
static int relay(int pidfd, int from_fd)
{
	const int64_t deadline = kernel_now_ms() + VST_USER_GC_MS;
	struct pollfd both[2] = {
		{.fd = from_fd, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};

	for (;;) {
		int64_t left = deadline - kernel_now_ms();
		char text[4096];
		ssize_t n;

		if (left <= 0 || poll(both, 2, (int)left) < 0)
			return 0;
		if (both[0].revents) {
			n = read(from_fd, text, sizeof text);
			if (n > 0)
				(void)!write(STDERR_FILENO, text, (size_t)n);
			else
				both[0].fd = -1;
		} else if (both[1].revents) {
			return 1;
		}
	}
}

/* Waits for the child until the deadline, then ends it. One that is stuck in the kernel is
 * left. */
static void await(struct users *users, int pidfd, int from_fd, uint32_t uid)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	siginfo_t info = {.si_pid = 0};
	int in_time = relay(pidfd, from_fd);

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
	vst_auto_fd pidfd = -1, from = -1, to = -1;
	int pipe[2], raw = -1;
	long pid;

	if (users->run->cli->uid && users->run->cli->uid != uid)
		return 0;
	if (pipe2(pipe, O_CLOEXEC) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "make a pipe for uid %u", uid);
	from = pipe[0];
	to = pipe[1];
	pid = kernel_clone(CLONE_PIDFD | SIGCHLD, &raw);
	if (pid < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "start a process for uid %u", uid);
	if (pid == 0) {
		if (dup2(to, STDOUT_FILENO) < 0 || dup2(to, STDERR_FILENO) < 0)
			_exit(VST_EXIT_FAILED);
		vst_fd_close(&from);
		vst_fd_close(&to);
		as_user(users, uid);
	}
	pidfd = raw;
	vst_fd_close(&to);
	await(users, pidfd, from, uid);
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
