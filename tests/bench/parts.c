/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the start of the parser is made of: the sources of spawn.c and confine.c themselves,
 * each of their parts between two looks at the clock, in a child that ends then; and the parser
 * as a whole, on documents.
 *
 *   parts ROUNDS PARSER [DOCUMENT...]
 *
 * As root. Prints "NAME<tab>MICROSECONDS" lines, medians.
 */
#include "../../privileged/seam/spawn.c"
#include "../unit/no_rights.h"

#include "../../parser/confine.c"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define ROUNDS_MAX 1000
#define PARTS_MAX 24

struct part {
	const char *name;
	float us[ROUNDS_MAX];
};

/* Shared with the child, which cannot say anything in the end. */
struct shared {
	struct part parts[PARTS_MAX];
	unsigned n_parts, failed;
};
static struct shared *shared;

static double us_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "parts: %s: %m\n", what);
	exit(1);
}

/* The parts of a round, in order. */
static unsigned round_now, part_now;
static double since;

static void part(const char *name, int good)
{
	struct part *p = &shared->parts[part_now];

	p->name = name;
	p->us[round_now] = (float)(us_now() - since);
	if (!good)
		shared->failed = part_now + 1;
	shared->n_parts = ++part_now;
	since = us_now();
}

static int nothing_more(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static _Noreturn void child_parts(const struct child *child)
{
	static const struct limit no_descriptors = {RLIMIT_NOFILE, 0, 1};

	since = us_now();
	part("spawn: descriptors into place", child_fds(child) == 0);
	part("spawn: signals", child_signals() == 0);
	part("spawn: no new privileges", nothing_more());
	part("spawn: groups", child_groups(child) == 0);
	part("spawn: gid", child_gid(child) == 0);
	part("spawn: uid", child_uid(child) == 0);
	part("spawn: capabilities", child_caps() == 0);
	part("confine: not dumpable", confine_dumpable());
	part("confine: limits", confine_limits());
	part("confine: deadline", confine_timer());
	part("confine: no capabilities, looked at", check_no_caps());
	part("confine: landlock", confine_landlock());
	part("confine: no descriptors", confine_limit(&no_descriptors));
	part("confine: filter", confine_filter());
	_exit(0);
}

static void wait_for(pid_t pid, int want, const char *what)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		(want >= 0 && WEXITSTATUS(status) != want))
		die(what);
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

static void print(const char *name, float *us, unsigned n)
{
	qsort(us, n, sizeof *us, by_value);
	printf("%s\t%.1f\n", name, (double)us[n / 2]);
}

static void measure_parts(const char *document, int parser_fd, unsigned rounds)
{
	for (round_now = 0; round_now < rounds; round_now++) {
		struct child child = {.parser_fd = parser_fd, .change_ids = 1};
		pid_t pid;

		child.doc_fd = open(document, O_RDONLY | O_CLOEXEC);
		child.sock = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (child.doc_fd < 0 || child.sock < 0)
			die(document);
		part_now = 0;
		pid = fork();
		if (pid == 0)
			child_parts(&child);
		wait_for(pid, 0, "the parts of the confinement");
		close(child.doc_fd);
		close(child.sock);
	}
	if (shared->failed)
		die(shared->parts[shared->failed - 1].name);
	for (unsigned i = 0; i < shared->n_parts; i++)
		print(shared->parts[i].name, shared->parts[i].us, rounds);
}

/* clone with nothing in the child, and its end: what a process is. */
static void measure_fork(unsigned rounds)
{
	static float us[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++) {
		double start = us_now();
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		wait_for(pid, 0, "fork");
		us[i] = (float)(us_now() - start);
	}
	print("process: fork, end, reap (static parent)", us, rounds);
}

/* The parser started with arguments that it refuses: exec, main, end. */
static void measure_exec(const char *parser, unsigned rounds)
{
	static float us[ROUNDS_MAX];
	char *argv[] = {(char[]){"parser"}, NULL}, *none[] = {NULL};

	for (unsigned i = 0; i < rounds; i++) {
		double start = us_now();
		pid_t pid = fork();

		if (pid == 0) {
			execve(parser, argv, none);
			_exit(0);
		}
		wait_for(pid, VST_PARSER_INTERNAL, "the parser without arguments");
		us[i] = (float)(us_now() - start);
	}
	print("process: the same with exec of the parser, which ends at once", us, rounds);
}

/* From clone to the reaped parser, everything that it says taken from its socket. */
static void measure_document(const char *parser, const char *document, unsigned rounds)
{
	static float us[ROUNDS_MAX], last_us[ROUNDS_MAX];
	static char buffer[1 << 16], name[300];

	for (unsigned i = 0; i < rounds; i++) {
		struct caller caller = {
			.in_init_userns = 1, .parser_uid = 65534, .parser_gid = 65534};
		struct spawned spawned = {-1, -1};
		struct vst_err err;
		siginfo_t info = {0};
		int doc = open(document, O_RDONLY | O_CLOEXEC);
		double start = us_now(), silent;

		if (doc < 0 || spawn_parser(parser, doc, 0, &caller, &spawned, &err) < 0)
			die(document);
		while (recv(spawned.sock, buffer, sizeof buffer, 0) > 0)
			;
		silent = us_now();
		if (waitid(P_PIDFD, (id_t)spawned.pidfd, &info, WEXITED) < 0 ||
			info.si_status != 0)
			die("the parser");
		us[i] = (float)(us_now() - start);
		last_us[i] = (float)(us_now() - silent);
		close(spawned.pidfd);
		close(spawned.sock);
		close(doc);
	}
	snprintf(name, sizeof name, "parser: from clone to reaped, %s", document);
	print(name, us, rounds);
	print("... of this, from the end of its messages to reaped", last_us, rounds);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	int parser_fd;

	if (rounds == 0 || rounds > ROUNDS_MAX)
		die("parts ROUNDS PARSER DOCUMENT...");
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		-1, 0);
	parser_fd = open(argv[2], O_PATH | O_CLOEXEC);
	if (shared == MAP_FAILED || parser_fd < 0)
		die(argv[2]);
	measure_fork(rounds);
	measure_exec(argv[2], rounds);
	measure_parts(argv[3], parser_fd, rounds);
	for (int i = 3; i < argc; i++)
		measure_document(argv[2], argv[i], rounds);
	return 0;
}
