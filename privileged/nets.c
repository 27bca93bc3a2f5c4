#include "nets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../ipc/fd.h"
#include "beneath.h"
#include "kernel.h"
#include "lookup.h"
#include "mountinfo.h"
#include "ns.h"
#include "proc.h"
#include "target.h"

/* Whether fd is the namespace that the run calls "there". */
static int is_there(int fd, const struct rec_run *run)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == run->netns_dev &&
	       st.st_ino == run->netns_ino;
}

/* Through the process, unless its number means another one by now. */
static int by_process(const struct rec_run *run)
{
	struct target target = {.pidfd = -1};
	struct ns_fact ns[VST_NS_COUNT];
	struct vst_err ignored;
	int fd = -1;

	if (target_open_pid(run->target_pid, &target, &ignored) < 0)
		return -1;
	if (target_judge(&target, &ignored) == 0 &&
		(!run->target_id || run->target_id == target.ident) &&
		target_namespaces(&target, 1u << VST_NS_NET, ns, &ignored) == 0)
		fd = ns[VST_NS_NET].fd;
	target_close(&target);
	if (fd >= 0 && !is_there(fd, run))
		vst_fd_close(&fd);
	return fd;
}

/* Through the file that attach bound it on. */
static int by_bind(
	const struct journal *journal, const struct rec_run *run, const struct caller *caller)
{
	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec, pin;
		const struct rec_mount *mount = NULL;
		const struct rec_pin *dir;
		vst_auto_fd base = -1, fd = -1;

		journal_read(journal, at, &rec);
		if (rec.kind != JOURNAL_MOUNT || rec.state == JOURNAL_UNDONE)
			continue;
		mount = rec.body;
		if (!(mount->flags & REC_MOUNT_NS) || mount->ino != run->netns_ino)
			continue;
		journal_read(journal, mount->pin, &pin);
		dir = pin.body;
		if (!lookup_again((const char *)(dir + 1), dir->dev, dir->ino, caller, &base))
			continue;
		fd = beneath_open(
			base, (const char *)(mount + 1), O_RDONLY | O_NONBLOCK | O_NOCTTY);
		if (fd >= 0 && beneath_fs_magic(fd) == NSFS_MAGIC && is_there(fd, run))
			return vst_fd_take(&fd);
	}
	return -1;
}

/* Through any process that lives in it. Only names of processes are looked at, and only on a
 * procfs; a namespace that was opened is proved by its inode. */
static int by_any_process(const struct rec_run *run)
{
	_Alignas(struct dirent64) char entries[4096];
	vst_auto_fd proc = proc_open(".", O_RDONLY | O_DIRECTORY);
	long len;

	if (proc < 0)
		return -1;
	while ((len = syscall(SYS_getdents64, proc, entries, sizeof entries)) > 0) {
		for (long at = 0; at < len;) {
			const struct dirent64 *entry = (const void *)(entries + at);
			char path[32];
			vst_auto_fd fd = -1;

			at += entry->d_reclen;
			if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
				continue;
			snprintf(path, sizeof path, "%.10s/ns/net", entry->d_name);
			fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
			if (fd >= 0 && is_there(fd, run))
				return vst_fd_take(&fd);
		}
	}
	return -1;
}

struct bind {
	const struct rec_run *run;
	int fd; /* owned */
};

static int is_bind(const struct mountinfo *mount, void *arg)
{
	struct bind *bind = arg;
	vst_auto_fd fd = -1;

	if (mount->ns_ino != bind->run->netns_ino)
		return 0;
	fd = openat(AT_FDCWD, mount->point,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || beneath_fs_magic(fd) != NSFS_MAGIC || !is_there(fd, bind->run))
		return 0;
	bind->fd = vst_fd_take(&fd);
	return 1;
}

/* Through any bind of it in our mount namespace: "ip netns" and CNI keep namespaces that way.
 */
static int by_any_bind(const struct rec_run *run)
{
	struct bind bind = {run, -1};
	struct mountinfo mount;

	return mountinfo_find(is_bind, &bind, &mount) == 1 ? bind.fd : -1;
}

/* What was opened through the bind would keep it busy, and it is unbound before the links go.
 * Without CAP_NET_ADMIN nothing is: then it stays. */
static void let_go_of_bind(struct nets *nets)
{
	struct vst_err ignored;
	int fd = nl_namespace(nets->there, &ignored);

	if (fd < 0)
		return;
	vst_fd_close(&nets->ns_there);
	nets->ns_there = fd;
}

int nets_open(const struct journal *journal, const struct rec_run *run,
	const struct caller *caller, struct nets *ret, struct vst_err *err)
{
	struct nets nets = {NULL, NULL, -1, -1};
	struct stat own;
	int bound = 0;

	*ret = nets;
	if (ns_own_open(VST_NS_NET, &ret->ns_here, err) < 0)
		return -1;
	if (fstat(ret->ns_here, &own) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look at our network namespace");
	if (own.st_dev != run->own_netns_dev || own.st_ino != run->own_netns_ino)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"the bundle was attached from another network namespace, net:[%llu], "
			"and can be "
			"taken back only from there: run vestibule in it (nsenter --net)",
			(unsigned long long)run->own_netns_ino);
	if (nl_open(&ret->here, err) < 0)
		return -1;
	if (is_there(ret->ns_here, run))
		return 0;
	ret->ns_there = by_process(run);
	if (ret->ns_there < 0) {
		ret->ns_there = by_bind(journal, run, caller);
		bound = ret->ns_there >= 0;
	}
	if (ret->ns_there < 0)
		ret->ns_there = by_any_process(run);
	if (ret->ns_there < 0)
		ret->ns_there = by_any_bind(run);
	if (ret->ns_there < 0)
		return 0;
	if (nl_open_there(ret->ns_there, ret->ns_here, &ret->there, err) < 0)
		return -1;
	if (bound)
		let_go_of_bind(ret);
	return 0;
}

void nets_close(struct nets *nets)
{
	if (nets->there)
		nl_close(&nets->there);
	if (nets->here)
		nl_close(&nets->here);
	vst_fd_close(&nets->ns_there);
	vst_fd_close(&nets->ns_here);
}
