/* SPDX-License-Identifier: Apache-2.0 */
/* Repair of unfinished runs: the order, the capabilities, completed cleanups and detaches, and
 * what is reported when something stays. undo_records is replaced here; test_undo.c tests it.
 */
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>

#include "no_rights.h"
#include "policy/plan.h"
#include "privileged/kernel/patience.h"
#include "privileged/rights/caps.h"
#include "privileged/self/report.h"
#include "privileged/self/startup.h"
#include "privileged/undo/held.h"
#include "privileged/undo/proof.h"
#include "privileged/undo/repair.h"
#include "privileged/undo/take.h"
#include "records.h"

/* The replacements take more parameters than they use. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define STATE "/run/vestibule"
#define LINKS (1u << JOURNAL_LINK | 1u << JOURNAL_MOVE)

static struct world {
	unsigned left[RECORDS_MAX]; /* By run: how many of its records stay. */
	int is_denied;              /* caps_limit fails. */
	int nets_fail;
	int n_open; /* Opened namespaces that were not closed yet. */
	int signal;
	int is_acting;         /* patience_act was called. */
	const char *in_bundle; /* Where a mount lies in the bundle after a cleanup. */
	char log[1024];
	char said[2048];
} world;

static struct caller caller;
static struct vst_err err;

__attribute__((format(printf, 1, 2))) static void log_add(const char *fmt, ...)
{
	size_t len = strlen(world.log);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(world.log + len, sizeof world.log - len, fmt, ap);
	va_end(ap);
}

static int number_at(uint32_t place)
{
	return number_of(&(struct journal_rec){.place = place});
}

static int is_asked(const struct undo_which *which, const struct journal_rec *rec)
{
	return which->kinds & 1u << rec->kind && rec->state != JOURNAL_UNDONE &&
	       rec->kind != JOURNAL_PIN;
}

void undo_records(
	const struct undo_view *view, const struct undo_which *which, struct undo_left *left)
{
	int number = number_at(which->run);
	struct journal_rec rec;
	sigset_t mask;

	assert_ptr_equal(view->caller, &caller);
	assert_null(view->run);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	log_add("undo %d", number);
	if (which->kinds != UNDO_ALL)
		log_add(" kinds %x", which->kinds);
	if (which->mount_flags)
		log_add(" flags %x", which->mount_flags);
	log_add("%s; ", which->stop ? " stop" : "");
	for (unsigned i = 0; i < world.left[number]; i++) {
		if (left->n < 8)
			snprintf(left->text[left->n], sizeof left->text[0], "why %u", i);
		left->n++;
		left->exit = VST_EXIT_CONFLICT;
	}
	for (uint32_t at = which->run;
		!left->n && (at = journal_next_of_run(&journal, at, &rec));)
		if (is_asked(which, &rec))
			journal_undone(&journal, at);
}

void undo_note_left(const struct journal *of, const struct journal_rec *rec, int result,
	const struct vst_err *why, struct undo_left *left)
{
	assert_int_equal(result, UNDO_LEFT);
	left->exit = VST_EXIT_CONFLICT;
	snprintf(left->text[left->n++], sizeof left->text[0], "%s", why->text);
}

void proof_of_bundle(const struct journal *of, proof_left *tell, void *arg)
{
	if (world.in_bundle)
		tell(arg, NULL, world.in_bundle);
}

uint64_t undo_needs(const struct journal *of, uint32_t run, unsigned kinds)
{
	const struct undo_which which = {.kinds = kinds};
	struct journal_rec rec;
	uint64_t needs = 0;

	for (uint32_t at = run; (at = journal_next_of_run(of, at, &rec));)
		if (is_asked(&which, &rec))
			needs |= 1ULL << rec.kind;
	return needs;
}

int nets_open_run(const struct journal *of, uint32_t run_place, const struct caller *by,
	struct nets *ret, struct vst_err *why)
{
	log_add("nets %d; ", number_at(run_place));
	*ret = NETS_NONE;
	ret->is = NETS_OPEN;
	world.n_open++;
	return world.nets_fail ? vst_fail(why, VST_EXIT_CONFLICT, 0, "another") : 0;
}

