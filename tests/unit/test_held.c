/* SPDX-License-Identifier: Apache-2.0 */
/* What an earlier run still holds, when its objects are there, provably gone, or cannot be
 * seen. The journal is real; the kernel's answers come from the test. */
#include <fcntl.h>
#include <stdio.h>

#include "no_rights.h"
#include "privileged/act/copies.h"
#include "privileged/link/exec_link_undo.h"
#include "privileged/mount/exec_mount.h"
#include "privileged/mount/subtree.h"
#include "privileged/resolve/lookup.h"
#include "privileged/rights/caps.h"
#include "privileged/undo/held.h"
#include "privileged/undo/nets_open.h"
#include "records.h"

/* The replacements take more parameters than they use. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define BUNDLE_MOUNT (REC_MOUNT_UNIQUE | REC_MOUNT_BUNDLE)
#define OUTSIDE REC_MOUNT_UNIQUE

static struct world {
	enum exec_present present[RECORDS_MAX]; /* By record. */
	int n_asked[RECORDS_MAX];
	int base; /* The descriptor that a mount was last looked for beneath. */
	int pin_is_gone;
	int nets_fail;
	int has_nets;
} world;

static struct caller caller;
static struct vst_err err;
static char slot;

static enum exec_present present(const struct journal_rec *rec, struct vst_err *why)
{
	int number = number_of(rec);

	world.n_asked[number]++;
	if (world.present[number] == EXEC_UNKNOWN)
		vst_fail(why, VST_EXIT_INCOMPLETE, 0, "why %d", number);
	return world.present[number];
}

enum exec_present exec_mount_present(
	int base_fd, const struct journal_rec *rec, struct vst_err *why)
{
	world.base = base_fd;
	return present(rec, why);
}

enum exec_present exec_mount_find(int base_fd, const struct journal_rec *rec,
	struct exec_mount_found *ret, struct vst_err *why)
{
	world.base = base_fd;
	return present(rec, why);
}

enum exec_present exec_link_present(const struct nets *nets, const struct journal *of,
	const struct journal_rec *rec, struct vst_err *why)
{
	assert_non_null(nets->here);
	return present(rec, why);
}

int lookup_again(
	const char *path, uint64_t dev, uint64_t ino, const struct caller *by, int *ret_fd)
{
	if (world.pin_is_gone)
		return 0;
	*ret_fd = open("/", O_PATH);
	return 1;
}

uint32_t copies_flags(const struct journal *of, const struct journal_rec *rec)
{
	return ((const struct rec_mount *)rec->body)->flags;
}

int copies_is(const struct journal_rec *rec)
{
	return rec->kind == JOURNAL_MOUNT &&
	       ((const struct rec_mount *)rec->body)->flags & REC_MOUNT_COPY;
}

int subtree_is_beneath(const struct rec_mount *rec, const struct rec_mount *other)
{
	return strcmp((const char *)(rec + 1), (const char *)(other + 1)) == 0;
}

int caps_has(uint64_t set)
{
	return 0;
}

int nets_open_run(const struct journal *of, uint32_t run_place, const struct caller *by,
	struct nets *ret, struct vst_err *why)
{
	*ret = NETS_NONE;
	ret->here = world.has_nets ? (struct nl *)&slot : NULL;
	return world.nets_fail ? vst_fail(why, VST_EXIT_CONFLICT, 0, "another") : 0;
}

void nets_close(struct nets *nets)
{
	nets->here = NULL;
}

static void begin_world(void)
{
	world = (struct world){.has_nets = 1};
	for (int i = 0; i < RECORDS_MAX; i++)
		world.present[i] = EXEC_THERE;
	caller = (struct caller){.in_init_userns = 1};
}

static const struct rec_run prepare = {.verb = PLAN_PREPARE, .plan_hash = 5, .nsid = -1};
static const struct rec_run attach = {.verb = PLAN_ATTACH,
	.plan_hash = 5,
	.nsid = -1,
	.target_pid = 42,
	.netns_ino = 6,
	.netns_dev = 7};

