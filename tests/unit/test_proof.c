/* SPDX-License-Identifier: Apache-2.0 */
/* The proof that undone mounts left nothing at their places: by unique id, and before Linux 6.8
 * by counting the lines of /proc. The kernel's mounts come from the test. */
#include <fcntl.h>
#include <stdio.h>

#include "mount_calls.h"
#include "no_rights.h"
#include "privileged/act/attach.h"
#include "privileged/act/copies.h"
#include "privileged/kernel/mountinfo.h"
#include "privileged/undo/proof.h"
#include "records.h"

/* The replacements take more parameters than they use. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static struct world {
	int has_no_proc;
	int place_is_unknown;
	char told[512];
} world;

static struct proof proof;

int copies_is(const struct journal_rec *rec)
{
	return rec->kind == JOURNAL_MOUNT &&
	       ((const struct rec_mount *)rec->body)->flags & REC_MOUNT_COPY;
}

int mountinfo_find(int (*is_it)(const struct mountinfo *mount, void *arg), void *arg,
	struct mountinfo *ret)
{
	if (world.has_no_proc)
		return -1;
	for (unsigned i = 0; i < calls.n_mounts; i++) {
		ret->id = calls.mounts[i].id;
		strcpy(ret->point, calls.mounts[i].point);
		if (is_it(ret, arg))
			return 1;
	}
	return 0;
}

int mountinfo_of(uint64_t mnt_id, struct mountinfo *ret)
{
	if (world.has_no_proc)
		return -1;
	for (unsigned i = 0; i < calls.n_mounts; i++)
		if (calls.mounts[i].id == mnt_id) {
			ret->dev = 5;
			strcpy(ret->point, calls.mounts[i].point);
			return 1;
		}
	return 0;
}

static int place_of(void *arg, const struct journal_rec *rec, char ret[VST_PATH_MAX + 1])
{
	assert_ptr_equal(arg, &world);
	sprintf(ret, "/p/%s", (const char *)rec->body + sizeof(struct rec_mount));
	return world.place_is_unknown ? -1 : 0;
}

static void tell(void *arg, const struct journal_rec *rec, const char *point)
{
	size_t len = strlen(world.told);

	snprintf(world.told + len, sizeof world.told - len, "%d %s; ", number_of(rec),
		point ? point : "unknown");
}

static void begin_world(void)
{
	world = (struct world){.has_no_proc = 0};
	memset(&calls, 0, sizeof calls);
	proof = (struct proof){.n = 0};
	put_run(1);
	put_pin("/p");
}

static void there_is(uint64_t id, const char *point)
{
	add_mount((struct mount){.id = id, .point = point});
}

static void is(const char *want_states, const char *want_told)
{
	world.told[0] = '\0';
	proof_of_nothing(&journal, places[0], &proof, place_of, tell, &world);
	assert_string_equal(states(), want_states);
	assert_string_equal(world.told, want_told);
}

/* Only what is newer than a record's mount can be left of it. */
static void by_id(void **state)
{
	put_mount(1, "a", 100, REC_MOUNT_UNIQUE);
	put_mount(1, "b", 110, REC_MOUNT_UNIQUE);
	proof_note(&proof, 0);
	proof_note(&proof, 1);
	there_is(50, "/p/a");  /* It was there before. */
	there_is(105, "/p/b"); /* Older than 110. */
	there_is(120, "/p/bb");
	there_is(121, "/p");
	is("IIUU", "");
	start_again();
	put_mount(1, "a", 100, REC_MOUNT_UNIQUE);
	put_mount(1, "b", 110, REC_MOUNT_UNIQUE);
	proof_note(&proof, 0);
	proof_note(&proof, 1);
	there_is(101, "/p/a");
	there_is(111, "/p/b/beneath");
	is("IIII", "2 /p/a; 3 /p/b/beneath; ");
}

/* Records are noted by how many mounts of the run are newer, not counting copies. */
static void which(void **state)
{
	put_mount(1, "a", 100, REC_MOUNT_UNIQUE);
	put_mount(1, "a", 101, REC_MOUNT_UNIQUE | REC_MOUNT_COPY);
	put_dir(1, "d");
	put_mount(1, "b", 110, REC_MOUNT_UNIQUE);
	put_run(2);
	put_mount(1, "c", 120, REC_MOUNT_UNIQUE);
	proof_note(&proof, 1);
	is("IIUIIIII", "");
}

/* One mount beneath several places is reported once; all of these records stay. */
static void once(void **state)
{
	put_mount(1, "a", 100, REC_MOUNT_UNIQUE);
	put_mount(1, "a/b", 101, REC_MOUNT_UNIQUE);
	proof_note(&proof, 0);
	proof_note(&proof, 1);
	there_is(102, "/p/a/b");
	is("IIII", "3 /p/a/b; ");
}

/* No answer is no proof; a mount that is gone again, or cannot be reached, is no mount there.
 */
