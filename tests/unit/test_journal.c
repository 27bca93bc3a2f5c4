/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's records: what is written is read again, and nothing else ever is. */
#include "journal_sample.h"
#include "no_rights.h"

#include <stdio.h>

static void test_round_trip(void **state)
{
	struct journal journal = opened();
	struct stat st;

	(void)state;
	assert_int_equal(journal_first(&journal), 0);
	assert_int_equal(journal_last(&journal), 0);
	write_sample(&journal);
	assert_int_equal(check_sample(&journal), RECORDS);
	journal_close(&journal);
	assert_int_equal(journal.fd, -1);

	assert_int_equal(fstatat(dir, FILE_NAME, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	journal = opened();
	assert_int_equal(check_sample(&journal), RECORDS);
	assert_int_equal(journal.used, st.st_size);
	assert_int_equal(journal.run, 0);
	journal_close(&journal);
	assert_true(file_exists());
}

/* KiB of a file that are in our memory. */
static unsigned long mapped_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long of_files = 0, of_memory = 0;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		sscanf(line, "RssFile: %lu kB", &of_files);
		sscanf(line, "RssShmem: %lu kB", &of_memory);
	}
	fclose(file);
	return of_files + of_memory;
}

/* A long one is not all in memory: not while it is written, not when it is closed or opened. */
static void test_long_ones_are_let_go_of(void **state)
{
	struct journal journal = opened();
	unsigned long before = mapped_kib();
	uint32_t pin, place, n = 0;

	(void)state;
	begin(&journal, 1);
	pin = append_pin(&journal, "/a");
	do
		append_dir(&journal, pin, "b");
	while (++n, journal.used < 4 << 20);
	assert_in_range(mapped_kib(), before, before + 600);
	journal_close(&journal);
	journal = opened();
	assert_in_range(mapped_kib(), before, before + 600);
	for (place = journal_first(&journal); place; place = journal_next(&journal, place))
		n--;
	assert_int_equal(n + 2, 0); /* the run's and the pin's are there, too */
	journal_close(&journal);
}

static void test_closing_what_was_never_opened(void **state)
{
	struct journal journal = {.fd = -1};

	(void)state;
	journal_close(&journal);
	assert_int_equal(journal.fd, -1);
}

/* What holds a journal, and what does not. */
static void test_nothing_held_is_removed(void **state)
{
	struct journal journal = opened();
	uint32_t pin, place;

	(void)state;
	assert_true(file_exists());
	journal_close(&journal);
	assert_false(file_exists());

	journal = opened();
	begin(&journal, 1);
	pin = append_pin(&journal, "/a");
	append_mount(&journal, pin, "b");
	journal_end(&journal, JOURNAL_UNDONE);
	journal_close(&journal);
	assert_false(file_exists());

	journal = opened();
	begin(&journal, 1);
	append_dir(&journal, append_pin(&journal, "/a"), "b");
	journal_end(&journal, JOURNAL_DONE);
	journal_close(&journal);
	assert_false(file_exists());

	journal = opened();
	begin(&journal, 1);
	place = append_mount(&journal, append_pin(&journal, "/a"), "b");
	journal_done(&journal, place, NULL, 0);
	journal_end(&journal, JOURNAL_DONE);
	journal_close(&journal);
	assert_true(file_exists());

	journal = opened();
	journal_undone(&journal, place);
	journal_close(&journal);
	assert_false(file_exists());
}

static void test_unfinished(void **state)
{
	struct journal journal = opened();
	uint32_t first;

	(void)state;
	assert_int_equal(journal_unfinished(&journal), 0);
	begin(&journal, 1);
	first = journal.run;
	assert_int_equal(journal_unfinished(&journal), 0);
	journal_close(&journal);
	assert_true(file_exists());

	journal = opened();
	assert_int_equal(journal_unfinished(&journal), first);
	begin(&journal, 1);
	append_mount(&journal, append_pin(&journal, "/a"), "b");
	assert_int_equal(journal_unfinished(&journal), first);
	journal_end(&journal, JOURNAL_DONE);
	journal_close(&journal);

	journal = opened();
	assert_int_equal(journal_unfinished(&journal), first);
	journal.run = first;
	journal_end(&journal, JOURNAL_UNDONE);
	journal.run = 0;
	assert_int_equal(journal_unfinished(&journal), 0);
	journal_close(&journal);
	assert_true(file_exists());
}