static enum held look_as(enum plan_verb verb, const struct rec_run *now)
{
	enum held held = (enum held) - 1;

	if (held_look(&journal, verb, &caller, now, &held, &err) < 0)
		fail_msg("%s", err.text);
	return held;
}

static enum held look(void)
{
	return look_as(PLAN_PREPARE, &prepare);
}

static void partly(const char *why)
{
	assert_int_equal(look(), HELD_PARTLY);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_string_equal(err.text, why);
}

/* Appends a committed prepare (0) with a pin (1) and two mounts in the bundle (2, 3). */
static void put_prepare(void)
{
	put_run_of(&prepare, 1);
	put_pin("/p1");
	put_mount(1, "a", 100, BUNDLE_MOUNT);
	put_mount(1, "b", 101, BUNDLE_MOUNT);
}

static void all(void **state)
{
	struct rec_run other = prepare;

	assert_int_equal(look(), HELD_NONE);
	put_prepare();
	assert_int_equal(look(), HELD_ALL);
	assert_true(world.base >= 0);
	other.plan_hash++;
	assert_int_equal(look_as(PLAN_PREPARE, &other), HELD_CHANGED);
	other.target_pid++;
	assert_int_equal(look_as(PLAN_PREPARE, &other), HELD_OTHER);
	/* A run that holds nothing does not count when plans are compared. */
	put_run_of(&other, 1);
	assert_int_equal(look(), HELD_ALL);
	/* No attach has run. */
	assert_int_equal(look_as(PLAN_ATTACH, &attach), HELD_NONE);
	assert_string_equal(states(), "DIIID");
	/* The mount is looked for even if its pin's directory is gone. */
	world.pin_is_gone = 1;
	assert_int_equal(look(), HELD_ALL);
	assert_int_equal(world.base, -1);
}

/* If everything is provably gone, the records of this verb's committed runs are marked UNDONE,
 * and no others. */
static void none(void **state)
{
	put_prepare();
	put_bound_file(1, "f");
	put_link("eth0", 7, 0);
	put_run_of(&attach, 1);
	put_link("eth1", 8, 0);
	put_run_of(&prepare, 0);
	put_mount(1, "c", 102, BUNDLE_MOUNT);
	for (int i = 0; i < 10; i++)
		world.present[i] = EXEC_GONE;
	assert_int_equal(look(), HELD_NONE);
	assert_string_equal(states(), "DIUUIUDIII");
	assert_int_equal(world.n_asked[7] + world.n_asked[9], 0);
}

static void three_answers(void **state)
{
	static const struct {
		enum exec_present answer;
		const char *why;
	} want[] = {
		{EXEC_GONE, "mount /p1/b is not there any more"},
		{EXEC_HIDDEN, "mount /p1/b is covered by another mount, or was moved"},
		{EXEC_UNKNOWN, "mount /p1/b cannot be looked at: why 3"},
	};

	for (int i = 0; i < 3; i++) {
		put_prepare();
		world.present[3] = want[i].answer;
		partly(want[i].why);
		/* Hidden or unknown is not gone: with the other mount gone, something is still
		 * held. */
		world.present[2] = EXEC_GONE;
		if (i > 0) {
			partly("mount /p1/a is not there any more");
			assert_string_equal(states(), "DIII");
		}
		start_again();
	}
}

/* A mount hidden by a later mount of the same run is as the document asked. */
static void hidden_by_own(void **state)
{
	put_prepare();
	put_mount(1, "a", 102, BUNDLE_MOUNT);
	world.present[2] = EXEC_HIDDEN;
	assert_int_equal(look(), HELD_ALL);
	world.present[3] = EXEC_HIDDEN;
	partly("mount /p1/b is covered by another mount, or was moved");
	journal_undone(&journal, places[4]);
	partly("mount /p1/a is covered by another mount, or was moved");
	start_again();
	put_prepare();
	put_run_of(&prepare, 1);
	put_mount(1, "a", 102, BUNDLE_MOUNT);
	world.present[2] = EXEC_HIDDEN;
	partly("mount /p1/a is covered by another mount, or was moved");
}

