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
	int unwritten; /* What a child printed found no reader; the errno. */
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

int run_sees_users(const struct run *run)
{
	return caller_is_machine_root(run->caller) && !run->cli->root;
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

/* Starts a run of the user's in this process, which is a child. */
static int start_as(const struct users *users, uint32_t uid, const struct cli *cli,
	struct caller *user, struct run *run, struct vst_err *err)
{
	static uint32_t groups[VST_GROUPS_MAX];
	uint32_t n;

	caps_forked();
	if (find_groups(uid, groups, &n, err) < 0 ||
		rights_take(user, uid, groups[0], groups, n, err) < 0 ||
		caps_limit(verb_capabilities(cli->verb) & LESS_CAPABILITIES, 0,
			verb_words(cli->verb), err) < 0 ||
		rights_begin(user, err) < 0 || run_start(run, cli, user, err) < 0)
		return -1;
	run->bundle = users->run->bundle;
	return 0;
}

static _Noreturn void as_user(const struct users *users, uint32_t uid)
{
	struct caller user = *users->run->caller;
	struct cli cli = *users->run->cli;
	static struct run run;
	struct vst_err err;

	/* The bundle is open already, and the user may not be able to reach it. */
	cli.bundle = NULL;
	if (start_as(users, uid, &cli, &user, &run, &err) < 0 || users->verb(&run, &err) < 0) {
		vst_wrap(&err, "of uid %u", uid);
		_exit(report_failure(&err));
	}
	run_close(&run);
	_exit(VST_EXIT_OK);
}

/* A child's standard output and standard error. */
struct pipes {
	int from[2], to[2];
};

/* Reads what the child said; 0: it has closed that. */
static size_t hear(struct pollfd *from, char text[4096])
{
	ssize_t n = read(from->fd, text, 4096);

	if (n <= 0)
		from->fd = -1;
	return n > 0 ? (size_t)n : 0;
}

/* Passes on what the child says until it has ended: a child that is stuck in the kernel must
 * not keep our own outputs open for whoever reads them. Whether it ended in time. */
static int relay(struct users *users, int pidfd, const int from[2])
{
	const int64_t deadline = kernel_now_ms() + VST_USER_GC_MS;
	struct pollfd all[3] = {{.fd = from[0], .events = POLLIN},
		{.fd = from[1], .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};

	for (;;) {
		int64_t left = deadline - kernel_now_ms();
		char text[4096];

		if (left <= 0 || poll(all, 3, (int)left) < 0)
			return 0;
		if (all[0].revents && report_bytes(text, hear(&all[0], text)) < 0)
			users->unwritten = errno;
		if (all[1].revents)
			report_pass_on(text, hear(&all[1], text));
		if (!all[0].revents && !all[1].revents && all[2].revents)
			return 1;
	}
}

/* Waits for the child until the deadline, then ends it. One that is stuck in the kernel is
 * left. */
static void await(struct users *users, int pidfd, const int from[2], uint32_t uid)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	siginfo_t info = {.si_pid = 0};
	int in_time = relay(users, pidfd, from);

	if (!in_time) {
		(void)!syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		report(REPORT_ERROR, NULL,
			"of uid %u: not done in %d s, and ended: a file system or a process of that user does not answer",
			uid, VST_USER_GC_MS / 1000);
		(void)poll(&ended, 1, VST_USER_KILL_MS);
		(void)waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
		users->failed++;
		return;
	}
	/* It has ended, but how is told only when whoever traces it has been told. */
	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0) {
		report(REPORT_ERROR, NULL, "of uid %u: how its process ended is not known",
			uid);
		users->failed++;
		return;
	}
	users->failed += info.si_code != CLD_EXITED || info.si_status != VST_EXIT_OK;
	if (info.si_code != CLD_EXITED)
		report(REPORT_ERROR, NULL,
			"of uid %u: ended by signal %d, perhaps by that user, before all was looked after",
			uid, info.si_status);
}

static int make_pipes(struct pipes *ret, struct vst_err *err)
{
	for (int i = 0; i < 2; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno, "make a pipe");
		ret->from[i] = ends[0];
		ret->to[i] = ends[1];
	}
	return 0;
}

static void close_ends(int ends[2])
{
	vst_fd_close(&ends[0]);
	vst_fd_close(&ends[1]);
}

static void close_pipes(struct pipes *pipes)
{
	close_ends(pipes->from);
	close_ends(pipes->to);
}

static int each(void *arg, uint32_t uid, struct vst_err *err)
{
	struct users *users = arg;
	__attribute__((cleanup(close_pipes))) struct pipes pipes = {{-1, -1}, {-1, -1}};
	vst_auto_fd pidfd = -1;
	int raw = -1;
	long pid;

	if (users->run->cli->uid && users->run->cli->uid != uid)
		return 0;
	if (make_pipes(&pipes, err) < 0)
		return vst_wrap(err, "of uid %u", uid);
	pid = kernel_clone(CLONE_PIDFD | SIGCHLD, &raw);
	if (pid < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "start a process for uid %u", uid);
	if (pid == 0) {
		if (dup2(pipes.to[0], STDOUT_FILENO) < 0 ||
			dup2(pipes.to[1], STDERR_FILENO) < 0)
			_exit(VST_EXIT_FAILED);
		close_pipes(&pipes);
		as_user(users, uid);
	}
	pidfd = raw;
	close_ends(pipes.to);
	await(users, pidfd, pipes.from, uid);
	if (users->unwritten)
		return vst_fail(
			err, VST_EXIT_FAILED, users->unwritten, "write to standard output");
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
