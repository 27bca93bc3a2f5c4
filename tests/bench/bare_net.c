/* SPDX-License-Identifier: Apache-2.0 */
/* Links, by plain rtnetlink: one request and one acknowledgement each. */
#include "bare.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr head;
	struct ifinfomsg info;
	char attrs[512];
};

static void *put(struct request *r, unsigned short type, const void *data, size_t len)
{
	struct rtattr *at = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));

	at->rta_type = type;
	at->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(at), data, len);
	r->head.nlmsg_len = (unsigned)(NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(at->rta_len));
	return at;
}

static void put_string(struct request *r, unsigned short type, const char *text)
{
	put(r, type, text, strlen(text) + 1);
}

static void end(struct request *r, void *nest)
{
	struct rtattr *at = nest;

	at->rta_len = (unsigned short)((char *)r + r->head.nlmsg_len - (char *)nest);
}

static void begin(struct request *r, unsigned short type, unsigned flags)
{
	static unsigned number;

	memset(r, 0, sizeof *r);
	r->head.nlmsg_len = NLMSG_LENGTH(sizeof r->info);
	r->head.nlmsg_type = type;
	r->head.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags);
	r->head.nlmsg_seq = ++number;
}

static void talk(int sock, struct request *r, const char *what)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr err;
		char rest[1024];
	} answer;

	if (send(sock, r, r->head.nlmsg_len, 0) < 0 ||
		recv(sock, &answer, sizeof answer, 0) < 0)
		die(what);
	if (answer.head.nlmsg_type == NLMSG_ERROR && answer.err.error == 0)
		return;
	errno = answer.head.nlmsg_type == NLMSG_ERROR ? -answer.err.error : EPROTO;
	die(what);
}

int rtnl_open(void)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (sock < 0)
		die("netlink");
	return sock;
}

static void veth(int sock, int ns_fd, unsigned i)
{
	struct ifinfomsg peer = {.ifi_family = AF_UNSPEC};
	struct request r;
	void *info, *data, *other;
	char name[16];

	begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	snprintf(name, sizeof name, "eth%u", i);
	put_string(&r, IFLA_IFNAME, name);
	if (ns_fd >= 0)
		put(&r, IFLA_NET_NS_FD, &ns_fd, sizeof ns_fd);
	info = put(&r, IFLA_LINKINFO, NULL, 0);
	put_string(&r, IFLA_INFO_KIND, "veth");
	data = put(&r, IFLA_INFO_DATA, NULL, 0);
	other = put(&r, VETH_INFO_PEER, &peer, sizeof peer);
	snprintf(name, sizeof name, "vth%u", i);
	put_string(&r, IFLA_IFNAME, name);
	/* Without a namespace of its own the peer would go where the first end goes. */
	if (ns_fd >= 0) {
		int pid = getpid();

		put(&r, IFLA_NET_NS_PID, &pid, sizeof pid);
	}
	end(&r, other);
	end(&r, data);
	end(&r, info);
	talk(sock, &r, name);
}

void rtnl_veths(int sock, int ns_fd, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		veth(sock, ns_fd, i);
}

void rtnl_veth_move(int sock, int ns_fd)
{
	struct request r;

	veth(sock, -1, 0);
	begin(&r, RTM_NEWLINK, 0);
	put_string(&r, IFLA_IFNAME, "eth0");
	put(&r, IFLA_NET_NS_FD, &ns_fd, sizeof ns_fd);
	talk(sock, &r, "eth0");
}

void rtnl_bridge(int sock, int ns_fd)
{
	struct request r;
	void *info;

	begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	put_string(&r, IFLA_IFNAME, "br0");
	put(&r, IFLA_NET_NS_FD, &ns_fd, sizeof ns_fd);
	info = put(&r, IFLA_LINKINFO, NULL, 0);
	put_string(&r, IFLA_INFO_KIND, "bridge");
	end(&r, info);
	talk(sock, &r, "br0");
}

static void delete_link(int sock, const char *name)
{
	struct request r;

	begin(&r, RTM_DELLINK, 0);
	put_string(&r, IFLA_IFNAME, name);
	talk(sock, &r, name);
}

void rtnl_delete_veths(int sock, unsigned n)
{
	char name[16];

	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof name, "vth%u", i);
		delete_link(sock, name);
	}
}

void rtnl_delete_bridge(int sock)
{
	delete_link(sock, "br0");
}
