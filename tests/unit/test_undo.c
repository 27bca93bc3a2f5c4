/* SPDX-License-Identifier: Apache-2.0 */
/* Undo: the order of records, the result of each executor's answer, and what happens after the
 * first failure. The journal is real; the executors are replaced by scripted answers. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "no_rights.h"
#include "privileged/act/attach.h"
#include "privileged/exec/exec_dir.h"
#include "privileged/exec/exec_file.h"
#include "privileged/kernel/host.h"
#include "privileged/kernel/kernel_mount.h"
#include "privileged/kernel/patience.h"
#include "privileged/link/exec_link_undo.h"
#include "privileged/link/link_back.h"
#include "privileged/mount/exec_change.h"
#include "privileged/mount/exec_mount.h"
#include "privileged/resolve/lookup.h"
#include "privileged/rights/caps.h"
#include "privileged/self/report.h"
#include "privileged/undo/held.h"
#include "privileged/undo/proof.h"
#include "privileged/undo/undo.h"
#include "records.h"

/* The replacements take more parameters than they use. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define UNIQUE REC_MOUNT_UNIQUE

/* What the proof finds at the place of an undone mount. */
enum left_there { LEFT_NOTHING, LEFT_COPY, LEFT_UNSEEN };

static struct world {
	int answers[RECORDS_MAX][3]; /* By record and call; the third is repeated. */
	int n_asked[RECORDS_MAX];
	int base[RECORDS_MAX]; /* By record: the base_fd of its undo call. */
	enum left_there behind[RECORDS_MAX];
	int exists[RECORDS_MAX]; /* By record: EXEC_*, from exec_mount_present and
				    attach_exists. */
	int change_is_gone;
	int patience; /* How often patience_again() says yes. */
	enum patience waited_for;
	int is_gone[3]; /* By the last digit of a pin's path; -1: that is unknown. */
	char log[512];
	char warned[512];
	int has_caps;
	int listmount_errno; /* Of listmount in another mount namespace. */
	struct nets nets;
} world;

static struct caller caller;
static struct undo_left left;
static int pin_fd = -1; /* The last pin opened by lookup_again(). */

__attribute__((format(printf, 1, 2))) static void log_add(const char *fmt, ...)
{
	size_t len = strlen(world.log);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(world.log + len, sizeof world.log - len, fmt, ap);
	va_end(ap);
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	long arg[2];
	va_list ap;

	va_start(ap, number);
	arg[0] = va_arg(ap, long);
	arg[1] = va_arg(ap, long);
	va_end(ap);
	if (number != KERNEL_SYS_LISTMOUNT)
		return __real_syscall(number, arg[0], arg[1]);
	errno = world.listmount_errno;
	return -1;
}

static int answer(
	const char *kind, int base_fd, const struct journal_rec *rec, struct vst_err *err)
{
	int number = number_of(rec), turn = world.n_asked[number]++;

	world.base[number] = base_fd;
	log_add("%s%d ", kind, number);
	vst_fail(err, VST_EXIT_FAILED, 0, "why %d", number);
	return world.answers[number][turn < 2 ? turn : 2];
}

int exec_dir_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err)
{
	return answer("d", base_fd, rec, err);
}

int exec_file_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err)
{
	return answer("f", base_fd, rec, err);
}

int exec_mount_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err)
{
	return answer("m", base_fd, rec, err);
}

int exec_change_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err)
{
	return answer("c", base_fd, rec, err);
}

int exec_link_undo(const struct nets *nets, const struct journal_rec *rec, struct vst_err *err)
{
	world.nets = *nets;
	return answer("l", -1, rec, err);
}

int link_back(const struct nets *nets, const struct journal *of, const struct journal_rec *rec,
	struct vst_err *err)
{
	assert_ptr_equal(of, &journal);
	return answer("v", -1, rec, err);
}

int exec_change_is_gone(const struct journal_rec *rec)
{
	return world.change_is_gone;
}