/* A bundle that is attached and detached for ever does not fill its journal. */
static void test_runs_that_hold_nothing_are_cut_off(void **state)
{
	struct journal journal = opened();
	struct stat before, after;

	(void)state;
	write_sample(&journal);
	journal_close(&journal);
	assert_int_equal(fstatat(dir, FILE_NAME, &before, 0), 0);
	for (unsigned i = 0; i < 3; i++) {
		journal = opened();
		begin(&journal, 2);
		journal_undone(
			&journal, append_mount(&journal, append_pin(&journal, "/a"), "b"));
		journal_end(&journal, JOURNAL_DONE);
		begin(&journal, 2);
		journal_end(&journal, JOURNAL_UNDONE);
		journal_close(&journal);
		assert_int_equal(fstatat(dir, FILE_NAME, &after, 0), 0);
		assert_int_equal(after.st_size, before.st_size);
	}
	journal = opened();
	assert_int_equal(check_sample(&journal), RECORDS);
	/* A run in between stays. */
	begin(&journal, 2);
	journal_end(&journal, JOURNAL_UNDONE);
	begin(&journal, 2);
	append_mount(&journal, append_pin(&journal, "/a"), "b");
	journal_end(&journal, JOURNAL_DONE);
	journal_close(&journal);
	journal = opened();
	assert_true(journal.used > (size_t)before.st_size + 3 * sizeof(struct rec_run));
	journal_close(&journal);
}

/* Ten thousand directories of a finished run are of no use to anybody: they go. */
static void test_records_that_hold_nothing_are_cut_off(void **state)
{
	struct journal journal = opened();
	size_t held;
	uint32_t pin;

	(void)state;
	begin(&journal, 1);
	pin = append_pin(&journal, "/a");
	journal_done(&journal, append_mount(&journal, pin, "b"), NULL, 0);
	held = journal.used;
	append_dir(&journal, pin, "c");
	append_dir(&journal, pin, "d");
	journal_close(&journal);
	/* Unfinished: all of it is needed. */
	journal = opened();
	assert_true(journal.used > held);
	journal_end_run(&journal, journal_first(&journal), JOURNAL_DONE);
	journal_close(&journal);
	journal = opened();
	assert_int_equal(journal.used, held);
	journal_close(&journal);
}

/* Marks the bytes that say nothing: behind the path, the place of a result that is not there,
 * behind the records and their end. */
static void mark_harmless(const unsigned char *bytes, size_t used, size_t len, char *harmless)
{
	size_t path_end = offsetof(struct journal_header, path) + journal_pad(sizeof BUNDLE);
	struct journal_head head;

	memset(harmless + path_end, 1, JOURNAL_FIRST - path_end);
	memset(harmless + used + sizeof head.mark, 1, len - used - sizeof head.mark);
	for (size_t place = JOURNAL_FIRST; place < used; place += head.mark & 0xffff) {
		size_t result;

		memcpy(&head, bytes + place, sizeof head);
		result = place + sizeof head + journal_pad(head.body_len);
		if (head.state == JOURNAL_STATE_WORD(JOURNAL_DONE) && head.result_len)
			continue;
		memset(harmless + place + offsetof(struct journal_head, result_sum), 1,
			sizeof head.result_sum);
		memset(harmless + result, 1, journal_pad(head.result_len));
	}
}

static void test_every_byte_damaged(void **state)
{
	static unsigned char bytes[16384];
	static char harmless[16384];
	static const unsigned char values[] = {0x00, 0xff, 'I', 'D', 'U', 0x08};
	size_t used, len = sample_bytes(bytes, sizeof bytes, &used);

	(void)state;
	mark_harmless(bytes, used, len, harmless);
	for (size_t at = 0; at < len; at++) {
		unsigned char good = bytes[at];

		/* Where nothing is, a few bytes will do. */
		if ((at < JOURNAL_FIRST || at > used) && harmless[at] && at % 61)
			continue;
		for (size_t i = 0; i < sizeof values + 8; i++) {
			struct journal journal;
			struct vst_err err;

			bytes[at] = (unsigned char)(i < 8 ? good ^ 1 << i : values[i - 8]);
			if (bytes[at] == good)
				continue;
			put_file(bytes, len);
			if (journal_open(&journal, dir, &key, BUNDLE, &err) < 0) {
				assert_int_equal(err.exit, VST_EXIT_CONFLICT);
				if (harmless[at])
					fail_msg("byte %zu says nothing: %s", at, err.text);
				continue;
			}
			if (!harmless[at] || check_sample(&journal) != RECORDS)
				fail_msg("byte %zu: damage was not seen", at);
			munmap(journal.map, VST_JOURNAL_MAX);
			close(journal.fd);
		}
		bytes[at] = good;
	}
}

/* What a kill left behind the records is not taken for one later. */
static void test_leftovers_are_cut_off(void **state)
{
	static unsigned char bytes[16384];
	size_t used, len = sample_bytes(bytes, sizeof bytes, &used);

	(void)state;
	for (size_t cut = 0; cut < 16; cut++) {
		struct journal journal;

		memset(bytes + used + 4, 0xa5, len - used - 4);
		put_file(bytes, len - cut);
		journal = opened();
		assert_int_equal(check_sample(&journal), RECORDS);
		begin(&journal, 1);
		munmap(journal.map, VST_JOURNAL_MAX);
		close(journal.fd);
		journal = opened();
		assert_int_equal(journal_unfinished(&journal), used);
		assert_int_equal(journal_next(&journal, (uint32_t)used), 0);
		journal_close(&journal);
	}
}

