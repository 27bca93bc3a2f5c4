/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xdp INTERFACE: attaches a program that drops nothing to the interface, as its root could, and
 * leaves it there. Status 77: this kernel has no such thing.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int load(void)
{
	/* return XDP_PASS */
	static const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	static const char license[] = "GPL";
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_XDP;
	attr.insns = (uint64_t)(uintptr_t)code;
	attr.insn_cnt = sizeof code / sizeof code[0];
	attr.license = (uint64_t)(uintptr_t)license;
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
}

int main(int argc, char **argv)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg info;
		struct nlattr nest, fd_attr;
		int fd;
		struct nlattr flags_attr;
		uint32_t flags;
	} request = {
		.head = {.nlmsg_len = sizeof request,
			.nlmsg_type = RTM_SETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.nest = {.nla_len = 20, .nla_type = NLA_F_NESTED | IFLA_XDP},
		.fd_attr = {.nla_len = 8, .nla_type = IFLA_XDP_FD},
		.flags_attr = {.nla_len = 8, .nla_type = IFLA_XDP_FLAGS},
		.flags = XDP_FLAGS_SKB_MODE,
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char more[256];
	} answer;
	int nl = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (argc != 2)
		return 2;
	request.fd = load();
	if (request.fd < 0) {
		perror("bpf");
		return 77;
	}
	request.info.ifi_index = (int)if_nametoindex(argv[1]);
	if (send(nl, &request, sizeof request, 0) < 0 ||
		recv(nl, &answer, sizeof answer, 0) < (ssize_t)sizeof answer.head)
		return 1;
	if (answer.error.error)
		fprintf(stderr, "%s\n", strerror(-answer.error.error));
	return answer.error.error ? 1 : 0;
}