enum exec_present exec_mount_present(
	int base_fd, const struct journal_rec *rec, struct vst_err *err)
{
	assert_int_equal(base_fd, -1);
	return (enum exec_present)world.exists[number_of(rec)];
}

void exec_mount_release(struct exec_run *run)
{
	log_add("release ");
}

int attach_exists(const struct rec_mount *rec, const char *rest)
{
	for (unsigned i = 0; i < n_records; i++) {
		struct journal_rec at;

		journal_read(&journal, places[i], &at);
		if (at.body == rec)
			return world.exists[i] != EXEC_GONE;
	}
	return -1;
}

const char *attach_point_of(uint64_t mnt_id, struct kernel_statmount *sm)
{
	return "/peer/there";
}

int host_is_named(const char *path)
{
	return 0;
}

int lookup_again(
	const char *path, uint64_t dev, uint64_t ino, const struct caller *by, int *ret_fd)
{
	log_add("(%s) ", path);
	assert_ptr_equal(by, &caller);
	if (world.is_gone[path[strlen(path) - 1] - '0']) {
		errno = EACCES;
		return world.is_gone[path[strlen(path) - 1] - '0'] < 0 ? -1 : 0;
	}
	assert_int_equal(*ret_fd, -1);
	pin_fd = *ret_fd = open("/usr", O_PATH | O_DIRECTORY);
	return 1;
}

void held_describe(
	const struct journal *of, const struct journal_rec *rec, struct held_name *ret)
{
	ret->kind = "thing";
	snprintf(ret->name, sizeof ret->name, "name %d", number_of(rec));
}

void report(enum report_level level, const struct report_about *about, const char *fmt, ...)
{
	size_t len = strlen(world.warned);
	va_list ap;

	assert_int_equal(level, REPORT_WARNING);
	va_start(ap, fmt);
	vsnprintf(world.warned + len, sizeof world.warned - len, fmt, ap);
	va_end(ap);
	strcat(world.warned, ";");
}

int patience_again(enum patience what, struct patience_wait *wait)
{
	world.waited_for = what;
	return world.patience-- > 0;
}

void patience_take_back(void)
{
	log_add("| ");
}

int caps_has(uint64_t set)
{
	return world.has_caps;
}

/* Counts mount records as proof.c does, so a wrong bit is noticed. */
void proof_of_nothing(struct journal *of, uint32_t run, struct proof *proof, proof_place *place,
	proof_left *tell, void *arg)
{
	unsigned nth = 0, n = 0;

	for (uint32_t at = journal_last_of_run(of, run); at > run; at = journal_prev(of, at)) {
		char path[VST_PATH_MAX + 1];
		struct journal_rec rec;
		int number;

		journal_read(of, at, &rec);
		if (rec.kind != JOURNAL_MOUNT ||
			((const struct rec_mount *)rec.body)->flags & REC_MOUNT_COPY)
			continue;
		if (!(proof->done[nth / 64] >> nth % 64 & 1)) {
			nth++;
			continue;
		}
		nth++;
		n++;
		number = number_of(&rec);
		assert_int_equal(place(arg, &rec, path), 0);
		log_add("[%s %d] ", path, number);
		if (world.behind[number] == LEFT_NOTHING)
			journal_undone(of, at);
		else
			tell(arg, &rec, world.behind[number] == LEFT_COPY ? "/over" : NULL);
	}
	assert_int_equal(n, proof->n);
}

/* Begins a run (0) with two pins (1, 2). */
static void begin_world(void)
{
	world = (struct world){.has_caps = 1};
	for (int i = 0; i < RECORDS_MAX; i++)
		world.exists[i] = EXEC_THERE;
	caller = (struct caller){.in_init_userns = 1};
	left = (struct undo_left){.n = 0};
	put_run(1);
	put_pin("/p1");
	put_pin("/p2");
}

static void answers(int number, int first, int second, int third)
{
	memcpy(world.answers[number], (int[]){first, second, third}, sizeof(int[3]));
}

