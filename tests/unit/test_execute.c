/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which a plan is executed, and what happens after a step fails: no further step
 * begins, and everything is taken back once. Every executor is replaced by one that only logs.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipc/fd.h"
#include "privileged/exec/exec_dir.h"
#include "privileged/exec/exec_file.h"
#include "privileged/exec/exec_netns.h"
#include "privileged/exec/exec_ns.h"
#include "privileged/execute/execute.h"
#include "privileged/execute/execute_mount.h"
#include "privileged/execute/execute_proof.h"
#include "privileged/execute/footing.h"
#include "privileged/kernel/patience.h"
#include "privileged/link/exec_link.h"
#include "privileged/link/exec_link_set.h"
#include "privileged/link/exec_port.h"
#include "privileged/mount/exec_mount.h"

/* The replacements take more parameters than they use. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define STEPS_MAX 16
#define PINS 5
#define SHARED_FD 1000 /* What exec_netns_open opens is a descriptor above this. */

static struct world {
	const char *fails; /* The call whose log entry begins so fails, */
	int skip;          /* after this many successful ones. */
	int over_after;    /* patience_is_over() is true after this many calls; 0: never. */
	int signal;
	int undo_fails;
	int is_netns_dir; /* The namespace's directory is /run/netns. */
	int asked_over;
	uint32_t last; /* Last record of the journal. */
	uint32_t since;
	char log[1024];
} world;

static struct vst_err err;
static struct undo_left left;
static uint8_t outcome[STEPS_MAX];

__attribute__((format(printf, 1, 2))) static int call(const char *fmt, ...)
{
	size_t len = strlen(world.log);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(world.log + len, sizeof world.log - len, fmt, ap);
	va_end(ap);
	strcat(world.log, "; ");
	if (!world.fails || strncmp(world.log + len, world.fails, strlen(world.fails)) != 0 ||
		world.skip-- > 0)
		return 0;
	return vst_fail(&err, VST_EXIT_CONFLICT, 0, "why");
}

