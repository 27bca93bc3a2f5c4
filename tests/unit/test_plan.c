/* SPDX-License-Identifier: Apache-2.0 */
/* What mounts[], mkdir[] and cgroups[] become: the steps, their order, what mounts are made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/capability.h>

#include "policy/admit.h"
#include "policy/capabilities.h"
#include "policy/plan.h"
#include "request.h"

static struct step steps[64];
static struct step_mount mounts[16];
static struct step_source sources[32];
static struct step_option options[16];
static struct step_set sets[8];
static struct vst_address addresses[16];
static struct vst_route routes[16];
static struct request_maker maker;
static struct plan plan;
static const struct caller root = {.uid = 0, .in_init_userns = 1};
static const struct vst_mount_flags none;

static void build(struct bundle_layout layout)
{
	struct request request = maker_request(&maker);

	plan = (struct plan){.steps = steps,
		.mounts = mounts,
		.sources = sources,
		.options = options,
		.sets = sets,
		.addresses = addresses,
		.routes = routes};
	plan_build(PLAN_PREPARE, &request, &layout, &plan);
}

static const char *text(uint32_t off)
{
	return off ? plan_text(&plan, off) : "";
}

static void cgroup(const char *path)
{
	maker_op(&maker, VST_OP_CGROUP, 0, path, NULL, NULL);
}

static void mkdir_of(const char *path)
{
	maker_op(&maker, VST_OP_MKDIR, 0, path, NULL, NULL);
}

static void tmpfs(const char *destination)
{
	maker_mount(&maker, VST_MOUNT_NEW, none, destination, "tmpfs", "tmpfs");
}

/* The steps, by kind and path: "kind path", one after the other. */
static void steps_are(const char *const *paths, const enum step_kind *kinds, unsigned n)
{
	assert_int_equal(plan.n_steps, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(steps[i].kind, kinds[i]);
		assert_string_equal(text(steps[i].at.path.off), paths[i]);
		assert_int_equal(steps[i].op == VST_NO_OP, !paths[i][0]);
	}
}
#define STEPS_ARE(kinds, ...)                                                                  \
	steps_are((const char *const[]){__VA_ARGS__}, kinds, sizeof kinds / sizeof *kinds)

static void mixed(void)
{
	maker_start(&maker);
	cgroup("g/h");
	mkdir_of("/d");
	tmpfs("/a");
	mkdir_of("etc/e");
	maker_op(&maker, VST_OP_NAMESPACE, 0, "services.linuxkit", NULL, NULL);
	maker_mount(&maker, VST_MOUNT_BIND, none, "dev", "", "/dev");
	maker_op(&maker, VST_OP_LINK, 0, "eth0", "", "");
	tmpfs("/b");
	cgroup("i");
}

static void mounts_come_first_and_the_root_before_what_is_in_it(void **state)
{
	static const enum step_kind ro[] = {STEP_MOUNT_NEW, STEP_BIND_ROOTFS, STEP_MOUNT_BIND,
		STEP_MOUNT_NEW, STEP_MKDIR, STEP_MKDIR, STEP_CGROUP, STEP_CGROUP};
	static const enum step_kind rw[] = {STEP_MOUNT_NEW, STEP_TMPFS, STEP_OVERLAY,
		STEP_MOUNT_BIND, STEP_MOUNT_NEW, STEP_MKDIR, STEP_MKDIR, STEP_CGROUP,
		STEP_CGROUP};
	static const enum step_kind asked[] = {STEP_MOUNT_NEW, STEP_MOUNT_BIND, STEP_MOUNT_NEW,
		STEP_MKDIR, STEP_MKDIR, STEP_CGROUP, STEP_CGROUP};

	(void)state;
	mixed();
	build((struct bundle_layout){0});
	STEPS_ARE(ro, "/a", "", "dev", "/b", "/d", "etc/e", "g/h", "i");
	assert_int_equal(steps[0].op, 2);
	assert_int_equal(steps[2].op, 5);
	assert_int_equal(steps[4].op, 1);
	assert_int_equal(steps[7].op, 8);
	build((struct bundle_layout){.has_lower = 1});
	STEPS_ARE(rw, "/a", "", "", "dev", "/b", "/d", "etc/e", "g/h", "i");
	build((struct bundle_layout){.has_lower = 1, .root_is_asked = 1});
	STEPS_ARE(asked, "/a", "dev", "/b", "/d", "etc/e", "g/h", "i");
}

