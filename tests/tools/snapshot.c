/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot [-a | -e] DIR PEER TARGET [DIR...]: what a run of vestibule could have changed, as
 * text that is the same if nothing has: mounts here and in the mount namespace of process PEER,
 * links, addresses and routes here and in the network namespace of process TARGET, and the
 * files beneath each DIR but for the first one's DIR/out. PEER and TARGET 0: there is none.
 *
 * Whatever the kernel numbers anew for the same thing is left out: mount ids, devices, peer
 * groups, ifindexes. -a, for what was made again: inodes too, hardware addresses, the paths of
 * an overlay's layers, and the sizes of files in DIR/state. -e, for what was not touched at
 * all: these numbers but for mount ids are in it, and every attribute of a link. What comes and
 * goes by itself is left out: carrier, counters, and routes that were not asked for;
 * and so are the options of the machine's own file systems, whose devices VST_MACHINE lists:
 * others change them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The macros that walk attributes convert signs. */
#pragma GCC diagnostic ignored "-Wconversion"

static char **lines;
static size_t n_lines, max_lines;
static int again, exact;
static size_t dir_len;
static char links[65536][IFNAMSIZ];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

__attribute__((format(printf, 1, 2))) static void line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (n_lines == max_lines) {
		max_lines = max_lines ? 2 * max_lines : 1024;
		lines = realloc(lines, max_lines * sizeof *lines);
	}
	if (!lines || vasprintf(&lines[n_lines++], format, args) < 0)
		die("line");
	va_end(args);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print(const char *title)
{
	if (n_lines)
		qsort(lines, n_lines, sizeof *lines, compare);
	puts(title);
	for (size_t i = 0; i < n_lines; i++) {
		puts(lines[i]);
		free(lines[i]);
	}
	n_lines = 0;
}

static void drop_numbers(char *text)
{
	char *group;

	while ((group = strstr(text, "shared:")) || (group = strstr(text, "master:"))) {
		size_t digits = strspn(group + 7, "0123456789");

		group[6] = '=';
		memmove(group + 7, group + 7 + digits, strlen(group + 7 + digits) + 1);
	}
}

/* The layers of an overlay as the kernel was told them: by descriptor, or by a path that says
 * nothing. What is seen in it is among the files. */
static void drop_layers(char *text)
{
	static const char *const keys[] = {"lowerdir", "upperdir", "workdir"};

	if (!strstr(text, " - overlay "))
		return;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		for (char *at = text; (at = strstr(at, keys[i]));) {
			char *end = at + strcspn(at, ",");

			if (at[-1] == ',')
				at--; /* a layer each, or all of them in one word */
			memmove(at, end, strlen(end) + 1);
		}
}

/* Options of a file system that was there before: whoever mounts it anywhere may change them.
 * VST_MACHINE has the devices, with a space before and behind each. */
static void drop_options(char *text, const char *device)
{
	const char *machine = getenv("VST_MACHINE");
	char *end = strrchr(text, ' '), word[32];

	snprintf(word, sizeof word, " %.*s ", (int)strcspn(device, " "), device);
	if (machine && end && strstr(machine, word))
		*end = '\0';
}

/* "ID PARENT DEVICE ROOT POINT OPTIONS [shared:N]... - TYPE SOURCE OPTIONS" */
static void mounts(const char *pid, const char *title)
{
	char path[64], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%s/mountinfo", pid);
	file = fopen(path, "re");
	if (!file)
		die(path);
	while (getline(&text, &size, file) > 0) {
		char *rest = text;

		text[strcspn(text, "\n")] = '\0';
		for (int i = 0; i < 2; i++)
			rest = strchr(rest, ' ') + 1;
		drop_options(rest, rest);
		if (!exact)
			rest = strchr(rest, ' ') + 1;
		if (!exact)
			drop_numbers(rest);
		if (again)
			drop_layers(rest);
		line("%s", rest);
	}
	free(text);
	/* A process that has ended has no mounts; it is not as if there were none. */
	if (ferror(file) || n_lines == 0)
		die(path);
	fclose(file);
	print(title);
}

static void hex(const struct nlattr *attr, char *ret, size_t size)
{
	const unsigned char *at = mnl_attr_get_payload(attr);
	size_t n = 0;

	for (unsigned i = 0; i < mnl_attr_get_payload_len(attr) && n + 3 < size; i++)
		n += (size_t)snprintf(ret + n, size - n, "%02x", at[i]);
}

/* Whether an attribute of a link changes by itself, or holds what does; the name is shown as it
 * is. */
