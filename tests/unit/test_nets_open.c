/* SPDX-License-Identifier: Apache-2.0 */
/* What a later run makes of the two network namespaces: found, alive, provably gone, or none of
 * these; the kernel's answers are the test's. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipc/fd.h"
#include "privileged/link/link_id.h"
#include "privileged/ns/ns.h"
#include "privileged/undo/nets_find.h"
#include "privileged/undo/nets_open.h"

#define BELIEVED (NETS_NSID_MIN + 5)
#define SMALL 3

/* What the kernel answers. */
static struct world {
	uint64_t cookie;
	int exists;
	int found; /* whether a descriptor of there is found */
	int is_denied;
	int enter_exit; /* of nl_open_there, 0: it works */
	int peer_nsid;  /* of the end that is here, -2: it is not here */
	int given[4];   /* what nl_nsid_give answers by turns: a number, or -errno */
	unsigned n_given;
} world;

static struct rec_run run;
static struct rec_link link_rec;
static int n_records;
static char slots[2];

int nl_open(struct nl **ret, struct vst_err *err)
{
	(void)err;
	*ret = (struct nl *)&slots[0];
	return 0;
}

int nl_open_there(int ns_fd, int own_fd, struct nl **ret, struct vst_err *err)
{
	(void)ns_fd;
	(void)own_fd;
	if (world.enter_exit)
		return vst_fail(err, (enum vst_exit)world.enter_exit, EPERM, "enter");
	*ret = (struct nl *)&slots[1];
	return 0;
}

void nl_close(struct nl **nl)
{
	*nl = NULL;
}

int nl_namespace(const struct nl *nl, struct vst_err *err)
{
	(void)nl;
	return vst_fail(err, VST_EXIT_FAILED, ENOTTY, "no");
}

uint64_t nl_cookie(const struct nl *nl)
{
	return (const char *)nl == &slots[1] ? 4242 : world.cookie;
}

int nl_nsid(struct nl *nl, int ns_fd, int *ret, struct vst_err *err)
{
	(void)nl;
	(void)ns_fd;
	(void)err;
	*ret = run.nsid;
	return 0;
}

int nl_nsid_exists(struct nl *nl, int nsid, struct vst_err *err)
{
	(void)nl;
	assert_int_equal(nsid, run.nsid);
	return world.exists < 0 ? vst_fail(err, VST_EXIT_FAILED, ENOMEM, "ask") : world.exists;
}

int nl_nsid_give(struct nl *nl, int ns_fd, int wanted, int *ret, struct vst_err *err)
{
	int given = world.given[world.n_given++];

	(void)nl;
	(void)ns_fd;
	assert_true(wanted >= NETS_NSID_MIN);
	if (given < 0)
		return vst_fail(err, VST_EXIT_CONFLICT, -given, "number");
	*ret = given ? given : wanted;
	return 0;
}

int nl_get_by_index(struct nl *nl, uint32_t ifindex, struct nl_link *ret, struct vst_err *err)
{
	(void)nl;
	(void)err;
	assert_int_equal(ifindex, link_rec.ifindex);
	*ret = (struct nl_link){.ifindex = ifindex, .lower_nsid = world.peer_nsid};
	return world.peer_nsid != -2;
}

const char *link_id_made_differs(
	const struct rec_link *rec, enum journal_state state, const struct nl_link *link)
{
	(void)rec;
	(void)state;
	(void)link;
	return NULL;
}

int ns_own_open(enum vst_ns ns, int *ret_fd, struct vst_err *err)
{
	(void)ns;
	(void)err;
	*ret_fd = open("/", O_PATH);
	return 0;
}

int nets_find(struct nets_search *search)
{
	search->is_denied = world.is_denied;
	return world.found ? open("/", O_PATH) : -1;
}

uint32_t journal_first(const struct journal *journal)
{
	(void)journal;
	return 1;
}

uint32_t journal_next(const struct journal *journal, uint32_t place)
{
	(void)journal;
	return place < (uint32_t)n_records ? place + 1 : 0;
}

uint32_t journal_next_of_run(
	const struct journal *journal, uint32_t place, struct journal_rec *ret_rec)
{
	uint32_t next = journal_next(journal, place);

	if (next)
		journal_read(journal, next, ret_rec);
	return next && ret_rec->kind != JOURNAL_RUN ? next : 0;
}

void journal_read(const struct journal *journal, uint32_t place, struct journal_rec *ret)
{
	(void)journal;
	*ret = (struct journal_rec){.place = place, .state = JOURNAL_DONE};
	ret->kind = place == 1 ? JOURNAL_RUN : JOURNAL_LINK;
	ret->body = place == 1 ? (const void *)&run : (const void *)&link_rec;
}

static int start(void **state)
{
	struct stat own;

	(void)state;
	stat("/", &own);
	world = (struct world){.cookie = 11, .exists = 1, .peer_nsid = -2};
	run = (struct rec_run){.own_netns_id = 11,
		.own_netns_dev = own.st_dev,
		.own_netns_ino = own.st_ino,
		.netns_dev = own.st_dev,
		.netns_ino = own.st_ino + 1,
		.netns_id = 22,
		.nsid = BELIEVED};
	link_rec = (struct rec_link){.ifindex = 7, .flags = REC_LINK_PEER};
	n_records = 2;
	return 0;
}

