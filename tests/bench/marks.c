/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a run spends its time, by the program's own functions: linked into a vestibule that was
 * compiled with -finstrument-functions. When the program ends, a line of the run and a line of
 * each function are appended to MARKS_FILE:
 *
 *   run BEFORE INSIDE        ns from the start of the program (told by bench in BENCH_START) to
 *                            its first constructor; from there to the end of main
 *   OFFSET NS CALLS          the function that begins there, without those that it calls
 *   marks NS                 what putting these lines together took
 *
 * The child that becomes the parser never gets to its end, and leaves no lines.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FUNCTIONS 1024
#define DEPTH 128

void __cyg_profile_func_enter(void *function, void *site);
void __cyg_profile_func_exit(void *function, void *site);
extern const char __executable_start[];

struct function {
	const void *at;
	uint64_t ns, calls;
};

static struct function functions[FUNCTIONS], outside, *stack[DEPTH] = {&outside};
static unsigned depth, lost;
static uint64_t started, first, last;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct function *find(const void *at)
{
	unsigned i = (unsigned)((uintptr_t)at >> 4) % FUNCTIONS;

	while (functions[i].at && functions[i].at != at)
		i = (i + 1) % FUNCTIONS;
	functions[i].at = at;
	return &functions[i];
}

static void count(void)
{
	uint64_t now = now_ns();

	stack[depth]->ns += now - last;
	last = now;
}

void __cyg_profile_func_enter(void *function, void *site)
{
	(void)site;
	if (depth + 1 == DEPTH) {
		lost++;
		return;
	}
	count();
	stack[++depth] = find(function);
	stack[depth]->calls++;
}

void __cyg_profile_func_exit(void *function, void *site)
{
	(void)function;
	(void)site;
	if (lost) {
		lost--;
		return;
	}
	count();
	if (depth > 0)
		depth--;
}

/* The program clears its environment later on. */
__attribute__((constructor(101))) static void begin(void)
{
	const char *text = getenv("BENCH_START");

	first = last = now_ns();
	started = text ? strtoull(text, NULL, 10) : first;
}

__attribute__((destructor)) static void end(void)
{
	static char text[65536];
	size_t used;
	int fd;

	count();
	used = (size_t)snprintf(text, sizeof text, "run %llu %llu\n0 %llu 1\n",
		(unsigned long long)(first - started), (unsigned long long)(last - first),
		(unsigned long long)outside.ns);
	for (unsigned i = 0; i < FUNCTIONS && used < sizeof text - 160; i++)
		if (functions[i].at)
			used += (size_t)snprintf(text + used, sizeof text - used,
				"%lx %llu %llu\n",
				(unsigned long)((const char *)functions[i].at -
						__executable_start),
				(unsigned long long)functions[i].ns,
				(unsigned long long)functions[i].calls);
	used += (size_t)snprintf(text + used, sizeof text - used, "marks %llu\n",
		(unsigned long long)(now_ns() - last));
	/* Not open: the filter is there. */
	fd = openat(AT_FDCWD, MARKS_FILE, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, used) != (ssize_t)used)
		_exit(70);
	close(fd);
}
