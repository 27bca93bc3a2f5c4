/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair PROGRAM [ARGUMENT...]: executes PROGRAM with one end of a SOCK_SEQPACKET pair as
 * descriptor 3, the other as 9, and an empty environment: what the parser is started with, but
 * for 9.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char *nothing[] = {NULL};
	int fds[2];

	if (argc < 2)
		return 127;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0 || dup2(fds[1], 9) < 0 ||
		dup2(fds[0], 3) < 0) {
		perror("pair");
		return 127;
	}
	execve(argv[1], argv + 1, nothing);
	perror(argv[1]);
	return 127;
}
