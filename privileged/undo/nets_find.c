/* SPDX-License-Identifier: Apache-2.0 */
#include "nets_find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../ipc/fd.h"
#include "../kernel/beneath.h"
#include "../kernel/kernel_ns.h"
#include "../kernel/mountinfo.h"
#include "../kernel/proc.h"
#include "../ns/ns.h"
#include "../ns/process.h"
#include "../resolve/lookup.h"

/* Compares the cookie of a socket in the namespace with the run's. Needed before NS_GET_ID
 * (6.18), when the descriptor does not tell the id. */
static int has_cookie(const struct nets_search *search, int fd)
{
	struct nl *there = NULL;
	struct vst_err ignored;
	int is_it;

	if (nl_open_there(fd, search->ns_here, &there, &ignored) < 0)
		return 0;
	is_it = nl_cookie(there) == search->run->netns_id;
	nl_close(&there);
	return is_it;
}

/* Whether fd is the process's network namespace of the run. Device and inode are not enough:
 * the kernel reuses an inode. */
static int is_there(const struct nets_search *search, int fd)
{
	const struct rec_run *run = search->run;
	struct vst_err ignored;
	struct stat st;
	uint64_t id;
	int nsid;

	if (fstat(fd, &st) < 0 || st.st_dev != run->netns_dev || st.st_ino != run->netns_ino)
		return 0;
	id = run->netns_id ? ns_id(fd) : 0;
	if (id)
		return id == run->netns_id;
	if (run->nsid >= NETS_NSID_MIN)
		return nl_nsid(search->here, fd, &nsid, &ignored) == 0 && nsid == run->nsid;
	return run->netns_id && has_cookie(search, fd);
}

/* Through the run's process, unless its pid was reused. */
static int by_process(struct nets_search *search)
{
	const struct rec_run *run = search->run;
	struct process target = {.pidfd = -1};
	struct ns_fact ns[VST_NS_COUNT];
	struct vst_err why;
	int fd = -1;

	if (process_open_pid(run->target_pid, &target, &why) < 0)
		return -1;
	if (process_judge(&target, &why) == 0 &&
		(!run->target_id || run->target_id == target.ident)) {
		if (process_namespaces(&target, 1u << VST_NS_NET, ns, &why) == 0)
			fd = ns[VST_NS_NET].fd;
		else
			search->is_denied = why.exit == VST_EXIT_DENIED;
	}
	process_close(&target);
	if (fd >= 0 && !is_there(search, fd))
		vst_fd_close(&fd);
	return fd;
}

/* Through a file that attach bound the namespace on. */
static int by_bind(struct nets_search *search)
{
	const struct journal *journal = search->journal;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		struct journal_rec rec, pin;
		const struct rec_mount *mount = NULL;
		const struct rec_pin *dir;
		vst_auto_fd base = -1, fd = -1;

		journal_read(journal, at, &rec);
		if (rec.kind != JOURNAL_MOUNT || rec.state == JOURNAL_UNDONE)
			continue;
		mount = rec.body;
		if (!(mount->flags & REC_MOUNT_NS) || mount->ino != search->run->netns_ino)
			continue;
		journal_read(journal, mount->pin, &pin);
		dir = pin.body;
		if (lookup_again((const char *)(dir + 1), dir->dev, dir->ino, search->caller,
			    &base) <= 0)
			continue;
		fd = beneath_open(
			base, (const char *)(mount + 1), O_RDONLY | O_NONBLOCK | O_NOCTTY);
		if (fd >= 0 && beneath_fs_magic(fd) == NSFS_MAGIC && is_there(search, fd)) {
			search->is_bound = 1;
			return vst_fd_take(&fd);
		}
	}
	return -1;
}

/* Through any process in it. Lists pids on a verified procfs, and opens nothing but their
 * ns/net. */
static int by_any_process(const struct nets_search *search)
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
			if (fd >= 0 && is_there(search, fd))
				return vst_fd_take(&fd);
		}
	}
	return -1;
}

struct bind {
	const struct nets_search *search;
	int fd; /* Owned; -1: none found yet. */
};

static int is_bind(const struct mountinfo *mount, void *arg)
{
	struct bind *bind = arg;
	vst_auto_fd fd = -1;

	if (mount->ns_ino != bind->search->run->netns_ino)
		return 0;
	fd = openat(AT_FDCWD, mount->point,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || beneath_fs_magic(fd) != NSFS_MAGIC || !is_there(bind->search, fd))
		return 0;
	bind->fd = vst_fd_take(&fd);
	return 1;
}

/* Through any bind mount of it in our mount namespace: "ip netns" and CNI keep namespaces that
 * way. */
static int by_any_bind(const struct nets_search *search)
{
	struct bind bind = {search, -1};
	struct mountinfo mount;

	return mountinfo_find(is_bind, &bind, &mount) == 1 ? bind.fd : -1;
}

/* By its id (6.18), whoever holds it. Not tried if the process exists and may not be inspected:
 * that refusal is not to be bypassed. */
static int by_id(const struct nets_search *search)
{
	const struct rec_run *run = search->run;
	vst_auto_fd fd = -1;

	if (!run->netns_id || search->is_denied)
		return -1;
	fd = kernel_open_ns(run->netns_id, CLONE_NEWNET, (uint32_t)run->netns_ino);
	return fd > STDERR_FILENO && is_there(search, fd) ? vst_fd_take(&fd) : -1;
}

int nets_find(struct nets_search *search)
{
	int fd = by_process(search);

	if (fd < 0)
		fd = by_bind(search);
	if (fd < 0)
		fd = by_any_process(search);
	if (fd < 0)
		fd = by_any_bind(search);
	return fd < 0 ? by_id(search) : fd;
}
