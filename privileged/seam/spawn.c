/* SPDX-License-Identifier: Apache-2.0 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../ipc/op.h"
#include "../../policy/capabilities.h"
#include "../kernel/kernel_call.h"
#include "../rights/rights.h"

/* How long to wait for a killed parser to exit. One that takes longer is stuck in the kernel,
 * or could not be killed: then its own deadline ends it. */
#define SPAWN_REAP_TIMEOUT_MS 300

/* The child's descriptors. */
enum {
	CHILD_DOC = 0,  /* the document */
	CHILD_SOCK = 3, /* the parser's end of the socket pair */
	CHILD_SELF = 4, /* the parser's executable, closed by exec */
	CHILD_FREE = 5, /* the first that must be closed */
};

struct child {
	int doc_fd, sock, parser_fd;
	int strict;
	uint32_t uid, gid;       /* as whom it runs, if ids are changed */
	int change_ids;          /* CAP_SETUID and CAP_SETGID are effective, or not needed */
	int keeps_groups;        /* they and the uid are the caller's */
	int ids_may_be_unmapped; /* not in the initial user namespace */
};

/*
 * The child, up to exec. Its memory is a copy of the parent's. It prints nothing: its exit
 * status names the part of the confinement that failed (ipc/confine_parts.def). It makes system
 * calls directly, because a libc wrapper may do more (setresuid and its kin look for other
 * threads), and because the first call of each wrapper costs the new child a page fault.
 */

/* Moves the descriptors into place. The parent's numbers are arbitrary, so all three are first
 * duplicated above the target numbers: no dup3 can then close one that is still needed. */
static int child_fds(const struct child *child)
{
	long doc = syscall(SYS_fcntl, child->doc_fd, F_DUPFD_CLOEXEC, CHILD_FREE);
	long sock = syscall(SYS_fcntl, child->sock, F_DUPFD_CLOEXEC, CHILD_FREE);
	long self = syscall(SYS_fcntl, child->parser_fd, F_DUPFD_CLOEXEC, CHILD_FREE);

	if (doc < 0 || sock < 0 || self < 0)
		return -1;
	if (syscall(SYS_dup3, doc, CHILD_DOC, 0) < 0 ||
		syscall(SYS_dup3, sock, CHILD_SOCK, 0) < 0 ||
		syscall(SYS_dup3, self, CHILD_SELF, O_CLOEXEC) < 0)
		return -1;
	if (syscall(SYS_close_range, CHILD_DOC + 1, CHILD_SOCK - 1, 0) < 0 ||
		syscall(SYS_close_range, CHILD_FREE, ~0U, 0) < 0)
		return -1;
	if (syscall(SYS_fcntl, CHILD_DOC, F_GETFD) != 0 ||
		syscall(SYS_fcntl, CHILD_SOCK, F_GETFD) != 0 ||
		syscall(SYS_fcntl, CHILD_SELF, F_GETFD) != FD_CLOEXEC)
		return -1;
	return 0;
}

/* Resets the signals that the parent ignores, because ignored signals stay ignored across exec,
 * and empties the mask. startup_first has reset all other signals. */
static int child_signals(void)
{
	static const struct kernel_sigaction def = {.handler = SIG_DFL};
	static const uint64_t none;

	if (kernel_sigaction(SIGPIPE, &def, NULL) < 0 ||
		kernel_sigaction(SIGXFSZ, &def, NULL) < 0 ||
		kernel_sigaction(SIGXCPU, &def, NULL) < 0 || kernel_sigmask(&none, NULL) < 0)
		return -1;
	return 0;
}

/* Whether the call failed because the id is not mapped in our user namespace, or because
 * setgroups is denied there. The parser then keeps the caller's ids. */
static int child_unmapped(const struct child *child, int code)
{
	return child->ids_may_be_unmapped && errno == code;
}

