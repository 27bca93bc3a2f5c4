/* SPDX-License-Identifier: Apache-2.0 */
/* Medians, percentiles, the table and the file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

struct sample stat_samples[SIDES_MAX][ROUNDS_MAX];

static FILE *table, *json;
static unsigned n_rows;

struct propagation {
	double median, low, high;
};

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* Sorts the values. */
static struct propagation propagation_of(float *values, unsigned n)
{
	struct propagation ret;

	qsort(values, n, sizeof *values, by_value);
	ret.median = n % 2 ? (double)values[n / 2]
			   : ((double)values[n / 2 - 1] + (double)values[n / 2]) / 2;
	ret.low = (double)values[(n - 1) / 10];
	ret.high = (double)values[n - 1 - (n - 1) / 10];
	return ret;
}

enum what { WALL, RATIO };

static struct propagation propagation_of_side(unsigned side, unsigned rounds, enum what what)
{
	static float values[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++) {
		const struct sample *s = &stat_samples[side][i];

		switch (what) {
		case WALL:
			values[i] = s->wall_us;
			break;
		case RATIO:
			values[i] = s->wall_us / stat_samples[0][i].wall_us;
			break;
		}
	}
	return propagation_of(values, rounds);
}

void stat_begin(const char *path)
{
	int out = fcntl(1, F_DUPFD_CLOEXEC, 3);

	table = out < 0 ? NULL : fdopen(out, "we");
	json = fopen(path, "we");
	if (!table || !json)
		bench_die("%s: %m", path);
	setvbuf(table, NULL, _IOLBF, 0);
	fprintf(table, "%-34s %-10s %5s %9s %9s %9s %8s %8s %7s %5s  %5s\n", "", "", "runs",
		"median", "p10", "p90", "user", "system", "peak", "CPU", "ratio");
	fprintf(table, "%-34s %-10s %5s %9s %9s %9s %8s %8s %7s\n", "", "", "", "us", "us",
		"us", "us", "us", "KiB");
	fprintf(json, "[\n");
}

/* Mean CPU time of a run: of the program and of the children that it has waited for. */
static double cpu_of(unsigned side, unsigned rounds)
{
	double sum = 0;

	for (unsigned i = 0; i < rounds; i++)
		sum += (double)stat_samples[side][i].user_us +
		       (double)stat_samples[side][i].sys_us;
	return sum / rounds;
}

static void begin_object(const struct row *row)
{
	fprintf(json, "%s{\"row\": \"%s\"", n_rows++ ? ",\n" : "", row->name);
	if (row->gate > 0)
		fprintf(json, ", \"gate\": %.2f", row->gate);
}

static void print_side(const struct row *row, unsigned k, unsigned rounds, double gate)
{
	struct propagation wall = propagation_of_side(k, rounds, WALL);
	struct propagation ratio = propagation_of_side(k, rounds, RATIO);
	double user = 0, sys = 0;
	unsigned peak = 0;

	for (unsigned i = 0; i < rounds; i++) {
		const struct sample *s = &stat_samples[k][i];

		/* Means: a kernel that accounts by the tick is right in the long run only. */
		user += (double)s->user_us / rounds;
		sys += (double)s->sys_us / rounds;
		peak = s->peak_kib > peak ? s->peak_kib : peak;
	}
	fprintf(table, "%-34s %-10s %5u %9.0f %9.0f %9.0f %8.0f %8.0f %7u", k ? "" : row->name,
		row->side[k].label, rounds, wall.median, wall.low, wall.high, user, sys, peak);
	fprintf(json,
		"%s\n  {\"side\": \"%s\", \"runs\": %u, \"median_us\": %.1f, \"p10_us\": %.1f, "
		"\"p90_us\": %.1f, \"user_us\": %.1f, \"system_us\": %.1f, \"peak_kib\": %u",
		k ? "," : "", row->side[k].label, rounds, wall.median, wall.low, wall.high,
		user, sys, peak);
	if (k) {
		fprintf(table, " %5.2f  %5.2f (%.2f-%.2f)",
			cpu_of(k, rounds) / cpu_of(0, rounds), ratio.median, ratio.low,
			ratio.high);
		fprintf(json,
			", \"cpu_ratio\": %.3f, \"ratio\": %.3f, \"ratio_p10\": %.3f, "
			"\"ratio_p90\": %.3f",
			cpu_of(k, rounds) / cpu_of(0, rounds), ratio.median, ratio.low,
			ratio.high);
	}
	if (k && gate > 0)
		fprintf(table, " %s %.1f", ratio.median <= gate ? "<=" : "MORE THAN", gate);
	fprintf(table, "\n");
	fprintf(json, "}");
}

int stat_row(const struct row *row, unsigned rounds)
{
	int holds = 1;

	begin_object(row);
	fprintf(json, ", \"sides\": [");
	for (unsigned k = 0; k < row->n_sides; k++)
		/* The gate is for the second side; others are there to be seen beside it. */
		print_side(row, k, rounds, k == 1 ? row->gate : 0);
	if (row->gate > 0 && row->n_sides > 1)
		holds = propagation_of_side(1, rounds, RATIO).median <= row->gate;
	fprintf(json, "]%s}",
		row->gate <= 0 ? ""
		: holds        ? ", \"holds\": true"
			       : ", \"holds\": false");
	return holds;
}

void stat_left_out(const struct row *row, const char *why)
{
	fprintf(table, "%-34s left out: %s\n", row->name, why);
	begin_object(row);
	fprintf(json, ", \"left_out\": \"%s\"}", why);
}

void stat_end(void)
{
	fprintf(json, "\n]\n");
	if (fclose(json) != 0 || fclose(table) != 0)
		bench_die("the results cannot be written: %m");
}
