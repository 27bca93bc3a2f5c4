/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures programs against each other: reads rows from stdin (bench_row.c), runs the sides of
 * each by turns, looks at the machine before and after every run, and prints a table.
 *
 *   bench JSON ROUNDS SECONDS <ROWS
 *
 * At most ROUNDS of each row, and no new one after SECONDS, but at least 5. To be run in mount
 * and network namespaces of its own. It is small on purpose: a child's peak memory is at least
 * what its parent had when it was started.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>

#include "bench.h"

/* Ours: all was measured, and a gate does not hold. */
#define BENCH_MISSED 3
#define ROUNDS_MIN 5

static const char *measuring = "bench";
static int errors_fd = 2;

void bench_die(const char *format, ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	target_end();
	dprintf(errors_fd, "bench: %s: %s\n", measuring, text);
	exit(1);
}

static void check_change(const struct row *row, const struct side *side,
	const struct scene *before, const struct scene *after)
{
	struct scene got = {after->mounts - before->mounts, after->here - before->here,
		after->there - before->there, after->dirs - before->dirs};

	if (memcmp(&got, &side->change, sizeof got) != 0)
		bench_die("%s: %s did mounts %+ld, links here %+ld, there %+ld, directories "
			  "%+ld",
			row->name, side->label, got.mounts, got.here, got.there, got.dirs);
}

/* One run of one side, with everything around it. Returns its status. */
static int run_side(const struct row *row, const struct side *side, struct sample *ret)
{
	struct scene pristine, before, after;

	if (row->target == TARGET_FRESH)
		target_start(row->target_all);
	if (row->fresh && mount("tmpfs", row->fresh, "tmpfs", 0, "mode=755,nr_inodes=0") < 0)
		bench_die("%s: %m", row->fresh);
	scene_look(row->fresh, &pristine);
	ret->status = run_steps(side->before);
	scene_look(row->fresh, &before);
	if (ret->status == 0)
		run_timed(&side->run, ret);
	if (ret->status == 0) {
		scene_look(row->fresh, &after);
		check_change(row, side, &before, &after);
		if (row->target == TARGET_FRESH)
			target_end();
		run_steps(side->after);
	}
	if (row->target == TARGET_FRESH)
		target_end();
	scene_wait(row->fresh, &pristine, side->label);
	if (row->fresh && umount2(row->fresh, 0) < 0)
		bench_die("%s: %m", row->fresh);
	return ret->status;
}

/* A run of each that is not counted: whether it can be done, and what was cold is warm. */
static int can_run(const struct row *row)
{
	struct sample sample;

	for (unsigned k = 0; k < row->n_sides; k++) {
		int status = run_side(row, &row->side[k], &sample);

		if (status == UNSUPPORTED) {
			stat_left_out(row, run_said());
			return 0;
		}
		if (status != 0)
			bench_die("%s: %s: status %d: %s", row->name, row->side[k].label,
				status, run_said());
	}
	return 1;
}

static int measure_row(const struct row *row, unsigned rounds, unsigned seconds)
{
	time_t end = time(NULL) + (time_t)seconds;
	unsigned i = 0;

	if (row->target == TARGET_KEEP)
		target_start(row->target_all);
	if (!can_run(row)) {
		target_end();
		return 1;
	}
	for (; i < rounds && (i < ROUNDS_MIN || time(NULL) < end); i++)
		/* Another one is the first each time. */
		for (unsigned k = 0; k < row->n_sides; k++) {
			unsigned side = (k + i) % row->n_sides;

			if (run_side(row, &row->side[side], &stat_samples[side][i]) != 0)
				bench_die("%s: %s: %s", row->name, row->side[side].label,
					run_said());
		}
	target_end();
	return stat_row(row, i);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc == 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	int missed = 0;
	struct row row;

	if (rounds == 0 || rounds > ROUNDS_MAX)
		bench_die("bench JSON ROUNDS SECONDS <ROWS; ROUNDS up to %d", ROUNDS_MAX);
	errors_fd = fcntl(2, F_DUPFD_CLOEXEC, 3);
	row_init();
	stat_begin(argv[1]);
	run_init();
	while (row_read(&row)) {
		measuring = row.name;
		missed += !measure_row(&row, rounds, (unsigned)strtoul(argv[3], NULL, 10));
	}
	stat_end();
	return missed ? BENCH_MISSED : 0;
}