/* Undo by a later process. */
static void take(unsigned kinds, uint32_t mount_flags, int stop)
{
	const struct undo_view view = {
		.journal = &journal, .caller = &caller, .nets = NETS_NONE};
	const struct undo_which which = {places[0], kinds, mount_flags, stop, 0};

	undo_records(&view, &which, &left);
}

/* Undo by the run that made the records. */
static int take_own(void)
{
	static struct exec_run run;
	const struct pin pins[] = {{.fd = 11}, {.fd = 12}};
	const struct plan_allowed allowed = {.pins = pins, .n_pins = 2};

	run = (struct exec_run){.journal = &journal,
		.own_net_fd = 77,
		.nsid = 7,
		.here = (struct nl *)&run,
		.pin_rec = {places[1], places[2]}};
	left.n = 99;
	return undo_run(&run, &allowed, &left);
}

/* Appends one record of each kind: 3 to 8. */
static void put_each(void)
{
	put_dir(1, "d");
	put_bound_file(1, "f");
	put_mount(1, "m", 100, UNIQUE);
	put_change(1, "c");
	put_link("eth0", 7, 0);
	put_move("eth1", 8);
}

static void newest_first(void **state)
{
	put_each();
	take(UNDO_ALL, 0, 0);
	assert_string_equal(world.log, "| v8 l7 (/p1) c6 m5 f4 d3 (/p1) [/usr/m 5] ");
	assert_string_equal(states(), "IUUUUUUUU");
	assert_int_equal(left.n, 0);
	/* Undone records are not tried again. */
	world.log[0] = '\0';
	take(UNDO_ALL, 0, 0);
	assert_string_equal(world.log, "| ");
}

/* Selects by run, by kind, and mounts by flags. */
static void which(void **state)
{
	put_each();
	put_mount(2, "outside", 101, UNIQUE);
	put_mount(2, "inside", 102, UNIQUE | REC_MOUNT_BUNDLE);
	put_run(2);
	put_link("eth2", 9, 0);
	take(1u << JOURNAL_MOUNT | 1u << JOURNAL_LINK, REC_MOUNT_BUNDLE, 0);
	assert_string_equal(world.log, "| (/p2) m10 l7 (/p2) [/usr/inside 10] ");
	assert_string_equal(states(), "IIIIIIIUIIUII");
}

static void each_answer(void **state)
{
	static const struct {
		int answer;
		char state;
		unsigned n;
		enum vst_exit exit;
		const char *warned;
	} want[] = {
		{UNDO_DONE, 'U', 0, VST_EXIT_OK, ""},
		{UNDO_OTHERWISE, 'U', 0, VST_EXIT_OK, "name 3: why 3;"},
		{UNDO_LEFT, 'I', 1, VST_EXIT_CONFLICT, ""},
		{UNDO_BUSY, 'I', 1, VST_EXIT_FAILED, ""},
		{-1, 'I', 1, VST_EXIT_FAILED, ""},
		{UNDO_KEPT, 'I', 1, VST_EXIT_INCOMPLETE, ""},
	};

	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		put_bound_file(1, "f");
		answers(3, want[i].answer, want[i].answer, want[i].answer);
		take(UNDO_ALL, 0, 0);
		assert_int_equal(states()[3], want[i].state);
		assert_int_equal(left.n, want[i].n);
		assert_int_equal(left.exit, want[i].exit);
		/* Only UNDO_BUSY waits. */
		assert_int_equal(world.patience, want[i].answer == UNDO_BUSY ? -1 : 0);
		assert_string_equal(world.warned, want[i].warned);
		if (left.n)
			assert_string_equal(left.text[0], "name 3: why 3");
		start_again();
	}
}