void nets_close(struct nets *nets)
{
	world.n_open -= nets->is == NETS_OPEN;
	nets->is = NETS_UNKNOWN;
}

int caps_limit(uint64_t keep, uint64_t required, const char *what, struct vst_err *why)
{
	assert_true(keep == ~0ULL);
	log_add("caps %llx; ", (unsigned long long)required);
	return world.is_denied ? vst_fail(why, VST_EXIT_DENIED, 0, "no CAP") : 0;
}

int caps_has(uint64_t set)
{
	return 0;
}

const char *held_verb_name(uint32_t verb)
{
	return verb == PLAN_PREPARE ? "prepare" : "attach";
}

int patience_signal(void)
{
	return world.signal;
}

void patience_act(void)
{
	world.is_acting = 1;
}

int startup_block_signals(struct vst_err *why)
{
	sigset_t set;

	sigfillset(&set);
	return sigprocmask(SIG_SETMASK, &set, NULL);
}

void report(enum report_level level, const struct report_about *about, const char *fmt, ...)
{
	size_t len = strlen(world.said);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(world.said + len, sizeof world.said - len, fmt, ap);
	va_end(ap);
	strcat(world.said, level == REPORT_ERROR ? "!" : ";");
}

static int is_blocked(void)
{
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	return sigismember(&mask, SIGTERM);
}

static void begin_world(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	world = (struct world){.signal = 0};
	caller = (struct caller){.in_init_userns = 1, .uid = 4711};
	err.text[0] = '\0';
}

static const struct rec_run prepare = {.verb = PLAN_PREPARE, .nsid = -1};
static const struct rec_run attach = {.verb = PLAN_ATTACH, .nsid = -1};
static const struct rec_run cleanup = {.verb = PLAN_CLEANUP, .nsid = -1};
static const struct rec_run detach = {.verb = PLAN_DETACH, .nsid = -1};

/* Appends a run with a pin and a mount in the bundle, and a link if it is an attach. */
static int put(const struct rec_run *run, int is_committed)
{
	int number = put_run_of(run, is_committed);

	put_mount(put_pin("/p1"), "a", 100, REC_MOUNT_UNIQUE | REC_MOUNT_BUNDLE);
	if (run->verb == PLAN_ATTACH)
		put_link("eth0", 7, 0);
	return number;
}

static int repaired(void)
{
	int result;

	/* The run belongs to an earlier process. */
	journal.run = 0;
	result = repair(&journal, &caller, STATE, &err);
	assert_int_equal(world.n_open, 0);
	/* After success the verb goes on: signals are unblocked, and it has its own waiting
	 * time. After a failure they stay blocked. */
	if (result == 0) {
		assert_false(is_blocked());
		assert_int_equal(world.is_acting, world.log[0] != '\0');
	} else {
		assert_true(is_blocked());
		assert_false(world.is_acting);
	}
	return result;
}

static void nothing(void **state)
{
	assert_int_equal(repaired(), 0);
	put(&prepare, 1);
	put(&attach, 1);
	journal_end_run(&journal, places[put(&prepare, 0)], JOURNAL_UNDONE);
	assert_int_equal(repaired(), 0);
	assert_string_equal(world.log, "");
	assert_string_equal(world.said, "");
}

static void taken_back(void **state)
{
	put(&prepare, 0);
	assert_int_equal(repaired(), 0);
	assert_string_equal(world.log, "caps 20; nets 0; undo 0; ");
	assert_string_equal(states(), "UIU");
	assert_string_equal(world.said,
		"an earlier prepare of this bundle was cut short; what it "
		"had done was taken back first;");
}

/* Records that stay are kept and named; the status is undo's. */
static void stays(void **state)
{
	put(&attach, 0);
	world.left[0] = 2;
	assert_int_equal(repaired(), -1);
	assert_string_equal(states(), "IIII");
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_string_equal(err.text,
		"an earlier attach of this bundle was cut short: 2 of its steps could not be "
		"taken back and stay in journal /run/vestibule/" FILE_NAME
		"; mend that and try again");
	assert_string_equal(world.said, "not taken back: why 0!not taken back: why 1!");
	start_again();
	put(&attach, 0);
	world.left[0] = 12;
	world.signal = SIGTERM;
	assert_int_equal(repaired(), -1);
	assert_non_null(strstr(err.text, ": 12 of its steps"));
	assert_non_null(strstr(world.said, "why 7!signal 15 ended the waiting"));
}