static void with_no_mount_in_it_the_root_comes_last_of_them(void **state)
{
	static const enum step_kind kinds[] = {
		STEP_MOUNT_NEW, STEP_MOUNT_NEW, STEP_BIND_ROOTFS, STEP_MKDIR};
	static const enum step_kind two[] = {STEP_BIND_ROOTFS, STEP_MOUNT_NEW, STEP_MOUNT_NEW};

	(void)state;
	maker_start(&maker);
	mkdir_of("in/root");
	tmpfs("/a");
	tmpfs("/b");
	build((struct bundle_layout){0});
	STEPS_ARE(kinds, "/a", "/b", "", "in/root");
	assert_int_equal(plan.steps[2].flags, 0);
	build((struct bundle_layout){.rootfs_is_mount = 1});
	assert_int_equal(plan.steps[2].flags, STEP_DONE);
	maker_start(&maker); /* once, however many are in it */
	tmpfs("x");
	tmpfs("y");
	build((struct bundle_layout){0});
	STEPS_ARE(two, "", "x", "y");
}

static void paths_know_where_they_lie(void **state)
{
	(void)state;
	mixed();
	build((struct bundle_layout){.root_is_asked = 1});
	for (unsigned i = 0; i < plan.n_steps; i++) {
		int in_root =
			steps[i].kind != STEP_CGROUP && text(steps[i].at.path.off)[0] != '/';

		assert_int_equal(steps[i].at.flags, in_root ? PATH_IN_ROOT : 0);
		assert_int_equal(steps[i].at.base, STEP_NO_BASE);
		assert_int_equal(steps[i].flags, 0);
	}
	assert_int_equal(admit(&plan, &root, &(struct vst_err){0}), 0);
}

