/* SPDX-License-Identifier: Apache-2.0 */
/* pidfd PID FD PROGRAM [ARGUMENT...]: executes PROGRAM with a pidfd of PID as descriptor FD. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc < 4)
		return 2;
	fd = (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0);
	if (fd < 0 || dup2(fd, atoi(argv[2])) < 0) {
		perror("pidfd");
		return 2;
	}
	execv(argv[3], argv + 3);
	perror(argv[3]);
	return 2;
}