/* Nothing is touched if a capability is missing or the network namespace is another one. */
static void not_begun(void **state)
{
	for (int i = 0; i < 2; i++) {
		put(&attach, 0);
		world.is_denied = i == 0;
		world.nets_fail = i == 1;
		assert_int_equal(repaired(), -1);
		assert_null(strstr(world.log, "undo"));
		assert_string_equal(states(), "IIII");
		assert_int_equal(err.exit, i ? VST_EXIT_CONFLICT : VST_EXIT_DENIED);
		assert_string_equal(
			err.text, i ? "an earlier attach of this bundle was cut short: another"
				    : "an earlier attach of this bundle was cut short: no CAP");
		start_again();
	}
}

static void newest_first(void **state)
{
	put(&prepare, 0);
	put(&prepare, 1);
	put(&prepare, 0);
	assert_int_equal(repaired(), 0);
	assert_string_equal(world.log, "caps 20; nets 6; undo 6; caps 20; nets 0; undo 0; ");
	assert_string_equal(states(), "UIUDIIUIU");
	start_again();
	/* If a newer run stays, older ones are not touched. */
	put(&prepare, 0);
	put(&prepare, 0);
	world.left[3] = 1;
	assert_int_equal(repaired(), -1);
	assert_string_equal(states(), "IIIIII");
	assert_null(strstr(world.log, "undo 0"));
}

/* Of a run in another mount namespace only the links are undone, and it blocks nobody here. */
static void elsewhere(void **state)
{
	put(&attach, 0);
	journal.key.mntns_ino++;
	assert_int_equal(repaired(), 0);
	assert_string_equal(world.log, "caps 40; nets 0; undo 0 kinds c0; ");
	assert_string_equal(states(), "IIIU");
	assert_non_null(strstr(world.said, "its interfaces were taken back first;"));
	/* The next repair has nothing left to do or to report. */
	world.log[0] = world.said[0] = '\0';
	world.is_acting = 0;
	journal.run = 0;
	assert_int_equal(repair(&journal, &caller, STATE, &err), 0);
	assert_string_equal(world.log, "");
	assert_string_equal(world.said, "");
	journal_undone(&journal, places[2]);
	assert_int_equal(repair(&journal, &caller, STATE, &err), 0);
	assert_int_equal(states()[0], 'U');
	for (int i = 0; i < 3; i++) {
		start_again();
		put(&attach, 0);
		journal.key.mntns_ino++;
		world.left[0] = i == 0;
		world.is_denied = i == 1;
		world.nets_fail = i == 2;
		assert_int_equal(repaired(), -1);
		assert_int_equal(err.exit, i == 1 ? VST_EXIT_DENIED : VST_EXIT_CONFLICT);
		assert_non_null(strstr(err.text, "in another mount namespace was cut short: "));
		assert_string_equal(states(), "IIII");
	}
}

/* An unfinished cleanup is completed with its own options. */
static void completes_cleanup(void **state)
{
	struct rec_run all = cleanup;

	put(&prepare, 1);
	put(&attach, 1);
	put(&prepare, 0);
	put_run_of(&cleanup, 0);
	journal_end_run(&journal, places[7], JOURNAL_UNDONE);
	assert_int_equal(repaired(), 0);
	assert_string_equal(world.log, "caps 200000; undo 0 kinds 20 flags 2 stop; ");
	assert_string_equal(states(), "DIUDIIIUIIU");
	assert_string_equal(world.said,
		"an earlier cleanup of this bundle was cut short; it was completed first;");
	start_again();
	all.flags = REC_RUN_ALL;
	put(&prepare, 1);
	put(&attach, 1);
	put_run_of(&all, 0);
	assert_int_equal(repaired(), 0);
	assert_string_equal(world.log, "caps 200000; undo 3 kinds 30; undo 0 kinds 20 stop; ");
	for (int i = 0; i < 2; i++) {
		start_again();
		put(&prepare, 1);
		put_run_of(&cleanup, 0);
		world.left[0] = i == 0;
		world.is_denied = i == 1;
		assert_int_equal(repaired(), -1);
		assert_int_equal(err.exit, i ? VST_EXIT_DENIED : VST_EXIT_CONFLICT);
		assert_memory_equal(err.text, "an earlier cleanup of this bundle", 33);
		assert_string_equal(states(), "DIII");
	}
}