static void test_every_truncation(void **state)
{
	static unsigned char bytes[16384];
	size_t used, len = sample_bytes(bytes, sizeof bytes, &used);
	unsigned seen = 0;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		struct journal journal;
		unsigned n;

		put_file(bytes, cut);
		journal = opened();
		n = check_sample(&journal);
		assert_true(n == seen || n == seen + 1);
		seen = n;
		assert_true(journal.used <= cut);
		assert_true(cut < used || n == RECORDS);
		/* What was cut short is no record, and a new one takes its place. */
		if (cut % 16 == 1) {
			begin(&journal, 1);
			append_dir(&journal, append_pin(&journal, "/x"), "y");
			munmap(journal.map, VST_JOURNAL_MAX);
			close(journal.fd);
			journal = opened();
			assert_int_not_equal(journal_unfinished(&journal), 0);
		}
		munmap(journal.map, VST_JOURNAL_MAX);
		close(journal.fd);
	}
	assert_int_equal(seen, RECORDS);
}

/* Makes `place` consistent again after the test has changed its head or body. */
static void seal(struct journal *journal, uint32_t place)
{
	struct journal_head *head = journal_head(journal, place);

	head->sum = journal_head_sum(head);
}

/* Records whose checksums are right and that no run would write. */
static void test_lies_with_a_right_checksum(void **state)
{
	(void)state;
	for (unsigned lie = 0; lie < 14; lie++) {
		struct journal journal = opened();
		uint32_t place[RECORDS], n = 0;
		struct journal_head *head[RECORDS];

		write_sample(&journal);
		for (uint32_t at = journal_first(&journal); at;
			at = journal_next(&journal, at), n++) {
			place[n] = at;
			head[n] = journal_head(&journal, at);
		}
		switch (lie) {
		case 0: /* not a record */
			((struct rec_dir *)(void *)(head[2] + 1))->pin = place[1] + 8;
			break;
		case 1: /* not a pin */
			((struct rec_dir *)(void *)(head[2] + 1))->pin = place[0];
			break;
		case 2: /* later, and itself */
			((struct rec_mount *)(void *)(head[4] + 1))->pin = place[7];
			break;
		case 3:
			((struct rec_mount *)(void *)(head[4] + 1))->pin = place[4];
			break;
		case 4: /* beyond the file */
			((struct rec_mount *)(void *)(head[4] + 1))->pin = 0xfffffff8u;
			break;
		case 5: /* no NUL */
			journal_body(head[1])[head[1]->body_len - 1] = 'x';
			break;
		case 6: /* a NUL too many */
			journal_body(head[1])[head[1]->body_len - 3] = '\0';
			break;
		case 7: /* not absolute */
			journal_body(head[1])[sizeof(struct rec_pin)] = 'x';
			break;
		case 8:
			head[3]->prev = place[1];
			break;
		case 9:
			head[3]->kind = JOURNAL_MOVE + 1;
			break;
		case 10: /* another kind of the same size */
			head[5]->kind = JOURNAL_RUN;
			head[5]->body_len += 8;
			break;
		case 11:
			memset(((struct rec_link *)(void *)(head[5] + 1))->name, 'x', 16);
			break;
		case 13: /* no run, and as long as one */
			head[0]->kind = JOURNAL_PIN;
			memset(journal_body(head[0]), 'x', head[0]->body_len - 1);
			journal_body(head[0])[sizeof(struct rec_pin)] = '/';
			journal_body(head[0])[head[0]->body_len - 1] = '\0';
			break;
		case 12:
			((struct rec_move *)(void *)(head[7] + 1))->state_len = 4;
			break;
		}
		for (n = 0; n < RECORDS; n++)
			seal(&journal, place[n]);
		munmap(journal.map, VST_JOURNAL_MAX);
		close(journal.fd);
		refused(VST_EXIT_CONFLICT);
		assert_int_equal(unlinkat(dir, FILE_NAME, 0), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_long_ones_are_let_go_of),
		TEST(test_closing_what_was_never_opened),
		TEST(test_nothing_held_is_removed),
		TEST(test_unfinished),
		TEST(test_runs_that_hold_nothing_are_cut_off),
		TEST(test_records_that_hold_nothing_are_cut_off),
		TEST(test_every_byte_damaged),
		TEST(test_leftovers_are_cut_off),
		TEST(test_every_truncation),
		TEST(test_lies_with_a_right_checksum),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
