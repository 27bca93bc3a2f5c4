/* SPDX-License-Identifier: Apache-2.0 */
/* Starts programs, and looks at what they did. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../privileged/kernel/kernel_call.h"
#include "bench.h"

static pid_t target;
static char target_pid[16];

/* Descriptors 1 and 2 are a file from here on, so that nothing has to be set up for each run.
 */
void run_init(void)
{
	int file = memfd_create("said", MFD_CLOEXEC);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (file < 0 || fcntl(file, F_SETFL, O_APPEND) < 0 || null < 0 || dup2(null, 0) < 0 ||
		dup2(file, 1) < 0 || dup2(file, 2) < 0)
		bench_die("the file for what programs say: %m");
	close(file);
	close(null);
}

const char *run_said(void)
{
	static char said[400];
	ssize_t n = pread(1, said, sizeof said - 1, 0);

	said[n > 0 ? n : 0] = '\0';
	for (char *at = said; *at; at++)
		if (*at == '\n' || *at == '"' || *at == '\\' || (unsigned char)*at < ' ')
			*at = at[1] ? ' ' : '\0';
	return said;
}

static double between_us(const struct timespec *a, const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) * 1e6 + (double)(b->tv_nsec - a->tv_nsec) / 1e3;
}

static float time_us(const struct timeval *time)
{
	return (float)((double)time->tv_sec * 1e6 + (double)time->tv_usec);
}

void run_timed(const struct command *command, struct sample *ret)
{
	static char path[] =
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char started[48];
	static char *environment[] = {path, started, NULL};
	char *argv[ARGS_MAX + 1];
	struct timespec start, end;
	struct rusage usage;
	unsigned n = 0;
	int status;
	pid_t pid;

	for (; command->argv[n]; n++)
		argv[n] = strcmp(command->argv[n], "%p") == 0 ? target_pid : command->argv[n];
	argv[n] = NULL;
	if (ftruncate(1, 0) < 0)
		bench_die("empty the file for what programs say: %m");
	clock_gettime(CLOCK_MONOTONIC, &start);
	/* For marks.c. */
	snprintf(started, sizeof started, "BENCH_START=%lld",
		(long long)start.tv_sec * 1000000000 + start.tv_nsec);
	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environment) != 0 ||
		wait4(pid, &status, 0, &usage) != pid)
		bench_die("%s: cannot be run", argv[0]);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ret->wall_us = (float)between_us(&start, &end);
	/* Of the program and of the children that it has waited for. */
	ret->user_us = time_us(&usage.ru_utime);
	ret->sys_us = time_us(&usage.ru_stime);
	ret->peak_kib = (unsigned)usage.ru_maxrss;
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_steps(const struct command *commands)
{
	struct sample sample;

	for (unsigned i = 0; i < STEPS_MAX && commands[i].argv[0]; i++) {
		run_timed(&commands[i], &sample);
		if (sample.status == UNSUPPORTED)
			return UNSUPPORTED;
		if (sample.status != 0)
			bench_die("%s %s: status %d: %s", commands[i].argv[0],
				commands[i].argv[1] ? commands[i].argv[1] : "", sample.status,
				run_said());
	}
	return 0;
}

/* The mount namespace that is bound has to be younger than ours by its number, and numbers are
 * given out by each processor for itself: made where ours was made (bench.sh), it is. */
static void on_first_cpu(int on)
{
	static cpu_set_t all;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (on && sched_getaffinity(0, sizeof all, &all) < 0)
		bench_die("processors: %m");
	if (sched_setaffinity(0, sizeof all, on ? &first : &all) < 0)
		bench_die("processors: %m");
}

void target_start(int all)
{
	unsigned long flags = CLONE_NEWNET | SIGCHLD;

	if (all)
		flags |= CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID |
			 CLONE_NEWCGROUP | CLONE_NEWUSER;
	on_first_cpu(1);
	target = (pid_t)kernel_clone(flags, NULL);
	if (target < 0)
		bench_die("a process in namespaces of its own: %m");
	if (target == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	on_first_cpu(0);
	snprintf(target_pid, sizeof target_pid, "%d", target);
}

void target_end(void)
{
	if (target <= 0)
		return;
	kill(target, SIGKILL);
	waitpid(target, NULL, 0);
	target = 0;
}

/* -1: there is no such file. */
static long lines_of(const char *path)
{
	char buffer[4096];
	long lines = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	while ((n = read(fd, buffer, sizeof buffer)) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buffer[i] == '\n';
	close(fd);
	return lines;
}

void scene_look(const char *dirs, struct scene *ret)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof path, "/proc/%s/net/dev", target_pid);
	*ret = (struct scene){
		.mounts = lines_of("/proc/self/mountinfo"),
		.here = lines_of("/proc/self/net/dev"),
		.there = target > 0 ? lines_of(path) : 0,
	};
	/* A directory of a tmpfs has a link for each directory in it. */
	if (dirs && stat(dirs, &st) == 0)
		ret->dirs = (long)st.st_nlink - 2;
}

void scene_wait(const char *dirs, const struct scene *before, const char *what)
{
	static const struct timespec pause_time = {.tv_nsec = 2000000};
	struct scene now;

	for (int i = 0; i < 10000; i++) {
		scene_look(dirs, &now);
		if (now.mounts == before->mounts && now.here == before->here &&
			(target <= 0 || now.there == before->there))
			return;
		nanosleep(&pause_time, NULL);
	}
	bench_die("%s: left behind: mounts %ld, links here %ld, there %ld", what,
		now.mounts - before->mounts, now.here - before->here,
		target <= 0 ? 0 : now.there - before->there);
}
