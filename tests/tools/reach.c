/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach PID: what this process may do to another one, a line for each that the kernel does not
 * refuse with EPERM or EACCES: what it reads and opens of /proc/PID, traces, copies, and sets.
 * It changes nothing: what is set is what was there, or a value that is none. "gone" if there
 * is no such process.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pid;

/* Any other errno is an answer that only who may do it gets. */
static void tell(const char *what, const char *of, long result)
{
	if (result >= 0 || (errno != EPERM && errno != EACCES && errno != ENOSYS))
		printf("%s%s%s\n", what, *of ? " " : "", of);
}

/* A file of /proc/PID; what is not there for this one is nobody's. */
static void look(int dir_fd, const char *name)
{
	char byte[256];
	int fd = openat(dir_fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0) {
		/* Some are opened by everybody and read by few; not of a page that is not
		 * mapped. */
		if (read(fd, byte, sizeof byte) > 0 || errno == EIO)
			printf("read %s\n", name);
		else
			tell("open", name, errno == EISDIR ? 0 : -1);
		close(fd);
	} else if (errno != ENOENT) {
		tell("open", name, -1);
	}
	if (readlinkat(dir_fd, name, byte, sizeof byte) >= 0)
		printf("readlink %s\n", name);
	fd = openat(dir_fd, name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		printf("write %s\n", name);
	if (fd >= 0)
		close(fd);
}

static void look_at_all(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir) {
		tell("list", path, -1);
		return;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			look(dirfd(dir), entry->d_name);
	closedir(dir);
}

static void proc(void)
{
	static const char *const lists[] = {"fd", "fdinfo", "map_files", "ns"};
	char path[64];

	snprintf(path, sizeof path, "/proc/%d", pid);
	look_at_all(path);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		DIR *dir;

		snprintf(path, sizeof path, "/proc/%d/%s", pid, lists[i]);
		dir = opendir(path);
		if (!dir)
			continue;
		printf("list %s\n", lists[i]);
		closedir(dir);
		if (!strcmp(lists[i], "ns"))
			look_at_all(path);
	}
}

static void copy(void)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {&byte, 1};
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	tell("process_vm_readv", "", process_vm_readv(pid, &here, 1, &there, 1, 0));
	/* An address that nothing has. */
	there.iov_base = NULL;
	tell("process_vm_writev", "", process_vm_writev(pid, &here, 1, &there, 1, 0));
	tell("kcmp", "", syscall(SYS_kcmp, getpid(), pid, KCMP_FILE, 0, 0));
	tell("kcmp vm", "", syscall(SYS_kcmp, getpid(), pid, KCMP_VM, 0, 0));
	for (int fd = 0; fd < 16; fd++) {
		char number[16];

		snprintf(number, sizeof number, "%d", fd);
		tell("pidfd_getfd", number, syscall(SYS_pidfd_getfd, pidfd, fd, 0));
	}
	tell("process_madvise", "", syscall(SYS_process_madvise, pidfd, &there, 1, 21, 0));
	tell("move_pages", "", syscall(SYS_move_pages, pid, 0, NULL, NULL, NULL, 0));
	close(pidfd);
}

static void set(void)
{
	struct rlimit limit = {4096, 4096};
	struct sched_param none = {0};
	int nice;

	tell("kill", "", kill(pid, 0));
	tell("prlimit", "", prlimit(pid, RLIMIT_NOFILE, NULL, &limit));
	tell("prlimit set", "", prlimit(pid, RLIMIT_NOFILE, &limit, NULL));
	errno = 0;
	nice = getpriority(PRIO_PROCESS, (id_t)pid);
	tell("setpriority", "", setpriority(PRIO_PROCESS, (id_t)pid, nice));
	tell("sched_setscheduler", "", sched_setscheduler(pid, SCHED_OTHER, &none));
	/* No processor at all is EINVAL for whoever may. */
	tell("sched_setaffinity", "", syscall(SYS_sched_setaffinity, pid, 0, NULL));
	/* So is a class that is none. */
	tell("get_robust_list", "",
		syscall(SYS_get_robust_list, pid, &(void *){NULL}, &(size_t){0}));
}

/* Last: it stops whoever may be traced. */
static void trace(void)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0) {
		printf("ptrace seize\n");
		ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
		waitpid(pid, &status, __WALL);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	} else if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0) {
		printf("ptrace attach\n");
		waitpid(pid, &status, __WALL);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	pid = atoi(argv[1]);
	if (kill(pid, 0) < 0 && errno == ESRCH) {
		puts("gone");
		return 1;
	}
	proc();
	copy();
	set();
	fflush(stdout);
	trace();
	return 0;
}