static int is_restless(uint16_t type)
{
	switch (type) {
	case IFLA_STATS:
	case IFLA_STATS64:
	case IFLA_OPERSTATE:
	case IFLA_CARRIER:
	case IFLA_CARRIER_CHANGES:
	case IFLA_CARRIER_UP_COUNT:
	case IFLA_CARRIER_DOWN_COUNT:
	case IFLA_AF_SPEC:
	case IFLA_LINKINFO:
	case IFLA_QDISC: /* once it was up, it has one */
	case IFLA_IFNAME:
		return 1;
	default:
		return 0;
	}
}

/* All of a link's attributes, of whatever meaning. */
static int exact_link_cb(const struct nlmsghdr *msg, void *unused)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr, *inner;
	char text[8192], name[IFNAMSIZ] = "?";
	size_t n = 0;

	(void)unused;
	text[0] = '\0';
	mnl_attr_for_each(attr, msg, sizeof *info)
	{
		if (mnl_attr_get_type(attr) == IFLA_IFNAME)
			snprintf(name, sizeof name, "%s", mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			mnl_attr_for_each_nested(inner,
				attr) if (mnl_attr_get_type(inner) == IFLA_INFO_KIND) n +=
				(size_t)snprintf(text + n, sizeof text - n, " kind=%s",
					mnl_attr_get_str(inner));
		if (is_restless(mnl_attr_get_type(attr)) || n > sizeof text - 600)
			continue;
		n += (size_t)snprintf(
			text + n, sizeof text - n, " %d=", mnl_attr_get_type(attr));
		hex(attr, text + n, 512);
		n += strlen(text + n);
	}
	if (info->ifi_index < 65536)
		snprintf(links[info->ifi_index], IFNAMSIZ, "%.15s", name);
	line("link %d %s flags=%x%s", info->ifi_index, name,
		info->ifi_flags & ~(unsigned)(IFF_RUNNING | 1 << 16 | 1 << 17), text);
	return MNL_CB_OK;
}

static int link_cb(const struct nlmsghdr *msg, void *unused)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr, *inner;
	char text[1024] = "", name[64] = "?";
	size_t n = 0;

	(void)unused;
	mnl_attr_for_each(attr, msg, sizeof *info)
	{
		char mac[64] = "";

		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			snprintf(name, sizeof name, "%s", mnl_attr_get_str(attr));
			break;
		case IFLA_MTU:
		case IFLA_TXQLEN:
		case IFLA_GROUP:
			n += (size_t)snprintf(text + n, sizeof text - n, " %d=%u",
				mnl_attr_get_type(attr), mnl_attr_get_u32(attr));
			break;
		case IFLA_IFALIAS:
			if (strncmp(mnl_attr_get_str(attr), "vestibule", 9) != 0)
				n += (size_t)snprintf(text + n, sizeof text - n, " alias=%s",
					mnl_attr_get_str(attr));
			break;
		case IFLA_ADDRESS:
			hex(attr, mac, sizeof mac);
			if (!again)
				n += (size_t)snprintf(
					text + n, sizeof text - n, " mac=%s", mac);
			break;
		case IFLA_PROP_LIST:
			mnl_attr_for_each_nested(inner, attr) n += (size_t)snprintf(text + n,
				sizeof text - n, " altname=%s", mnl_attr_get_str(inner));
			break;
		case IFLA_LINKINFO:
			mnl_attr_for_each_nested(inner,
				attr) if (mnl_attr_get_type(inner) == IFLA_INFO_KIND) n +=
				(size_t)snprintf(text + n, sizeof text - n, " kind=%s",
					mnl_attr_get_str(inner));
			break;
		default:
			break;
		}
	}
	if (info->ifi_index < 65536)
		snprintf(links[info->ifi_index], IFNAMSIZ, "%.15s", name);
	line("link %s flags=%x%s", name,
		info->ifi_flags & ~(unsigned)(IFF_RUNNING | 1 << 16 | 1 << 17), text);
	return MNL_CB_OK;
}

static const char *link_name(uint32_t index)
{
	return index < 65536 ? links[index] : "?";
}

static int address_cb(const struct nlmsghdr *msg, void *unused)
{
	static const uint32_t transient = IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED;
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr;
	char text[512] = "", value[64];
	size_t n = 0;

	(void)unused;
	mnl_attr_for_each(attr, msg, sizeof *info)
	{
		int type = mnl_attr_get_type(attr);

		if (exact && type == IFA_LABEL)
			n += (size_t)snprintf(
				text + n, sizeof text - n, " label=%s", mnl_attr_get_str(attr));
		if (exact && type == IFA_FLAGS)
			n += (size_t)snprintf(text + n, sizeof text - n, " flags=%x",
				mnl_attr_get_u32(attr) & ~transient);
		if (type != IFA_ADDRESS && type != IFA_LOCAL && type != IFA_BROADCAST)
			continue;
		hex(attr, value, sizeof value);
		n += (size_t)snprintf(text + n, sizeof text - n, " %d=%s", type, value);
	}
	line("address %s /%u scope=%u secondary=%u%s", link_name(info->ifa_index),
		info->ifa_prefixlen, info->ifa_scope, info->ifa_flags & IFA_F_SECONDARY, text);
	return MNL_CB_OK;
}

