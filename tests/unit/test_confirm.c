/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts and cgroups, judged with what resolve found: one good plan, and each thing that can be
 * wrong with it, alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>

#include "policy/confirm.h"
#include "request.h"

static struct step steps[16];
static struct step_mount mounts[8];
static struct step_source sources[8];
static struct step_option options[8];
static struct request_maker maker;
static struct step_set sets[8];
static struct vst_address addresses[16];
static struct vst_route routes[16];
static struct plan plan;
static struct pin pins[6];
static struct plan_pinned pinned;
static struct plan_allowed allowed;
static struct vst_err err;
static const struct caller root = {.uid = 0, .in_init_userns = 1};
static const struct vst_mount_flags none;

enum { NEW, BIND, CHANGE, OVERLAY, MKDIR, CGROUP };

/* Everything is there: destinations and sources are pins of their own. */
static void good(void)
{
	struct request request;

	maker_start(&maker);
	maker_mount(&maker, VST_MOUNT_NEW, none, "/a/new", "tmpfs", "tmpfs");
	maker_mount(&maker, VST_MOUNT_BIND, none, "/a/bind", "", "/a/src");
	maker_mount(&maker, VST_MOUNT_REMOUNT, none, "/a/change", "", "");
	maker_mount(&maker, VST_MOUNT_NEW, none, "/a/overlay", "overlay", "overlay");
	maker_item(&maker, VST_ITEM_LOWER, "", "/a/low");
	maker_item(&maker, VST_ITEM_UPPER, "", "/a/up");
	maker_item(&maker, VST_ITEM_WORK, "", "/a/work");
	maker_op(&maker, VST_OP_MKDIR, 0, "/a/dir", NULL, NULL);
	maker_op(&maker, VST_OP_CGROUP, 0, "g", NULL, NULL);
	request = maker_request(&maker);
	plan = (struct plan){.steps = steps,
		.mounts = mounts,
		.sources = sources,
		.options = options,
		.sets = sets,
		.addresses = addresses,
		.routes = routes};
	plan_build(PLAN_PREPARE, &request, &(struct bundle_layout){.root_is_asked = 1}, &plan);
	pinned = (struct plan_pinned){.plan = &plan, .pins = pins, .n_pins = 6};
	for (unsigned i = 0; i < 6; i++)
		pins[i] = (struct pin){.fd = 10 + (int)i, .mode = S_IFDIR | 0755};
	for (unsigned i = 0; i < VST_NS_COUNT; i++)
		pinned.ns[i].fd = -1;
	for (unsigned i = 0; i < plan.n_steps; i++) {
		steps[i].at.base = 2;
		steps[i].at.rest = (uint16_t)steps[i].at.path.len;
	}
	for (unsigned i = 0; i < plan.n_sources; i++) {
		sources[i].at.base = 3;
		sources[i].at.rest = (uint16_t)sources[i].at.path.len;
	}
	steps[MKDIR].at.rest = 3;
	steps[CGROUP].at.base = 4;
	steps[CGROUP].at.rest = 0;
	steps[CGROUP].n = 2;
}

/* The last component is missing: what is left of "/a/x" beneath "/a". */
static void missing(struct step_path *at)
{
	at->rest = 3;
}

static void is_file(struct step_path *at)
{
	at->rest = 3;
	at->flags |= PATH_FILE;
}

static void defer(struct step_path *at, uint32_t step)
{
	at->rest = 3;
	at->flags |= PATH_DEFERRED;
	at->base = step;
}

static void accepted(void)
{
	if (confirm(&pinned, &root, &allowed, &err) < 0)
		fail_msg("refused: %s", err.text);
}

static void refused(unsigned step, enum vst_exit exit, const char *text)
{
	allowed.n_steps = 77;
	assert_int_equal(confirm(&pinned, &root, &allowed, &err), -1);
	assert_int_equal(allowed.n_steps, 77);
	assert_int_equal(err.op, steps[step].op);
	if (err.exit != exit || !strstr(err.text, text))
		fail_msg("wanted %d \"%s\", got %d \"%s\"", exit, text, err.exit, err.text);
	/* The step alone is judged alike, and so are the others. */
	for (unsigned i = 0; i < plan.n_steps; i++)
		if (!(steps[i].flags & STEP_REFUSED))
			assert_int_equal(
				confirm_one(&pinned, &root, i, &err), i == step ? -1 : 0);
}

