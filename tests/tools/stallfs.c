/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file system with one regular file, runtime.json, that stalls: mounted by hand on /dev/fuse,
 * so that no library is needed. What is asked for is answered, but for the call that stalls.
 *
 *   stallfs DIR lookup|open|read|write [UID]   mounts on DIR, prints "ready", serves until it
 *                                              is killed; the mount is said to be UID's; of a
 *                                              write it prints "written to"
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILE_NODE 2
#define FILE_SIZE 40

static int fuse_fd;

static void answer(const struct fuse_in_header *to, int error, const void *body, size_t len)
{
	struct fuse_out_header head = {
		.len = (uint32_t)(sizeof head + len), .error = -error, .unique = to->unique};
	struct iovec parts[2] = {{&head, sizeof head}, {(void *)(uintptr_t)body, len}};

	if (writev(fuse_fd, parts, len ? 2 : 1) < 0)
		perror("stallfs: answer");
}

static struct fuse_attr attr_of(uint64_t node)
{
	struct fuse_attr attr = {.ino = node, .nlink = 1, .blksize = 4096};

	attr.mode = node == FILE_NODE ? S_IFREG | 0644 : S_IFDIR | 0755;
	attr.size = node == FILE_NODE ? FILE_SIZE : 0;
	return attr;
}

static void serve(const struct fuse_in_header *in, const char *stall)
{
	const char *name = (const char *)(in + 1);
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096};
	struct fuse_entry_out entry = {.nodeid = FILE_NODE, .attr = attr_of(FILE_NODE)};
	struct fuse_attr_out attr = {.attr = attr_of(in->nodeid)};
	struct fuse_open_out opened = {.open_flags = FOPEN_DIRECT_IO};

	switch (in->opcode) {
	case FUSE_INIT:
		answer(in, 0, &init, sizeof init);
		return;
	case FUSE_GETATTR:
		answer(in, 0, &attr, sizeof attr);
		return;
	case FUSE_LOOKUP:
		if (strcmp(name, "runtime.json") != 0) {
			/* rootfs is a directory, for whoever looks at the bundle's layout. */
			entry.nodeid = 3;
			entry.attr = attr_of(3);
			answer(in, strcmp(name, "rootfs") ? ENOENT : 0, &entry,
				strcmp(name, "rootfs") ? 0 : sizeof entry);
		} else if (strcmp(stall, "lookup") != 0) {
			answer(in, 0, &entry, sizeof entry);
		}
		return;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		if (in->opcode == FUSE_OPENDIR || strcmp(stall, "open") != 0)
			answer(in, 0, &opened, sizeof opened);
		return;
	case FUSE_READ:
		return; /* never */
	case FUSE_WRITE:
		puts("written to");
		fflush(stdout);
		return; /* nor this */
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return; /* these want no answer */
	default:
		answer(in, ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static _Alignas(struct fuse_in_header) char request[65536];
	char options[128];

	if (argc != 3 && argc != 4)
		return 2;
	fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof options,
		"fd=%d,rootmode=40000,user_id=%u,group_id=%u,allow_other", fuse_fd,
		argc == 4 ? (unsigned)atoi(argv[3]) : getuid(), getgid());
	if (fuse_fd < 0 ||
		mount("stallfs", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		perror("stallfs");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(fuse_fd, request, sizeof request) > 0)
		serve((const struct fuse_in_header *)(const void *)request, argv[2]);
	return 0;
}
