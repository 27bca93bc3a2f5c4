/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_call.h"
#include "../kernel/kernel_ns.h"
#include "../kernel/proc.h"
#include "../rights/rights.h"
#include "ns.h"

/* Enough of /proc/PID/stat and fdinfo: after 16 bytes of name come a few numbers. */
#define PROC_TEXT_MAX 1024

/* PF_KTHREAD in the flags of /proc/PID/stat (include/linux/sched.h). */
#define PROC_PF_KTHREAD 0x00200000u

/* What the kernel tells of the process. */
struct facts {
	uint32_t pid; /* Its pid in our pid namespace. */
	int is_thread;
	int is_kernel;
};

static int ended(const struct process *target)
{
	struct pollfd p = {.fd = target->pidfd, .events = POLLIN};

	return poll(&p, 1, 0) != 0;
}

static int fail_ended(uint32_t pid, struct vst_err *err)
{
	if (!pid)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"--pidfd: the process is not there any more, or lives where vestibule's pid namespace does not reach");
	return vst_fail(err, VST_EXIT_FAILED, ESRCH, "process %u", pid);
}

/* Kernel threads exist only in the initial pid namespace, as pid 2 (kthreadd) or its children.
 * Our pid namespace is looked up only if the numbers fit. */
static int is_kernel_thread(const struct kernel_pidfd_info *info, int *ret, struct vst_err *err)
{
	struct ns_own own;

	*ret = 0;
	if (info->tgid != 2 && info->ppid != 2)
		return 0;
	if (ns_own(VST_NS_PID, &own, err) < 0)
		return -1;
	*ret = own.ino == KERNEL_INIT_PIDNS_INO;
	return 0;
}

/* By PIDFD_GET_INFO (6.13). 0, -1 with err, 1 if the kernel lacks it. */
static int ask_pidfd(int pidfd, uint32_t pid, struct facts *ret, struct vst_err *err)
{
	struct kernel_pidfd_info info = {.mask = KERNEL_PIDFD_INFO_PID};

	if (kernel_ioctl(pidfd, KERNEL_PIDFD_GET_INFO, &info) < 0) {
		/* Also ESRCH for a process outside our pid namespace. */
		if (errno == ESRCH)
			return fail_ended(pid, err);
		return 1;
	}
	ret->pid = info.pid;
	ret->is_thread = info.pid != info.tgid;
	return is_kernel_thread(&info, &ret->is_kernel, err);
}

/* Reads "\nKEY:\tNUMBER" in fdinfo. -1 if it is missing or negative. */
static long fdinfo_number(const char *text, const char *key, int base)
{
	const char *at = strstr(text, key);

	return at ? strtol(at + strlen(key), NULL, base) : -1;
}

/* By /proc: the pid from the pidfd's fdinfo, then the flags in its stat. process_judge then
 * proves the pidfd alive, so the pid was not reused in between. */
static int ask_proc(int pidfd, uint32_t pid, struct facts *ret, struct vst_err *err)
{
	char path[64], text[PROC_TEXT_MAX];
	const char *at;
	unsigned flags;
	long number;

	snprintf(path, sizeof path, "self/fdinfo/%d", pidfd);
	if (proc_read(path, text, sizeof text) < 0)
		return proc_fail_none("look at the process", "6.13", err);
	/* O_EXCL is PIDFD_THREAD (6.9). */
	ret->is_thread = (fdinfo_number(text, "flags:", 8) & O_EXCL) != 0;
	number = fdinfo_number(text, "\nPid:", 10);
	if (number <= 0)
		return fail_ended(pid, err);
	ret->pid = (uint32_t)number;
	snprintf(path, sizeof path, "%u/stat", ret->pid);
	if (proc_read(path, text, sizeof text) < 0)
		return fail_ended(ret->pid, err);
	/* The name may contain anything, so count fields from the last parenthesis: state ppid
	 * pgrp session tty tpgid flags. */
	at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		return vst_fail(
			err, VST_EXIT_FAILED, 0, "read /proc/%s: not of the known form", path);
	ret->is_kernel = (flags & PROC_PF_KTHREAD) != 0;
	return 0;
}

