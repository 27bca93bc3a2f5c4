/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The native protocol of systemd's journal, and syslog's on /dev/log (RFC 3164). */
#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define LOG_SOCKET "/dev/log"

/* How long a line may wait for room in the socket. */
#define AUDIT_WAIT_MS 50

static struct {
	int fd;
	struct ucred ids; /* The program's own, which the kernel lets nobody say who does not
			     have them. */
	int is_journal;
	uint32_t rule;
	const char *bundle;
} audit = {.fd = -1};

static int reach(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strncpy(to.sun_path, path, sizeof to.sun_path - 1);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void audit_open(void)
{
	audit.ids = (struct ucred){.pid = getpid(), .uid = geteuid(), .gid = getegid()};
	audit.fd = reach(JOURNAL_SOCKET);
	audit.is_journal = audit.fd >= 0;
	if (audit.fd < 0)
		audit.fd = reach(LOG_SOCKET);
}

void audit_bundle(const char *path)
{
	audit.bundle = path;
}

void audit_rule(uint32_t line)
{
	if (!audit.rule)
		audit.rule = line;
}

static void send_as_root(const char *text, size_t len)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof audit.ids)];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof audit.ids),
			     .cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_CREDENTIALS}};
	struct iovec io = {.iov_base = (void *)(uintptr_t)text, .iov_len = len};
	struct msghdr message = {.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};

	struct pollfd room = {.fd = audit.fd, .events = POLLOUT};

	memcpy(CMSG_DATA(&control.head), &audit.ids, sizeof audit.ids);
	/* Whoever reads may be behind for a moment. */
	if (sendmsg(audit.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EAGAIN &&
		poll(&room, 1, AUDIT_WAIT_MS) > 0)
		(void)!sendmsg(audit.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* What a user can choose comes last, so that nothing in it looks like what stands before it. */
static void say(
	const struct caller *caller, const char *verb, const char *what, const char *why)
{
	char text[2048], rule[64] = "";
	int len;

	/* Runs of root, and where nobody keeps a log. */
	if (audit.fd < 0)
		return;
	if (audit.rule)
		snprintf(rule, sizeof rule, ", by line %u of the policy", audit.rule);
	len = snprintf(text, sizeof text, "%suid %u: %s %s%s%s%s%s%s\n",
		audit.is_journal
			? "PRIORITY=5\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER=vestibule\nMESSAGE="
			: "<85>vestibule: ",
		caller->uid, verb, what, rule, why ? "; because: " : "", why ? why : "",
		audit.bundle ? "; bundle: " : "", audit.bundle ? VST_QUOTE(audit.bundle) : "");
	if (len > 0 && (size_t)len < sizeof text)
		send_as_root(text, (size_t)len);
}

void audit_begin(const struct caller *caller, const char *verb)
{
	say(caller, verb, "begins", NULL);
}

void audit_say(const struct caller *caller, const char *verb, const struct vst_err *err)
{
	say(caller, verb, err ? "failed" : "done", err ? err->text : NULL);
	if (audit.fd >= 0)
		close(audit.fd);
	audit.fd = -1;
}