static int route_cb(const struct nlmsghdr *msg, void *unused)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr;
	char text[512] = "", value[64];
	size_t n = 0;

	(void)unused;
	if (info->rtm_family == AF_INET6 && info->rtm_protocol == RTPROT_KERNEL)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, msg, sizeof *info)
	{
		int type = mnl_attr_get_type(attr);

		if (type == RTA_OIF) {
			n += (size_t)snprintf(text + n, sizeof text - n, " dev=%s",
				link_name(mnl_attr_get_u32(attr)));
		} else if (type == RTA_DST || type == RTA_GATEWAY || type == RTA_PREFSRC ||
			   type == RTA_TABLE || type == RTA_PRIORITY ||
			   (exact && type != RTA_CACHEINFO)) {
			hex(attr, value, sizeof value);
			n += (size_t)snprintf(text + n, sizeof text - n, " %d=%s", type, value);
		}
	}
	line("route %u /%u type=%u proto=%u scope=%u%s", info->rtm_family, info->rtm_dst_len,
		info->rtm_type, info->rtm_protocol, info->rtm_scope, text);
	return MNL_CB_OK;
}

static void dump(struct mnl_socket *socket, uint16_t type, size_t size, mnl_cb_t cb)
{
	static char buffer[65536];
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buffer);
	ssize_t len;
	int more;

	msg->nlmsg_type = type;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(msg, size);
	if (mnl_socket_sendto(socket, msg, msg->nlmsg_len) < 0)
		die("sendto");
	do {
		len = mnl_socket_recvfrom(socket, buffer, sizeof buffer);
		if (len < 0)
			die("recvfrom");
		more = mnl_cb_run(
			buffer, (size_t)len, 0, mnl_socket_get_portid(socket), cb, NULL);
	} while (more > 0);
	if (more < 0)
		die("dump");
}

static void net(const char *title)
{
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	dump(socket, RTM_GETLINK, sizeof(struct ifinfomsg), exact ? exact_link_cb : link_cb);
	dump(socket, RTM_GETADDR, sizeof(struct ifaddrmsg), address_cb);
	dump(socket, RTM_GETROUTE, sizeof(struct rtmsg), route_cb);
	mnl_socket_close(socket);
	print(title);
}

static int kind_of(mode_t mode)
{
	return S_ISDIR(mode) ? 'd' : S_ISREG(mode) ? 'f' : S_ISLNK(mode) ? 'l' : '?';
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = path + dir_len;
	char target[1024] = "";
	int is_dir = S_ISDIR(st->st_mode);

	(void)ftw;
	if (type == FTW_NS) {
		line("%s is not seen", name);
		return FTW_CONTINUE;
	}
	if (!strcmp(name, "/out") || (again && !strcmp(name, "/state")))
		return FTW_SKIP_SUBTREE;
	if (S_ISLNK(st->st_mode) && readlink(path, target, sizeof target - 1) < 0)
		die(path);
	if (exact)
		line("%s %c %o %u:%u %llu %lld %s", path, kind_of(st->st_mode),
			st->st_mode & 07777, st->st_uid, st->st_gid,
			(unsigned long long)st->st_ino, is_dir ? 0LL : (long long)st->st_size,
			target);
	else
		line("%s %o %u:%u %lld %llu %s", name, st->st_mode, st->st_uid, st->st_gid,
			is_dir ? 0LL : (long long)st->st_size,
			again ? 0ULL : (unsigned long long)st->st_ino, target);
	return FTW_CONTINUE;
}

static void files(const char *dir, size_t len)
{
	dir_len = len;
	if (nftw(dir, visit, 32, FTW_PHYS | FTW_ACTIONRETVAL) == 0)
		return;
	if (errno != ENOENT)
		die(dir);
	line("%s is not there", dir);
}

int main(int argc, char **argv)
{
	char path[64];
	int fd;

	again = argc > 1 && !strcmp(argv[1], "-a");
	exact = argc > 1 && !strcmp(argv[1], "-e");
	argv += again || exact;
	argc -= again || exact;
	if (argc < 4)
		return 2;
	mounts("self", "mounts here");
	if (strcmp(argv[2], "0"))
		mounts(argv[2], "mounts of the peer");
	files(argv[1], strlen(argv[1]));
	for (int i = 4; i < argc; i++)
		files(argv[i], 0);
	print("files");
	net("links here");
	if (!strcmp(argv[3], "0"))
		return 0;
	snprintf(path, sizeof path, "/proc/%s/ns/net", argv[3]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		die(path);
	memset(links, 0, sizeof links);
	net("links there");
	return 0;
}
