/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bare program: what vestibule does, hard-coded, with as few system calls as it takes. No
 * document, no separation, no journal, nothing checked that the kernel does not check. It is
 * what the cost of a run is measured against (bench.sh), and nothing else.
 *
 *   bare nothing                   starts and ends
 *   bare plan BUNDLE               reads the document
 *   bare prepare BUNDLE [DIR N]    tmpfs, overlay; N directories in DIR
 *   bare prepare-ro BUNDLE [DIR N] the root file system bound onto itself; N directories
 *   bare prepare-ten BUNDLE        tmpfs, overlay, ten mounts more
 *   bare prepare-cgroup BUNDLE NAME   prepare-ro, and NAME in every hierarchy of cgroups
 *   bare cleanup BUNDLE            takes back prepare
 *   bare cleanup-ro BUNDLE, cleanup-ten BUNDLE
 *   bare remove-cgroup NAME        from every hierarchy: it has to be there
 *   bare attach-veths PID N        N pairs
 *   bare attach-veth-move PID      a pair, made here and moved
 *   bare attach-bridge PID         a bridge there
 *   bare attach-ns PID DIR         seven namespaces bound in DIR, which is made
 *   bare detach-veths N
 *   bare detach-bridge PID
 *   bare detach-ns DIR
 *   bare detach N DIR              both
 */
#include "bare.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../privileged/kernel/kernel_call.h"
#include "../../privileged/kernel/kernel_mount.h"
#include "../../privileged/kernel/kernel_ns.h"

void die(const char *what)
{
	fprintf(stderr, "bare: %s: %m\n", what);
	exit(1);
}

static void mount_or_die(const char *source, const char *at, const char *type,
	unsigned long flags, const char *data)
{
	if (mount(source, at, type, flags, data) < 0)
		die(at);
}

static void unmount_or_die(const char *at)
{
	if (umount2(at, UMOUNT_NOFOLLOW) < 0)
		die(at);
}

static void mkdir_or_die(const char *path)
{
	if (mkdir(path, 0755) < 0)
		die(path);
}

static void make_dirs(char **argv)
{
	char name[64];
	int dir_fd;
	unsigned n;

	if (!argv[0] || !argv[1])
		return;
	dir_fd = open(argv[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		die(argv[0]);
	n = (unsigned)strtoul(argv[1], NULL, 10);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof name, "d%05u", i);
		if (mkdirat(dir_fd, name, 0755) < 0)
			die(name);
	}
}

static void enter(const char *bundle)
{
	if (chdir(bundle) < 0)
		die(bundle);
	umask(0);
}

static void root_rw(void)
{
	mount_or_die("tmpfs", "tmp", "tmpfs", 0, "size=10%,mode=0755");
	mount_or_die(NULL, "tmp", NULL, MS_PRIVATE, NULL);
	mkdir_or_die("tmp/upper");
	mkdir_or_die("tmp/work");
	mount_or_die("overlay", "rootfs", "overlay", 0,
		"lowerdir=lower,upperdir=tmp/upper,workdir=tmp/work");
}

static void prepare(char **argv)
{
	enter(argv[0]);
	root_rw();
	make_dirs(argv + 1);
}

static void prepare_ro(char **argv)
{
	enter(argv[0]);
	mount_or_die("rootfs", "rootfs", NULL, MS_BIND, NULL);
	make_dirs(argv + 1);
}

/* Five file systems and five binds, as the document that bench.sh writes has them. */
static void prepare_ten(char **argv)
{
	char name[64];

	enter(argv[0]);
	root_rw();
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof name, "rootfs/tmpfs%d", i);
		mkdir_or_die(name);
		mount_or_die("tmpfs", name, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m");
		snprintf(name, sizeof name, "rootfs/bind%d", i);
		mkdir_or_die(name);
		mount_or_die("../src", name, NULL, MS_BIND, NULL);
		mount_or_die(NULL, name, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL);
	}
}

/* Calls it with each directory in which cgroups are made. */
static void each_hierarchy(const char *name, int (*act)(int dir_fd, const char *name))
{
	const struct dirent *entry;
	DIR *dir;

	if (access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0) {
		if (act(open("/sys/fs/cgroup", O_PATH | O_DIRECTORY), name) < 0)
			die(name);
		return;
	}
	dir = opendir("/sys/fs/cgroup");
	while (dir && (entry = readdir(dir))) {
		int fd;
		struct statfs fs;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || fstatfs(fd, &fs) < 0)
			die(entry->d_name);
		if ((fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC) &&
			act(fd, name) < 0)
			die(entry->d_name);
		close(fd);
	}
}

static int make_cgroup(int dir_fd, const char *name)
{
	return mkdirat(dir_fd, name, 0755);
}

static int remove_cgroup(int dir_fd, const char *name)
{
	return unlinkat(dir_fd, name, AT_REMOVEDIR);
}

static void prepare_cgroup(char **argv)
{
	enter(argv[0]);
	mount_or_die("rootfs", "rootfs", NULL, MS_BIND, NULL);
	each_hierarchy(argv[1], make_cgroup);
}

