#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../ipc/fd.h"
#include "beneath.h"
#include "kernel.h"
#include "proc.h"

const struct ns_kind ns_kinds[VST_NS_COUNT] = {
	[VST_NS_CGROUP] = {"cgroup", CLONE_NEWCGROUP, PIDFD_GET_CGROUP_NAMESPACE},
	[VST_NS_IPC] = {"ipc", CLONE_NEWIPC, PIDFD_GET_IPC_NAMESPACE},
	[VST_NS_MNT] = {"mnt", CLONE_NEWNS, PIDFD_GET_MNT_NAMESPACE},
	[VST_NS_NET] = {"net", CLONE_NEWNET, PIDFD_GET_NET_NAMESPACE},
	[VST_NS_PID] = {"pid", CLONE_NEWPID, PIDFD_GET_PID_NAMESPACE},
	[VST_NS_USER] = {"user", CLONE_NEWUSER, PIDFD_GET_USER_NAMESPACE},
	[VST_NS_UTS] = {"uts", CLONE_NEWUTS, PIDFD_GET_UTS_NAMESPACE},
};

/* By the pidfd of ourselves: what it answers is a namespace and no other file. -1: not to be
 * had. */
static int own_by_pidfd(enum vst_ns ns)
{
	static int self = -1;

	if (self < 0)
		self = kernel_pidfd_open(getpid());
	return self < 0 ? -1 : kernel_ioctl(self, ns_kinds[ns].ioctl, NULL);
}

static int own_by_proc(enum vst_ns ns, int *ret_fd, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	char path[32];

	snprintf(path, sizeof path, "self/ns/%s", ns_kinds[ns].name);
	fd = proc_open(path, O_RDONLY);
	if (fd < 0 && errno == ENOTDIR)
		return proc_fail_none("open our own namespace", "6.11", err);
	if (fd < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open our own %s namespace",
			ns_kinds[ns].name);
	if (beneath_fs_magic(fd) != NSFS_MAGIC)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"what was opened is not a %s namespace: is /proc the kernel's?",
			ns_kinds[ns].name);
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

/* 0: not looked at yet. */
static uint64_t own_inodes[VST_NS_COUNT];

int ns_own_open(enum vst_ns ns, int *ret_fd, uint64_t *ret_ino, struct vst_err *err)
{
	vst_auto_fd fd = own_by_pidfd(ns);
	struct stat st;

	if (fd < 0 && own_by_proc(ns, &fd, err) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat our own %s namespace",
			ns_kinds[ns].name);
	own_inodes[ns] = st.st_ino;
	if (ret_ino)
		*ret_ino = st.st_ino;
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

int ns_own(enum vst_ns ns, uint64_t *ret_ino, struct vst_err *err)
{
	vst_auto_fd fd = -1;

	if (!own_inodes[ns] && ns_own_open(ns, &fd, NULL, err) < 0)
		return -1;
	*ret_ino = own_inodes[ns];
	return 0;
}