static void mounts_are_taken_apart(void **state)
{
	const struct vst_mount_flags flags = {.set = VST_ATTR_RO,
		.clear = VST_ATTR_NODEV,
		.atime = VST_ATIME_NOATIME,
		.rec_set = VST_ATTR_NOSUID,
		.rec_clear = VST_ATTR_NOEXEC,
		.rec_atime = VST_ATIME_STRICT,
		.sb_set = VST_SB_SYNC,
		.sb_clear = VST_SB_DIRSYNC,
		.propagation = VST_PROPAGATION_SLAVE | VST_PROPAGATION_RECURSIVE};
	static const enum step_kind kinds[] = {STEP_MOUNT_CHANGE, STEP_MOUNT_CHANGE,
		STEP_MOUNT_BIND, STEP_MOUNT_BIND, STEP_MOUNT_NEW};

	(void)state;
	maker_start(&maker);
	maker_mount(&maker, VST_MOUNT_REMOUNT, flags, "/r", "", "");
	maker_item(&maker, VST_ITEM_STRING, "size", "1m");
	maker_item(&maker, VST_ITEM_FLAG, "inode32", "");
	maker_item(&maker, VST_ITEM_STRING, "mpol", "");
	maker_mount(&maker, VST_MOUNT_PROPAGATION, none, "/s", "", "");
	maker_mount(&maker, VST_MOUNT_BIND | VST_MOUNT_RECURSIVE, none, "/b", "", "/src/b");
	maker_mount(&maker, VST_MOUNT_BIND, none, "/c", "", "/src/c");
	maker_mount(&maker, VST_MOUNT_NEW, none, "/n", "proc", "whatever");
	maker_item(&maker, VST_ITEM_STRING, "hidepid", "2");
	build((struct bundle_layout){.root_is_asked = 1});
	STEPS_ARE(kinds, "/r", "/s", "/b", "/c", "/n");
	assert_int_equal(plan.n_mounts, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(steps[i].mount, i);
	assert_memory_equal(&mounts[0].flags, &flags, sizeof flags);
	assert_memory_equal(&mounts[1].flags, &none, sizeof none);
	assert_int_equal(plan.n_options, 4);
	assert_int_equal(mounts[0].first_option, 0);
	assert_int_equal(mounts[0].n_options, 3);
	assert_string_equal(text(options[0].key), "size");
	assert_string_equal(text(options[0].value), "1m");
	assert_string_equal(text(options[1].key), "inode32");
	assert_int_equal(options[1].value, 0); /* a flag */
	assert_string_equal(text(options[2].key), "mpol");
	assert_true(
		options[2].value != 0); /* and this is none, though there is nothing in it */
	assert_string_equal(text(options[2].value), "");
	assert_int_equal(mounts[1].n_options, 0);
	assert_int_equal(mounts[4].first_option, 3);
	assert_int_equal(mounts[4].n_options, 1);
	assert_string_equal(text(options[3].key), "hidepid");
	assert_int_equal(mounts[0].type, 0);
	assert_int_equal(mounts[0].source, 0);
	assert_int_equal(mounts[2].is_recursive, 1);
	assert_int_equal(mounts[3].is_recursive, 0);
	assert_int_equal(mounts[2].source, 0); /* it is looked up */
	assert_string_equal(text(mounts[4].type), "proc");
	assert_string_equal(text(mounts[4].source), "whatever");
	assert_int_equal(mounts[4].n_sources, 0);
}

static void sources_are_looked_up(void **state)
{
	static const uint8_t kinds[] = {
		0, VST_ITEM_LOWER, VST_ITEM_WORK, VST_ITEM_LOWER, VST_ITEM_UPPER, 0};
	static const char *const paths[] = {"/s/1", "/l/1", "/w", "/l/2", "/u", "/s/2"};

	(void)state;
	maker_start(&maker);
	maker_mount(&maker, VST_MOUNT_BIND, none, "/b", "", "/s/1");
	maker_mount(&maker, VST_MOUNT_NEW, none, "/o", "overlay", "overlay");
	maker_item(&maker, VST_ITEM_LOWER, "", "/l/1");
	maker_item(&maker, VST_ITEM_FLAG, "userxattr", "");
	maker_item(&maker, VST_ITEM_WORK, "", "/w");
	maker_item(&maker, VST_ITEM_LOWER, "", "/l/2");
	maker_item(&maker, VST_ITEM_UPPER, "", "/u");
	maker_mount(&maker, VST_MOUNT_BIND, none, "c", "", "/s/2");
	build((struct bundle_layout){.root_is_asked = 1});
	assert_int_equal(steps[1].kind, STEP_MOUNT_OVERLAY);
	assert_int_equal(plan.n_sources, 6);
	assert_int_equal(mounts[0].first_source, 0);
	assert_int_equal(mounts[0].n_sources, 1);
	assert_int_equal(mounts[1].first_source, 1);
	assert_int_equal(mounts[1].n_sources, 4);
	assert_int_equal(mounts[2].first_source, 5);
	assert_int_equal(mounts[1].n_options, 1); /* a layer is none */
	assert_string_equal(text(options[0].key), "userxattr");
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(sources[i].kind, kinds[i]);
		assert_string_equal(text(sources[i].at.path.off), paths[i]);
		assert_int_equal(sources[i].at.path.len, strlen(paths[i]));
		assert_int_equal(sources[i].at.flags, 0);
		assert_int_equal(sources[i].at.base, STEP_NO_BASE);
	}
	/* Built again, from the start. */
	build((struct bundle_layout){.root_is_asked = 1});
	assert_int_equal(plan.n_sources, 6);
	assert_int_equal(plan.n_options, 1);
}