static void remove_cgroups(char **argv)
{
	each_hierarchy(argv[0], remove_cgroup);
}

static void cleanup(char **argv)
{
	enter(argv[0]);
	unmount_or_die("rootfs");
	unmount_or_die("tmp");
}

static void cleanup_ro(char **argv)
{
	enter(argv[0]);
	unmount_or_die("rootfs");
}

static void cleanup_ten(char **argv)
{
	char name[64];

	enter(argv[0]);
	for (int i = 4; i >= 0; i--) {
		snprintf(name, sizeof name, "rootfs/bind%d", i);
		unmount_or_die(name);
		snprintf(name, sizeof name, "rootfs/tmpfs%d", i);
		unmount_or_die(name);
	}
	unmount_or_die("rootfs");
	unmount_or_die("tmp");
}

int open_ns(int pidfd, const char *pid, unsigned long type, const char *name)
{
	char path[64];
	int fd = kernel_ioctl(pidfd, (unsigned)type, NULL);

	if (fd >= 0)
		return fd;
	snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	return fd;
}

/* ioctl of a pidfd, from PIDFD_GET_CGROUP_NAMESPACE on. */
#define NS_IOCTL(n) _IO(0xFF, n)

static int open_pidfd(const char *pid)
{
	int fd = (int)syscall(SYS_pidfd_open, atoi(pid), 0);

	if (fd < 0)
		die(pid);
	return fd;
}

static int open_net(const char *pid)
{
	return open_ns(open_pidfd(pid), pid, NS_IOCTL(4), "net");
}

static const struct {
	const char *name;
	unsigned number;
} namespaces[] = {
	{"cgroup", 1},
	{"ipc", 2},
	{"mnt", 3},
	{"net", 4},
	{"pid", 5},
	{"user", 9},
	{"uts", 10},
};

static void attach_ns(char **argv)
{
	int pidfd = open_pidfd(argv[0]);

	umask(0);
	mkdir_or_die(argv[1]);
	if (chdir(argv[1]) < 0)
		die(argv[1]);
	for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
		const char *name = namespaces[i].name;
		int file = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
		int ns = open_ns(pidfd, argv[0], NS_IOCTL(namespaces[i].number), name);
		int tree =
			open_tree(ns, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

		if (file < 0 || tree < 0 ||
			move_mount(tree, "", AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
			die(name);
		close(file);
		close(ns);
		close(tree);
	}
}

static void detach_ns(char **argv)
{
	if (chdir(argv[0]) < 0)
		die(argv[0]);
	for (size_t i = sizeof namespaces / sizeof *namespaces; i-- > 0;) {
		unmount_or_die(namespaces[i].name);
		if (unlink(namespaces[i].name) < 0)
			die(namespaces[i].name);
	}
	if (rmdir(argv[0]) < 0)
		die(argv[0]);
}

static void attach_veths(char **argv)
{
	rtnl_veths(rtnl_open(), open_net(argv[0]), (unsigned)strtoul(argv[1], NULL, 10));
}

static void attach_veth_move(char **argv)
{
	rtnl_veth_move(rtnl_open(), open_net(argv[0]));
}

static void attach_bridge(char **argv)
{
	rtnl_bridge(rtnl_open(), open_net(argv[0]));
}

static void detach_veths(char **argv)
{
	rtnl_delete_veths(rtnl_open(), (unsigned)strtoul(argv[0], NULL, 10));
}

static void detach_bridge(char **argv)
{
	if (setns(open_net(argv[0]), CLONE_NEWNET) < 0)
		die("setns");
	rtnl_delete_bridge(rtnl_open());
}

static void detach(char **argv)
{
	detach_veths(argv);
	detach_ns(argv + 1);
}

static void plan(char **argv)
{
	static char buffer[1 << 16];
	int fd;

	enter(argv[0]);
	fd = open("runtime.json", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("runtime.json");
	while (read(fd, buffer, sizeof buffer) > 0)
		;
}

static void nothing(char **argv)
{
	(void)argv;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int args;
		void (*act)(char **argv);
	} verbs[] = {
		{"nothing", 0, nothing},
		{"plan", 1, plan},
		{"prepare", 1, prepare},
		{"prepare-ro", 1, prepare_ro},
		{"prepare-ten", 1, prepare_ten},
		{"prepare-cgroup", 2, prepare_cgroup},
		{"remove-cgroup", 1, remove_cgroups},
		{"cleanup", 1, cleanup},
		{"cleanup-ro", 1, cleanup_ro},
		{"cleanup-ten", 1, cleanup_ten},
		{"attach-veths", 2, attach_veths},
		{"attach-veth-move", 1, attach_veth_move},
		{"attach-bridge", 1, attach_bridge},
		{"attach-ns", 2, attach_ns},
		{"detach-veths", 1, detach_veths},
		{"detach-bridge", 1, detach_bridge},
		{"detach-ns", 1, detach_ns},
		{"detach", 2, detach},
	};

	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(argv[1], verbs[i].name) == 0 && argc - 2 >= verbs[i].args) {
			verbs[i].act(argv + 2);
			return 0;
		}
	fprintf(stderr, "bare: see bare.c for what it does\n");
	return 2;
}
