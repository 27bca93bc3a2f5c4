/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be measured, a line each:
 *
 *   row NAME...
 *   gate NUMBER               what the paired ratio may be
 *   target keep|fresh [all]   a process in a network namespace (all: in seven), the same for
 * all runs or a new one for each fresh DIR                 a new tmpfs there for each run run
 * LABEL COMMAND...      the first is what the others are compared with before LABEL COMMAND...
 * not timed; LABEL "*": for all of those that were named after LABEL COMMAND... expect LABEL
 * [mounts=N] [here=N] [there=N] [dirs=N] end
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static char text[16384];
static size_t used;
static FILE *rows;

void row_init(void)
{
	int in = fcntl(0, F_DUPFD_CLOEXEC, 3);

	rows = in < 0 ? NULL : fdopen(in, "r");
	if (!rows)
		bench_die("the rows: %m");
}

static char *keep(const char *what)
{
	size_t len = strlen(what) + 1;
	char *at = text + used;

	if (used + len > sizeof text)
		bench_die("a row has too much text");
	memcpy(at, what, len);
	used += len;
	return at;
}

/* The words that are left of a line. */
static void take_command(struct command *ret)
{
	unsigned n = 0;
	char *word;

	while ((word = strtok(NULL, " \t\n"))) {
		if (n == ARGS_MAX)
			bench_die("a command has too many words");
		ret->argv[n++] = keep(word);
	}
	ret->argv[n] = NULL;
	if (n == 0)
		bench_die("a command is empty");
}

static void take_step(struct command *steps)
{
	unsigned n = 0;

	while (n < STEPS_MAX && steps[n].argv[0])
		n++;
	if (n == STEPS_MAX)
		bench_die("a side has too many steps");
	take_command(&steps[n]);
}

static void take_scene(struct scene *ret)
{
	char *word;

	while ((word = strtok(NULL, " \t\n"))) {
		if (sscanf(word, "mounts=%ld", &ret->mounts) != 1 &&
			sscanf(word, "here=%ld", &ret->here) != 1 &&
			sscanf(word, "there=%ld", &ret->there) != 1 &&
			sscanf(word, "dirs=%ld", &ret->dirs) != 1)
			bench_die("'%s': nothing to expect", word);
	}
}

static void take_target(struct row *row)
{
	const char *word = strtok(NULL, " \t\n");

	row->target = word && strcmp(word, "fresh") == 0 ? TARGET_FRESH : TARGET_KEEP;
	word = strtok(NULL, " \t\n");
	row->target_all = word && strcmp(word, "all") == 0;
}

static void take_run(struct row *row, const char *label)
{
	struct side *side = &row->side[row->n_sides];

	if (row->n_sides++ == SIDES_MAX)
		bench_die("a row has too many sides");
	side->label = keep(label);
	take_command(&side->run);
}

/* A line about a side, or about each. */
static void take_about(struct row *row, const char *word, const char *label)
{
	char rest[4096];
	const char *line = strtok(NULL, "\n");
	int found = 0;

	for (unsigned i = 0; i < row->n_sides; i++) {
		struct side *side = &row->side[i];

		if (strcmp(label, "*") != 0 && strcmp(label, side->label) != 0)
			continue;
		found = 1;
		/* strtok takes it apart anew for each. */
		snprintf(rest, sizeof rest, "- %s", line ? line : "");
		strtok(rest, " ");
		if (strcmp(word, "before") == 0)
			take_step(side->before);
		else if (strcmp(word, "after") == 0)
			take_step(side->after);
		else
			take_scene(&side->change);
	}
	if (!found)
		bench_die("'%s %s': no such side", word, label);
}

static void take_line(struct row *row, const char *word)
{
	const char *label;

	if (strcmp(word, "target") == 0) {
		take_target(row);
		return;
	}
	label = strtok(NULL, strcmp(word, "row") == 0 ? "\n" : " \t\n");
	if (!label)
		bench_die("'%s' wants a word", word);
	if (strcmp(word, "row") == 0)
		row->name = keep(label);
	else if (strcmp(word, "gate") == 0)
		row->gate = strtod(label, NULL);
	else if (strcmp(word, "fresh") == 0)
		row->fresh = keep(label);
	else if (strcmp(word, "run") == 0)
		take_run(row, label);
	else if (strcmp(word, "before") == 0 || strcmp(word, "after") == 0 ||
		 strcmp(word, "expect") == 0)
		take_about(row, word, label);
	else
		bench_die("'%s': no such line", word);
}

int row_read(struct row *ret)
{
	char line[4096];

	memset(ret, 0, sizeof *ret);
	used = 0;
	while (fgets(line, sizeof line, rows)) {
		const char *word = strtok(line, " \t\n");

		if (!word || word[0] == '#')
			continue;
		if (strcmp(word, "end") == 0) {
			if (!ret->name || ret->n_sides == 0)
				bench_die("a row without a name, or without a side");
			return 1;
		}
		take_line(ret, word);
	}
	if (ret->name)
		bench_die("row '%s' has no end", ret->name);
	return 0;
}
