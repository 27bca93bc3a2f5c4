/* SPDX-License-Identifier: Apache-2.0 */
/* Which mounts are copies of one that was just made, which may be, and which are somebody
 * else's; and what of them the journal has. The kernel's mounts come from the test. */
#include <stdio.h>

#include "mount_calls.h"
#include "no_rights.h"
#include "privileged/act/attach.h"
#include "privileged/act/copies.h"
#include "privileged/kernel/host.h"
#include "records.h"

#define BATCH 64
#define GROUPS_MAX 64

#define UNIQUE REC_MOUNT_UNIQUE
#define COPY (UNIQUE | REC_MOUNT_COPY)
#define UNSURE (COPY | REC_MOUNT_UNSURE)

/* The original: on a mount of group 1, which has a peer at /twin; a group of its own, 5. */
enum {
	PARENT = 10,
	TWIN = 11,
	ORIGINAL = 100,
};

static const struct mount scene[] = {
	{.id = PARENT, .group = 1, .root = "/", .point = "/w"},
	{.id = TWIN, .group = 1, .root = "/", .point = "/twin"},
	{.id = ORIGINAL,
		.parent = PARENT,
		.group = 5,
		.root = "/",
		.point = "/w/d/data",
		.minor = 40},
};

static int exists[RECORDS_MAX];

static struct vst_err err;

int host_is_named(const char *path)
{
	return strcmp(path, "/run") == 0;
}

int attach_exists(const struct rec_mount *rec, const char *rest)
{
	(void)rest;
	for (unsigned i = 0; i < n_records; i++) {
		struct journal_rec at;

		journal_read(&journal, places[i], &at);
		if (at.body == rec)
			return exists[i];
	}
	return -1;
}

static void begin_world(void)
{
	memset(&calls, 0, sizeof calls);
	for (size_t i = 0; i < sizeof scene / sizeof scene[0]; i++)
		add_mount(scene[i]);
	for (int i = 0; i < RECORDS_MAX; i++)
		exists[i] = 1;
	err.text[0] = '\0';
	put_run(1);
	put_pin("/w");
}

/* One more mount, as the kernel makes a copy at the twin. */
static struct mount *there_is(uint64_t id)
{
	return add_mount((struct mount){.id = id,
		.parent = TWIN,
		.group = 5,
		.root = "/",
		.point = "/twin/d/data",
		.minor = 40});
}

static struct rec_mount original = {.mnt_id = ORIGINAL, .flags = UNIQUE};

static int note(void)
{
	struct exec_run run = {.journal = &journal};

	original.pin = places[1];
	return copies_note(&run, &original, "d/data", &err);
}

/* The number of mounts that are journalled; the last of them is ret. */
static unsigned noted(struct rec_mount *ret)
{
	struct journal_rec rec;
	unsigned n = 0;

	for (uint32_t at = places[1]; (at = journal_next(&journal, at)); n++) {
		journal_read(&journal, at, &rec);
		assert_int_equal(rec.kind, JOURNAL_MOUNT);
		assert_int_equal(rec.state, JOURNAL_DONE);
		assert_string_equal((const char *)rec.body + sizeof *ret, "d/data");
		memcpy(ret, rec.body, sizeof *ret);
		assert_int_equal(ret->pin, places[1]);
	}
	return n;
}

/* The one mount that was added is noted with the flags; 0: it is not. */
static void is(uint32_t flags)
{
	struct rec_mount rec = {.flags = 0};

	if (note() < 0)
		fail_msg("%s", err.text);
	assert_int_equal(noted(&rec), flags != 0);
	assert_int_equal(rec.flags, flags);
	if (flags)
		assert_true(rec.mnt_id == calls.mounts[calls.n_mounts - 1].id);
	start_again();
}

