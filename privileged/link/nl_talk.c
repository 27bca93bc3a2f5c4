/* SPDX-License-Identifier: Apache-2.0 */
#include "nl_talk.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "../../ipc/fd.h"
#include "../kernel/kernel_ns.h"
#include "../kernel/patience.h"
#include "../rights/rights.h"
#include "nl.h"
#include "nl_attr.h"

/* The kernel dumps in chunks of at most 32 KiB (netlink_recvmsg). The answer about one link
 * carries all its alternative names, up to 64 KiB, and root there may add many. */
#define ANSWER_MAX 131072

/* Datagrams skipped before an answer: of an earlier request, or not from the kernel. */
#define STRAY_MAX 16

/* The kernel's MAX_ERRNO. The bound also excludes INT_MIN, which cannot be negated. */
#define ERRNO_MAX 4095

int nl_why(struct nl_refusal *why, int code, const char *text)
{
	why->code = code;
	vst_quote(&why->text, text, strlen(text));
	return -1;
}

int nl_refused(struct vst_err *err, const struct nl_refusal *why, const char *fmt, ...)
{
	enum vst_exit exit = VST_EXIT_FAILED;
	const char *hint = "";
	char doing[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(doing, sizeof doing, fmt, ap);
	va_end(ap);
	if (why->code == EEXIST) {
		exit = VST_EXIT_CONFLICT;
	} else if (why->code == EPERM) {
		exit = VST_EXIT_DENIED;
		hint = ": CAP_NET_ADMIN is needed over the network namespaces of both sides";
	}
	return vst_fail(err, exit, why->code, "%s%s%s%s", doing, hint,
		why->text.text[0] ? ": " : "", why->text.text);
}

static int set_option(int fd, int option, struct vst_err *err)
{
	int on = 1;

	if (setsockopt(fd, SOL_NETLINK, option, &on, sizeof on) < 0)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, errno,
			"open a netlink socket: set option %d (Linux 4.20)", option);
	return 0;
}

/* Sets the options, binds a port id and connects to the kernel. */
static int prepare_socket(int fd, uint32_t *ret_port_id, struct vst_err *err)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK};
	socklen_t len = sizeof addr;

	if (set_option(fd, NETLINK_EXT_ACK, err) < 0 ||
		set_option(fd, NETLINK_CAP_ACK, err) < 0 ||
		set_option(fd, NETLINK_GET_STRICT_CHK, err) < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 ||
		/* Connected to the kernel, the socket receives nothing from other senders, who
		   could flood it. */
		connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0 ||
		getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open a netlink socket");
	*ret_port_id = addr.nl_pid;
	return 0;
}

int nl_open(struct nl **ret, struct vst_err *err)
{
	static struct nl slots[2];
	struct nl *nl = slots[0].in_use ? &slots[1] : &slots[0];
	struct vst_err ignored;
	vst_auto_fd fd = -1;
	uint32_t port_id = 0;

	if (nl->in_use)
		return vst_fail(err, VST_EXIT_FAILED, EMFILE, "open a third netlink socket");
	/* What a socket may ask for is limited by the rights of whoever opened it. */
	(void)rights_raise(RIGHTS_NET, &ignored);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	rights_lower();
	if (fd < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open a netlink socket");
	if (prepare_socket(fd, &port_id, err) < 0)
		return -1;
	*nl = (struct nl){.fd = vst_fd_take(&fd), .in_use = 1, .port_id = port_id};
	*ret = nl;
	return 0;
}

int nl_open_there(int ns_fd, int own_fd, struct nl **ret, struct vst_err *err)
{
	struct nl *nl = NULL;
	int opened;

	if (setns(ns_fd, CLONE_NEWNET) < 0)
		return vst_fail(err, errno == EPERM ? VST_EXIT_DENIED : VST_EXIT_FAILED, errno,
			"enter the network namespace of the process (CAP_SYS_ADMIN is needed)");
	opened = nl_open(&nl, err);
	if (setns(own_fd, CLONE_NEWNET) < 0) {
		nl_close(&nl);
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"return to our own network namespace; nothing was done");
	}
	if (opened == 0)
		*ret = nl;
	return opened;
}

int nl_namespace(const struct nl *nl, struct vst_err *err)
{
	int fd;

	if (rights_raise(RIGHTS_NET, err) < 0)
		return -1;
	fd = ioctl(nl->fd, SIOCGSKNS);
	rights_lower();
	if (fd < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "open the network namespace of a socket");
	return fd;
}