static int child_groups(const struct child *child)
{
	/* They are the caller's, and he is who the parser is. */
	if (child->keeps_groups)
		return 0;
	if (syscall(SYS_setgroups, 0, NULL) < 0)
		return child_unmapped(child, EPERM) ? 0 : -1;
	return syscall(SYS_getgroups, 0, NULL) == 0 ? 0 : -1;
}

static int child_gid(const struct child *child)
{
	gid_t real, effective, saved;

	if (syscall(SYS_setresgid, child->gid, child->gid, child->gid) < 0)
		return child_unmapped(child, EINVAL) ? 0 : -1;
	if (syscall(SYS_getresgid, &real, &effective, &saved) < 0)
		return -1;
	return real == child->gid && effective == child->gid && saved == child->gid ? 0 : -1;
}

static int child_uid(const struct child *child)
{
	uid_t real, effective, saved;

	if (syscall(SYS_setresuid, child->uid, child->uid, child->uid) < 0)
		return child_unmapped(child, EINVAL) ? 0 : -1;
	if (syscall(SYS_getresuid, &real, &effective, &saved) < 0)
		return -1;
	return real == child->uid && effective == child->uid && saved == child->uid ? 0 : -1;
}

/* Reads the process's capabilities: data[0] has bits 0 to 31, data[1] the others. */
static int spawn_capget(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};

	return (int)syscall(SYS_capget, &head, data);
}

/* Drops all capabilities and reads them back. Clearing the inheritable set also clears the
 * ambient set. */