int process_open_pid(uint32_t pid, struct process *ret, struct vst_err *err)
{
	vst_auto_fd pidfd = kernel_pidfd_open((int)pid);

	/* EINVAL, or ENOENT since 6.15: a thread that is no leader, or a process reaped during
	 * the call. Try again to tell them apart. */
	if (pidfd < 0 && (errno == EINVAL || errno == ENOENT))
		pidfd = kernel_pidfd_open((int)pid);
	if (pidfd < 0 && (errno == EINVAL || errno == ENOENT))
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"process %u is a thread, not a process; name the container's process",
			pid);
	if (pidfd < 0)
		return vst_fail(err, errno == ENOSYS ? VST_EXIT_UNSUPPORTED : VST_EXIT_FAILED,
			errno, "process %u", pid);
	*ret = (struct process){.pidfd = vst_fd_take(&pidfd), .pid = pid};
	return 0;
}

/* Proves that fd is a pidfd, else VST_EXIT_USAGE. */
static int prove_pidfd(int fd, struct vst_err *err)
{
	uint32_t magic = beneath_fs_magic(fd);
	char path[64], link[64];
	vst_auto_fd proc = -1;
	ssize_t n;

	if (magic == PID_FS_MAGIC)
		return 0;
	if (magic == ANON_INODE_FS_MAGIC) {
		proc = proc_open("self/fd", O_PATH | O_DIRECTORY);
		if (proc < 0)
			return proc_fail_none("prove --pidfd", "6.9", err);
		snprintf(path, sizeof path, "%d", fd);
		n = readlinkat(proc, path, link, sizeof link - 1);
		link[n > 0 ? n : 0] = '\0';
		if (strcmp(link, "anon_inode:[pidfd]") == 0)
			return 0;
	}
	return vst_fail(err, VST_EXIT_USAGE, 0,
		"--pidfd %d: the descriptor is not a pidfd; open one with pidfd_open(2)", fd);
}

int process_open_pidfd(int fd, struct process *ret, struct vst_err *err)
{
	vst_auto_fd pidfd = fd;

	if (prove_pidfd(pidfd, err) < 0)
		return -1;
	*ret = (struct process){.pidfd = vst_fd_take(&pidfd)};
	return 0;
}

int process_judge(struct process *target, struct vst_err *err)
{
	struct facts facts = {0};
	struct object object;
	const char *what = NULL;
	int asked = ask_pidfd(target->pidfd, target->pid, &facts, err);

	if (asked < 0 || (asked > 0 && ask_proc(target->pidfd, target->pid, &facts, err) < 0))
		return -1;
	target->pid = facts.pid;
	if (facts.pid == (uint32_t)getpid())
		what = "is vestibule itself";
	else if (facts.pid == 1)
		what = "is the machine's or the container's init";
	else if (facts.is_thread)
		what = "is a thread, not a process";
	else if (facts.is_kernel)
		what = "is a kernel thread";
	else if (ended(target))
		what = "has ended and was not waited for (a zombie)";
	if (what)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"process %u %s; name the container's process", facts.pid, what);
	/* On pidfs (6.9, so always with PIDFD_GET_INFO) the inode identifies the process.
	 * Before, all pidfds share one inode. */
	if (asked != 0 && beneath_fs_magic(target->pidfd) != PID_FS_MAGIC)
		return 0;
	if (beneath_stat(target->pidfd, &object) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat the pidfd");
	target->ident = object.ino;
	return 0;
}

/* By the pidfd's ioctl (6.11). 1 if the kernel lacks it; 0 with *ret_fd, which is -1 with errno
 * if it does not open; -1 with err. */
static int open_by_pidfd(const struct process *target, int ns, int *ret_fd, struct vst_err *err)
{
	if (rights_raise(RIGHTS_INSPECT, err) < 0)
		return -1;
	*ret_fd = kernel_ioctl(target->pidfd, ns_kinds[ns].ioctl, NULL);
	rights_lower();
	/* 0 to 2 cannot be a descriptor that was opened now. */
	if (*ret_fd >= 0 && *ret_fd <= STDERR_FILENO) {
		*ret_fd = -1;
		return 1;
	}
	return *ret_fd < 0 && (errno == ENOTTY || errno == EINVAL);
}

/* By /proc/PID, which *proc_dir is from the first call on. 0 or -1, as open_by_pidfd. */
static int open_by_proc(
	const struct process *target, int ns, int *proc_dir, int *ret_fd, struct vst_err *err)
{
	char path[32];

	*ret_fd = -1;
	snprintf(path, sizeof path, "%u", target->pid);
	if (*proc_dir < 0)
		*proc_dir = proc_open(path, O_PATH | O_DIRECTORY);
	if (*proc_dir < 0)
		return errno == ENOTDIR ? proc_fail_none("open its namespaces", "6.11", err)
					: 0;
	snprintf(path, sizeof path, "ns/%s", ns_kinds[ns].name);
	if (rights_raise(RIGHTS_INSPECT, err) < 0)
		return -1;
	*ret_fd = openat(*proc_dir, path, O_RDONLY | O_CLOEXEC);
	rights_lower();
	return 0;
}