/* The worst answer decides the exit status, in any order. */
static void worst(void **state)
{
	static const struct {
		int first, then;
		enum vst_exit exit;
	} want[] = {
		{UNDO_LEFT, -1, VST_EXIT_FAILED},
		{-1, UNDO_LEFT, VST_EXIT_FAILED},
		{UNDO_LEFT, UNDO_LEFT, VST_EXIT_CONFLICT},
		{UNDO_KEPT, UNDO_LEFT, VST_EXIT_INCOMPLETE},
		{UNDO_LEFT, UNDO_KEPT, VST_EXIT_INCOMPLETE},
		{UNDO_KEPT, -1, VST_EXIT_INCOMPLETE},
		{-1, UNDO_KEPT, VST_EXIT_INCOMPLETE},
		{UNDO_BUSY, UNDO_LEFT, VST_EXIT_FAILED},
	};

	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		put_link("eth0", 7, 0);
		put_link("eth1", 8, 0);
		answers(4, want[i].first, want[i].first, want[i].first);
		answers(3, want[i].then, want[i].then, want[i].then);
		take(UNDO_ALL, 0, 0);
		assert_int_equal(left.n, 2);
		assert_int_equal(left.exit, want[i].exit);
		assert_string_equal(left.text[0], "why 4");
		assert_string_equal(left.text[1], "why 3");
		start_again();
	}
}

static void busy(void **state)
{
	put_mount(1, "m", 100, UNIQUE);
	put_link("eth0", 7, 0);
	world.patience = 5;
	answers(4, UNDO_BUSY, UNDO_BUSY, UNDO_DONE);
	answers(3, UNDO_BUSY, UNDO_DONE, UNDO_DONE);
	take(1u << JOURNAL_LINK, 0, 0);
	assert_int_equal(world.waited_for, PATIENCE_LINK);
	take(1u << JOURNAL_MOUNT, 0, 0);
	assert_int_equal(world.waited_for, PATIENCE_BUSY);
	assert_string_equal(states(), "IIIUU");
	assert_int_equal(world.patience, 2);
	assert_int_equal(left.n, 0);
}

/* Without patience, each record is still tried once. */
static void no_patience(void **state)
{
	put_each();
	world.patience = 1;
	answers(8, UNDO_BUSY, UNDO_BUSY, UNDO_BUSY);
	answers(7, UNDO_BUSY, UNDO_BUSY, UNDO_DONE);
	take(UNDO_ALL & ~(1u << JOURNAL_PIN), 0, 0);
	assert_string_equal(world.log, "| v8 v8 l7 (/p1) c6 m5 f4 d3 (/p1) [/usr/m 5] ");
	assert_string_equal(states(), "IIIUUUUII");
	assert_int_equal(left.n, 2);
	assert_int_equal(left.exit, VST_EXIT_FAILED);
}

/* Undo goes on after a failure. Directories older than a mount that stays are neither touched
 * nor named, since it may stand on them. */
static void goes_on(void **state)
{
	put_each();
	put_dir(1, "m/newer");
	answers(7, -1, -1, -1);
	answers(5, UNDO_LEFT, UNDO_LEFT, UNDO_LEFT);
	take(UNDO_ALL & ~(1u << JOURNAL_PIN), 0, 0);
	assert_string_equal(world.log, "| (/p1) d9 v8 l7 c6 m5 f4 ");
	assert_string_equal(states(), "IIIIUIUIUU");
	assert_int_equal(left.n, 2);
	assert_string_equal(left.text[0], "why 7");
	assert_string_equal(left.text[1], "name 5: why 5");
}

/* With `stop`, undo ends at the first mount that stays. */
static void stops(void **state)
{
	put_mount(1, "a", 100, UNIQUE);
	put_mount(1, "a/b", 101, UNIQUE);
	put_mount(1, "a/b/c", 102, UNIQUE);
	answers(4, UNDO_LEFT, UNDO_LEFT, UNDO_LEFT);
	take(1u << JOURNAL_MOUNT, 0, 1);
	assert_string_equal(world.log, "| (/p1) m5 m4 (/p1) [/usr/a/b/c 5] ");
	assert_string_equal(states(), "IIIIIU");
	assert_int_equal(left.n, 1);
}

