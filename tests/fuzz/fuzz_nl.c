/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel, on behalf of a hostile namespace's root, may answer: bytes -> datagrams ->
 * a link, or saved addresses and routes that are given back. The first byte says what is asked
 * for; each datagram is a u16 length, low byte first, and that many bytes (fewer at the end of
 * the input). Messages get the sequence number and the port that they have to have. When no
 * more datagrams are there, all is acknowledged.
 */
#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "privileged/link/nl.h"
#include "privileged/link/nl_kept.h"
#include "privileged/link/nl_oper.h"
#include "privileged/link/nl_talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *to, socklen_t to_len);
ssize_t __wrap_recvfrom(
	int fd, void *ret, size_t size, int flags, struct sockaddr *from, socklen_t *from_len);

static struct nl *nl;
static const uint8_t *next, *end;

/* The addresses and routes that are given back are of this link. */
#define NEW_IFINDEX 4711

ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *to, socklen_t to_len)
{
	const struct nlmsghdr *head = bytes;

	(void)fd;
	(void)flags;
	(void)to;
	(void)to_len;
	assert(len >= sizeof *head && len == head->nlmsg_len);
	assert(head->nlmsg_flags & NLM_F_REQUEST);
	if (head->nlmsg_type == RTM_NEWADDR)
		assert(((const struct ifaddrmsg *)NLMSG_DATA(head))->ifa_index == NEW_IFINDEX);
	return (ssize_t)len;
}

static void stamp(unsigned char *bytes, size_t len)
{
	struct nlmsghdr head;

	for (size_t at = 0; at < len && len - at >= sizeof head;
		at += NLMSG_ALIGN(head.nlmsg_len)) {
		memcpy(&head, bytes + at, sizeof head);
		head.nlmsg_seq = nl->seq;
		head.nlmsg_pid = nl->port_id;
		memcpy(bytes + at, &head, sizeof head);
		if (head.nlmsg_len < sizeof head || head.nlmsg_len > len)
			return;
	}
}

ssize_t __wrap_recvfrom(
	int fd, void *ret, size_t size, int flags, struct sockaddr *from, socklen_t *from_len)
{
	static const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	static const struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} ack = {.head = {.nlmsg_len = sizeof ack,
			 .nlmsg_type = NLMSG_ERROR,
			 .nlmsg_flags = NLM_F_CAPPED}};
	size_t len = sizeof ack;

	(void)fd;
	(void)flags;
	ASAN_UNPOISON_MEMORY_REGION(ret, size);
	memcpy(ret, &ack, sizeof ack);
	if (end - next >= 2) {
		len = (size_t)(next[0] | next[1] << 8);
		next += 2;
		len = len < (size_t)(end - next) ? len : (size_t)(end - next);
		memcpy(ret, next, len);
		next += len;
	}
	stamp(ret, len);
	/* What is behind the datagram is not read. */
	ASAN_POISON_MEMORY_REGION((unsigned char *)ret + len, size - len);
	memcpy(from, &kernel, sizeof kernel);
	*from_len = sizeof kernel;
	return (ssize_t)len;
}

static void check_link(const struct nl_link *link)
{
	assert(link->ifindex > 0 && link->ifindex <= INT32_MAX);
	assert(memchr(link->name, 0, sizeof link->name));
	assert(memchr(link->kind, 0, sizeof link->kind));
	assert(memchr(link->alias, 0, sizeof link->alias));
	assert(link->mac_len <= sizeof link->mac);
}

static void check_err(const struct vst_err *err)
{
	for (const char *c = err->text; *c; c++)
		assert(*c >= 0x20 && *c < 0x7f);
}

/* What a link is like is saved of one answer, and compared with others, which its root there
 * can make what he likes. */
static void check_kept(struct vst_err *err)
{
	static unsigned char kept[8192];
	const char *what;
	char taken[128] = "";
	uint32_t len = 0;

	if (nl_kept_save(nl, 2, "eth0", kept, sizeof kept, &len, err) < 0)
		return;
	assert(len <= sizeof kept);
	(void)nl_kept_mend(nl, 2, "eth0", 0, kept, len, &what, err);
	(void)nl_kept_mend(nl, 2, "eth0", 1, kept, len, &what, err);
	(void)nl_kept_settle(nl, 2, "eth0", kept, len, err);
	(void)nl_oper_settle(nl, 2, "eth0", kept, len, err);
	(void)nl_kept_names(nl, 2, "eth0", kept, len, taken, err);
	assert(memchr(taken, 0, sizeof taken));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char state[8192];
	struct nl_link link;
	struct vst_err err = {.exit = VST_EXIT_OK};
	uint32_t len = 0;
	int found = 0;

	if (!nl && nl_open(&nl, &err) < 0)
		abort();
	if (size == 0)
		return 0;
	next = data + 1;
	end = data + size;
	switch (data[0] % 4) {
	case 0:
		found = nl_name_owner(nl, -1, "eth0", &link, &err);
		break;
	case 1:
		found = nl_get_in(nl, 0, 2, &link, &err);
		assert(found <= 0 || link.ifindex == 2);
		break;
	case 2:
		if (nl_save(nl, 2, "eth0", state, sizeof state, &len, &err) == 0) {
			assert(len <= sizeof state);
			next = end;
			found = nl_restore(nl, NEW_IFINDEX, "eth0", 1, 0, state, len, &err);
			assert(found == 0);
			found = 0;
		}
		break;
	default:
		check_kept(&err);
		break;
	}
	if (found > 0)
		check_link(&link);
	check_err(&err);
	return 0;
}
