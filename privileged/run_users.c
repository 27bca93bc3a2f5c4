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
#include "kernel/patience.h"
#include "rights/caps.h"
#include "rights/rights.h"
#include "self/report.h"

/* The overflow gid: what a user's primary group is does not matter for what is his. */
#define NO_GROUP 65534

struct users {
	const struct run *run;
	int (*verb)(struct run *run, struct vst_err *err);
	unsigned failed;
};

/* As a setuid program of this user's would begin. */
static int become(struct caller *user, enum plan_verb verb, struct vst_err *err)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0 ||
		syscall(SYS_setresgid, user->gid, user->gid, user->gid) < 0 ||
		syscall(SYS_setresuid, user->uid, 0, 0) < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "take the rights of uid %u", user->uid);
	if (caps_limit(verb_capabilities(verb) & LESS_CAPABILITIES, 0, verb_words(verb), err) <
		0)
		return -1;
	patience_deadline();
	return rights_begin(user, err);
}

static _Noreturn void as_user(const struct users *users, uint32_t uid)
{
	struct caller user = {.uid = uid,
		.gid = NO_GROUP,
		.has_less = 1,
		.is_setuid = 1,
		.in_init_userns = 1,
		.net_is_init = 1,
		.userns_ino = users->run->caller->userns_ino};
	static struct run run;
	struct vst_err err;

	if (become(&user, users->run->cli->verb, &err) < 0 ||
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

	if (poll(&ended, 1, VST_USER_GC_MS) <= 0) {
		(void)!syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		report(REPORT_ERROR, NULL,
			"of uid %u: not done in %d s, and ended: a file system or a process of that user does not answer",
			uid, VST_USER_GC_MS / 1000);
		(void)poll(&ended, 1, VST_USER_KILL_MS);
		users->failed++;
	}
	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
		return;
	if (info.si_code != CLD_EXITED || info.si_status != VST_EXIT_OK)
		users->failed += info.si_code == CLD_EXITED;
}

static int each(void *arg, uint32_t uid, struct vst_err *err)
{
	struct users *users = arg;
	int pidfd_raw = -1;
	vst_auto_fd pidfd = -1;
	long pid = kernel_clone(CLONE_PIDFD | SIGCHLD, &pidfd_raw);

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