/* Opens one namespace. *proc_dir is /proc/PID, opened at the first call without the ioctl. */
static int open_namespace(
	const struct process *target, int ns, int *proc_dir, int *ret_fd, struct vst_err *err)
{
	int r = open_by_pidfd(target, ns, ret_fd, err);

	if (r > 0)
		r = open_by_proc(target, ns, proc_dir, ret_fd, err);
	if (r < 0 || *ret_fd >= 0)
		return r;
	if (errno == ESRCH || errno == ENOENT)
		return fail_ended(target->pid, err);
	if (errno == EACCES || errno == EPERM)
		return vst_fail(err, VST_EXIT_DENIED, errno,
			"open the %s namespace of process %u: it is another user's, or not dumpable, and CAP_SYS_PTRACE is missing",
			ns_kinds[ns].name, target->pid);
	return vst_fail(err, errno == EOPNOTSUPP ? VST_EXIT_UNSUPPORTED : VST_EXIT_FAILED,
		errno, "open the %s namespace of process %u", ns_kinds[ns].name, target->pid);
}

static int fail_no_namespace(int ns, struct vst_err *err)
{
	return vst_fail(err, VST_EXIT_FAILED, 0,
		"what was opened is not a %s namespace: is /proc the kernel's?",
		ns_kinds[ns].name);
}

/* Proves the descriptor, and fills in the rest of the fact. All namespaces share one nsfs
 * device. The pidfd's ioctl returns the right type; what was opened in /proc is asked for its
 * type. Our own namespaces cost three calls each, so only those that matter are compared. */
static int look_at_namespace(int ns, int by_proc, struct ns_fact *fact, struct vst_err *err)
{
	struct object its;
	struct ns_own own;

	if (beneath_stat(fact->fd, &its) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat the %s namespace",
			ns_kinds[ns].name);
	/* caller_capture has cached our user namespace. */
	if (ns_own(VST_NS_USER, &own, err) < 0)
		return -1;
	if (its.dev != own.dev || (by_proc && kernel_ioctl(fact->fd, NS_GET_NSTYPE, NULL) !=
						      ns_kinds[ns].clone_flag))
		return fail_no_namespace(ns, err);
	fact->dev = its.dev;
	fact->ino = its.ino;
	if (ns != VST_NS_MNT && ns != VST_NS_NET)
		return 0;
	if (ns_own((enum vst_ns)ns, &own, err) < 0)
		return -1;
	fact->own_ino = own.ino;
	fact->is_own = its.ino == own.ino;
	return 0;
}

int process_namespaces(const struct process *target, unsigned wanted,
	struct ns_fact ret[VST_NS_COUNT], struct vst_err *err)
{
	struct ns_fact facts[VST_NS_COUNT];
	vst_auto_fd proc_dir = -1;
	int r = 0;

	for (int ns = 0; ns < VST_NS_COUNT; ns++) {
		facts[ns] = (struct ns_fact){.fd = -1};
		if (r < 0 || !(wanted & 1u << ns))
			continue;
		r = open_namespace(target, ns, &proc_dir, &facts[ns].fd, err);
		if (r == 0)
			r = look_at_namespace(ns, proc_dir >= 0, &facts[ns], err);
	}
	/* If the process is still alive, its pid was not reused, and what was opened by pid is
	 * its own. */
	if (r == 0 && ended(target))
		r = fail_ended(target->pid, err);
	for (int ns = 0; ns < VST_NS_COUNT; ns++)
		if (r < 0)
			vst_fd_close(&facts[ns].fd);
		else
			ret[ns] = facts[ns];
	return r;
}

int process_shares_net(const struct process *target)
{
	vst_auto_fd own = proc_open("self/net/dev", O_PATH), its = -1;
	struct object a, b;
	char path[32];

	/* A file in /proc/PID/net has a different inode in each network namespace. */
	snprintf(path, sizeof path, "%u/net/dev", target->pid);
	its = target->pid ? proc_open(path, O_PATH) : -1;
	return own >= 0 && its >= 0 && beneath_stat(own, &a) == 0 &&
	       beneath_stat(its, &b) == 0 && a.dev == b.dev && a.ino == b.ino && !ended(target);
}

void process_close(struct process *target)
{
	vst_fd_close(&target->pidfd);
}