/* What is there, and the number that may be believed. */
static void is(enum nets_there wanted, int nsid)
{
	struct nets nets;
	struct vst_err err;

	assert_int_equal(nets_open(NULL, &run, NULL, &nets, &err), 0);
	assert_int_equal(nets.is, wanted);
	assert_int_equal(nets.nsid, nsid);
	assert_int_equal(nets.there != NULL, wanted == NETS_OPEN);
	if (wanted == NETS_ALIVE || wanted == NETS_UNKNOWN)
		assert_true(nets.why[0] != '\0');
	nets_close(&nets);
	assert_int_equal(nets.ns_here, -1);
	assert_int_equal(nets.ns_there, -1);
}

static void by_number(void **state)
{
	(void)state;
	is(NETS_ALIVE, BELIEVED);
	world.exists = 0;
	is(NETS_GONE, -1);
	/* No answer is none. */
	world.exists = -1;
	is(NETS_UNKNOWN, -1);
	run.nsid = -1;
	world.exists = 0;
	is(NETS_UNKNOWN, -1);
}

/* A number of the kernel's choice may be another namespace's by now; that nobody has it is as
 * good as with any. */
static void by_small_number(void **state)
{
	(void)state;
	run.nsid = SMALL;
	is(NETS_UNKNOWN, -1);
	world.peer_nsid = SMALL;
	is(NETS_ALIVE, SMALL);
	world.peer_nsid = SMALL + 1;
	is(NETS_UNKNOWN, -1);
	world.peer_nsid = SMALL;
	n_records = 1;
	is(NETS_UNKNOWN, -1);
	world.exists = 0;
	is(NETS_GONE, -1);
}

/* Without a cookie (before 5.14) the inode may be another namespace's: then what is absent in
 * our own proves nothing. */
static void here(void **state)
{
	struct nets nets;
	struct vst_err err;

	(void)state;
	world.cookie = 0;
	is(NETS_ALIVE, BELIEVED);
	world.exists = 0;
	is(NETS_UNKNOWN, -1);
	/* Another one: by its id, though the inode is the same; and by its inode. */
	world.cookie = 12;
	assert_int_equal(nets_open(NULL, &run, NULL, &nets, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	nets_close(&nets);
	world.cookie = 0;
	run.own_netns_ino += 5;
	assert_int_equal(nets_open(NULL, &run, NULL, &nets, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	nets_close(&nets);
}

static void found(void **state)
{
	struct nets nets;
	struct vst_err err;

	(void)state;
	world.found = 1;
	is(NETS_OPEN, BELIEVED);
	/* It lives, though it may not be entered. */
	world.enter_exit = VST_EXIT_DENIED;
	is(NETS_ALIVE, BELIEVED);
	world.enter_exit = VST_EXIT_FAILED;
	assert_int_equal(nets_open(NULL, &run, NULL, &nets, &err), -1);
	nets_close(&nets);
	run.netns_ino = run.own_netns_ino;
	is(NETS_OURS, -1);
}

static void noted(void **state)
{
	struct rec_run now = {.netns_id = 0};
	struct vst_err err;

	(void)state;
	/* Twice somebody else has the number that was drawn. */
	world.given[0] = world.given[1] = -EEXIST;
	assert_int_equal(nets_note((struct nl *)&slots[1], NULL, 5, &now, &err), 0);
	assert_int_equal(world.n_given, 3);
	assert_true(now.nsid >= NETS_NSID_MIN);
	assert_int_equal(now.own_netns_id, 11);
	assert_int_equal(now.netns_id, 4242);
	/* It has one of the kernel's; and nothing of there for links that stay here. */
	world.n_given = 0;
	world.given[0] = SMALL;
	assert_int_equal(nets_note(NULL, NULL, 5, &now, &err), 0);
	assert_int_equal(now.nsid, SMALL);
	assert_int_equal(nets_note(NULL, NULL, -1, &now, &err), 0);
	assert_int_equal(now.nsid, -1);
	world.n_given = 0;
	world.given[0] = -EPERM;
	assert_int_equal(nets_note(NULL, NULL, 5, &now, &err), -1);
	world.n_given = 0;
	for (int i = 0; i < 3; i++)
		world.given[i] = -EEXIST;
	assert_int_equal(nets_note(NULL, NULL, 5, &now, &err), -1);
}

/* What was never opened is closed without harm: no descriptor is 0 by default. */
static void nothing(void **state)
{
	struct nets nets = NETS_NONE;
	int zero = fcntl(0, F_GETFD);

	(void)state;
	nets_close(&nets);
	assert_int_equal(fcntl(0, F_GETFD), zero);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(by_number, start),
		cmocka_unit_test_setup(by_small_number, start),
		cmocka_unit_test_setup(here, start),
		cmocka_unit_test_setup(found, start),
		cmocka_unit_test_setup(noted, start),
		cmocka_unit_test_setup(nothing, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