uint64_t nl_cookie(const struct nl *nl)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof cookie;

	return getsockopt(nl->fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) == 0 ? cookie : 0;
}

void nl_close(struct nl **nl)
{
	if (!*nl)
		return;
	vst_fd_close(&(*nl)->fd);
	(*nl)->in_use = 0;
	*nl = NULL;
}

/* Whether the datagram answers an earlier request, whose answer was not read to its end. */
static int is_stale(const struct nl *nl, const unsigned char *bytes, size_t len)
{
	const struct nlmsghdr *first = (const struct nlmsghdr *)bytes;

	return len >= sizeof *first && (int32_t)(first->nlmsg_seq - nl->seq) < 0;
}

/* Reads one datagram from the kernel into `bytes`, which has ANSWER_MAX. */
static int receive(struct nl *nl, unsigned char *bytes, size_t *ret_len, struct nl_refusal *why)
{
	struct patience_wait wait = {0};

	for (unsigned strays = 0; strays < STRAY_MAX; strays++) {
		struct sockaddr_nl from = {0};
		socklen_t from_len;
		ssize_t n;

		/* The kernel answers inside sendto, so the answer is normally there already;
		 * wait only if not. */
		do {
			from_len = sizeof from;
			n = recvfrom(nl->fd, bytes, ANSWER_MAX, MSG_TRUNC | MSG_DONTWAIT,
				(struct sockaddr *)&from, &from_len);
		} while (n < 0 && (errno == EAGAIN || errno == EINTR) &&
			 patience_again(PATIENCE_ANSWER, &wait));
		if (n < 0)
			return nl_why(why, errno == EAGAIN ? ETIMEDOUT : errno,
				"the kernel's answer did not come");
		/* A process with CAP_NET_ADMIN in the namespace can send to any port id. */
		if (from_len != sizeof from || from.nl_family != AF_NETLINK || from.nl_pid != 0)
			continue;
		if ((size_t)n > ANSWER_MAX)
			return nl_why(why, EMSGSIZE, "the kernel's answer is too long");
		if (is_stale(nl, bytes, (size_t)n))
			continue;
		*ret_len = (size_t)n;
		return 0;
	}
	return nl_why(why, EPROTO, "too many strange messages instead of the kernel's answer");
}

/* The kernel handles the request inside sendto, with the rights of then. */
static int send_request(struct nl *nl, struct nlmsghdr *request, struct nl_refusal *why)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct vst_err ignored;
	ssize_t sent;

	if (request->nlmsg_len < sizeof *request)
		return nl_why(why, EMSGSIZE, "the request is too long");
	request->nlmsg_seq = ++nl->seq;
	request->nlmsg_pid = nl->port_id;
	/* Without the right the kernel refuses what needs it. */
	(void)rights_raise(RIGHTS_NET, &ignored);
	sent = sendto(nl->fd, request, request->nlmsg_len, 0, (struct sockaddr *)&kernel,
		sizeof kernel);
	rights_lower();
	if (sent != (ssize_t)request->nlmsg_len)
		return nl_why(why, errno, "send the request");
	return 0;
}

/* Takes the extended acknowledgement's text from the attributes behind fixed_len bytes. */
static void error_text(const struct nlmsghdr *message, size_t fixed_len, struct nl_refusal *why)
{
	struct nl_span found = nl_find(nl_attrs(message, fixed_len), NLMSGERR_ATTR_MSG);
	const char *text = (const char *)found.at;

	if (text)
		vst_quote(&why->text, text, strnlen(text, found.len));
}

/* Reads an NLMSG_ERROR message: 0 for an acknowledgement, else -1 with *why. */
static int read_error(const struct nlmsghdr *message, struct nl_refusal *why)
{
	const struct nlmsgerr *error = NLMSG_DATA(message);
	size_t fixed_len = sizeof *error;

	if (message->nlmsg_len < NLMSG_LENGTH(fixed_len) || error->error > 0 ||
		error->error < -ERRNO_MAX)
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	if (error->error == 0)
		return 0;
	nl_why(why, -error->error, "");
	/* Without NLM_F_CAPPED, the whole request precedes the attributes. */
	if (!(message->nlmsg_flags & NLM_F_CAPPED)) {
		if (error->msg.nlmsg_len < sizeof error->msg ||
			error->msg.nlmsg_len > message->nlmsg_len)
			return -1;
		fixed_len += NLMSG_ALIGN(error->msg.nlmsg_len - sizeof error->msg);
	}
	if (message->nlmsg_flags & NLM_F_ACK_TLVS)
		error_text(message, fixed_len, why);
	return -1;
}