static uint64_t hash_of(struct bundle_layout layout)
{
	build(layout);
	return plan.hash;
}

static void hash_covers_what_prepare_acts_on(void **state)
{
	const struct bundle_layout no = {0};
	uint64_t was, other;

	(void)state;
	mixed();
	was = hash_of(no);
	assert_true(was != hash_of((struct bundle_layout){.root_is_asked = 1}));
	assert_true(was == hash_of((struct bundle_layout){.rootfs_is_mount = 1}));
	maker_op(&maker, VST_OP_BIND_NS, VST_NS_UTS, "/u", NULL, NULL);
	assert_true(was == hash_of(no));
	maker_start(&maker); /* the order of members is nothing, and neither is the name */
	maker_op(&maker, VST_OP_NAMESPACE, 0, "other", NULL, NULL);
	tmpfs("/a");
	maker_mount(&maker, VST_MOUNT_BIND, none, "dev", "", "/dev");
	tmpfs("/b");
	mkdir_of("/d");
	mkdir_of("etc/e");
	cgroup("g/h");
	cgroup("i");
	assert_true(was == hash_of(no));
	cgroup("j");
	other = hash_of(no);
	assert_true(was != other);
	tmpfs("/z");
	assert_true(other != hash_of(no));
	other = hash_of(no);
	maker_item(&maker, VST_ITEM_FLAG, "x", "");
	assert_true(other != hash_of(no));
}

static void attach_takes_none_of_it(void **state)
{
	struct request request;

	(void)state;
	mixed();
	request = maker_request(&maker);
	plan = (struct plan){.steps = steps,
		.mounts = mounts,
		.sources = sources,
		.options = options,
		.sets = sets,
		.addresses = addresses,
		.routes = routes};
	plan_build(PLAN_ATTACH, &request, &(struct bundle_layout){0}, &plan);
	assert_int_equal(plan.n_steps, 1);
	assert_int_equal(steps[0].kind, STEP_LINK_MOVE);
	assert_int_equal(plan.n_mounts, 0);
	build((struct bundle_layout){.root_is_asked = 1});
	plan.verb = PLAN_ATTACH;
	assert_int_equal(admit(&plan, &root, &(struct vst_err){0}), -1);
}

static void build_attach(void)
{
	struct request request = maker_request(&maker);

	plan = (struct plan){
		.steps = steps, .sets = sets, .addresses = addresses, .routes = routes};
	plan_build(PLAN_ATTACH, &request, &(struct bundle_layout){0}, &plan);
}