/* A run of another mount namespace counts only while it holds links. */
static void elsewhere(void **state)
{
	put_prepare();
	journal.key.mntns_ino++;
	world.present[2] = world.present[3] = EXEC_GONE;
	assert_int_equal(look(), HELD_NONE);
	assert_string_equal(states(), "DIII");
	put_link("eth0", 7, 0);
	partly("mount /p1/a is of another mount namespace");
	world.present[4] = EXEC_GONE;
	partly("mount /p1/a is of another mount namespace");
	assert_int_equal(world.n_asked[2] + world.n_asked[3], 0);
	assert_string_equal(states(), "DIIII");
}

/* Mounts outside of the bundle may outlive those in it. Any other undone object is missing. */
static void taken_back(void **state)
{
	struct rec_run other = prepare;

	other.plan_hash++;
	put_prepare();
	journal_undone(&journal, places[2]);
	partly("mount /p1/a was taken back already");
	start_again();
	put_prepare();
	put_mount(1, "o", 102, OUTSIDE);
	journal_undone(&journal, places[2]);
	journal_undone(&journal, places[3]);
	assert_int_equal(look(), HELD_KEPT);
	assert_int_equal(look_as(PLAN_PREPARE, &other), HELD_STALE);
	world.present[4] = EXEC_HIDDEN;
	partly("mount /p1/o is covered by another mount, or was moved");
	world.present[4] = EXEC_GONE;
	assert_int_equal(look(), HELD_NONE);
	assert_string_equal(states(), "DIUUU");
	/* Another run still holds a mount in the bundle: not HELD_KEPT. */
	start_again();
	put_prepare();
	put_mount(1, "o", 102, OUTSIDE);
	journal_undone(&journal, places[2]);
	journal_undone(&journal, places[3]);
	put_run_of(&prepare, 1);
	put_mount(1, "c", 103, BUNDLE_MOUNT);
	assert_int_equal(look(), HELD_ALL);
	/* A run whose objects are all undone does not make the others HELD_KEPT. */
	start_again();
	put_prepare();
	journal_undone(&journal, places[2]);
	journal_undone(&journal, places[3]);
	put_run_of(&prepare, 1);
	put_mount(1, "o", 102, OUTSIDE);
	assert_int_equal(look(), HELD_ALL);
	/* All mounts outside were undone, and nothing of that class is held: not missing. */
	start_again();
	put_prepare();
	put_mount(1, "o", 102, OUTSIDE);
	journal_undone(&journal, places[4]);
	assert_int_equal(look(), HELD_ALL);
}