/* A directory that is not empty is tried again after everything else. */
static void again(void **state)
{
	put_dir(1, "a");
	put_mount(1, "b", 100, UNIQUE);
	put_dir(1, "b/on");
	put_dir(1, "c");
	answers(3, UNDO_LEFT, UNDO_DONE, UNDO_DONE);
	answers(5, UNDO_LEFT, UNDO_DONE,
		UNDO_DONE); /* On a mount that is gone by then: no second try. */
	answers(6, UNDO_LEFT, UNDO_LEFT, UNDO_LEFT);
	take(1u << JOURNAL_DIR | 1u << JOURNAL_MOUNT, 0, 0);
	assert_string_equal(world.log, "| (/p1) d6 d5 m4 d3 (/p1) d6 d3 (/p1) [/usr/b 4] ");
	assert_string_equal(states(), "IIIUUII");
	assert_int_equal(left.n, 2);
	assert_int_equal(left.exit, VST_EXIT_CONFLICT);
	assert_string_equal(left.text[0], "name 5: why 5");
	assert_string_equal(left.text[1], "name 6: why 6");
}

/* If a mount stays, newer directories that stay are named, unless they lie on the run's mounts.
 */
static void again_and_stays(void **state)
{
	put_dir(1, "older");
	put_mount(1, "b", 100, UNIQUE | REC_MOUNT_MEMORY);
	put_dir(1, "between");
	put_mount(1, "c", 101, UNIQUE);
	put_dir(1, "b/on");
	put_dir(1, "d");
	put_dir(1, "e");
	for (int i = 3; i <= 8; i++)
		answers(i, UNDO_LEFT, UNDO_LEFT, UNDO_LEFT);
	answers(9, UNDO_LEFT, UNDO_DONE, UNDO_DONE);
	take(1u << JOURNAL_DIR | 1u << JOURNAL_MOUNT, 0, 0);
	assert_string_equal(world.log, "| (/p1) d9 d8 d7 m6 m4 (/p1) d9 d8 ");
	assert_string_equal(states(), "IIIIIIIIIU");
	assert_int_equal(left.n, 3);
	assert_string_equal(left.text[0], "name 6: why 6");
	assert_string_equal(left.text[1], "name 4: why 4");
	assert_string_equal(left.text[2], "name 8: why 8");
	start_again();
	/* The file system went with its mount, and the directory with it. */
	put_mount(1, "b", 100, UNIQUE | REC_MOUNT_MEMORY);
	put_dir(1, "b/on");
	answers(4, UNDO_LEFT, UNDO_DONE, UNDO_DONE);
	take(1u << JOURNAL_DIR | 1u << JOURNAL_MOUNT, 0, 0);
	assert_string_equal(states(), "IIIUU");
	assert_int_equal(left.n, 0);
}

/* UNDO_MISSING, by the run that made the object and by a later one. */
static void missing(void **state)
{
	for (int i = 0; i < 4; i++) {
		put_mount(1, "m", 100, UNIQUE | (i & 2 ? REC_MOUNT_MEMORY : 0));
		put_bound_file(1, "m/f");
		if (i & 1)
			is_done(4);
		answers(4, UNDO_MISSING, UNDO_MISSING, UNDO_MISSING);
		take(UNDO_ALL, 0, 0);
		/* A later run lets go, with a warning if the object may have been moved. */
		assert_int_equal(left.n, 0);
		assert_int_equal(states()[4], 'U');
		assert_string_equal(world.warned, i == 1 ? "name 4: why 4;" : "");
		start_again();
		put_mount(1, "m", 100, UNIQUE | (i & 2 ? REC_MOUNT_MEMORY : 0));
		put_bound_file(1, "m/f");
		if (i & 1)
			is_done(4);
		answers(4, UNDO_MISSING, UNDO_MISSING, UNDO_MISSING);
		/* Its own run keeps and names it, unless it went with a file system in memory.
		 */
		assert_int_equal(take_own(), i & 2 ? 0 : -1);
		if (i & 2)
			assert_int_equal(left.n, 0);
		else
			assert_int_equal(left.exit, VST_EXIT_INCOMPLETE);
		assert_int_equal(states()[4], i & 2 ? 'U' : i & 1 ? 'D' : 'I');
		start_again();
	}
}