static void a_good_plan_is_handed_on(void **state)
{
	(void)state;
	good();
	accepted();
	assert_int_equal(allowed.n_steps, 6);
	assert_ptr_equal(allowed.mounts, mounts);
	assert_ptr_equal(allowed.sources, sources);
	missing(&steps[NEW].at);
	missing(&steps[BIND].at);
	missing(&steps[OVERLAY].at);
	missing(&sources[2].at); /* upper and work are made */
	missing(&sources[3].at);
	accepted();
}

static void the_host_keeps_its_own_directories(void **state)
{
	static const unsigned of[] = {NEW, BIND, CHANGE, OVERLAY};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		good();
		steps[of[i]].flags |= STEP_COVERS;
		accepted();
		steps[of[i]].flags |= STEP_HOST;
		/* Before anything else is asked for: nothing else was looked up. */
		steps[of[i]].at.base = STEP_NO_BASE;
		refused(of[i], VST_EXIT_CONFLICT,
			"absolute destinations are the host's; for the container write 'a/");
	}
}

/* The file that links lead to is known by its name in a pin of its own. */
static void a_file_behind_links_is_named(void **state)
{
	(void)state;
	good();
	steps[BIND].at.flags |= PATH_FILE | PATH_LINK;
	refused(BIND, VST_EXIT_DENIED, "was not resolved");
	pins[2].file = "name";
	refused(BIND, VST_EXIT_CONFLICT,
		"the source is a directory and the destination is a file");
	is_file(&sources[0].at);
	accepted();
	pins[2].file = "na/me";
	refused(BIND, VST_EXIT_DENIED, "not in the directory");
	pins[2].file = "";
	refused(BIND, VST_EXIT_DENIED, "not in the directory");
	pins[2].file = NULL;
	good();
	steps[NEW].at.flags |= PATH_FILE | PATH_LINK;
	pins[2].file = "name";
	refused(NEW, VST_EXIT_CONFLICT, "the destination is a file");
	pins[2].file = NULL;
}

static void destinations_stand_on_directories(void **state)
{
	static const unsigned of[] = {NEW, BIND, CHANGE, OVERLAY, MKDIR};

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		good();
		steps[of[i]].at.base = 6;
		refused(of[i], VST_EXIT_DENIED, "was not resolved");
		steps[of[i]].at.base = STEP_NO_BASE;
		refused(of[i], VST_EXIT_DENIED, "was not resolved");
		steps[of[i]].at.base = 5;
		pins[5].fd = -1;
		steps[CGROUP].n = 1;
		refused(of[i], VST_EXIT_DENIED, "was not resolved");
		pins[5] = (struct pin){.fd = 15, .mode = S_IFREG | 0644};
		/* A mount that is changed can lie on a file. */
		if (of[i] == CHANGE)
			accepted();
		else
			refused(of[i], VST_EXIT_DENIED, "was not resolved");
		steps[of[i]].at.base = 2;
		accepted();
		steps[of[i]].at.rest = (uint16_t)(steps[of[i]].at.path.len + 1);
		refused(of[i], VST_EXIT_DENIED, "was not resolved");
		steps[of[i]].flags = STEP_DONE; /* not looked at */
		accepted();
	}
}

static void sources_stand_on_directories(void **state)
{
	static const unsigned step_of[] = {BIND, OVERLAY, OVERLAY, OVERLAY};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		good();
		sources[i].at.base = STEP_NO_BASE;
		refused(step_of[i], VST_EXIT_DENIED, "was not resolved");
		sources[i].at.base = 3;
		defer(&sources[i].at, step_of[i]);
		refused(step_of[i], VST_EXIT_DENIED, "not made before it");
		sources[i].at.base = NEW;
		accepted();
	}
	good();
	missing(&sources[0].at);
	refused(BIND, VST_EXIT_FAILED, "bind on /a/bind: the source is not there");
	good();
	missing(&sources[1].at);
	refused(OVERLAY, VST_EXIT_FAILED, "overlay on /a/overlay: a lower layer is not there");
	good();
	is_file(&sources[1].at);
	refused(OVERLAY, VST_EXIT_CONFLICT, "one of its layers is a file");
	good();
	is_file(&sources[2].at);
	refused(OVERLAY, VST_EXIT_CONFLICT, "one of its layers is a file");
}

static void a_file_is_one_component_of_a_directory(void **state)
{
	(void)state;
	good();
	is_file(&steps[BIND].at);
	is_file(&sources[0].at);
	accepted();
	steps[BIND].at.rest = 1; /* "a/bind" */
	refused(BIND, VST_EXIT_DENIED, "the step's file");
	steps[BIND].at.rest = (uint16_t)steps[BIND].at.path.len;
	refused(BIND, VST_EXIT_DENIED, "the step's file");
	good();
	is_file(&steps[BIND].at);
	is_file(&sources[0].at);
	sources[0].at.rest = 1;
	refused(BIND, VST_EXIT_DENIED, "the step's file");
}