static void links(void **state)
{
	enum held held;

	put_run_of(&attach, 1);
	put_link("eth0", 7, REC_LINK_PEER);
	put_link("eth1", 8, REC_LINK_PEER);
	put_link("eth2", 9, 0);
	put_move("eth9", 7);
	put_move("eth1", 8);
	put_move("eth2", 9);
	put_move("eth0", 99);
	/* The end of a pair that a later step moved is looked for by that move's record. */
	assert_int_equal(look_as(PLAN_ATTACH, &attach), HELD_ALL);
	assert_int_equal(world.n_asked[1], 1);
	assert_int_equal(world.n_asked[2], 0);
	assert_int_equal(world.n_asked[5], 2);
	assert_int_equal(world.n_asked[3], 1);
	journal_undone(&journal, places[5]);
	assert_int_equal(look_as(PLAN_ATTACH, &attach), HELD_PARTLY);
	assert_string_equal(err.text, "moved interface eth1 was taken back already");
	assert_int_equal(world.n_asked[2], 1);
	/* The network namespace is another one, or could not be opened. */
	world.nets_fail = 1;
	assert_int_equal(held_look(&journal, PLAN_ATTACH, &caller, &attach, &held, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	world.nets_fail = world.has_nets = 0;
	assert_int_equal(look_as(PLAN_ATTACH, &attach), HELD_PARTLY);
	assert_string_equal(err.text, "interface eth0 cannot be looked at: its network "
				      "namespaces could not be opened");
	assert_string_equal(states(), "DIIIIUII");
}

/* Two slots were tried, and the second was free: its ifindex came with a record of its own. */
static void link_attempts(void **state)
{
	put_run_of(&attach, 1);
	put_link("vsrs_0", 0, REC_LINK_MAC);
	put_link("vsrs_1", 0, REC_LINK_MAC);
	put_link("vsrs_1", 7, REC_LINK_MAC);
	journal_undone(&journal, places[1]);
	journal_undone(&journal, places[2]);
	assert_int_equal(look_as(PLAN_ATTACH, &attach), HELD_ALL);
	assert_int_equal(world.n_asked[3], 1);
	put_link("vsrs_2", 8, REC_LINK_MAC);
	journal_undone(&journal, places[3]);
	assert_int_equal(look_as(PLAN_ATTACH, &attach), HELD_PARTLY);
	assert_string_equal(err.text, "interface vsrs_1 was taken back already");
}

/* Ids that are never reused decide if both runs have them. */
static void processes(void **state)
{
	static const struct {
		struct rec_run then, now;
		enum held look, claim;
	} want[] = {
		{{.target_id = 1, .target_pid = 2}, {.target_id = 1, .target_pid = 3}, HELD_ALL,
			HELD_ALL},
		{{.target_id = 1, .target_pid = 2}, {.target_id = 2, .target_pid = 2},
			HELD_OTHER, HELD_OTHER},
		{{.target_pid = 2}, {.target_id = 2, .target_pid = 2}, HELD_ALL, HELD_ALL},
		{{.target_pid = 2}, {.target_pid = 3}, HELD_OTHER, HELD_OTHER},
		{{.netns_id = 1}, {.netns_id = 2}, HELD_OTHER, HELD_ALL},
		{{.netns_id = 1}, {.netns_id = 0}, HELD_ALL, HELD_ALL},
		{{.netns_ino = 1}, {.netns_ino = 2}, HELD_OTHER, HELD_ALL},
		{{.netns_dev = 1}, {.netns_dev = 2}, HELD_OTHER, HELD_ALL},
	};

	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		struct rec_run then = want[i].then;

		then.verb = PLAN_ATTACH;
		put_run_of(&then, 1);
		put_link("eth0", 7, 0);
		assert_int_equal(look_as(PLAN_ATTACH, &want[i].now), want[i].look);
		assert_int_equal(
			held_claim(&journal, PLAN_ATTACH, &want[i].now), want[i].claim);
		start_again();
	}
}

/* An interface whose first number was taken was made again: nothing is missing. */
static void made_again(void **state)
{
	put_run_of(&attach, 1);
	put_link("eth0", 7, 0);
	put_link("eth0", 8, 0);
	put_link("eth1", 9, 0);
	journal_undone(&journal, places[1]);
	assert_int_equal(look_as(PLAN_ATTACH, &attach), HELD_ALL);
	/* Of another name, or the last, it was taken back. */
	journal_undone(&journal, places[2]);
	assert_int_equal(look_as(PLAN_ATTACH, &attach), HELD_PARTLY);
	assert_non_null(strstr(err.text, "interface eth0 was taken back already"));
	start_again();
	put_run_of(&attach, 1);
	put_link("eth0", 7, 0);
	put_link("eth1", 8, 0);
	journal_undone(&journal, places[2]);
	assert_int_equal(look_as(PLAN_ATTACH, &attach), HELD_PARTLY);
}

/* Everything not marked UNDONE counts as there; the kernel is not asked. */
static void claims(void **state)
{
	struct rec_run other = prepare;

	other.plan_hash++;
	assert_int_equal(held_claim(&journal, PLAN_PREPARE, &prepare), HELD_NONE);
	put_prepare();
	world.present[2] = world.present[3] = EXEC_GONE;
	assert_int_equal(held_claim(&journal, PLAN_PREPARE, &prepare), HELD_ALL);
	assert_int_equal(held_claim(&journal, PLAN_PREPARE, &other), HELD_CHANGED);
	assert_int_equal(held_claim(&journal, PLAN_ATTACH, &attach), HELD_NONE);
	put_run_of(&other, 1);
	assert_int_equal(held_claim(&journal, PLAN_PREPARE, &prepare), HELD_ALL);
	assert_true(held_newest(&journal, PLAN_PREPARE)->plan_hash == prepare.plan_hash);
	put_mount(1, "c", 102, BUNDLE_MOUNT);
	assert_int_equal(held_claim(&journal, PLAN_PREPARE, &prepare), HELD_CHANGED);
	assert_true(held_newest(&journal, PLAN_PREPARE)->plan_hash == other.plan_hash);
	journal.key.mntns_ino++;
	assert_int_equal(held_claim(&journal, PLAN_PREPARE, &prepare), HELD_NONE);
	journal.key.mntns_ino--;
	for (int i = 2; i < 6; i++)
		if (i != 4)
			journal_undone(&journal, places[i]);
	assert_int_equal(held_claim(&journal, PLAN_PREPARE, &prepare), HELD_NONE);
	assert_null(held_newest(&journal, PLAN_PREPARE));
	for (int i = 0; i < 6; i++)
		assert_int_equal(world.n_asked[i], 0);
}

static void kept(void **state)
{
	uint64_t ids[4] = {0};

	put_prepare();
	put_mount(1, "o", 102, OUTSIDE);
	put_mount(1, "o", 103, OUTSIDE | REC_MOUNT_COPY);
	put_mount(1, "p", 104, OUTSIDE);
	put_mount(1, "q", 105, OUTSIDE);
	journal_undone(&journal, places[7]);
	put_run_of(&attach, 1);
	put_mount(1, "ns", 106, OUTSIDE);
	put_run_of(&prepare, 0);
	put_mount(1, "r", 107, OUTSIDE);
	assert_int_equal(held_kept(&journal, &caller, ids, 4), 2);
	assert_true(ids[0] == 102 && ids[1] == 104);
	assert_int_equal(held_kept(&journal, &caller, ids, 1), 1);
	journal.key.mntns_ino++;
	assert_int_equal(held_kept(&journal, &caller, ids, 4), 0);
}

static void described(void **state)
{
	static const char *const want[][2] = {
		{"nothing", ""},
		{"nothing", ""},
		{"directory", "/p\\x0a1/d"},
		{"file", "/p\\x0a1/f"},
		{"mount", "/p\\x0a1/m"},
		{"namespace", "/p\\x0a1/n"},
		{"changed mount", "/p\\x0a1/c"},
		{"interface", "e\\x1b0"},
		{"moved interface", "eth1"},
		{"nothing", ""},
		{"directory", "/d"},
	};

	put_run_of(&prepare, 1);
	put_pin("/p\n1");
	put_dir(1, "d");
	put_bound_file(1, "f");
	put_mount(1, "m", 100, OUTSIDE);
	put_mount(1, "n", 101, OUTSIDE | REC_MOUNT_NS);
	put_change(1, "c");
	put_link("e\0330", 7, 0);
	put_move("eth1", 8);
	put_dir(put_pin("/"), "d");
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		struct journal_rec rec;
		struct held_name name;

		journal_read(&journal, places[i], &rec);
		held_describe(&journal, &rec, &name);
		assert_string_equal(name.kind, want[i][0]);
		assert_string_equal(name.name, want[i][1]);
	}
	assert_string_equal(held_verb_name(PLAN_PREPARE), "prepare");
	assert_string_equal(held_verb_name(PLAN_ATTACH), "attach");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all),
		TEST(none),
		TEST(three_answers),
		TEST(hidden_by_own),
		TEST(elsewhere),
		TEST(taken_back),
		TEST(made_again),
		TEST(links),
		TEST(link_attempts),
		TEST(processes),
		TEST(claims),
		TEST(kept),
		TEST(described),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
