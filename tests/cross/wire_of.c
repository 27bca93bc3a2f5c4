/* SPDX-License-Identifier: Apache-2.0 */
/* wire_of COMMAND...: what a parser that is started with the document on stdin says: a line of
 * hex a message, and its exit status. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/limits.h"

int main(int argc, char **argv)
{
	static unsigned char msg[VST_MSG_MAX];
	char *none[] = {NULL};
	int pair[2], status;
	ssize_t len;
	pid_t pid;

	if (argc < 2 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return 2;
	pid = fork();
	if (pid < 0)
		return 2;
	if (pid == 0) {
		int there = fcntl(pair[1], F_DUPFD, 10);

		close(pair[0]);
		close(pair[1]);
		if (dup2(there, 3) == 3 && close(there) == 0)
			execve(argv[1], argv + 1, none);
		_exit(127);
	}
	close(pair[1]);
	while ((len = recv(pair[0], msg, sizeof msg, 0)) > 0) {
		for (ssize_t i = 0; i < len; i++)
			printf("%02x", msg[i]);
		putchar('\n');
	}
	if (len < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 2;
	printf("status %d\n", WEXITSTATUS(status));
	return fflush(stdout) == 0 ? 0 : 2;
}