static void files_are_bound_on_files(void **state)
{
	(void)state;
	good();
	is_file(&sources[0].at);
	refused(BIND, VST_EXIT_CONFLICT,
		"bind on /a/bind: the source is a file and the destination is a directory");
	missing(&steps[BIND].at);
	refused(BIND, VST_EXIT_CONFLICT, "a file is never made");
	defer(&steps[BIND].at, NEW); /* not known yet */
	accepted();
	good();
	is_file(&steps[BIND].at);
	refused(BIND, VST_EXIT_CONFLICT,
		"bind on /a/bind: the source is a directory and the destination is a file");
	defer(&sources[0].at, NEW);
	accepted();
	good();
	is_file(&steps[NEW].at);
	refused(NEW, VST_EXIT_CONFLICT, "the destination is a file");
	good();
	is_file(&steps[OVERLAY].at);
	refused(OVERLAY, VST_EXIT_CONFLICT, "the destination is a file");
}

static void what_is_changed_is_there(void **state)
{
	(void)state;
	good();
	missing(&steps[CHANGE].at);
	refused(CHANGE, VST_EXIT_CONFLICT, "remount /a/change: nothing is there");
	steps[CHANGE].at.flags = PATH_FILE;
	accepted();
	steps[CHANGE].at.flags = 0;
	defer(&steps[CHANGE].at, BIND);
	accepted();
}

static void deferred_steps_stand_on_earlier_mounts(void **state)
{
	(void)state;
	good();
	defer(&steps[OVERLAY].at, BIND);
	accepted();
	steps[OVERLAY].at.base = CHANGE; /* makes no mount */
	refused(OVERLAY, VST_EXIT_DENIED, "what is no mount");
	steps[OVERLAY].at.base = OVERLAY;
	refused(OVERLAY, VST_EXIT_DENIED, "not made before it");
	steps[OVERLAY].at.base = STEP_NO_BASE;
	refused(OVERLAY, VST_EXIT_DENIED, "not made before it");
	good();
	defer(&steps[MKDIR].at, OVERLAY);
	accepted();
	steps[OVERLAY].flags = STEP_DONE; /* not made by this run */
	refused(MKDIR, VST_EXIT_DENIED, "what is no mount");
}

static void cgroups_have_their_hierarchies(void **state)
{
	(void)state;
	good();
	steps[CGROUP].n = 0;
	refused(CGROUP, VST_EXIT_DENIED, "hierarchies were not resolved");
	steps[CGROUP].n = 3;
	refused(CGROUP, VST_EXIT_DENIED, "a hierarchy of the cgroup");
	steps[CGROUP].n = UINT16_MAX;
	steps[CGROUP].at.base = STEP_NO_BASE;
	refused(CGROUP, VST_EXIT_DENIED, "a hierarchy of the cgroup");
	steps[CGROUP].at.base = UINT32_MAX - 1; /* and around */
	refused(CGROUP, VST_EXIT_DENIED, "a hierarchy of the cgroup");
	steps[CGROUP].n = 2;
	steps[CGROUP].at.base = 4;
	accepted();
	pins[5].mode = S_IFREG;
	refused(CGROUP, VST_EXIT_DENIED, "a hierarchy of the cgroup");
	pins[5] = (struct pin){.fd = -1, .mode = S_IFDIR};
	refused(CGROUP, VST_EXIT_DENIED, "a hierarchy of the cgroup");
}

static void mounts_have_their_sources(void **state)
{
	(void)state;
	good();
	steps[NEW].mount = 4;
	refused(NEW, VST_EXIT_DENIED, "not known");
	good();
	mounts[3].n_sources = 4;
	refused(OVERLAY, VST_EXIT_DENIED, "not known");
	mounts[3].n_sources = 0;
	refused(OVERLAY, VST_EXIT_DENIED, "the mount lacks a source that it needs");
	good();
	mounts[0].n_options = 1;
	refused(NEW, VST_EXIT_DENIED, "the mount's options are not known");
	good();
	mounts[1].n_sources = 2;
	refused(BIND, VST_EXIT_DENIED, "the mount lacks a source that it needs");
	good();
	mounts[0].n_sources = 1;
	refused(NEW, VST_EXIT_DENIED, "the mount lacks a source that it needs");
	good();
	mounts[2].n_sources = 1;
	refused(CHANGE, VST_EXIT_DENIED, "the mount lacks a source that it needs");
	good();
	sources[0].kind = VST_ITEM_LOWER;
	refused(BIND, VST_EXIT_DENIED, "cannot have");
	good();
	sources[3].kind = 0;
	refused(OVERLAY, VST_EXIT_DENIED, "cannot have");
}

