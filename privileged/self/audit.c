/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The native protocol of systemd's journal, and syslog's on /dev/log (RFC 3164). */
#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define LOG_SOCKET "/dev/log"
#define LOG_AUTHPRIV_NOTICE 85

static struct {
	int fd;
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

/* With the program's own ids: the kernel lets nobody say those who does not have them. */
static void send_as_root(const char *text, size_t len)
{
	const struct ucred ids = {.pid = getpid(), .uid = geteuid(), .gid = getegid()};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof ids)];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof ids),
			     .cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_CREDENTIALS}};
	struct iovec io = {.iov_base = (void *)(uintptr_t)text, .iov_len = len};
	struct msghdr message = {.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};

	memcpy(CMSG_DATA(&control.head), &ids, sizeof ids);
	(void)!sendmsg(audit.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void audit_say(const struct caller *caller, const char *verb, const struct vst_err *err)
{
	char text[2048], rule[64] = "";
	int len;

	if (audit.fd < 0)
		return;
	if (audit.rule)
		snprintf(rule, sizeof rule, " by line %u of the policy", audit.rule);
	len = snprintf(text, sizeof text, "%s%suid %u: %s%s%s: %s%s%s\n",
		audit.is_journal
			? "PRIORITY=5\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER=vestibule\nMESSAGE="
			: "",
		audit.is_journal ? "" : "<85>vestibule: ", caller->uid, verb,
		audit.bundle ? " " : "", audit.bundle ? VST_QUOTE(audit.bundle) : "",
		err ? "refused or failed: " : "done", err ? err->text : rule, "");
	if (len > 0 && (size_t)len < sizeof text)
		send_as_root(text, (size_t)len);
	close(audit.fd);
	audit.fd = -1;
}