static int child_caps(void)
{
	static const struct __user_cap_data_struct none[2];
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct now[2];

	if (syscall(SYS_capset, &head, none) < 0 || spawn_capget(now) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (now[i].effective || now[i].permitted || now[i].inheritable)
			return -1;
	return 0;
}

static int child_dumpable(void)
{
	return syscall(SYS_prctl, PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) == 0 &&
			       syscall(SYS_prctl, PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) == 0
		       ? 0
		       : -1;
}

static _Noreturn void child_run(const struct child *child)
{
	const char *argv[] = {"vestibule-parser", "1", child->strict ? "1" : "0", NULL};
	char *envp[] = {NULL};

	if (child_fds(child) < 0)
		_exit(VST_PARSER_FDS);
	if (child_signals() < 0)
		_exit(VST_PARSER_INTERNAL);
	if (syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0 ||
		syscall(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1)
		_exit(VST_PARSER_NNP);
	if (child->change_ids) {
		if (child_groups(child) < 0)
			_exit(VST_PARSER_GROUPS);
		if (child_gid(child) < 0)
			_exit(VST_PARSER_GID);
		if (child_uid(child) < 0)
			_exit(VST_PARSER_UID);
	}
	/* With the caller's uid it is open to him once it has no more capabilities than he. */
	if (child->keeps_groups && child_dumpable() < 0)
		_exit(VST_PARSER_DUMPABLE);
	if (child_caps() < 0)
		_exit(VST_PARSER_CAPS);
	/* Set last: a change of ids resets dumpable to fs.suid_dumpable. */
	if (child_dumpable() < 0)
		_exit(VST_PARSER_DUMPABLE);
	syscall(SYS_execveat, CHILD_SELF, "", argv, envp, AT_EMPTY_PATH);
	_exit(VST_PARSER_EXEC);
}

/* Opens the parser's executable in the parent: the child, without capabilities, may not be able
 * to reach its directory. */
static int spawn_open_parser(
	const char *path, const struct caller *caller, int *ret_fd, struct vst_err *err)
{
	vst_auto_fd fd = openat(AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	uid_t uid = geteuid();
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, errno,
			"open the parser '%s' (is the installation complete?)",
			VST_QUOTE(path));
	if (!S_ISREG(st.st_mode))
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"the parser '%s' is not a regular file", VST_QUOTE(path));
	if (caller->has_less || (caller->in_init_userns && uid == 0)) {
		if (st.st_uid != 0 && st.st_uid != uid)
			return vst_fail(err, VST_EXIT_DENIED, 0,
				"the parser '%s' must belong to root", VST_QUOTE(path));
		if (st.st_mode & 022)
			return vst_fail(err, VST_EXIT_DENIED, 0,
				"the parser '%s' must not be writable by group or others",
				VST_QUOTE(path));
	}
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

static int spawn_socket(int *ret_ours, int *ret_theirs, struct vst_err *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "make the parser's socket");
	if (shutdown(pair[0], SHUT_WR) < 0) {
		int code = errno;

		vst_fd_close(&pair[0]);
		vst_fd_close(&pair[1]);
		return vst_fail(err, VST_EXIT_FAILED, code, "make the parser's socket one-way");
	}
	*ret_ours = pair[0];
	*ret_theirs = pair[1];
	return 0;
}

int spawn_parser(const char *parser_path, int doc_fd, int strict, const struct caller *caller,
	struct spawned *ret, struct vst_err *err)
{
	static const uint32_t change = 1U << CAP_SETUID | 1U << CAP_SETGID;
	struct __user_cap_data_struct caps[2];
	vst_auto_fd parser_fd = -1, ours = -1, theirs = -1;
	struct child child;
	int pidfd = -1;
	long pid;

	if (spawn_open_parser(parser_path, caller, &parser_fd, err) < 0 ||
		spawn_socket(&ours, &theirs, err) < 0 ||
		rights_raise(caller->is_caps ? 0 : PARSER_CAPABILITIES, err) < 0)
		return -1;
	if (spawn_capget(caps) < 0) {
		rights_lower();
		return vst_fail(err, VST_EXIT_FAILED, errno, "read capabilities");
	}
	child = (struct child){
		.doc_fd = doc_fd,
		.sock = theirs,
		.parser_fd = parser_fd,
		.strict = strict,
		.uid = caller->parser_uid,
		.gid = caller->parser_gid,
		.change_ids = caller->is_caps || (caps[0].effective & change) == change,
		.keeps_groups = caller->is_caps,
		.ids_may_be_unmapped = !caller->in_init_userns,
	};
	/* No vfork and no CLONE_VM: the child changes its uid, and whoever may then trace it
	 * could read the parent's memory. */
	pid = kernel_clone(CLONE_PIDFD | SIGCHLD, &pidfd);
	if (pid == 0)
		child_run(&child);
	rights_lower();
	if (pid < 0)
		return errno == EAGAIN
			       ? vst_fail(err, VST_EXIT_DENIED, errno,
					 "start the parser: the hard limit RLIMIT_NPROC, or pids.max of the cgroup, allows no process more: raise it, or end some")
			       : vst_fail(err, VST_EXIT_FAILED, errno, "start the parser");
	/* Yield so that the child reaches exec now: at exec the scheduler moves it to an idle
	 * CPU, and both run in parallel. Otherwise it could stay queued behind us until we
	 * block. */
	syscall(SYS_sched_yield);
	ret->pidfd = pidfd;
	ret->sock = vst_fd_take(&ours);
	return 0;
}

void spawn_end(struct spawned *spawned)
{
	struct pollfd ended = {.fd = spawned->pidfd, .events = POLLIN};
	siginfo_t info;

	/* Closing our end makes the parser's next send fail with EPIPE. A parser that we may
	 * not kill (another uid, no CAP_KILL) ends that way, or by its own deadline. */
	vst_fd_close(&spawned->sock);
	if (spawned->pidfd < 0)
		return;
	syscall(SYS_pidfd_send_signal, spawned->pidfd, SIGKILL, NULL, 0);
	poll(&ended, 1, SPAWN_REAP_TIMEOUT_MS);
	waitid(P_PIDFD, (id_t)spawned->pidfd, &info, WEXITED | WNOHANG);
	vst_fd_close(&spawned->pidfd);
}