/* What was refused while a plan was shown is no part of one that is acted on. */
static void nobody_acts_on_what_was_refused(void **state)
{
	(void)state;
	good();
	steps[NEW].at.base = STEP_NO_BASE;
	steps[NEW].flags = STEP_REFUSED;
	assert_int_equal(confirm_one(&pinned, &root, NEW, &err), 0);
	refused(NEW, VST_EXIT_DENIED, "was refused before");
	defer(&steps[MKDIR].at, NEW);
	assert_int_equal(confirm_one(&pinned, &root, MKDIR, &err), -1);
}

static void the_caller_is_judged_with_each_step(void **state)
{
	const struct caller less = {.uid = 1000, .has_less = 1};
	struct grant_dir granted[8] = {{.ino = 0}};
	struct grant_port ports[8] = {{.count = 0}};

	(void)state;
	good();
	/* A directory is made with his own rights; all else has to be granted. */
	assert_int_equal(confirm_one(&pinned, &less, MKDIR, &err), 0);
	assert_int_equal(confirm_one(&pinned, &less, NEW, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_DENIED);
	/* A mount never is, whatever is said of it. */
	pinned.granted = granted;
	pinned.ports = ports;
	granted[NEW].ino = 1;
	ports[NEW].count = 1;
	assert_int_equal(confirm_one(&pinned, &less, NEW, &err), -1);
	pinned.granted = NULL;
	pinned.ports = NULL;
	pins[0].fd = -1;
	assert_int_equal(confirm_one(&pinned, &root, NEW, &err), -1);
}

/* A veth on a bridge, and a link that is moved, each with settings. */
static void good_links(void)
{
	struct request request;

	maker_start(&maker);
	maker_link(&maker, &(struct vst_link_set){.mtu = 1400, .flags = VST_SET_UP}, "e",
		"veth", "p", "br0");
	maker_link(&maker, &(struct vst_link_set){.flags = VST_SET_KEEP_UP}, "m", "", "", "");
	request = maker_request(&maker);
	plan = (struct plan){
		.steps = steps, .sets = sets, .addresses = addresses, .routes = routes};
	plan_build(PLAN_ATTACH, &request, &(struct bundle_layout){0}, &plan);
	pinned = (struct plan_pinned){.plan = &plan, .pins = pins, .n_pins = 1};
	pins[0] = (struct pin){.fd = 10, .mode = S_IFDIR | 0755};
	for (unsigned i = 0; i < VST_NS_COUNT; i++)
		pinned.ns[i].fd = 20;
	steps[1].link.ifindex = 7;
	steps[3].link.ifindex = 8;
}

enum { VETH, SET_HERE, SET_THERE, MOVE, SET_MOVED };

static void settings_are_of_the_link_before_them(void **state)
{
	static const char of_none[] = "the step sets what is of no interface";

	(void)state;
	good_links();
	accepted();
	assert_ptr_equal(allowed.sets, sets);
	assert_ptr_equal(allowed.addresses, addresses);
	assert_ptr_equal(allowed.routes, routes);
	/* Of another operation, of other settings, of none, or of what is no interface. */
	steps[SET_HERE].op = 9;
	assert_int_equal(confirm_one(&pinned, &root, SET_HERE, &err), -1);
	assert_string_equal(err.text, of_none);
	assert_int_equal(confirm_one(&pinned, &root, SET_THERE, &err), -1);
	good_links();
	steps[SET_MOVED].set = 1;
	refused(SET_MOVED, VST_EXIT_DENIED, of_none);
	good_links();
	steps[SET_MOVED].set = 0;
	refused(SET_MOVED, VST_EXIT_DENIED, of_none);
	good_links();
	steps[MOVE].set = steps[SET_MOVED].set = 3;
	assert_int_equal(confirm_one(&pinned, &root, SET_MOVED, &err), -1);
	assert_string_equal(err.text, of_none);
	good_links();
	steps[VETH].kind = STEP_LINK_SET_THERE;
	assert_int_equal(confirm_one(&pinned, &root, VETH, &err), -1);
	assert_int_equal(confirm_one(&pinned, &root, SET_HERE, &err), -1);
	/* What is here is of a pair alone; and its bridge was found. */
	good_links();
	steps[VETH].kind = STEP_LINK_THERE;
	refused(SET_HERE, VST_EXIT_DENIED, "the bridge was not resolved");
	good_links();
	steps[SET_HERE].link.ifindex = 0;
	refused(SET_HERE, VST_EXIT_DENIED, "the bridge was not resolved");
	sets[0].bridge = 0;
	accepted();
	good_links();
	pinned.ns[VST_NS_NET].fd = -1;
	assert_int_equal(confirm_one(&pinned, &root, SET_HERE, &err), -1);
}

/* A link takes a port, and the bind of a namespace a directory; neither does for the other. */
static void what_is_granted_is_of_its_kind(void **state)
{
	const struct caller less = {.uid = 1000, .has_less = 1};
	struct grant_dir granted[8] = {{.ino = 0}};
	struct grant_port ports[8] = {{.count = 0}};

	(void)state;
	good_links();
	assert_int_equal(confirm_one(&pinned, &less, VETH, &err), -1);
	assert_string_equal(err.text, "the step was not granted");
	pinned.granted = granted;
	pinned.ports = ports;
	granted[VETH].ino = granted[SET_HERE].ino = 1;
	assert_int_equal(confirm_one(&pinned, &less, VETH, &err), -1);
	assert_int_equal(confirm_one(&pinned, &less, SET_HERE, &err), -1);
	ports[VETH].count = ports[SET_HERE].count = 1;
	assert_int_equal(confirm_one(&pinned, &less, VETH, &err), 0);
	/* Its bridge is looked at when it is made. */
	steps[SET_HERE].link.ifindex = 0;
	assert_int_equal(confirm_one(&pinned, &less, SET_HERE, &err), 0);
	steps[VETH].kind = STEP_BIND_NS;
	granted[VETH].ino = 0;
	assert_int_equal(confirm_one(&pinned, &less, VETH, &err), -1);
	assert_string_equal(err.text, "the step was not granted");
}

/* What is set of an interface is refused with it, while a plan is shown. */
static void nothing_is_set_of_what_is_refused(void **state)
{
	(void)state;
	good_links();
	steps[MOVE].flags = STEP_REFUSED;
	assert_int_equal(confirm_one(&pinned, &root, SET_MOVED, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_FAILED);
	assert_non_null(strstr(err.text, "behind a step that is refused"));
	assert_int_equal(confirm_one(&pinned, &root, SET_THERE, &err), 0);
}

/* In a namespace that is ours a moved interface stays what it is: nothing would take it back.
 */
static void nothing_is_set_of_what_is_not_moved(void **state)
{
	(void)state;
	good_links();
	pinned.ns[VST_NS_NET].is_own = 1;
	accepted();
	sets[1].is.flags |= VST_SET_UP;
	refused(SET_MOVED, VST_EXIT_CONFLICT, "it is not moved");
	sets[1].is = (struct vst_link_set){.mtu = 1400};
	refused(SET_MOVED, VST_EXIT_CONFLICT, "it is not moved");
	sets[1].is = (struct vst_link_set){.n_addresses = 1};
	refused(SET_MOVED, VST_EXIT_CONFLICT, "it is not moved");
	pinned.ns[VST_NS_NET].is_own = 0;
	accepted();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_plan_is_handed_on),
		cmocka_unit_test(the_host_keeps_its_own_directories),
		cmocka_unit_test(a_file_behind_links_is_named),
		cmocka_unit_test(destinations_stand_on_directories),
		cmocka_unit_test(sources_stand_on_directories),
		cmocka_unit_test(a_file_is_one_component_of_a_directory),
		cmocka_unit_test(files_are_bound_on_files),
		cmocka_unit_test(what_is_changed_is_there),
		cmocka_unit_test(deferred_steps_stand_on_earlier_mounts),
		cmocka_unit_test(cgroups_have_their_hierarchies),
		cmocka_unit_test(mounts_have_their_sources),
		cmocka_unit_test(nobody_acts_on_what_was_refused),
		cmocka_unit_test(the_caller_is_judged_with_each_step),
		cmocka_unit_test(settings_are_of_the_link_before_them),
		cmocka_unit_test(what_is_granted_is_of_its_kind),
		cmocka_unit_test(nothing_is_set_of_what_is_not_moved),
		cmocka_unit_test(nothing_is_set_of_what_is_refused),
	};

	return cmocka_run_group_tests_name("confirm", tests, NULL, NULL);
}
