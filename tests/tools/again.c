/* SPDX-License-Identifier: Apache-2.0 */
/*
 * again PID PROGRAM [ARGUMENT...]: executes PROGRAM in a child that has this number in our pid
 * namespace, which nobody has any more, and waits for its end. Wants CAP_CHECKPOINT_RESTORE
 * there.
 */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	pid_t number = argc > 2 ? atoi(argv[1]) : 0;
	struct clone_args args = {
		.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&number, .set_tid_size = 1};
	int status;
	long pid;

	if (number <= 0)
		return 2;
	pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid < 0) {
		perror("again");
		return errno == EEXIST ? 3 : 1;
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execv(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (waitpid((pid_t)pid, &status, 0) < 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
