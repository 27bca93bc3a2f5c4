/* SPDX-License-Identifier: Apache-2.0 */
/* The driver of the benchmark: bench.c has the rounds, bench_row.c reads what is to be
 * measured, bench_run.c starts programs and looks at the machine, bench_stat.c counts and
 * prints. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* vestibule's exit status: this version or this kernel cannot. */
#define UNSUPPORTED 6
#define SIDES_MAX 6
#define STEPS_MAX 6
#define ARGS_MAX 24
#define ROUNDS_MAX 1000

/* What can be seen of the machine, as numbers; what a run is to change of it. */
struct scene {
	long mounts, here, there, dirs;
};

struct command {
	char *argv[ARGS_MAX + 1]; /* argv[0] NULL: none */
};

/* One of the programs that are compared. The first is what the others are compared with. */
struct side {
	char *label;
	struct command run;
	struct command before[STEPS_MAX], after[STEPS_MAX]; /* not timed */
	struct scene change;
};

enum target { TARGET_NONE, TARGET_KEEP, TARGET_FRESH };

struct row {
	char *name;
	double gate; /* of the median of the paired ratios; 0: none */
	enum target target;
	int target_all; /* all namespaces, not only the network's */
	char *fresh;    /* a tmpfs that is new for each run, and whose directories count */
	struct side side[SIDES_MAX];
	unsigned n_sides;
};

struct sample {
	float wall_us, user_us, sys_us;
	unsigned peak_kib;
	int status;
};

/* Ends the program, and the benchmark with it: a figure of a run that did not do what it should
 * is none. */
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The rows come from stdin, and what is run does not. */
void row_init(void);

/* Reads the next row; 0 at its end. Keeps the text until the next call. */
int row_read(struct row *ret);

/* Where the output of what is run goes; what is in it, as one line. */
void run_init(void);
const char *run_said(void);

/* Starts the program and waits for it. Environment: PATH alone. "%p" is the target's pid. */
void run_timed(const struct command *command, struct sample *ret);

/* Several, not timed: 0, or the status of one that says that it is not supported. What fails in
 * any other way ends the benchmark. */
int run_steps(const struct command *commands);

/* The process that stands for the container, in namespaces of its own. */
void target_start(int all);
void target_end(void);

void scene_look(const char *dirs, struct scene *ret);

/* Waits until it is as before: what the kernel takes down by and by has 20 seconds. */
void scene_wait(const char *dirs, const struct scene *before, const char *what);

/* Samples of a row: of side k, round i. */
extern struct sample stat_samples[SIDES_MAX][ROUNDS_MAX];

void stat_begin(const char *json);
/* A line of the table for each side, and an object in the file. Returns whether the gate holds.
 */
int stat_row(const struct row *row, unsigned rounds);
/* A row that could not be measured, and why. */
void stat_left_out(const struct row *row, const char *why);
void stat_end(void);