static void none(void **state)
{
	(void)state;
	/* Nothing is newer: that is all there is to ask. */
	is(0);
	assert_int_equal(note(), 0);
	assert_int_equal(calls.n_lists, 1);
	assert_int_equal(calls.n_stats, 0);
	assert_true(calls.after[0] == ORIGINAL);
	/* Before 6.8 nothing tells. */
	there_is(101);
	original.flags = 0;
	assert_int_equal(note(), 0);
	original.flags = UNIQUE;
	assert_int_equal(calls.n_lists, 1);
	start_again();
	/* Beneath a private mount nothing is copied, whatever looks like it. */
	there_is(101);
	mount_of(PARENT)->is_private = 1;
	is(0);
	there_is(101);
	mount_of(ORIGINAL)->is_private = 1;
	is(0);
}

static void sure(void **state)
{
	(void)state;
	there_is(101);
	is(COPY);
	/* Whatever the peer shows of the file system, and wherever. */
	there_is(101)->point = "/twin/data";
	mount_of(TWIN)->root = "/d";
	is(COPY);
	there_is(101)->point = "/d/data";
	mount_of(TWIN)->point = "/";
	is(COPY);
	/* Its own root is another one than the original's. */
	there_is(101)->root = "/sub";
	is(COPY);
	/* In the bundle, where its own mount point is. */
	there_is(101)->point = BUNDLE "/rootfs/d/data";
	mount_of(TWIN)->point = BUNDLE "/rootfs";
	is(COPY | REC_MOUNT_BUNDLE);
	there_is(101)->point = BUNDLE "2/rootfs/d/data";
	mount_of(TWIN)->point = BUNDLE "2/rootfs";
	is(COPY);
}

static void somebody_elses(void **state)
{
	(void)state;
	/* Of another file system. */
	there_is(101)->minor = 41;
	is(0);
	/* Of other groups, or of none. */
	there_is(101)->group = 6;
	is(0);
	there_is(101)->is_private = 1;
	is(0);
	/* On a mount that has nothing to do with the original's. */
	there_is(101);
	mount_of(TWIN)->group = 2;
	is(0);
	/* At another place of a peer: a bind of it. */
	there_is(101)->point = "/twin/d/other";
	is(0);
	there_is(101)->point = "/twin/d/data2";
	is(0);
	/* Gone again, or not ours to look at. */
	there_is(101)->code = ENOENT;
	is(0);
	there_is(101)->code = EPERM;
	is(0);
	/* What came along in the original. */
	there_is(102);
	original.n_ids = 3;
	is(0);
	there_is(103);
	original.n_ids = 3;
	assert_int_equal(note(), 0);
	original.n_ids = 0;
	assert_int_equal(noted(&(struct rec_mount){0}), 1);
}

static void unsure(void **state)
{
	(void)state;
	/* The place is not told, of any of the four. */
	there_is(101)->point = NULL;
	is(UNSURE);
	there_is(101);
	mount_of(TWIN)->root = NULL;
	is(UNSURE);
	there_is(101);
	mount_of(TWIN)->point = NULL;
	is(UNSURE);
	there_is(101);
	mount_of(ORIGINAL)->point = NULL;
	is(UNSURE);
	/* Or makes no sense. */
	there_is(101)->point = "/twin2/d/data";
	is(UNSURE);
	there_is(101)->point = "d/data";
	is(UNSURE);
	there_is(101)->point = "/tw/d/data";
	is(UNSURE);
	there_is(101)->point = NULL;
	mount_of(TWIN)->point = "/";
	mount_of(TWIN)->root = "/d/data";
	is(UNSURE);
	/* What it is on cannot be looked at. */
	there_is(101);
	mount_of(TWIN)->code = EPERM;
	is(UNSURE);
	/* A recursive bind of the twin, newer than the original, has one just like it. */
	there_is(101)->parent = 102;
	*there_is(102) = (struct mount){
		.id = 102, .group = 1, .root = "/", .point = "/twin", .minor = 1};
	assert_int_equal(note(), 0);
	assert_int_equal(noted(&original), 1);
	assert_int_equal(original.flags, UNSURE);
	original = (struct rec_mount){.mnt_id = ORIGINAL, .flags = UNIQUE};
	start_again();
	/* A slave on a peer: somebody's bind. A peer on a slave likewise. */
	there_is(101)->group = 8;
	mount_of(101)->master = 5;
	is(UNSURE);
	there_is(101);
	mount_of(TWIN)->group = 0;
	mount_of(TWIN)->master = 1;
	is(UNSURE);
	/* On a slave of somebody whose groups are not known. */
	there_is(101);
	mount_of(TWIN)->group = 2;
	mount_of(TWIN)->master = 3;
	is(UNSURE);
	there_is(101)->group = 8;
	mount_of(101)->master = 5;
	mount_of(TWIN)->group = 2;
	mount_of(TWIN)->master = 3;
	is(UNSURE);
}