#define STEP(name)                                                                             \
	int name(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,      \
		struct vst_err *e)                                                             \
	{                                                                                      \
		return call("%s %u", #name, step);                                             \
	}
STEP(exec_link_veth)
STEP(exec_link_there)
STEP(exec_link_here)
STEP(exec_link_move)
STEP(exec_link_set_here)
STEP(exec_link_set_there)
STEP(exec_mount_bind_rootfs)
STEP(exec_mount_tmpfs)
STEP(exec_mount_overlay)
STEP(execute_mount)

static int open_high(void)
{
	int fd = open("/", O_PATH), high = fcntl(fd, F_DUPFD, SHARED_FD);

	close(fd);
	return high;
}

int footing_find(const struct plan_allowed *allowed, uint32_t i, const struct step_path *at,
	int file, struct exec_run *run, struct footing *ret, struct vst_err *e)
{
	ret->own_fd = at->flags & PATH_IN_ROOT ? open("/", O_PATH) : -1;
	ret->fd = ret->own_fd >= 0 ? ret->own_fd : 50 + (int)at->base;
	ret->rest = allowed->bytes + at->path.off + at->rest;
	ret->pin_rec = 70 + at->base;
	strcpy(ret->rec_rest, ret->rest);
	return call("footing %u", i);
}

int footing_of_dir(const struct plan_allowed *allowed, struct exec_run *run, int dir_fd,
	int *ret_base_fd, uint32_t *ret_pin_rec, char ret_rest[VST_PATH_MAX + 16],
	struct vst_err *e)
{
	*ret_base_fd = allowed->pins[PIN_ROOT].fd;
	*ret_pin_rec = 71;
	strcpy(ret_rest, world.is_netns_dir ? "run/netns" : "srv/run/netns");
	return call("of_dir");
}

int footing_pin_record(const struct plan_allowed *allowed, struct exec_run *run, uint32_t pin,
	uint32_t *ret_place, struct vst_err *e)
{
	*ret_place = 70 + pin;
	return call("pin %u", pin);
}

void footing_close(struct footing *footing)
{
	vst_fd_close(&footing->own_fd);
}

int execute_prove(const struct plan_allowed *allowed, struct exec_run *run, uint32_t since,
	const struct place *in, int dir_fd, struct vst_err *e)
{
	assert_true(fcntl(dir_fd, F_GETFD) >= 0 || (dir_fd >= 50 && dir_fd < 60));
	world.since = since;
	return call("prove %s", in->rec_rest);
}

int execute_prove_dir(const struct plan_allowed *allowed, struct exec_run *run, uint32_t since,
	const struct place *in, int made_fd, struct vst_err *e)
{
	return call("prove_dir %s beneath %d", in->rec_rest, in->fd);
}

int execute_prove_pin(const struct plan_allowed *allowed, uint32_t pin, struct vst_err *e)
{
	return call("prove_pin %u", pin);
}

int execute_pin_fd(
	const struct plan_allowed *allowed, const struct exec_run *run, uint32_t pin_rec)
{
	return (int)pin_rec;
}

int exec_dir_make(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *place, int *ret_fd, int *ret_is_new, struct vst_err *e)
{
	if (ret_fd)
		*ret_fd = open("/", O_PATH);
	if (ret_is_new)
		*ret_is_new = 1;
	world.last++;
	return call("make %s in %s", place->rest,
		place->fd >= 50 && place->fd < 60 ? "base" : "kept");
}

int exec_dir_make_in(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *place, int *ret_parent_fd, struct vst_err *e)
{
	if (strchr(place->rest, '/'))
		*ret_parent_fd = open("/", O_PATH);
	world.last++;
	return call("make_in %s%s", place->rest, place->is_missing ? " missing" : "");
}

int exec_file_make(const struct plan_allowed *allowed, struct exec_run *run,
	const struct place *place, int *ret_fd, struct vst_err *e)
{
	*ret_fd = open("/", O_PATH);
	return call("file %s as %s%s%s", place->rest, place->rec_rest,
		place->is_missing ? " missing" : "", place->fd >= SHARED_FD ? " shared" : "");
}

void exec_file_unmake(struct exec_run *run, uint32_t since, int parent_fd, const char *name)
{
	call("unmake %s", name);
}

int exec_netns_open(struct exec_run *run, int root_fd, uint32_t root_rec, int dir_fd,
	int *ret_fd, struct vst_err *e)
{
	*ret_fd = open_high();
	return call("netns");
}

int exec_ns_bind(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	const struct place *place, const struct exec_ns_file *file, struct vst_err *e)
{
	return call("bind_ns %u %s", step, place->rec_rest);
}

int undo_run(struct exec_run *run, const struct plan_allowed *allowed, struct undo_left *ret)
{
	world.fails = NULL;
	call("undo");
	return world.undo_fails ? -1 : 0;
}

int patience_is_over(void)
{
	return world.over_after && ++world.asked_over > world.over_after;
}

int patience_is_late(void)
{
	return 0;
}

int patience_signal(void)
{
	return world.signal;
}

uint32_t journal_last(const struct journal *journal)
{
	return world.last;
}

/* Each kind of space has a digit of its own in the sum. */
size_t journal_space(size_t body_len, size_t result_len)
{
	return 1;
}

size_t exec_mount_space(size_t rest_len)
{
	return 10;
}

size_t exec_dir_space(size_t rest_len)
{
	return 100;
}

size_t exec_file_space(size_t rest_len)
{
	return 1000;
}

size_t exec_netns_space(void)
{
	return 10000;
}

int exec_port(const struct plan_allowed *allowed, uint32_t step, const char *on,
	const struct grant_port *granted, struct exec_run *run, struct vst_err *e)
{
	return call("exec_port %u on %s, %u", step, on, granted->count);
}

size_t exec_port_space(const struct grant_port *granted)
{
	return granted->count;
}

size_t exec_link_space(enum step_kind kind)
{
	return 100000;
}

size_t execute_mount_space(const struct plan_allowed *allowed, uint32_t i)
{
	return 1000000;
}

/* The plan of a test. */
static char bytes[1024];
static uint32_t n_bytes;
static struct step steps[STEPS_MAX];
static struct pin pins[PINS];
static struct plan_allowed allowed;

static struct step *put(enum step_kind kind, const char *path, uint32_t base)
{
	struct step *step = &steps[allowed.n_steps];

	assert_true(allowed.n_steps < STEPS_MAX);
	*step = (struct step){.kind = (uint8_t)kind, .op = 100 + allowed.n_steps};
	step->at.path = (struct text){n_bytes, (uint32_t)strlen(path)};
	step->at.base = base;
	step->at.rest = 1;
	strcpy(bytes + n_bytes, path);
	n_bytes += step->at.path.len + 1;
	allowed.n_steps++;
	return step;
}

static int start(void **state)
{
	world = (struct world){.last = 1};
	memset(outcome, 0, sizeof outcome);
	n_bytes = 1;
	for (int i = 0; i < PINS; i++)
		pins[i] = (struct pin){.fd = 50 + i, .path = "/pin"};
	allowed = (struct plan_allowed){
		.bytes = bytes, .steps = steps, .pins = pins, .n_pins = PINS};
	return 0;
}

static int n_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < SHARED_FD + 16; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Executes; whatever happens, no descriptor stays open. */
static int executed(void)
{
	static struct exec_run run;
	int before = n_fds(), result;

	run = (struct exec_run){.outcome = outcome};
	err = (struct vst_err){.exit = VST_EXIT_OK};
	result = execute(&allowed, &run, &left, &err);
	assert_int_equal(n_fds(), before);
	return result;
}

static void is(const char *log)
{
	assert_int_equal(executed(), 0);
	assert_string_equal(world.log, log);
	world.log[0] = '\0';
}

/* Fails with this status; the log ends with the one undo. */
static void fails(const char *log, enum vst_exit exit, const char *text)
{
	assert_int_equal(executed(), -1);
	assert_string_equal(world.log, log);
	assert_int_equal(err.exit, exit);
	assert_string_equal(err.text, text);
}

static void put_each(void)
{
	put(STEP_MOUNT_NEW, "/a", 3);
	put(STEP_BIND_ROOTFS, "", 0);
	put(STEP_TMPFS, "", 0);
	put(STEP_OVERLAY, "", 0);
	put(STEP_VETH, "", 0);
	put(STEP_LINK_THERE, "", 0);
	put(STEP_LINK_HERE, "", 0);
	put(STEP_LINK_MOVE, "", 0);
	put(STEP_MOUNT_OVERLAY, "/b", 3);
	put(STEP_MOUNT_BIND, "/c", 3);
	put(STEP_MOUNT_CHANGE, "/d", 3);
	put(STEP_LINK_SET_HERE, "", 0);
	put(STEP_LINK_SET_THERE, "", 0);
}

static void in_order(void **state)
{
	put_each();
	steps[6].flags = STEP_DONE;
	is("execute_mount 0; pin 0; exec_mount_bind_rootfs 1; pin 0; exec_mount_tmpfs 2; "
	   "pin 0; exec_mount_overlay 3; exec_link_veth 4; exec_link_there 5; "
	   "exec_link_move 7; execute_mount 8; execute_mount 9; execute_mount 10; "
	   "exec_link_set_here 11; exec_link_set_there 12; ");
	for (int i = 0; i < 13; i++)
		assert_int_equal(outcome[i], i == 6 ? EXEC_ALREADY : 0);
}

/* Each step fails once: the ones before it ran, none after it, and undo ran once, last. */
static void each_fails(void **state)
{
	static const char *const calls[] = {"execute_mount 0", "exec_mount_bind_rootfs 1",
		"exec_mount_tmpfs 2", "exec_mount_overlay 3", "exec_link_veth 4",
		"exec_link_there 5", "exec_link_here 6", "exec_link_move 7", "execute_mount 8",
		"execute_mount 9", "execute_mount 10", "exec_link_set_here 11",
		"exec_link_set_there 12"};
	const int n = sizeof calls / sizeof *calls;
	char want[64];

	for (int i = 0; i < 2 * n; i++) {
		start(NULL);
		put_each();
		world.undo_fails = i >= n;
		world.fails = calls[i % n];
		snprintf(want, sizeof want, "%s; undo; ", calls[i % n]);
		assert_int_equal(executed(), -1);
		assert_string_equal(strstr(world.log, calls[i % n]), want);
		/* Something is left: that decides the status. The words stay the step's. */
		assert_int_equal(err.exit, i < n ? VST_EXIT_CONFLICT : VST_EXIT_INCOMPLETE);
		assert_int_equal(err.op, 100 + i % n);
		assert_non_null(strstr(err.text, "why"));
		if (i % n == 10)
			assert_string_equal(err.text, "mount /d: why");
	}
	start(NULL);
	put(STEP_TMPFS, "", 0);
	world.fails = "pin 0";
	fails("pin 0; undo; ", VST_EXIT_CONFLICT, "why");
	start(NULL);
	put((enum step_kind)99, "", 0);
	fails("undo; ", VST_EXIT_DENIED, "step 0 is of no known kind");
}

static void patience_ends(void **state)
{
	put_each();
	world.over_after = 2;
	fails("execute_mount 0; pin 0; exec_mount_bind_rootfs 1; undo; ", VST_EXIT_FAILED,
		"somebody has kept this run waiting for 5 s in all, so nothing new is begun");
	/* Steps that are done already need no patience. */
	start(NULL);
	put(STEP_VETH, "", 0);
	put(STEP_VETH, "", 0)->flags = STEP_DONE;
	world.over_after = 1;
	is("exec_link_veth 0; ");
	/* A signal that ended a wait is the cause, whatever the step says. */
	start(NULL);
	put(STEP_VETH, "", 0);
	world.fails = "exec_link";
	world.signal = 15;
	fails("exec_link_veth 0; undo; ", VST_EXIT_FAILED,
		"ended by signal 15 while it waited: why");
	/* One that came and harmed nothing is no failure. */
	start(NULL);
	put(STEP_VETH, "", 0);
	world.signal = 15;
	is("exec_link_veth 0; ");
}

/* A caller with less: his veth is a port of its bridge, and more is not set of it here. */
static void port(void **state)
{
	static const struct step_set sets[] = {{.bridge = 7}};
	static const struct grant_port ports[STEPS_MAX] = {{.count = 3}};
	static const struct grant_port more[STEPS_MAX] = {{.count = 7}};
	size_t space;

	put(STEP_VETH, "", 0)->set = 1;
	put(STEP_LINK_SET_HERE, "", 0)->set = 1;
	strcpy(bytes + 7, "br0");
	allowed.sets = sets;
	allowed.ports = ports;
	allowed.caller_has_less = 1;
	is("exec_port 0 on br0, 3; ");
	space = execute_space(&allowed);
	allowed.ports = more;
	assert_int_equal(execute_space(&allowed), space + 4);
}

/* Directories in a row share their parent. It is proved when the next step needs another one,
 * is of another kind, or there is none. */
static void directories(void **state)
{
	put(STEP_MKDIR, "/x/a", PIN_ROOT);
	put(STEP_MKDIR, "/x/b", PIN_ROOT);
	put(STEP_MKDIR, "/y/c", PIN_ROOT);
	put(STEP_MKDIR, "/x/d", PIN_BUNDLE);
	put(STEP_VETH, "", 0);
	put(STEP_MKDIR, "/y/e", PIN_ROOT);
	put(STEP_MKDIR, "/z", PIN_ROOT);
	is("footing 0; make_in x/a; footing 1; make b in kept; footing 2; make_in y/c; "
	   "prove x/a; footing 3; make_in x/d; prove y/c; prove x/d; exec_link_veth 4; "
	   "footing 5; make_in y/e; footing 6; make_in z missing; prove y/e; ");
	/* The proof covers records since the directory was first used: here since y/e. */
	assert_int_equal(world.since, 5);
	/* The same path beneath another pin is another directory. */
	start(NULL);
	put(STEP_MKDIR, "/x/a", PIN_ROOT);
	put(STEP_MKDIR, "/x/b", PIN_BUNDLE);
	is("footing 0; make_in x/a; footing 1; make_in x/b; prove x/a; prove x/b; ");
	/* In the image, each is proved at once. */
	start(NULL);
	put(STEP_MKDIR, "/x/a", PIN_BUNDLE)->at.flags = PATH_IN_ROOT;
	put(STEP_MKDIR, "/x/b", PIN_BUNDLE)->at.flags = PATH_IN_ROOT;
	is("footing 0; make_in x/a; prove x/a; footing 1; make_in x/b; prove x/b; ");
	/* Other pins are proved once, after the last step beneath them; deferred paths not. */
	start(NULL);
	put(STEP_MKDIR, "/a", 3);
	put(STEP_MKDIR, "/b", 3);
	put(STEP_MKDIR, "/c", 2);
	put(STEP_MKDIR, "/d", 4)->at.flags = PATH_DEFERRED;
	put(STEP_VETH, "", 0);
	put(STEP_VETH, "", 0);
	is("footing 0; make_in a missing; footing 1; make_in b missing; footing 2; make_in c missing; footing 3; "
	   "make_in d; prove_pin 2; prove_pin 3; exec_link_veth 4; exec_link_veth 5; ");
}

static void not_proved(void **state)
{
	/* Before a step of another kind, which is not begun then. */
	put(STEP_MKDIR, "/x/a", PIN_ROOT);
	put(STEP_VETH, "", 0);
	world.fails = "prove x/a";
	fails("footing 0; make_in x/a; prove x/a; undo; ", VST_EXIT_CONFLICT, "why");
	/* At the end. */
	start(NULL);
	put(STEP_MKDIR, "/x/a", 3);
	world.fails = "prove x/a";
	fails("footing 0; make_in x/a; prove x/a; undo; ", VST_EXIT_CONFLICT, "why");
	start(NULL);
	put(STEP_MKDIR, "/x/a", 3);
	world.fails = "prove_pin";
	fails("footing 0; make_in x/a; prove x/a; prove_pin 3; undo; ", VST_EXIT_CONFLICT,
		"why");
	/* When another directory takes its place, and in the image. */
	start(NULL);
	put(STEP_MKDIR, "/x/a", PIN_ROOT);
	put(STEP_MKDIR, "/y/b", PIN_ROOT);
	put(STEP_VETH, "", 0);
	world.fails = "prove x/a";
	assert_int_equal(executed(), -1);
	assert_null(strstr(world.log, "veth"));
	start(NULL);
	put(STEP_MKDIR, "/x/a", PIN_BUNDLE)->at.flags = PATH_IN_ROOT;
	world.fails = "prove";
	fails("footing 0; make_in x/a; prove x/a; undo; ", VST_EXIT_CONFLICT,
		"mkdir /x/a: why");
	/* A later step fails: what was made before is proved all the same, before undo. */
	start(NULL);
	put(STEP_MKDIR, "/x/a", PIN_ROOT);
	put(STEP_MKDIR, "/x/b", PIN_ROOT);
	world.fails = "make b";
	fails("footing 0; make_in x/a; footing 1; make b in kept; prove x/a; undo; ",
		VST_EXIT_CONFLICT, "mkdir /x/b: why");
}

static void namespaces(void **state)
{
	put(STEP_BIND_NS, "/x/n", PIN_ROOT);
	put(STEP_BIND_NS, "/x/m", PIN_ROOT);
	put(STEP_BIND_NS, "/k", 3);
	is("footing 0; make x in base; file n as x/n missing; prove x/n; bind_ns 0 x/n; "
	   "footing 1; file m as x/m missing; prove x/m; bind_ns 1 x/m; "
	   "footing 2; file k as k; prove k; bind_ns 2 k; prove x/n; prove_pin 3; ");
	start(NULL);
	put(STEP_BIND_NS, "/long/enough/netns/n", PIN_ROOT);
	executed();
	assert_null(strstr(world.log, "of_dir"));
	/* /run/netns itself is shared, by whatever path; no other directory of that name is. */
	start(NULL);
	put(STEP_BIND_NS, "/var/run/netns/n", PIN_ROOT);
	is("footing 0; make var/run/netns in base; of_dir; file n as var/run/netns/n missing; "
	   "prove var/run/netns/n; bind_ns 0 var/run/netns/n; prove var/run/netns/n; ");
	world.is_netns_dir = 1;
	is("footing 0; make var/run/netns in base; of_dir; netns; "
	   "file n as run/netns/n missing shared; prove run/netns/n; bind_ns 0 run/netns/n; "
	   "prove run/netns/n; ");
	/* Each call fails. A file that is not where it should be is removed, and not bound on.
	 */
	static const char *const calls[] = {
		"footing", "make", "of_dir", "netns", "file", "prove", "bind_ns"};
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		start(NULL);
		put(STEP_BIND_NS, "/var/run/netns/n", PIN_ROOT);
		world.is_netns_dir = 1;
		world.fails = calls[i];
		assert_int_equal(executed(), -1);
		assert_string_equal(err.text, "bindNS /var/run/netns/n: why");
		assert_int_equal(strstr(world.log, "bind_ns") != NULL, i == 6);
		assert_int_equal(strstr(world.log, "unmake n; ") != NULL, i == 5);
		assert_string_equal(world.log + strlen(world.log) - 6, "undo; ");
	}
}

