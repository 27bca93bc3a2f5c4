/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen PATH FILE: a datagram socket, as syslog's. Appends to FILE, a line for each message,
 * "uid UID:" with the uid that the kernel says the sender has, and the message with its line
 * feeds as "|". FILE is made when the socket is there.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int on = 1, fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	FILE *out;

	if (argc != 3 || strlen(argv[1]) >= sizeof at.sun_path || fd < 0)
		return 2;
	strcpy(at.sun_path, argv[1]);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || chmod(argv[1], 0666) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
		return 1;
	out = fopen(argv[2], "a");
	if (!out)
		return 1;
	for (;;) {
		char text[4096], control[256];
		struct iovec io = {text, sizeof text};
		struct msghdr message = {.msg_iov = &io,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof control};
		ssize_t n = recvmsg(fd, &message, 0);
		struct cmsghdr *head = n < 0 ? NULL : CMSG_FIRSTHDR(&message);
		struct ucred ids = {.uid = (uid_t)-1};

		if (n < 0)
			return 1;
		if (head && head->cmsg_type == SCM_CREDENTIALS)
			memcpy(&ids, CMSG_DATA(head), sizeof ids);
		fprintf(out, "uid %u: ", ids.uid);
		for (ssize_t i = 0; i < n; i++)
			fputc(text[i] == '\n' ? '|' : text[i], out);
		fputc('\n', out);
		fflush(out);
	}
}