/* Checks sequence, port id, type and length of one message of an answer. */
static int check_message(const struct nl *nl, const struct nlmsghdr *message, uint16_t want,
	size_t min_len, struct nl_refusal *why)
{
	if (message->nlmsg_seq != nl->seq || message->nlmsg_pid != nl->port_id)
		return nl_why(why, EPROTO, "the kernel's answer is for another request");
	if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE)
		return 0;
	if (message->nlmsg_type != want || message->nlmsg_len < min_len)
		return nl_why(why, EPROTO, "the kernel's answer is of another kind");
	/* The kernel cuts the length of an attribute to 16 bits: one of 64 KiB or more would
	 * end within itself, and the rest of it be read as the link's own attributes. */
	if (message->nlmsg_len > UINT16_MAX)
		return nl_why(why, EMSGSIZE, "the kernel's answer is too long to be believed");
	if (!nl_is_whole(nl_attrs(message, min_len - NLMSG_HDRLEN)))
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	return 0;
}

static unsigned char *answer_bytes(void)
{
	static _Alignas(8) unsigned char bytes[ANSWER_MAX];

	return bytes;
}

int nl_ask(struct nl *nl, struct nlmsghdr *request, uint16_t want, size_t min_len,
	const struct nlmsghdr **ret_answer, struct nl_refusal *why)
{
	struct nl_span answer = {answer_bytes(), 0};
	const struct nlmsghdr *message;
	int bad;

	if (send_request(nl, request, why) < 0 ||
		receive(nl, answer_bytes(), &answer.len, why) < 0)
		return -1;
	message = nl_message(&answer, &bad);
	if (!message || answer.len)
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	if (check_message(nl, message, want, min_len, why) < 0)
		return -1;
	if (message->nlmsg_type == NLMSG_ERROR && read_error(message, why) < 0)
		return -1;
	if ((message->nlmsg_type == NLMSG_ERROR) != (want == 0) ||
		message->nlmsg_type == NLMSG_DONE)
		return nl_why(why, EPROTO, "the kernel's answer is of another kind");
	if (want)
		*ret_answer = message;
	return 0;
}

/* Reads NLMSG_DONE, which may carry an error. */
static int read_done(const struct nlmsghdr *message, int interrupted, struct nl_refusal *why)
{
	int error;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof error))
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	memcpy(&error, NLMSG_DATA(message), sizeof error);
	if (error < -ERRNO_MAX)
		return nl_why(why, EPROTO, "the kernel's answer is malformed");
	if (error < 0) {
		nl_why(why, -error, "");
		if (message->nlmsg_flags & NLM_F_ACK_TLVS)
			error_text(message, sizeof error, why);
		return -1;
	}
	if (interrupted || message->nlmsg_flags & NLM_F_DUMP_INTR)
		return nl_why(why, EINTR, "what was listed changed meanwhile");
	return 0;
}

int nl_dump(struct nl *nl, struct nlmsghdr *request, uint16_t want, size_t min_len,
	nl_take take, void *arg, struct nl_refusal *why)
{
	int bad = 0, interrupted = 0, refused = 0;
	struct nl_refusal first;

	if (send_request(nl, request, why) < 0)
		return -1;
	for (;;) {
		struct nl_span answer = {answer_bytes(), 0};
		const struct nlmsghdr *message;
		int empty;

		if (receive(nl, answer_bytes(), &answer.len, why) < 0)
			return -1;
		empty = answer.len == 0;
		while ((message = nl_message(&answer, &bad))) {
			if (check_message(nl, message, want, min_len, why) < 0)
				return -1;
			if (message->nlmsg_type == NLMSG_ERROR)
				return read_error(message, why) < 0
					       ? -1
					       : nl_why(why, EPROTO,
							 "the kernel's answer is of another kind");
			/* Read to the end even after a refusal: a socket runs one dump at a
			 * time. */
			if (message->nlmsg_type == NLMSG_DONE && refused)
				*why = first;
			if (message->nlmsg_type == NLMSG_DONE)
				return refused ? -1 : read_done(message, interrupted, why);
			interrupted |= message->nlmsg_flags & NLM_F_DUMP_INTR;
			if (!refused)
				refused = take(message, arg, &first) < 0;
		}
		if (bad || empty)
			return nl_why(why, EPROTO, "the kernel's answer is malformed");
	}
}