/* Copies for slaves, which have slaves themselves: each is known by the one before it. */
static void slaves(void **state)
{
	struct rec_mount rec;

	(void)state;
	/* Mounts with a group of their own and one on each; the nearest group that has a mount
	 * here is told as well. */
	for (int from = 0; from < 2; from++) {
		for (unsigned i = 0; i < 3; i++) {
			struct mount *copy, *parent = add_mount((struct mount){.id = 20 + i,
						    .group = 20 + i,
						    .root = "/",
						    .point = "/twin"});

			parent->master = i ? 20 + i - 1 : 1;
			if (from) {
				parent->from = parent->master;
				parent->master = 4000;
			}
			copy = there_is(101 + i);
			copy->parent = 20 + i;
			copy->group = 50 + i;
			copy->master = i ? 50 + i - 1 : 5;
			if (from) {
				copy->from = copy->master;
				copy->master = 5000;
			}
		}
		assert_int_equal(note(), 0);
		assert_int_equal(noted(&rec), 3);
		assert_true(rec.mnt_id == 103);
		assert_int_equal(rec.flags, COPY);
		start_again();
	}
	/* Without the one before it nothing leads there. */
	there_is(103)->group = 52;
	mount_of(103)->master = 51;
	is(0);
}

static void failures(void **state)
{
	(void)state;
	calls.fails_at = 1;
	assert_int_equal(note(), -1);
	assert_int_equal(err.code, ENOMEM);
	assert_non_null(strstr(err.text, "list what was mounted along with 'd/data'"));
	for (unsigned i = 0; i < 3; i++) {
		static const uint64_t of[] = {ORIGINAL, PARENT, 101};

		start_again();
		there_is(101);
		mount_of(of[i])->code = ENOMEM;
		assert_int_equal(note(), -1);
		assert_int_equal(err.exit, VST_EXIT_FAILED);
		assert_int_equal(err.code, ENOMEM);
		assert_non_null(strstr(err.text, "look what was mounted along with 'd/data'"));
		assert_int_equal(noted(&(struct rec_mount){0}), 0);
	}
}

/* What covers a directory of the host is journalled, to be taken back, and refused. */
static void covers_the_host(void **state)
{
	struct rec_mount rec;

	(void)state;
	there_is(101)->point = "/run";
	mount_of(TWIN)->root = "/d";
	mount_of(TWIN)->point = "/";
	mount_of(ORIGINAL)->point = "/w/d/run";
	there_is(102);
	assert_int_equal(note(), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(err.text, "mounted on 'd/data', it covers /run of the host"));
	assert_int_equal(noted(&rec), 1);
	assert_true(rec.mnt_id == 101);
}