/* Attaches are undone newest first, each with the capabilities it needs. One that holds nothing
 * is skipped. */
static void completes_detach(void **state)
{
	put(&attach, 1);
	put(&prepare, 1);
	put(&attach, 1);
	put(&attach, 1);
	journal_undone(&journal, places[9]);
	journal_undone(&journal, places[10]);
	put_run_of(&detach, 0);
	assert_int_equal(repaired(), 0);
	assert_string_equal(world.log,
		"caps 60; nets 11; undo 11 kinds f0; caps 60; nets 0; undo 0 kinds f0; ");
	assert_string_equal(states(), "DIUUDIIDIUUDIUUU");
	for (int i = 0; i < 3; i++) {
		start_again();
		put(&attach, 1);
		put(&attach, 1);
		put_run_of(&detach, 0);
		world.left[4] = i == 0;
		world.is_denied = i == 1;
		world.nets_fail = i == 2;
		assert_int_equal(repaired(), -1);
		assert_string_equal(states() + 8, "I");
		assert_memory_equal(err.text, "an earlier detach of this bundle", 32);
		/* If records of one stay, the others are still undone; if one cannot begin,
		 * they are not. */
		assert_int_equal(strstr(world.log, "undo 0") != NULL, i == 0);
		assert_int_equal(strstr(world.log, "undo 4") != NULL, i == 0);
	}
}

static void begins_and_ends(void **state)
{
	const struct rec_run *run;
	struct journal_rec rec;

	/* Without a record of its own, take_end does nothing. */
	take_end(&journal);
	take_begin(&journal, &caller, PLAN_CLEANUP, 1);
	note_place(journal.run);
	journal_read(&journal, journal.run, &rec);
	run = rec.body;
	assert_int_equal(run->verb, PLAN_CLEANUP);
	assert_int_equal(run->flags, REC_RUN_ALL);
	assert_int_equal(run->uid, 4711);
	assert_int_equal(run->nsid, -1);
	assert_string_equal(states(), "I");
	take_end(&journal);
	assert_string_equal(states(), "U");
	take_begin(&journal, &caller, PLAN_DETACH, 0);
	note_place(journal.run);
	journal_read(&journal, journal.run, &rec);
	run = rec.body;
	assert_int_equal(run->verb, PLAN_DETACH);
	assert_int_equal(run->flags, 0);
}

/* Cleanup ends with a look at the bundle, unless something is known to stay. */
static void looks_at_the_bundle(void **state)
{
	for (unsigned stays = 0; stays < 2; stays++) {
		int number = put(&prepare, 1), is_tried = 0;
		struct undo_left left = {.n = 0};

		world.in_bundle = "/b/in";
		world.left[number] = stays;
		take_begin(&journal, &caller, PLAN_CLEANUP, 0);
		assert_int_equal(
			take_back(&journal, &caller, PLAN_CLEANUP, 0, &left, &is_tried, &err),
			0);
		take_end(&journal);
		assert_int_equal(left.n, 1);
		assert_int_equal(left.exit, VST_EXIT_CONFLICT);
		assert_int_equal(strstr(left.text[0], "'/b/in'") != NULL, !stays);
		start_again();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing),
		TEST(taken_back),
		TEST(stays),
		TEST(not_begun),
		TEST(newest_first),
		TEST(elsewhere),
		TEST(completes_cleanup),
		TEST(completes_detach),
		TEST(begins_and_ends),
		TEST(looks_at_the_bundle),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
