/* SPDX-License-Identifier: Apache-2.0 */
/* Builds real journals record by record. Tests name records by number, in the order in which
 * they were appended. */
#pragma once

#include "journal_sample.h"

#define RECORDS_MAX 32

static struct journal journal;
static uint32_t places[RECORDS_MAX];
static unsigned n_records;

static inline int note_place(uint32_t place)
{
	assert_true(n_records < RECORDS_MAX);
	places[n_records] = place;
	return (int)n_records++;
}

static inline int number_of(const struct journal_rec *rec)
{
	for (unsigned i = 0; i < n_records; i++)
		if (places[i] == rec->place)
			return (int)i;
	fail_msg("no record of the test's");
	return -1;
}

/* Appends a run's record; the run before it may be unfinished. */
static inline int put_run(uint32_t verb)
{
	journal.run = 0;
	begin(&journal, verb);
	return note_place(journal.run);
}

/* Appends this run's record, committed or unfinished. */
static inline int put_run_of(const struct rec_run *run, int is_committed)
{
	struct vst_err err;

	journal.run = 0;
	if (journal_begin(&journal, run, 4096, &err) < 0)
		fail_msg("%s", err.text);
	if (is_committed)
		journal_end(&journal, JOURNAL_DONE);
	return note_place(journal.last);
}

static inline int put_pin(const char *path)
{
	return note_place(append_pin(&journal, path));
}

static inline int put_dir(int pin, const char *rest)
{
	return note_place(append_dir(&journal, places[pin], rest));
}

static inline int put_bound_file(int pin, const char *rest)
{
	const struct rec_file file = {.pin = places[pin]};

	return note_place(append(&journal, JOURNAL_FILE, &file, sizeof file, rest,
		strlen(rest) + 1, sizeof(struct rec_file_result)));
}

static inline int put_mount(int pin, const char *rest, uint64_t mnt_id, uint32_t flags)
{
	const struct rec_mount mount = {.mnt_id = mnt_id, .flags = flags, .pin = places[pin]};

	return note_place(append(
		&journal, JOURNAL_MOUNT, &mount, sizeof mount, rest, strlen(rest) + 1, 0));
}

static inline int put_change(int pin, const char *rest)
{
	const struct rec_change change = {.mnt_id = 5, .pin = places[pin]};

	return note_place(append(
		&journal, JOURNAL_CHANGE, &change, sizeof change, rest, strlen(rest) + 1, 0));
}

static inline int put_link(const char *name, uint32_t ifindex, uint32_t flags)
{
	struct rec_link link = {.ifindex = ifindex, .flags = flags, .kind = "veth"};

	strcpy(link.name, name);
	return note_place(append(&journal, JOURNAL_LINK, &link, sizeof link, NULL, 0, 0));
}

static inline int put_move(const char *name, uint32_t ifindex)
{
	struct rec_move move = {.ifindex = ifindex};

	strcpy(move.name, name);
	return note_place(append(&journal, JOURNAL_MOVE, &move, sizeof move, NULL, 0, 0));
}

/* Marks the record DONE, with a zero result. */
static inline void is_done(int number)
{
	const unsigned char result[64] = {0};
	struct journal_rec rec;

	journal_read(&journal, places[number], &rec);
	journal_done(&journal, places[number], result,
		rec.kind == JOURNAL_DIR    ? sizeof(struct rec_dir_result)
		: rec.kind == JOURNAL_FILE ? sizeof(struct rec_file_result)
					   : 0);
}

/* Returns one letter per record: INTENT, DONE or UNDONE. */
static inline const char *states(void)
{
	static char text[RECORDS_MAX + 1];

	memset(text, 0, sizeof text);
	for (unsigned i = 0; i < n_records; i++) {
		struct journal_rec rec;

		journal_read(&journal, places[i], &rec);
		text[i] = (char)rec.state;
	}
	return text;
}

/* What each test of the file begins with beside an empty journal. The file defines it. */
static void begin_world(void);

static inline int start(void **state)
{
	(void)state;
	n_records = 0;
	journal = opened();
	begin_world();
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	journal_close(&journal);
	unlinkat(dir, FILE_NAME, 0);
	return 0;
}

/* Within a test: everything as at its beginning. */
static inline void start_again(void)
{
	end(NULL);
	start(NULL);
}

/* An entry of the group; the group has setup and teardown. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