/* A file hidden by a mount that stays is neither missing nor undone. */
static void hidden(void **state)
{
	put_bound_file(1, "m/f");
	is_done(3);
	put_mount(1, "m", 100, UNIQUE);
	answers(4, UNDO_BUSY, UNDO_BUSY, UNDO_BUSY);
	answers(3, UNDO_MISSING, UNDO_MISSING, UNDO_MISSING);
	take(UNDO_ALL, 0, 0);
	assert_string_equal(states(), "IUUDI");
	assert_int_equal(left.n, 1);
	assert_string_equal(world.warned, "");
}

static void pins(void **state)
{
	put_dir(1, "a");
	put_dir(1, "b");
	put_dir(2, "c");
	put_dir(1, "d");
	take(1u << JOURNAL_DIR, 0, 0);
	/* A pin is opened once for records in a row, and closed before the next pin. */
	assert_string_equal(world.log, "| (/p1) d6 (/p2) d5 (/p1) d4 d3 ");
	assert_int_equal(world.base[3], world.base[4]);
	assert_int_equal(fcntl(pin_fd, F_GETFD), -1);
	start_again();
	/* The live run uses its own descriptors. */
	put_dir(1, "a");
	put_dir(2, "c");
	assert_int_equal(take_own(), 0);
	assert_string_equal(world.log, "release | d4 d3 ");
	assert_int_equal(world.base[3], 11);
	assert_int_equal(world.base[4], 12);
}

/* The pin's directory is gone: only mounts known by id are still looked for. */
static void pin_gone(void **state)
{
	put_dir(1, "a");
	put_mount(1, "by_id", 100, UNIQUE);
	put_mount(1, "gone", 101, 0);
	put_mount(1, "somewhere", 102, 0);
	put_change(1, "c");
	put_dir(2, "d");
	world.is_gone[1] = 1;
	world.exists[5] = EXEC_GONE;
	world.exists[6] = EXEC_UNKNOWN;
	take(UNDO_ALL & ~(1u << JOURNAL_PIN), 0, 0);
	assert_int_equal(world.base[7], -1);
	assert_int_equal(world.base[4], -1);
	assert_int_equal(world.n_asked[3] + world.n_asked[5] + world.n_asked[6], 0);
	/* Mount 6 stays, so the older directory 3 is not touched. */
	assert_string_equal(states(), "IIIIUUIUU");
	assert_int_equal(left.n, 1);
	assert_int_equal(left.exit, VST_EXIT_CONFLICT);
	assert_string_equal(left.text[0], "name 6: directory /p1, which it was made in, is not "
					  "there any more, or another "
					  "one is");
	/* The proof uses the pin's recorded path. */
	assert_non_null(strstr(world.log, "[/p1/gone 5] "));
	assert_non_null(strstr(world.log, "[/p1/by_id 4] "));
	start_again();
	put_change(1, "c");
	put_dir(1, "a");
	world.is_gone[1] = 1;
	world.change_is_gone = 1;
	take(UNDO_ALL & ~(1u << JOURNAL_PIN), 0, 0);
	assert_int_equal(world.n_asked[3], 0);
	assert_string_equal(states(), "IIIUI");
	assert_int_equal(left.n, 1);
}

/* What was made for a caller with less is his to move away; what cannot be looked at stays. */
static void pin_gone_of_a_user(void **state)
{
	const unsigned kinds = UNDO_ALL & ~(1u << JOURNAL_PIN);

	for (int has_less = 0; has_less < 2; has_less++) {
		caller.has_less = has_less;
		put_dir(1, "a");
		put_bound_file(1, "b");
		put_mount(1, "somewhere", 100, 0);
		put_bound_file(1, "perhaps");
		is_done(3);
		is_done(4);
		world.exists[5] = EXEC_GONE;
		world.is_gone[1] = 1;
		take(kinds, 0, 0);
		assert_string_equal(states(), has_less ? "IIIUUUU" : "IIIDDUI");
		assert_int_equal(left.n, has_less ? 0 : 3);
		assert_string_equal(world.warned,
			has_less
				? "name 4: directory /p1, which it was made in, is not there any more, or another one is;name 3: directory /p1, which it was made in, is not there any more, or another one is;"
				: "");
		start_again();
		caller.has_less = has_less;
		put_bound_file(1, "b");
		put_change(1, "c");
		is_done(3);
		world.is_gone[1] = -1;
		take(kinds, 0, 0);
		assert_int_equal(world.n_asked[3], 0);
		assert_string_equal(states(), "IIIDU");
		assert_int_equal(left.exit, VST_EXIT_INCOMPLETE);
		assert_string_equal(left.text[0],
			"name 3: it is kept: directory /p1, which it was made in, cannot be looked at; mend that and try again: Permission denied");
		start_again();
	}
}

