/* SPDX-License-Identifier: Apache-2.0 */
#include "collect.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"
#include "../../ipc/op.h"
#include "../kernel/clock.h"

/* All messages of a run, each preceded by its length. */
static unsigned char collect_bytes[VST_WIRE_MAX + VST_MSGS_MAX * sizeof(uint32_t)];

struct collecting {
	size_t used; /* bytes of collect_bytes in use, lengths included */
	size_t len;  /* bytes of all messages, without their lengths */
	unsigned n;
	int64_t deadline_ms;
};

enum { COLLECT_MESSAGE, COLLECT_NOTHING, COLLECT_END };

static int collect_broken(struct vst_err *err, const char *how)
{
	return vst_fail(err, VST_EXIT_INVALID, 0, "the parser broke the protocol: %s", how);
}

/* Receives one message without blocking. Returns COLLECT_*, or -1. recvmsg returns 0 for an
 * empty message as it does at the end of the stream, so an empty message counts as the end, and
 * collect_reap refuses any message after it.
 *
 * To be called only if poll says that the socket is readable, or if the parser has exited. On
 * an empty queue the kernel looks for messages first and for the end of the stream afterwards:
 * if the last message and the end come in between, it returns 0 and the message stays. */
static int collect_receive(struct collecting *to, int sock, struct vst_err *err)
{
	size_t room = VST_WIRE_MAX - to->len;
	struct iovec iov = {
		.iov_base = collect_bytes + to->used + sizeof(uint32_t),
		.iov_len = room < VST_MSG_MAX ? room : VST_MSG_MAX,
	};
	/* Without a control buffer the kernel discards descriptors and sets MSG_CTRUNC. */
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;
	uint32_t len;

	if (to->n == VST_MSGS_MAX)
		iov.iov_len = 0;
	n = recvmsg(sock, &msg, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return COLLECT_NOTHING;
	if (n < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "receive from the parser");
	if (msg.msg_flags & MSG_CTRUNC)
		return collect_broken(err, "it sent more than bytes");
	if (msg.msg_flags & MSG_TRUNC)
		return collect_broken(err, "it sent too much");
	if (n == 0)
		return COLLECT_END;
	len = (uint32_t)n;
	memcpy(collect_bytes + to->used, &len, sizeof len);
	to->used += sizeof len + len;
	to->len += len;
	to->n++;
	return COLLECT_MESSAGE;
}

/* Waits until the socket is readable or the parser has exited. poll ignores a sock of -1. */
static int collect_wait(
	const struct collecting *to, int sock, int pidfd, int *ret_exited, struct vst_err *err)
{
	for (;;) {
		struct pollfd on[2] = {
			{.fd = sock, .events = POLLIN},
			{.fd = pidfd, .events = POLLIN},
		};
		int64_t left = to->deadline_ms - kernel_now_ms();
		int n = left <= 0 ? 0 : poll(on, 2, (int)left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno, "wait for the parser");
		if (n == 0)
			return vst_fail(err, VST_EXIT_INVALID, 0,
				"the parser did not end within %d ms", VST_COLLECT_TIMEOUT_MS);
		*ret_exited = on[1].revents != 0;
		return 0;
	}
}

/* Receives messages until the end of the stream. */
static int collect_messages(
	struct collecting *to, const struct spawned *spawned, struct vst_err *err)
{
	for (;;) {
		int exited, got;

		if (collect_wait(to, spawned->sock, spawned->pidfd, &exited, err) < 0)
			return -1;
		/* All that the parser sent before it exited is queued by now. So if it has
		 * exited and the end is still missing, another process holds its socket. */
		got = collect_receive(to, spawned->sock, err);
		if (got < 0)
			return -1;
		if (got == COLLECT_END)
			return 0;
		if (got == COLLECT_NOTHING && exited)
			return collect_broken(err, "it ended and its socket is still open");
	}
}

static int collect_exit(const siginfo_t *info, struct vst_err *err)
{
	const char *part = NULL;

	if (info->si_code != CLD_EXITED)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"the parser was killed by signal %d (%s)", info->si_status,
			strsignal(info->si_status));
	switch (info->si_status) {
	case VST_PARSER_OK:
		return 0;
#define VST_CONFINE(name, number, sentence)                                                    \
	case number:                                                                           \
		part = sentence;                                                               \
		break;
#include "../../ipc/confine_parts.def"
#undef VST_CONFINE
	default:
		return vst_fail(err, VST_EXIT_INVALID, 0, "the parser ended with status %d",
			info->si_status);
	}
	return vst_fail(
		err, VST_EXIT_UNSUPPORTED, 0, "the parser cannot be confined: %s", part);
}

/* Called after the end of the stream: the parser must exit with success and without sending
 * another message. */
static int collect_reap(struct collecting *to, struct spawned *spawned, struct vst_err *err)
{
	siginfo_t info = {0};
	int exited;

	if (collect_wait(to, -1, spawned->pidfd, &exited, err) < 0)
		return -1;
	if (waitid(P_PIDFD, (id_t)spawned->pidfd, &info, WEXITED | WNOHANG) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "learn how the parser ended");
	if (info.si_pid == 0)
		return vst_fail(err, VST_EXIT_FAILED, 0, "the parser ended and has no status");
	/* Already reaped, so spawn_end has nothing to kill. */
	vst_fd_close(&spawned->pidfd);
	if (collect_exit(&info, err) < 0)
		return -1;
	switch (collect_receive(to, spawned->sock, err)) {
	case COLLECT_END:
		return 0;
	case COLLECT_MESSAGE:
		return collect_broken(err, "it went on after the end");
	case COLLECT_NOTHING:
		return collect_broken(err, "it ended and its socket is still open");
	default:
		return -1;
	}
}

int collect(struct spawned *spawned, struct wire_msg *ret, struct vst_err *err)
{
	struct collecting to = {.deadline_ms = kernel_now_ms() + VST_COLLECT_TIMEOUT_MS};
	int failed =
		collect_messages(&to, spawned, err) < 0 || collect_reap(&to, spawned, err) < 0;

	spawn_end(spawned);
	if (failed)
		return -1;
	ret->bytes = collect_bytes;
	ret->len = to.used;
	ret->n_messages = to.n;
	return 0;
}
