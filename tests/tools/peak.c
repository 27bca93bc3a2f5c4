/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peak memory of a program, and the largest of those that it starts, in KiB, on stdout.
 *
 *   peak PROGRAM ARGUMENT...
 *
 * Ends as the program does. Each process is stopped when it is about to end, and its VmHWM is
 * read: unlike what wait4 tells, that counts from exec on, and newer kernels count small
 * programs right only there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(125);
}

static long peak_of(pid_t pid)
{
	char path[40], line[200];
	long kib = -1;
	FILE *status;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	status = fopen(path, "re");
	while (status && kib < 0 && fgets(line, sizeof line, status))
		if (sscanf(line, "VmHWM: %ld kB", &kib) != 1)
			kib = -1;
	if (kib < 0)
		die(path);
	fclose(status);
	return kib;
}

/* A process that stopped: whether it is about to end, and what signal it gets. */
static int about_to_end(pid_t pid, int status, int *ret_sig)
{
	int event = status >> 16;

	*ret_sig = event || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
	return event == PTRACE_EVENT_EXIT && pid > 0;
}

static int trace(pid_t program, long *ret_peak, long *ret_children)
{
	int status, sig;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			if (pid != program)
				continue;
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
		if (!about_to_end(pid, status, &sig)) {
			ptrace(PTRACE_CONT, pid, NULL, (void *)(long)sig);
			continue;
		}
		if (pid == program)
			*ret_peak = peak_of(pid);
		else if (peak_of(pid) > *ret_children)
			*ret_children = peak_of(pid);
		/* Its parent waits for it, and is to get it at once. */
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
	die("wait");
}

int main(int argc, char **argv)
{
	long peak = 0, children = 0;
	int status;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: peak PROGRAM ARGUMENT...\n");
		return 125;
	}
	pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP))
			die("ptrace");
		execv(argv[1], argv + 1);
		die(argv[1]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 ||
		ptrace(PTRACE_SETOPTIONS, pid, NULL,
			PTRACE_O_EXITKILL | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEFORK |
				PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
				PTRACE_O_TRACEEXEC) < 0 ||
		ptrace(PTRACE_CONT, pid, NULL, NULL) < 0)
		die("ptrace");
	status = trace(pid, &peak, &children);
	printf("%ld %ld\n", peak, children);
	return status;
}