/* Of a run in another mount namespace only links are undone; the rest is kept and named. ENOENT
 * proves that the namespace is gone only to a caller that may see all of them. */
static void elsewhere(void **state)
{
	static const struct {
		int has_caps, in_init_userns, code;
	} unknown[] = {{0, 1, ENOENT}, {1, 0, ENOENT}, {1, 1, EPERM}, {1, 1, ENOSYS}};

	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
		put_each();
		journal.key.mntns_ino++;
		world.has_caps = unknown[i].has_caps;
		world.listmount_errno = unknown[i].code;
		caller.in_init_userns = unknown[i].in_init_userns;
		take(UNDO_ALL & ~(1u << JOURNAL_PIN), 0, 0);
		assert_string_equal(world.log, "| v8 l7 ");
		assert_string_equal(states(), "IIIIIIIUU");
		/* A mount stays, so the directory is not named. */
		assert_int_equal(left.n, 3);
		assert_int_equal(left.exit, VST_EXIT_INCOMPLETE);
		assert_non_null(
			strstr(left.text[0], "name 6: it is of another mount namespace"));
		start_again();
	}
	put_each();
	journal.key.mntns_ino++;
	world.listmount_errno = ENOENT;
	take(UNDO_ALL, 0, 0);
	assert_string_equal(states(), "IUUUUUUUU");
	start_again();
	/* The live run is never elsewhere. */
	put_each();
	journal.key.mntns_ino++;
	assert_int_equal(take_own(), 0);
}

static void copies(void **state)
{
	put_mount(1, "a", 100, UNIQUE);
	put_mount(1, "a", 101, UNIQUE | REC_MOUNT_COPY);
	put_mount(1, "a", 102, UNIQUE | REC_MOUNT_COPY);
	put_mount(1, "b", 103, UNIQUE);
	put_mount(1, "b", 104, UNIQUE | REC_MOUNT_COPY);
	put_mount(1, "c", 105, UNIQUE);
	world.exists[3] = EXEC_GONE;
	answers(6, UNDO_LEFT, UNDO_LEFT, UNDO_LEFT);
	answers(4, UNDO_LEFT, UNDO_LEFT, UNDO_LEFT);
	take(1u << JOURNAL_MOUNT, 0, 0);
	/* Copies come after all originals, and only if their original is gone. */
	assert_string_equal(
		world.log, "| (/p1) m8 m6 m3 (/p1) m5 m4 (/p1) [/usr/c 8] [/usr/a 3] ");
	assert_string_equal(states(), "IIIUIUIIU");
	assert_int_equal(left.n, 2);
	assert_string_equal(left.text[0], "name 6: why 6");
	assert_string_equal(left.text[1], "name 4: a copy of it, at '/peer/there': why 4");
}

