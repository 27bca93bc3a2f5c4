/* SPDX-License-Identifier: Apache-2.0 */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../../ipc/fd.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_call.h"
#include "../kernel/kernel_ns.h"
#include "../kernel/proc.h"

const struct ns_kind ns_kinds[VST_NS_COUNT] = {
	[VST_NS_CGROUP] = {"cgroup", CLONE_NEWCGROUP, PIDFD_GET_CGROUP_NAMESPACE},
	[VST_NS_IPC] = {"ipc", CLONE_NEWIPC, PIDFD_GET_IPC_NAMESPACE},
	[VST_NS_MNT] = {"mnt", CLONE_NEWNS, PIDFD_GET_MNT_NAMESPACE},
	[VST_NS_NET] = {"net", CLONE_NEWNET, PIDFD_GET_NET_NAMESPACE},
	[VST_NS_PID] = {"pid", CLONE_NEWPID, PIDFD_GET_PID_NAMESPACE},
	[VST_NS_USER] = {"user", CLONE_NEWUSER, PIDFD_GET_USER_NAMESPACE},
	[VST_NS_UTS] = {"uts", CLONE_NEWUTS, PIDFD_GET_UTS_NAMESPACE},
};

/* Opens a namespace of our own through our pidfd. -1: the kernel has no such ioctl (6.11), or
 * its answer cannot be a descriptor that was opened now. */
static int own_by_pidfd(enum vst_ns ns)
{
	static int self = -1;
	int fd;

	if (self < 0)
		self = kernel_pidfd_open(getpid());
	fd = self < 0 ? -1 : kernel_ioctl(self, ns_kinds[ns].ioctl, NULL);
	return fd > STDERR_FILENO ? fd : -1;
}

static int own_by_proc(enum vst_ns ns, int *ret_fd, struct vst_err *err)
{
	char path[32];
	int fd;

	snprintf(path, sizeof path, "self/ns/%s", ns_kinds[ns].name);
	fd = proc_open(path, O_RDONLY);
	if (fd < 0 && (errno == ENOTDIR || errno == ENOENT))
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"open our own %s namespace: below Linux 6.11 this wants /proc, which is missing, or of another pid namespace; mount it",
			ns_kinds[ns].name);
	if (fd < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open our own %s namespace",
			ns_kinds[ns].name);
	*ret_fd = fd;
	return 0;
}

/* Cached identity of our own namespace; ino 0: not looked up yet. */
static struct ns_own *own_of(enum vst_ns ns)
{
	static struct ns_own own[VST_NS_COUNT];

	return &own[ns];
}

int ns_own_open(enum vst_ns ns, int *ret_fd, struct vst_err *err)
{
	vst_auto_fd fd = own_by_pidfd(ns);
	struct stat st;

	if (fd < 0 && own_by_proc(ns, &fd, err) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat our own %s namespace",
			ns_kinds[ns].name);
	if (beneath_fs_magic(fd) != NSFS_MAGIC)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"what was opened is not a %s namespace: is /proc the kernel's?",
			ns_kinds[ns].name);
	*own_of(ns) = (struct ns_own){.dev = st.st_dev, .ino = st.st_ino};
	*ret_fd = vst_fd_take(&fd);
	return 0;
}

uint64_t ns_id(int fd)
{
	uint64_t id;

	return kernel_ioctl(fd, NS_GET_ID, &id) == 0 ? id : 0;
}

enum vst_ns ns_kind_of(int path_fd)
{
	char name[32];
	vst_auto_fd fd = -1;
	int flag, ns = 0;

	if (beneath_fs_magic(path_fd) != NSFS_MAGIC)
		return VST_NS_COUNT;
	snprintf(name, sizeof name, "self/fd/%d", path_fd);
	fd = proc_open(name, O_RDONLY | O_NONBLOCK);
	flag = fd < 0 ? -1 : kernel_ioctl(fd, NS_GET_NSTYPE, NULL);
	while (ns < VST_NS_COUNT && ns_kinds[ns].clone_flag != flag)
		ns++;
	return (enum vst_ns)ns;
}

int ns_own(enum vst_ns ns, struct ns_own *ret, struct vst_err *err)
{
	vst_auto_fd fd = -1;

	if (!own_of(ns)->ino && ns_own_open(ns, &fd, err) < 0)
		return -1;
	*ret = *own_of(ns);
	return 0;
}