/* The steps' kinds, and that each has the number of the settings that are its operation's. */
static void links_are(const enum step_kind *kinds, unsigned n)
{
	assert_int_equal(plan.n_steps, n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(steps[i].kind, kinds[i]);
	assert_int_equal(admit(&plan, &root, &(struct vst_err){0}), 0);
}
#define LINKS_ARE(...)                                                                         \
	links_are((const enum step_kind[]){__VA_ARGS__},                                       \
		sizeof(const enum step_kind[]){__VA_ARGS__} / sizeof(enum step_kind))

/* What is set of an interface follows it: what is here, then what is there. */
static void settings_follow_their_link(void **state)
{
	const struct vst_address a = {VST_IPV4, 24, {192, 0, 2, 1}};
	const struct vst_address b = {VST_IPV6, 64, {0x20, 1, 13, 184}};
	const struct vst_route r = {
		.to = {VST_IPV4, 0, {0}}, .has_via = 1, .via = {9}, .metric = 5};

	(void)state;
	maker_start(&maker);
	maker_op(&maker, VST_OP_LINK, 0, "eth0", "veth", "");
	maker_link(&maker,
		&(struct vst_link_set){.mtu = 1400,
			.flags = VST_SET_UP,
			.n_addresses = 1,
			.n_peer_addresses = 1,
			.n_routes = 1},
		"eth1", "veth", "", "br0");
	maker_address(&maker, a);
	maker_address(&maker, b);
	maker_route(&maker, r);
	maker_link(&maker, &(struct vst_link_set){.flags = VST_SET_KEEP_UP, .n_addresses = 1},
		"eth2", "", "", "");
	maker_address(&maker, b);
	build_attach();
	LINKS_ARE(STEP_VETH, STEP_VETH, STEP_LINK_SET_HERE, STEP_LINK_SET_THERE, STEP_LINK_MOVE,
		STEP_LINK_SET_THERE);
	assert_int_equal(steps[0].set, 0);
	for (unsigned i = 1; i < 6; i++) {
		assert_int_equal(steps[i].set, i < 4 ? 1 : 2);
		assert_int_equal(steps[i].op, i < 4 ? 1 : 2);
		assert_string_equal(text(steps[i].link.name), i < 4 ? "eth1" : "eth2");
	}
	assert_int_equal(steps[1].link.peer, 0);
	assert_string_equal(text(sets[0].bridge), "br0");
	assert_int_equal(sets[0].is.mtu, 1400);
	assert_int_equal(sets[1].bridge, 0);
	assert_int_equal(plan.n_addresses, 3);
	assert_int_equal(sets[1].first_address, 2);
	assert_memory_equal(&addresses[0], &a, sizeof a);
	assert_memory_equal(&addresses[1], &b, sizeof b);
	assert_memory_equal(&addresses[2], &b, sizeof b);
	assert_int_equal(plan.n_routes, 1);
	assert_int_equal(routes[0].has_via, 1);
	assert_int_equal(routes[0].via[0], 9);
	assert_int_equal(routes[0].metric, 5);
}

/* Each member alone: on which side it is set. */
static void each_setting_has_its_side(void **state)
{
	const struct vst_address a = {VST_IPV4, 24, {192, 0, 2, 1}};
	const struct {
		struct vst_link_set set;
		const char *bridge;
		int here, there;
	} alone[] = {
		{{.mtu = 68}, "", 1, 1},
		{{.flags = 0}, "b", 1, 0},
		{{.flags = VST_SET_ISOLATED}, "b", 1, 0},
		{{.vlan = 1}, "b", 1, 0},
		{{.flags = VST_SET_PEER_UP}, "", 1, 0},
		{{.n_peer_addresses = 1}, "", 1, 0},
		{{.flags = VST_SET_UP}, "", 0, 1},
		{{.flags = VST_SET_MAC, .mac = {2}}, "", 0, 1},
		{{.n_addresses = 1}, "", 0, 1},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof alone / sizeof *alone; i++) {
		maker_start(&maker);
		maker_link(&maker, &alone[i].set, "e", "veth", "p", alone[i].bridge);
		if (alone[i].set.n_addresses || alone[i].set.n_peer_addresses)
			maker_address(&maker, a);
		build_attach();
		if (alone[i].here && alone[i].there)
			LINKS_ARE(STEP_VETH, STEP_LINK_SET_HERE, STEP_LINK_SET_THERE);
		else if (alone[i].here)
			LINKS_ARE(STEP_VETH, STEP_LINK_SET_HERE);
		else
			LINKS_ARE(STEP_VETH, STEP_LINK_SET_THERE);
	}
	/* Another kind has no end here. */
	for (int here = 0; here < 2; here++) {
		maker_start(&maker);
		maker_link(&maker, &alone[0].set, "e", "dummy", "", "");
		maker.bytes[2] |= here ? VST_LINK_CREATE_IN_ROOT : 0;
		build_attach();
		if (here)
			LINKS_ARE(STEP_LINK_HERE, STEP_LINK_SET_THERE);
		else
			LINKS_ARE(STEP_LINK_THERE, STEP_LINK_SET_THERE);
	}
}

/* A document with other settings is another document. */
static void hash_covers_settings(void **state)
{
	struct vst_link_set set = {.flags = VST_SET_UP, .n_addresses = 1};
	struct vst_address a = {VST_IPV4, 24, {192, 0, 2, 1}};
	uint64_t was[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		set.mtu = i == 1 ? 1400 : 0;
		a.bytes[3] = i == 2 ? 2 : 1;
		a.prefix = i == 3 ? 25 : 24;
		maker_start(&maker);
		maker_link(&maker, &set, "e", "veth", "p", "");
		maker_address(&maker, a);
		build_attach();
		was[i] = plan.hash;
		for (unsigned k = 0; k < i; k++)
			assert_true(was[k] != was[i]);
	}
}

static uint64_t required(void)
{
	uint64_t set, keep;

	build((struct bundle_layout){.root_is_asked = 1});
	plan_capabilities(&plan, &set, &keep);
	return set;
}

#define BIT(cap) (1ULL << CAP_##cap)

static void capabilities_of_mounts(void **state)
{
	static const int actions[] = {
		VST_MOUNT_NEW, VST_MOUNT_BIND, VST_MOUNT_REMOUNT, VST_MOUNT_PROPAGATION};

	(void)state;
	maker_start(&maker);
	cgroup("c");
	mkdir_of("d");
	assert_int_equal(required(), 0);
	for (unsigned i = 0; i < 4; i++) {
		maker_start(&maker);
		maker_mount(&maker, actions[i], none, "/x", i ? "" : "tmpfs", i > 1 ? "" : "/");
		assert_int_equal(required(), BIT(SYS_ADMIN));
	}
	maker_mount(&maker, VST_MOUNT_NEW, none, "/o", "overlay", "overlay");
	maker_item(&maker, VST_ITEM_LOWER, "", "/l");
	assert_int_equal(required(), BIT(SYS_ADMIN) | BIT(DAC_OVERRIDE) | BIT(CHOWN) |
					     BIT(FOWNER) | BIT(FSETID) | BIT(SETFCAP));
	assert_int_equal(required() & ~verb_capabilities(PLAN_PREPARE), 0);
}

static void admit_wants_paths_in_their_place(void **state)
{
	struct vst_err err;

	(void)state;
	mixed();
	build((struct bundle_layout){.root_is_asked = 1});
	for (unsigned i = 0; i < plan.n_steps; i++) {
		if (steps[i].kind == STEP_CGROUP)
			continue;
		steps[i].at.flags ^= PATH_IN_ROOT; /* relative on the host, or the reverse */
		assert_int_equal(admit(&plan, &root, &err), -1);
		assert_int_equal(err.exit, VST_EXIT_DENIED);
		assert_int_equal(err.op, steps[i].op);
		steps[i].at.flags ^= PATH_IN_ROOT;
	}
	assert_int_equal(admit(&plan, &root, &err), 0);
	maker_start(&maker);
	cgroup("/g");
	build((struct bundle_layout){.root_is_asked = 1});
	assert_int_equal(admit(&plan, &root, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_come_first_and_the_root_before_what_is_in_it),
		cmocka_unit_test(with_no_mount_in_it_the_root_comes_last_of_them),
		cmocka_unit_test(paths_know_where_they_lie),
		cmocka_unit_test(mounts_are_taken_apart),
		cmocka_unit_test(sources_are_looked_up),
		cmocka_unit_test(hash_covers_what_prepare_acts_on),
		cmocka_unit_test(attach_takes_none_of_it),
		cmocka_unit_test(settings_follow_their_link),
		cmocka_unit_test(each_setting_has_its_side),
		cmocka_unit_test(hash_covers_settings),
		cmocka_unit_test(capabilities_of_mounts),
		cmocka_unit_test(admit_wants_paths_in_their_place),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
