/* SPDX-License-Identifier: Apache-2.0 */
#include "link_node.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../ipc/fd.h"

/* Whether the file holds exactly this text. */
static int says(int dir_fd, const char *file, const char *text)
{
	vst_auto_fd fd = openat(dir_fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char found[32];
	ssize_t n = fd < 0 ? -1 : read(fd, found, sizeof found);

	return n == (ssize_t)strlen(text) && memcmp(found, text, (size_t)n) == 0;
}

/* Opens the link's directory; -1 if it is not the link's. */
static int open_node(const struct nl_link *link)
{
	const unsigned char *mac = link->mac;
	char path[64], number[16], address[32];
	vst_auto_fd fd = -1;
	struct statfs fs;

	/* Without an address, links of two namespaces that have one ifindex cannot be told
	 * apart. */
	if (link->mac_len != 6)
		return -1;
	snprintf(path, sizeof path, "/sys/class/net/%s", link->name);
	snprintf(number, sizeof number, "%u\n", link->ifindex);
	snprintf(address, sizeof address, "%02x:%02x:%02x:%02x:%02x:%02x\n", mac[0], mac[1],
		mac[2], mac[3], mac[4], mac[5]);
	fd = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != SYSFS_MAGIC ||
		!says(fd, "ifindex", number) || !says(fd, "address", address))
		return -1;
	return vst_fd_take(&fd);
}

uint64_t link_node(const struct nl_link *link)
{
	vst_auto_fd fd = open_node(link);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

int link_node_read(const struct nl_link *link, const char *file, char *ret, size_t size)
{
	vst_auto_fd dir = open_node(link);
	vst_auto_fd fd = dir < 0 ? -1 : openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	if (n < 0)
		return -1;
	ret[n] = '\0';
	return 0;
}