static void cgroups(void **state)
{
	put(STEP_CGROUP, "c/d", 2)->n = 3;
	is("pin 2; make c/d in base; prove_dir c/d beneath 52; pin 3; make c/d in base; "
	   "prove_dir c/d beneath 53; pin 4; make c/d in base; prove_dir c/d beneath 54; ");
	for (int i = 0; i < 3; i++) {
		start(NULL);
		put(STEP_CGROUP, "c/d", 2)->n = 3;
		world.fails = (const char *const[]){"pin", "make", "prove_dir"}[i];
		world.skip = 1;
		assert_int_equal(executed(), -1);
		assert_null(strstr(world.log, "pin 4"));
		assert_string_equal(
			err.text, i ? "cgroup c/d: beneath /pin: why" : "cgroup c/d: why");
	}
}

/* What execute may write has been reserved; steps that are done write nothing. */
static void space(void **state)
{
	assert_int_equal(execute_space(&allowed), PINS);
	put_each();
	assert_int_equal(execute_space(&allowed), 4600030 + PINS);
	put(STEP_MKDIR, "/a", 3);
	put(STEP_BIND_NS, "/n", 3);
	put(STEP_CGROUP, "c", 2)->n = 3;
	assert_int_equal(execute_space(&allowed), 4600030 + PINS + 100 + 11110 + 300);
	for (uint32_t i = 0; i < allowed.n_steps; i++)
		steps[i].flags = STEP_DONE;
	assert_int_equal(execute_space(&allowed), PINS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(in_order, start),
		cmocka_unit_test_setup(each_fails, start),
		cmocka_unit_test_setup(patience_ends, start),
		cmocka_unit_test_setup(port, start),
		cmocka_unit_test_setup(directories, start),
		cmocka_unit_test_setup(not_proved, start),
		cmocka_unit_test_setup(namespaces, start),
		cmocka_unit_test_setup(cgroups, start),
		cmocka_unit_test_setup(space, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
