/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel, or somebody in its place, may answer: sendto and recvfrom are scripted, the
 * socket is a real one. To be linked with --wrap=sendto,--wrap=recvfrom.
 */
#pragma once

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "privileged/kernel/patience.h"
#include "privileged/link/nl.h"
#include "privileged/link/nl_talk.h"

#define ANSWERS_MAX 64

struct answer {
	_Alignas(8) unsigned char bytes[2048];
	size_t len;
	ssize_t returns;   /* what recvfrom says, if not len */
	int code;          /* errno instead */
	uint32_t sender;   /* nl_pid */
	int32_t seq_off;   /* added to the request's sequence number */
	uint32_t port_off; /* added to our port id */
};

static struct script {
	struct answer answers[ANSWERS_MAX];
	unsigned n, next;
	unsigned n_sent;
	int send_code; /* errno of sendto */
	_Alignas(8) unsigned char sent[ANSWERS_MAX][1024];
	size_t sent_len[ANSWERS_MAX];
} script;

static struct nl *nl;

/* Stands in for patience.c: what is still to come comes, and nothing is waited for in vain. */
int patience_again(enum patience what, struct patience_wait *wait)
{
	(void)wait;
	assert_int_equal(what, PATIENCE_ANSWER);
	return script.next < script.n;
}

ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *to, socklen_t to_len);
ssize_t __wrap_recvfrom(
	int fd, void *ret, size_t size, int flags, struct sockaddr *from, socklen_t *from_len);

ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *to, socklen_t to_len)
{
	(void)fd;
	(void)flags;
	(void)to;
	(void)to_len;
	if (script.send_code) {
		errno = script.send_code;
		return -1;
	}
	assert_true(len <= sizeof script.sent[0] && script.n_sent < ANSWERS_MAX);
	memcpy(script.sent[script.n_sent], bytes, len);
	script.sent_len[script.n_sent++] = len;
	return (ssize_t)len;
}

/* Gives each message of the datagram its sequence number and port id, as far as it has them. */
static void stamp(struct answer *answer)
{
	for (size_t at = 0; at + sizeof(struct nlmsghdr) <= answer->len;) {
		struct nlmsghdr *head = (struct nlmsghdr *)(answer->bytes + at);

		head->nlmsg_seq = nl->seq + (uint32_t)answer->seq_off;
		head->nlmsg_pid = nl->port_id + answer->port_off;
		if (head->nlmsg_len < sizeof *head || head->nlmsg_len > answer->len)
			return;
		at += NLMSG_ALIGN(head->nlmsg_len);
	}
}

ssize_t __wrap_recvfrom(
	int fd, void *ret, size_t size, int flags, struct sockaddr *from, socklen_t *from_len)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK};
	struct answer *answer = &script.answers[script.next];

	(void)fd;
	assert_int_equal(flags, MSG_TRUNC | MSG_DONTWAIT);
	if (script.next == script.n) {
		errno = EAGAIN;
		return -1;
	}
	script.next++;
	if (answer->code) {
		errno = answer->code;
		return -1;
	}
	assert_true(answer->len <= size);
	stamp(answer);
	/* What is behind the datagram is somebody else's. */
	memset(ret, 0xa5, size);
	memcpy(ret, answer->bytes, answer->len);
	addr.nl_pid = answer->sender;
	memcpy(from, &addr, sizeof addr);
	*from_len = sizeof addr;
	return answer->returns ? answer->returns : (ssize_t)answer->len;
}

static int open_socket(void **state)
{
	struct vst_err err;

	(void)state;
	return nl_open(&nl, &err);
}

static int close_socket(void **state)
{
	(void)state;
	nl_close(&nl);
	return nl != NULL;
}

static int reset(void **state)
{
	(void)state;
	memset(&script, 0, sizeof script);
	return 0;
}

/* Answers, built from their parts. */

static struct answer *answer(void)
{
	assert_true(script.n < ANSWERS_MAX);
	return &script.answers[script.n++];
}

static struct nlmsghdr *put_head(struct answer *to, int type, int flags)
{
	struct nlmsghdr *head = (struct nlmsghdr *)(to->bytes + to->len);

	head->nlmsg_type = (uint16_t)type;
	head->nlmsg_flags = (uint16_t)flags;
	head->nlmsg_len = sizeof *head;
	to->len += sizeof *head;
	return head;
}

static void put(struct answer *to, struct nlmsghdr *head, const void *bytes, size_t len)
{
	memcpy((unsigned char *)head + head->nlmsg_len, bytes, len);
	head->nlmsg_len += NLMSG_ALIGN((uint32_t)len);
	to->len += NLMSG_ALIGN(len);
}

static struct answer *last(void)
{
	return &script.answers[script.n - 1];
}

/* An NLMSG_ERROR; without NLM_F_CAPPED a request of 32 bytes is repeated in it. */
static struct nlmsghdr *error_answer(int error, int flags)
{
	struct answer *to = answer();
	struct nlmsghdr *head = put_head(to, NLMSG_ERROR, flags);
	struct nlmsgerr body = {.error = -error, .msg = {.nlmsg_len = 32}};
	unsigned char request[16] = {0};

	put(to, head, &body, sizeof body);
	if (!(flags & NLM_F_CAPPED))
		put(to, head, request, sizeof request);
	return head;
}
