/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the journal costs a run, as a share of it: `prepare` of a read-write bundle with 10
 * directories, against the same records noted in the same state directory by the same code.
 *
 *   journal_share VESTIBULE STATE BUNDLE [ROUNDS]
 *
 * To be run in a mount namespace of its own (tests/bench/journal.sh). Both are alternated in
 * one run; medians are printed.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../privileged/journal/journal.h"

#define MKDIRS 10

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void die(const char *what)
{
	fprintf(stderr, "journal_share: %s\n", what);
	exit(1);
}

static double run(const char *program, const char *state, const char *verb, const char *bundle)
{
	const char *argv[] = {program, "--root", state, verb, bundle, NULL};
	char *none[] = {NULL};
	double start = now_us();
	int status;
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, (char **)(uintptr_t)argv, none) != 0 ||
		waitpid(pid, &status, 0) != pid || status != 0)
		die(verb);
	return now_us() - start;
}

/* The records of such a prepare: the run, two pins, two mounts, the directories. */
static double note(int dir_fd, uint64_t number)
{
	const struct journal_key key = {.bundle_dev = 1, .bundle_ino = number, .mntns_ino = 1};
	const struct rec_run rec_run = {.verb = 1};
	const struct rec_pin pin = {.dev = 1, .ino = 2};
	struct rec_mount mount = {.flags = REC_MOUNT_BUNDLE};
	struct rec_dir dir = {.uid = 0};
	const struct rec_dir_result made = {.n = 1, .ino = 3};
	struct journal journal;
	struct vst_err err;
	uint32_t pins[2], place;
	double start = now_us();
	int bad;

	bad = journal_open(&journal, dir_fd, &key, "/bundle", &err) < 0 ||
	      journal_begin(&journal, &rec_run, 4096, &err) < 0;
	for (int i = 0; i < 2 && !bad; i++)
		bad = journal_append(&journal, JOURNAL_PIN, &pin, sizeof pin, "/bundle", 8, 0,
			      &pins[i], &err) < 0;
	for (int i = 0; i < 2 && !bad; i++) {
		mount.pin = pins[0];
		bad = journal_append(&journal, JOURNAL_MOUNT, &mount, sizeof mount, "rootfs", 7,
			      0, &place, &err) < 0;
		if (!bad)
			journal_done(&journal, place, NULL, 0);
	}
	for (int i = 0; i < MKDIRS && !bad; i++) {
		dir.pin = pins[1];
		bad = journal_append(&journal, JOURNAL_DIR, &dir, sizeof dir, "directory", 10,
			      sizeof made, &place, &err) < 0;
		if (!bad)
			journal_done(&journal, place, &made, sizeof made);
	}
	if (bad)
		die(err.text);
	journal_end(&journal, JOURNAL_DONE);
	journal_close(&journal);
	start = now_us() - start;
	unlinkat(dir_fd, journal.name, 0);
	return start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, by_value);
	return values[n / 2];
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 4 ? strtoul(argv[4], NULL, 10) : 300;
	double *runs, *notes, run_us, note_us;
	int dir_fd;

	if (argc < 4 || rounds == 0)
		die("VESTIBULE STATE BUNDLE [ROUNDS]");
	dir_fd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	runs = calloc(rounds, sizeof *runs);
	notes = calloc(rounds, sizeof *notes);
	if (dir_fd < 0 || !runs || !notes)
		die(argv[2]);
	for (size_t i = 0; i < rounds; i++) {
		runs[i] = run(argv[1], argv[2], "prepare", argv[3]);
		notes[i] = note(dir_fd, i + 1);
		run(argv[1], argv[2], "cleanup", argv[3]);
	}
	run_us = median(runs, rounds);
	note_us = median(notes, rounds);
	printf("prepare, read-write, %d mkdir: %.0f us; its journal: %.0f us, %.1f %%\n",
		MKDIRS, run_us, note_us, 100 * note_us / run_us);
	free(runs);
	free(notes);
	return 0;
}