static void many(void **state)
{
	struct rec_mount rec;

	(void)state;
	/* A list that is full has a next one, which may be empty. */
	for (uint64_t i = 0; i < BATCH; i++)
		there_is(101 + i)->minor = 41;
	assert_int_equal(note(), 0);
	assert_int_equal(calls.n_lists, 2);
	assert_true(calls.after[1] == 100 + BATCH);
	there_is(101 + BATCH);
	assert_int_equal(note(), 0);
	assert_int_equal(noted(&rec), 1);
	assert_true(rec.mnt_id == 101 + BATCH);
	/* More copies than groups. */
	start_again();
	for (uint64_t i = 0; i < GROUPS_MAX + 1; i++)
		there_is(101 + i);
	assert_int_equal(note(), 0);
	assert_int_equal(noted(&rec), GROUPS_MAX + 1);
	/* As many groups as there is room for, and one more. */
	for (unsigned more = 0; more < 2; more++) {
		start_again();
		for (uint64_t i = 0; i < GROUPS_MAX - 1 + more; i++) {
			struct mount *copy = there_is(1000 + i);

			mount_of(TWIN)->group = 1;
			copy->group = 2000 + i;
			copy->master = 5;
			copy->parent = 12;
		}
		add_mount((struct mount){.id = 12, .master = 1, .root = "/", .point = "/twin"});
		assert_int_equal(note(), more ? -1 : 0);
		if (more) {
			assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
			assert_non_null(strstr(err.text, "more than 64 peer groups"));
		}
	}
}

static int has_original(int number)
{
	struct journal_rec rec;

	journal_read(&journal, places[number], &rec);
	return copies_has_original(&journal, places[0], &rec);
}

static uint32_t flags_of(int number)
{
	struct journal_rec rec;

	journal_read(&journal, places[number], &rec);
	return copies_flags(&journal, &rec);
}

/* Mounts a (2) and b (5), and copies of each of them. */
static void put_copies(void)
{
	put_mount(1, "a", 100, UNIQUE);
	put_mount(1, "a", 101, COPY);
	put_mount(1, "a", 102, COPY);
	put_mount(1, "b", 103, UNIQUE);
	put_mount(1, "b", 104, COPY | REC_MOUNT_BUNDLE);
}

static void originals(void **state)
{
	struct journal_rec rec;

	(void)state;
	put_copies();
	for (int i = 2; i < 7; i++) {
		journal_read(&journal, places[i], &rec);
		assert_int_equal(copies_is(&rec), i != 2 && i != 5);
	}
	journal_read(&journal, places[1], &rec);
	assert_false(copies_is(&rec));
	assert_true(has_original(3) && has_original(4) && has_original(6));
	/* Whether it is there is not known: as if. */
	exists[2] = -1;
	assert_true(has_original(4));
	exists[2] = 0;
	assert_false(has_original(3) || has_original(4));
	assert_true(has_original(6));
	journal_undone(&journal, places[5]);
	assert_false(has_original(6));
	/* Of another run: none. */
	start_again();
	put_mount(1, "a", 100, UNIQUE);
	put_run(1);
	put_pin("/w");
	put_mount(4, "a", 101, COPY);
	journal_read(&journal, places[5], &rec);
	assert_false(copies_has_original(&journal, places[3], &rec));
}

static void flags(void **state)
{
	(void)state;
	put_copies();
	assert_int_equal(flags_of(2), UNIQUE);
	assert_int_equal(flags_of(5), UNIQUE | REC_MOUNT_BUNDLE);
	/* One that is perhaps somebody else's does not make it the bundle's. */
	start_again();
	put_mount(1, "a", 100, UNIQUE);
	put_mount(1, "a", 101, UNSURE | REC_MOUNT_BUNDLE);
	assert_int_equal(flags_of(2), UNIQUE);
	put_mount(1, "a", 102, COPY | REC_MOUNT_BUNDLE);
	assert_int_equal(flags_of(2), UNIQUE | REC_MOUNT_BUNDLE);
}

static void forgotten(void **state)
{
	(void)state;
	put_copies();
	put_dir(1, "d");
	for (int i = 2; i < 8; i++)
		exists[i] = 0;
	exists[3] = 1;
	exists[4] = -1;
	copies_forget(&journal, places[0]);
	assert_string_equal(states(), "IIIIIIUI");
	exists[3] = exists[4] = 0;
	copies_forget(&journal, places[0]);
	assert_string_equal(states(), "IIIUUIUI");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(none),
		TEST(sure),
		TEST(somebody_elses),
		TEST(unsure),
		TEST(slaves),
		TEST(failures),
		TEST(covers_the_host),
		TEST(many),
		TEST(originals),
		TEST(flags),
		TEST(forgotten),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
