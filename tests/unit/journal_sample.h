/* SPDX-License-Identifier: Apache-2.0 */
/* Journals for tests: a directory, a bundle, and a run with a record of each kind. */
#pragma once

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "privileged/journal/journal.h"
#include "privileged/journal/journal_form.h"

#define BUNDLE "/containers/onboot/000-dhcp"
#define RECORDS 8

static const struct journal_key key = {
	.bundle_dev = 0xfd01,
	.bundle_ino = 4711,
	.mntns_ino = 4026531841,
	.mntns_id = 77,
	.boot_id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
};
#define FILE_NAME "fd01-1267.journal"

static char dir_path[64];
static int dir = -1;

static inline int setup(void **state)
{
	(void)state;
	/* In memory, as /run is; anything else will do, but takes a minute. */
	strcpy(dir_path, "/dev/shm/vestibule-journal.XXXXXX");
	if (!mkdtemp(dir_path) && !mkdtemp(strcpy(dir_path, "/tmp/vestibule-journal.XXXXXX")))
		return -1;
	dir = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static inline int teardown(void **state)
{
	(void)state;
	unlinkat(dir, FILE_NAME, 0);
	unlinkat(dir, FILE_NAME, AT_REMOVEDIR);
	unlinkat(dir, "other", 0);
	close(dir);
	return rmdir(dir_path);
}

static inline struct journal opened(void)
{
	struct vst_err err;
	struct journal journal;

	if (journal_open(&journal, dir, &key, BUNDLE, &err) < 0)
		fail_msg("%s", err.text);
	return journal;
}

/* Opens, expecting a refusal. */
static inline struct vst_err refused(enum vst_exit status)
{
	struct vst_err err;
	struct journal journal;

	assert_int_equal(journal_open(&journal, dir, &key, BUNDLE, &err), -1);
	assert_int_equal(err.exit, status);
	assert_non_null(strstr(err.text, FILE_NAME));
	assert_int_equal(journal.fd, -1);
	assert_null(journal.map);
	return err;
}

static inline int file_exists(void)
{
	return faccessat(dir, FILE_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline void begin(struct journal *journal, uint32_t verb)
{
	struct rec_run run = {.verb = verb, .pid = 42, .plan_hash = 0x1122334455667788u};
	struct vst_err err;

	if (journal_begin(journal, &run, 4096, &err) < 0)
		fail_msg("%s", err.text);
}

static inline uint32_t append(struct journal *journal, enum journal_kind kind, const void *head,
	size_t head_len, const char *tail, size_t tail_len, size_t result_len)
{
	struct vst_err err;
	uint32_t place = 0;

	if (journal_append(journal, kind, head, head_len, tail, tail_len, result_len, &place,
		    &err) < 0)
		fail_msg("%s", err.text);
	assert_int_not_equal(place, 0);
	return place;
}

static inline uint32_t append_pin(struct journal *journal, const char *path)
{
	struct rec_pin pin = {.dev = 1, .ino = 2};

	return append(journal, JOURNAL_PIN, &pin, sizeof pin, path, strlen(path) + 1, 0);
}

static inline uint32_t append_dir(struct journal *journal, uint32_t pin, const char *rest)
{
	struct rec_dir rec = {.born_after = 99, .pin = pin, .uid = 0};

	return append(journal, JOURNAL_DIR, &rec, sizeof rec, rest, strlen(rest) + 1,
		sizeof(struct rec_dir_result));
}

static inline uint32_t append_mount(struct journal *journal, uint32_t pin, const char *rest)
{
	struct rec_mount rec = {.mnt_id = 1u << 31, .flags = REC_MOUNT_UNIQUE, .pin = pin};

	return append(journal, JOURNAL_MOUNT, &rec, sizeof rec, rest, strlen(rest) + 1, 0);
}

/* A run with a record of each kind, in states of each kind, left open. */
static inline void write_sample(struct journal *journal)
{
	struct rec_file file = {.born_after = 5};
	struct rec_link link = {.cookie = 6, .name = "eth0", .kind = "veth"};
	struct rec_move move = {.ifindex = 3, .state_len = 5, .name = "eth1"};
	struct rec_dir_result dir_result = {.first = 1, .n = 2, .ino = 3};
	struct rec_file_result file_result = {.dev = 8, .ino = 9};
	uint32_t pin, place;

	begin(journal, 1);
	pin = append_pin(journal, "/containers");
	place = append_dir(journal, pin, "a/b");
	journal_done(journal, place, &dir_result, sizeof dir_result);
	file.pin = pin;
	place = append(journal, JOURNAL_FILE, &file, sizeof file, "ns", 3, sizeof file_result);
	journal_done(journal, place, &file_result, sizeof file_result);
	journal_undone(journal, place);
	place = append_mount(journal, pin, "rootfs");
	journal_done(journal, place, NULL, 0);
	append(journal, JOURNAL_LINK, &link, sizeof link, NULL, 0, 0);
	append_dir(journal, pin, "c");
	append(journal, JOURNAL_MOVE, &move, sizeof move, "\1\2\3\0\5", 5, 0);
	journal_end(journal, JOURNAL_DONE);
}

/* Number of records; each has to be that of write_sample. */
static inline unsigned check_sample(const struct journal *journal)
{
	static const struct {
		enum journal_kind kind;
		enum journal_state state;
		size_t body_len;
		const char *tail;
	} want[RECORDS] = {
		{JOURNAL_RUN, JOURNAL_DONE, sizeof(struct rec_run), NULL},
		{JOURNAL_PIN, JOURNAL_INTENT, sizeof(struct rec_pin) + 12, "/containers"},
		{JOURNAL_DIR, JOURNAL_DONE, sizeof(struct rec_dir) + 4, "a/b"},
		{JOURNAL_FILE, JOURNAL_UNDONE, sizeof(struct rec_file) + 3, "ns"},
		{JOURNAL_MOUNT, JOURNAL_DONE, sizeof(struct rec_mount) + 7, "rootfs"},
		{JOURNAL_LINK, JOURNAL_INTENT, sizeof(struct rec_link), NULL},
		{JOURNAL_DIR, JOURNAL_INTENT, sizeof(struct rec_dir) + 2, "c"},
		{JOURNAL_MOVE, JOURNAL_INTENT, sizeof(struct rec_move) + 5, "\1\2\3"},
	};
	uint32_t place = journal_first(journal), prev = 0;
	unsigned n = 0;

	for (; place; prev = place, place = journal_next(journal, place), n++) {
		struct journal_rec rec;

		assert_true(n < RECORDS);
		journal_read(journal, place, &rec);
		assert_int_equal(rec.place, place);
		assert_int_equal(rec.kind, want[n].kind);
		assert_int_equal(rec.state, want[n].state);
		assert_int_equal(rec.body_len, want[n].body_len);
		assert_int_equal(journal_prev(journal, place), prev);
		if (want[n].tail)
			assert_string_equal((const char *)rec.body + rec.body_len -
						    (n == 7 ? 5 : strlen(want[n].tail) + 1),
				want[n].tail);
		if (n == 0)
			assert_true(((const struct rec_run *)rec.body)->plan_hash ==
				    0x1122334455667788u);
		if (n == 2) {
			const struct rec_dir_result *result = rec.result;

			assert_non_null(result);
			assert_int_equal(rec.result_len, sizeof *result);
			assert_int_equal(result->first, 1);
			assert_int_equal(result->n, 2);
			assert_int_equal(result->ino, 3);
		} else {
			assert_null(rec.result);
		}
	}
	assert_int_equal(journal_last(journal), prev);
	return n;
}

/* The file of write_sample, as a kill would leave it: with its reserve. */
static inline size_t sample_bytes(unsigned char *bytes, size_t size, size_t *ret_used)
{
	struct journal journal = opened();
	struct stat st;
	ssize_t n;

	write_sample(&journal);
	assert_int_equal(fstat(journal.fd, &st), 0);
	assert_true((size_t)st.st_size <= size);
	n = pread(journal.fd, bytes, size, 0);
	assert_int_equal(n, st.st_size);
	*ret_used = journal.used;
	journal_close(&journal);
	return (size_t)n;
}

static inline void put_file(const unsigned char *bytes, size_t len)
{
	int fd = openat(dir, FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}