static void no_answer(void **state)
{
	static const int codes[] = {ENOENT, EPERM, ENOMEM};

	for (int i = 0; i < 6; i++) {
		put_mount(1, "a", 100, REC_MOUNT_UNIQUE);
		proof_note(&proof, 0);
		if (i < 5)
			there_is(200, i == 4 ? "/elsewhere" : "/p/a");
		if (i < 3)
			calls.mounts[0].code = codes[i];
		if (i == 3)
			calls.mounts[0].point = NULL;
		world.place_is_unknown = i == 4;
		calls.fails_at = i == 5;
		is(i < 2 ? "IIU" : "III", i < 2    ? ""
					  : i == 4 ? "2 /elsewhere; "
						   : "2 unknown; ");
		start_again();
	}
}

/* All mounts are asked for, however many. */
static void many(void **state)
{
	static const unsigned wanted[] = {63, 64, 127, 128, 129};

	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		put_mount(1, "a", 100, REC_MOUNT_UNIQUE);
		proof_note(&proof, 0);
		for (unsigned at = 0; at < wanted[i]; at++)
			there_is(200 + at, at + 1 == wanted[i] ? "/p/a" : "/other");
		is("III", "2 /p/a; ");
		start_again();
	}
	put_mount(1, "a", 100, REC_MOUNT_UNIQUE);
	proof_note(&proof, 0);
	for (unsigned at = 0; at < 128; at++)
		there_is(200 + at, "/other");
	calls.fails_at = 3;
	is("III", "2 unknown; ");
}

static void put_counted(const char *rest, uint32_t n_before)
{
	struct rec_mount mount = {.mnt_id = 7, .pin = places[1], .n_before = n_before};

	note_place(append(
		&journal, JOURNAL_MOUNT, &mount, sizeof mount, rest, strlen(rest) + 1, 0));
}

/* Before Linux 6.8: no more mounts at the place, or beneath it, than before the run. */
static void by_count(void **state)
{
	static const struct {
		uint32_t before;
		unsigned now;
		int is_known;
		const char *told;
	} want[] = {
		{0, 0, 1, ""},
		{1, 1, 1, ""},
		{2, 1, 1, ""},
		{0, 1, 1, "2 /p/a/1; "},
		{1, 2, 1, "2 /p/a/2; "},
		{REC_MOUNT_UNKNOWN, 0, 1, ""},
		{REC_MOUNT_UNKNOWN, 1, 1, "2 /p/a/1; "},
		{0, 0, 0, "2 unknown; "},
		{1, 1, 0, "2 unknown; "},
	};

	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		put_counted("a", want[i].before);
		proof_note(&proof, 0);
		there_is(3, "/p/aa");
		for (unsigned at = 0; at < want[i].now; at++)
			there_is(4 + at, at ? "/p/a/2" : "/p/a/1");
		there_is(9, "/other");
		world.has_no_proc = !want[i].is_known;
		is(want[i].told[0] ? "III" : "IIU", want[i].told);
		start_again();
	}
}

/* What cleanup leaves: no mount of the journal's in the bundle, wherever it was made. */
static void bundle(void **state)
{
	struct rec_mount old = {.mnt_id = 4, .dev = 5, .pin = places[1]};

	put_mount(1, "in", 100, REC_MOUNT_UNIQUE);
	put_mount(1, "out", 101, REC_MOUNT_UNIQUE);
	put_mount(1, "ns", 102, REC_MOUNT_UNIQUE | REC_MOUNT_NS);
	put_mount(1, "undone", 103, REC_MOUNT_UNIQUE);
	journal_undone(&journal, places[5]);
	put_run(2);
	put_mount(1, "copy", 104, REC_MOUNT_UNIQUE | REC_MOUNT_COPY);
	put_mount(1, "gone", 105, REC_MOUNT_UNIQUE);
	put_mount(1, "unknown", 106, REC_MOUNT_UNIQUE);
	for (int i = 0; i < 3; i++, old.mnt_id++)
		note_place(append(&journal, JOURNAL_MOUNT, &old, sizeof old, "x", 2, 0));
	there_is(4, BUNDLE);
	there_is(5, BUNDLE "/rootfs");
	there_is(100, BUNDLE "/rootfs");
	there_is(101, BUNDLE "-other");
	there_is(102, BUNDLE "/n");
	there_is(103, BUNDLE);
	there_is(104, BUNDLE);
	there_is(106, BUNDLE);
	calls.mounts[7].code = ENOMEM;
	proof_of_bundle(&journal, tell, &world);
	assert_string_equal(world.told, "2 " BUNDLE "/rootfs; 7 " BUNDLE
					"; 9 unknown; 10 " BUNDLE "; 11 " BUNDLE "/rootfs; ");
	/* Without /proc nothing is known of those without a unique id. */
	world.told[0] = '\0';
	world.has_no_proc = 1;
	proof_of_bundle(&journal, tell, &world);
	assert_non_null(strstr(world.told, "10 unknown; 11 unknown; 12 unknown; "));
	/* Another file system has the number now. */
	start_again();
	old.mnt_id = 4;
	old.dev = 6;
	old.pin = places[1];
	note_place(append(&journal, JOURNAL_MOUNT, &old, sizeof old, "x", 2, 0));
	there_is(4, BUNDLE);
	proof_of_bundle(&journal, tell, &world);
	assert_string_equal(world.told, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_id),
		TEST(which),
		TEST(once),
		TEST(no_answer),
		TEST(many),
		TEST(by_count),
		TEST(bundle),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