/* A mount is UNDONE only when the proof has found nothing at its place. */
static void proved(void **state)
{
	put_mount(1, "left", 100, UNIQUE);
	put_mount(1, "unseen", 101, UNIQUE);
	put_mount(1, "shared", 102, UNIQUE | REC_MOUNT_SHARE);
	put_mount(1, "otherwise", 103, UNIQUE);
	world.behind[3] = LEFT_COPY;
	world.behind[4] = LEFT_UNSEEN;
	answers(5, UNDO_OTHERWISE, 0, 0);
	answers(6, UNDO_OTHERWISE, 0, 0);
	take(1u << JOURNAL_MOUNT, 0, 0);
	/* A shared /run/netns that others use needs no proof. */
	assert_string_equal(world.log,
		"| (/p1) m6 m5 m4 m3 (/p1) [/usr/otherwise 6] [/usr/unseen 4] [/usr/left 3] ");
	assert_string_equal(states(), "IIIIIUU");
	assert_int_equal(left.n, 2);
	assert_int_equal(left.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(left.text[0], "whether a copy of it is left cannot be told"));
	assert_non_null(strstr(left.text[1], "is left at '/over'"));
	assert_string_equal(world.warned, "name 6: why 6;name 5: why 5;");
}

/* A failed run is ended in the journal only if nothing is left. */
static void own(void **state)
{
	put_each();
	answers(7, UNDO_KEPT, UNDO_KEPT, UNDO_KEPT);
	assert_int_equal(take_own(), -1);
	assert_int_equal(left.n, 1);
	assert_int_equal(left.exit, VST_EXIT_INCOMPLETE);
	assert_string_equal(states(), "IUUUUUUIU");
	assert_memory_equal(world.log, "release | ", 10);
	assert_int_equal(world.nets.nsid, 7);
	assert_int_equal(world.nets.ns_here, 77);
	assert_int_equal(world.nets.is, NETS_OPEN);
	answers(7, UNDO_DONE, UNDO_DONE, UNDO_DONE);
	assert_int_equal(take_own(), 0);
	assert_string_equal(states(), "UUUUUUUUU");
}

/* All records that stay are counted; the first eight have a text. */
static void many(void **state)
{
	for (int i = 3; i < 15; i++) {
		assert_int_equal(put_bound_file(1, "f"), i);
		answers(i, UNDO_LEFT, UNDO_LEFT, UNDO_LEFT);
	}
	take(UNDO_ALL, 0, 0);
	assert_int_equal(left.n, 12);
	assert_string_equal(left.text[7], "name 7: why 7");
	assert_int_equal(left.exit, VST_EXIT_CONFLICT);
}

/* journal_open() refuses such a journal, so undo is the second line. */
static void unknown_kind(void **state)
{
	put_link("eth0", 7, 0);
	journal_head(&journal, places[put_link("eth1", 8, 0)])->kind = 9;
	take(UNDO_ALL, 0, 0);
	assert_string_equal(states(), "IUUUI");
	assert_int_equal(left.n, 1);
	assert_string_equal(left.text[0], "the journal holds a record of no known kind");
}

static void needs(void **state)
{
	const uint64_t admin = 1ULL << CAP_SYS_ADMIN, net = 1ULL << CAP_NET_ADMIN;
	const uint64_t want[] = {0, admin, admin, admin, net, admin | net};

	put_each();
	for (unsigned kind = 0; kind < 6; kind++)
		assert_true(undo_needs(&journal, places[0],
				    1u << (const int[]){JOURNAL_DIR, JOURNAL_FILE,
					    JOURNAL_MOUNT, JOURNAL_CHANGE, JOURNAL_LINK,
					    JOURNAL_MOVE}[kind]) == want[kind]);
	assert_true(undo_needs(&journal, places[0], UNDO_ALL) == (admin | net));
	/* Undone records, and those of other runs, need nothing. */
	journal_undone(&journal, places[7]);
	journal_undone(&journal, places[8]);
	put_run(2);
	put_link("eth2", 9, 0);
	assert_true(undo_needs(&journal, places[0], UNDO_ALL) == admin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(newest_first),
		TEST(which),
		TEST(each_answer),
		TEST(worst),
		TEST(busy),
		TEST(no_patience),
		TEST(goes_on),
		TEST(stops),
		TEST(again),
		TEST(again_and_stays),
		TEST(missing),
		TEST(hidden),
		TEST(pins),
		TEST(pin_gone),
		TEST(pin_gone_of_a_user),
		TEST(elsewhere),
		TEST(copies),
		TEST(proved),
		TEST(own),
		TEST(many),
		TEST(unknown_kind),
		TEST(needs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
