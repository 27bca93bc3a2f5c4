/* SPDX-License-Identifier: Apache-2.0 */
/* The rules, as pure functions: plan, admit, confirm, capabilities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/capability.h>
#include <sys/stat.h>

#include "policy/admit.h"
#include "policy/capabilities.h"
#include "policy/confirm.h"
#include "policy/plan.h"
#include "request.h"

#define BIT(cap) (1ULL << CAP_##cap)

static struct step steps[64];
static struct step_set sets[4];
static struct vst_address addresses[4];
static struct vst_route routes[4];
static struct request_maker maker;
static const struct caller root = {.uid = 0, .in_init_userns = 1};
static const struct caller userns_root = {.uid = 0};
static const struct caller less = {.uid = 1000,
	.has_less = 1,
	.is_setuid = 1,
	.in_init_userns = 1,
	.net_is_init = 1,
	.mnt_is_init = 1};

static const struct caller by_caps = {.uid = 1000,
	.has_less = 1,
	.surplus = SURPLUS_GID,
	.is_caps = 1,
	.in_init_userns = 1,
	.net_is_init = 1,
	.mnt_is_init = 1};

static struct plan build(enum plan_verb verb, struct bundle_layout layout)
{
	struct plan plan = {
		.steps = steps, .sets = sets, .addresses = addresses, .routes = routes};
	struct request request = maker_request(&maker);

	plan_build(verb, &request, &layout, &plan);
	return plan;
}

static void everything(void)
{
	maker_start(&maker);
	maker_op(&maker, VST_OP_MKDIR, 0, "/a/b", NULL, NULL);
	maker_op(&maker, VST_OP_LINK, 0, "eth0", "", "");
	maker_op(&maker, VST_OP_LINK, 0, "v0", "veth", "p0");
	maker_op(&maker, VST_OP_LINK, 0, "v1", "", "p1");
	maker_op(&maker, VST_OP_LINK, 0, "br0", "bridge", "");
	maker_op(&maker, VST_OP_LINK, VST_LINK_CREATE_IN_ROOT, "wg0", "wireguard", "");
	maker_op(&maker, VST_OP_MKDIR, 0, "/c", NULL, NULL);
	maker_op(&maker, VST_OP_BIND_NS, VST_NS_NET, "/run/netns/x", NULL, NULL);
}

static void request_is_read_back(void **state)
{
	struct request_op op;
	struct request request;
	size_t cursor = 0;
	unsigned n = 0;

	(void)state;
	everything();
	request = maker_request(&maker);
	while (request_next(&request, &cursor, &op)) {
		if (n == 0)
			assert_string_equal(
				(const char *)request.bytes + op.str[0].off, "/a/b");
		if (n == 5) {
			assert_int_equal(op.arg, VST_LINK_CREATE_IN_ROOT);
			assert_string_equal((const char *)request.bytes + op.str[0].off, "wg0");
			assert_string_equal(
				(const char *)request.bytes + op.str[1].off, "wireguard");
			assert_int_equal(op.str[2].len, 0);
		}
		n++;
	}
	assert_int_equal(n, 8);
	maker_start(&maker);
	request = maker_request(&maker);
	cursor = 0;
	assert_int_equal(request_next(&request, &cursor, &op), 0);
	request = (struct request){.n_ops = 0};
	assert_int_equal(request_next(&request, &cursor, &op), 0);
}

static void prepare_takes_the_layout_and_directories(void **state)
{
	struct plan plan;

	(void)state;
	everything();
	plan = build(PLAN_PREPARE, (struct bundle_layout){.has_lower = 1});
	assert_int_equal(plan.n_steps, 4);
	assert_int_equal(steps[0].kind, STEP_TMPFS);
	assert_int_equal(steps[0].op, VST_NO_OP);
	assert_int_equal(steps[1].kind, STEP_OVERLAY);
	assert_int_equal(steps[2].kind, STEP_MKDIR);
	assert_int_equal(steps[2].op, 0);
	assert_string_equal(plan_text(&plan, steps[2].at.path.off), "/a/b");
	assert_int_equal(steps[3].op, 6);
	plan = build(PLAN_PREPARE, (struct bundle_layout){0});
	assert_int_equal(plan.n_steps, 3);
	assert_int_equal(steps[0].kind, STEP_BIND_ROOTFS);
	assert_int_equal(steps[0].flags, 0);
	plan = build(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1});
	assert_int_equal(steps[0].flags, STEP_DONE);
}

static void attach_takes_links_then_namespaces(void **state)
{
	static const enum step_kind kinds[] = {STEP_LINK_MOVE, STEP_VETH, STEP_VETH,
		STEP_LINK_THERE, STEP_LINK_HERE, STEP_BIND_NS};
	struct plan plan;

	(void)state;
	everything();
	plan = build(PLAN_ATTACH, (struct bundle_layout){.has_lower = 1});
	assert_int_equal(plan.n_steps, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(steps[i].kind, kinds[i]);
	assert_int_equal(steps[0].link.kind, 0);
	assert_int_equal(steps[0].link.peer, 0);
	assert_string_equal(plan_text(&plan, steps[2].link.peer), "p1");
	assert_int_equal(steps[2].link.kind, 0);
	assert_string_equal(plan_text(&plan, steps[3].link.kind), "bridge");
	assert_int_equal(steps[5].ns, VST_NS_NET);
	assert_int_equal(steps[5].op, 7);
}

static void hash_tells_what_the_verb_acts_on(void **state)
{
	uint64_t prepare, attach, overlay;

	(void)state;
	everything();
	prepare = build(PLAN_PREPARE, (struct bundle_layout){0}).hash;
	overlay = build(PLAN_PREPARE, (struct bundle_layout){.has_lower = 1}).hash;
	attach = build(PLAN_ATTACH, (struct bundle_layout){0}).hash;
	assert_true(prepare != overlay);
	assert_true(prepare ==
		    build(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1}).hash);
	maker_op(&maker, VST_OP_BIND_NS, VST_NS_UTS, "/u", NULL, NULL);
	assert_true(prepare == build(PLAN_PREPARE, (struct bundle_layout){0}).hash);
	assert_true(attach != build(PLAN_ATTACH, (struct bundle_layout){0}).hash);
	maker_op(&maker, VST_OP_MKDIR, 0, "/d", NULL, NULL);
	assert_true(prepare != build(PLAN_PREPARE, (struct bundle_layout){0}).hash);
}

static void capabilities_by_plan(void **state)
{
	struct plan plan;
	uint64_t required, keep;

	(void)state;
	maker_start(&maker);
	plan = build(PLAN_ATTACH, (struct bundle_layout){0});
	plan_capabilities(&plan, &required, &keep);
	assert_int_equal(required, 0);
	assert_int_equal(keep, BIT(DAC_OVERRIDE) | BIT(SYS_PTRACE));
	maker_op(&maker, VST_OP_LINK, 0, "v0", "veth", "p0");
	plan = build(PLAN_ATTACH, (struct bundle_layout){0});
	plan_capabilities(&plan, &required, &keep);
	assert_int_equal(required, BIT(NET_ADMIN));
	maker_op(&maker, VST_OP_LINK, 0, "eth0", "", "");
	plan = build(PLAN_ATTACH, (struct bundle_layout){0});
	plan_capabilities(&plan, &required, &keep);
	assert_int_equal(required, BIT(NET_ADMIN) | BIT(SYS_ADMIN));
	plan = build(PLAN_PREPARE, (struct bundle_layout){.has_lower = 1});
	plan_capabilities(&plan, &required, &keep);
	assert_int_equal(required, BIT(SYS_ADMIN) | BIT(DAC_OVERRIDE) | BIT(CHOWN) |
					   BIT(FOWNER) | BIT(FSETID) | BIT(SETFCAP));
	assert_int_equal(keep, required);
	/* Nothing to mount: nothing required. */
	plan = build(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1});
	plan_capabilities(&plan, &required, &keep);
	assert_int_equal(required, 0);
	assert_int_equal(keep, BIT(DAC_OVERRIDE));
}

static void capabilities_by_verb(void **state)
{
	const uint64_t repair = BIT(SYS_ADMIN) | BIT(NET_ADMIN) | BIT(SYS_PTRACE);
	struct plan plan;
	uint64_t required, keep;

	(void)state;
	assert_int_equal(verb_capabilities(PLAN_CLEANUP), BIT(DAC_OVERRIDE) | repair);
	assert_int_equal(verb_capabilities(PLAN_DETACH), BIT(DAC_OVERRIDE) | repair);
	assert_int_equal(
		verb_capabilities(PLAN_GC), BIT(DAC_OVERRIDE) | repair | PARSER_CAPABILITIES);
	/* A user's: as much, as far as he may have it at all. */
	assert_int_equal(less_required(&less, PLAN_ATTACH), LESS_CAPABILITIES);
	assert_int_equal(less_required(&less, PLAN_DETACH), repair);
	assert_int_equal(less_required(&less, PLAN_GC), repair);
	assert_int_equal(less_required(&less, PLAN_STATUS), 0);
	assert_int_equal(less_required(&less, PLAN_SHOW), 0);
	assert_int_equal(
		less_required(&by_caps, PLAN_ATTACH), BIT(NET_ADMIN) | BIT(SYS_PTRACE));
	assert_int_equal(verb_capabilities(PLAN_STATUS),
		BIT(DAC_OVERRIDE) | repair | PARSER_CAPABILITIES);
	assert_int_equal(verb_capabilities(PLAN_PREPARE),
		repair | BIT(SETUID) | BIT(SETGID) | BIT(DAC_OVERRIDE) | BIT(CHOWN) |
			BIT(FOWNER) | BIT(FSETID) | BIT(SETFCAP));
	assert_int_equal(verb_capabilities(PLAN_ATTACH),
		repair | BIT(SETUID) | BIT(SETGID) | BIT(DAC_OVERRIDE));
	/* What is only for repair is no part of a plan. */
	assert_int_equal(repair_capabilities(PLAN_PREPARE), repair);
	assert_int_equal(repair_capabilities(PLAN_CLEANUP), BIT(NET_ADMIN) | BIT(SYS_PTRACE));
	assert_int_equal(repair_capabilities(PLAN_GC), 0);
	maker_start(&maker);
	plan = build(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1});
	plan_capabilities(&plan, &required, &keep);
	assert_int_equal(keep, BIT(DAC_OVERRIDE));
}

static void root_may_ask_for_everything(void **state)
{
	struct plan plan;
	struct vst_err err;

	(void)state;
	everything();
	plan = build(PLAN_ATTACH, (struct bundle_layout){0});
	assert_int_equal(admit(&plan, &root, &err), 0);
	assert_int_equal(admit(&plan, &userns_root, &err), 0);
	plan = build(PLAN_PREPARE, (struct bundle_layout){.has_lower = 1});
	assert_int_equal(admit(&plan, &root, &err), 0);
}

/* A setuid program of root's is judged by the policy; what comes in another way is refused. */
static void which_callers_with_less(void **state)
{
	static const char *const by[] = {
		[SURPLUS_GID] = "uid 1000: it is setgid, and",
		[SURPLUS_UID] = "uid 1000: it is setuid, and",
		[SURPLUS_CAPS] = "uid 1000: its file has capabilities, and",
		[SURPLUS_SECURE] = "uid 1000: a security module changed its domain, and",
	};
	static const char *const where[] = {
		"in a user namespace", "in a network namespace", "in a mount namespace"};
	struct caller caller = less;
	struct vst_err err;

	(void)state;
	assert_int_equal(admit_caller(&caller, &err), 0);
	assert_int_equal(admit_caller(&by_caps, &err), 0);
	caller.is_setuid = 0;
	for (unsigned i = SURPLUS_GID; i <= SURPLUS_SECURE; i++) {
		caller.surplus = (enum surplus)i;
		assert_int_equal(admit_caller(&caller, &err), -1);
		assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
		assert_non_null(strstr(err.text, by[i]));
	}
	for (int i = 0; i < 3; i++) {
		caller = less;
		caller.in_init_userns = i != 0;
		caller.net_is_init = i != 1;
		caller.mnt_is_init = i != 2;
		assert_int_equal(admit_caller(&caller, &err), -1);
		assert_int_equal(err.exit, VST_EXIT_DENIED);
		assert_non_null(strstr(err.text, where[i]));
	}
}

static void admits_of(
	const struct caller *caller, enum plan_verb verb, enum vst_exit exit, const char *words)
{
	struct plan plan = build(verb, (struct bundle_layout){.has_lower = 1});
	struct vst_err err = {.exit = VST_EXIT_OK, .text = ""};

	assert_int_equal(admit(&plan, caller, &err), exit == VST_EXIT_OK ? 0 : -1);
	assert_int_equal(err.exit, exit);
	assert_non_null(strstr(err.text, words));
}

static void admits(enum plan_verb verb, enum vst_exit exit, const char *words)
{
	admits_of(&less, verb, exit, words);
}

/* An install without state does nothing that would have to be recorded. */
static void what_file_capabilities_are_for(void **state)
{
	static const char none[] = "keeps no record";
	struct vst_err err;

	(void)state;
	assert_int_equal(admit_records(&less, &err), 0);
	assert_int_equal(admit_records(&root, &err), 0);
	assert_int_equal(admit_records(&by_caps, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
	maker_start(&maker);
	maker_op(&maker, VST_OP_MKDIR, 0, "/d", NULL, NULL);
	admits_of(&by_caps, PLAN_ATTACH, VST_EXIT_OK, "");
	admits_of(&by_caps, PLAN_PREPARE, VST_EXIT_DENIED, "mounts are never granted");
	for (unsigned ns = 0; ns < VST_NS_COUNT; ns++) {
		maker_start(&maker);
		maker_op(&maker, VST_OP_BIND_NS, (int)ns, "/n", NULL, NULL);
		admits_of(&by_caps, PLAN_ATTACH, VST_EXIT_UNSUPPORTED, none);
	}
	maker_start(&maker);
	maker_op(&maker, VST_OP_LINK, 0, "a", "", "");
	admits_of(&by_caps, PLAN_ATTACH, VST_EXIT_DENIED, "moving");
}

static void what_a_caller_with_less_may_ask_for(void **state)
{
	(void)state;
	maker_start(&maker);
	admits(PLAN_ATTACH, VST_EXIT_OK, "");
	/* The implied root file system is one of mounts. */
	admits(PLAN_PREPARE, VST_EXIT_DENIED, "mounts are never granted");
	for (unsigned ns = 0; ns < VST_NS_COUNT; ns++) {
		maker_start(&maker);
		maker_op(&maker, VST_OP_BIND_NS, (int)ns, "/n", NULL, NULL);
		admits(PLAN_ATTACH, ns == VST_NS_MNT ? VST_EXIT_DENIED : VST_EXIT_OK,
			ns == VST_NS_MNT ? "a mount namespace is never granted" : "");
	}
	maker_start(&maker);
	maker_op(&maker, VST_OP_LINK, 0, "a", "dummy", "");
	admits(PLAN_ATTACH, VST_EXIT_DENIED, "only veth");
	maker_start(&maker);
	maker_op(&maker, VST_OP_LINK, VST_LINK_CREATE_IN_ROOT, "a", "dummy", "");
	admits(PLAN_ATTACH, VST_EXIT_DENIED, "createInRoot");
	maker_start(&maker);
	maker_op(&maker, VST_OP_LINK, 0, "a", "", "");
	admits(PLAN_ATTACH, VST_EXIT_DENIED, "moving");
}

/* The bridge, and that the port is isolated, or up, as it is anyway. */
static void what_of_a_veth_is_the_callers_to_say(void **state)
{
	static const struct {
		struct vst_link_set set;
		const char *peer, *bridge, *words;
		enum vst_exit exit;
	} asked[] = {
		{{.flags = 0}, "", "br0", "", VST_EXIT_OK},
		{{.flags = VST_SET_PEER_UP | VST_SET_ISOLATED}, "", "br0", "", VST_EXIT_OK},
		{{.flags = 0}, "p", "br0", "interface 'a': leave out 'peer'", VST_EXIT_DENIED},
		{{.flags = 0}, "", "", "name a 'bridge'", VST_EXIT_DENIED},
		{{.mtu = 1400}, "", "br0", "leave out 'mtu'", VST_EXIT_DENIED},
		{{.vlan = 7}, "", "br0", "leave out 'vlan'", VST_EXIT_DENIED},
		{{.n_peer_addresses = 1}, "", "br0", "leave out 'peerAddresses'",
			VST_EXIT_DENIED},
		{{.flags = VST_SET_MAC}, "", "br0", "leave out 'mac'", VST_EXIT_DENIED},
		{{.flags = VST_SET_UP}, "", "br0", "set them in the network namespace yourself",
			VST_EXIT_UNSUPPORTED},
		{{.n_addresses = 1}, "", "br0", "set them in the network namespace yourself",
			VST_EXIT_UNSUPPORTED},
		{{.n_routes = 1}, "", "br0", "set them in the network namespace yourself",
			VST_EXIT_UNSUPPORTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		maker_start(&maker);
		maker_link(&maker, &asked[i].set, "a", "veth", asked[i].peer, asked[i].bridge);
		if (asked[i].set.n_addresses + asked[i].set.n_peer_addresses)
			maker_address(&maker, (struct vst_address){.family = 4, .prefix = 24});
		if (asked[i].set.n_routes)
			maker_route(&maker, (struct vst_route){.to = {.family = 4}});
		admits(PLAN_ATTACH, asked[i].exit, asked[i].words);
	}
}

static void steps_of_another_verb_are_refused(void **state)
{
	struct plan plan;
	struct vst_err err;

	(void)state;
	everything();
	plan = build(PLAN_ATTACH, (struct bundle_layout){0});
	plan.verb = PLAN_PREPARE;
	assert_int_equal(admit(&plan, &root, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_DENIED);
	assert_int_equal(err.op, 1);
	plan = build(PLAN_PREPARE, (struct bundle_layout){0});
	plan.verb = PLAN_ATTACH;
	assert_int_equal(admit(&plan, &root, &err), -1);
}

/* What confirm sees after a good resolve of `everything` for verb. */
static struct plan_pinned pinned_of(struct plan *plan, struct pin pins[3])
{
	struct plan_pinned pinned = {.plan = plan, .pins = pins, .n_pins = 3};

	for (unsigned i = 0; i < 3; i++)
		pins[i] = (struct pin){.fd = 10 + (int)i, .mode = S_IFDIR | 0755};
	for (unsigned i = 0; i < VST_NS_COUNT; i++)
		pinned.ns[i].fd = -1;
	pinned.ns[VST_NS_NET] = (struct ns_fact){.fd = 20, .ino = 7};
	for (unsigned i = 0; i < plan->n_steps; i++) {
		if (steps[i].kind == STEP_MKDIR || steps[i].kind == STEP_BIND_NS)
			steps[i].at.base = 2;
		if (steps[i].kind == STEP_LINK_MOVE)
			steps[i].link.ifindex = 5;
	}
	return pinned;
}

static void confirm_hands_everything_on(void **state)
{
	struct pin pins[3];
	struct vst_err err;
	struct plan_allowed allowed;
	struct plan plan;
	struct plan_pinned pinned;

	(void)state;
	everything();
	plan = build(PLAN_ATTACH, (struct bundle_layout){0});
	pinned = pinned_of(&plan, pins);
	assert_int_equal(confirm(&pinned, &userns_root, &allowed, &err), 0);
	assert_int_equal(allowed.n_steps, 6);
	assert_ptr_equal(allowed.steps, steps);
	assert_int_equal(allowed.ns[VST_NS_NET].fd, 20);
	assert_int_equal(allowed.ns[VST_NS_UTS].fd, -1);
	assert_int_equal(allowed.in_init_userns, 0);
}

static void refused(struct plan_pinned *pinned, uint32_t op)
{
	struct plan_allowed allowed = {.n_steps = 77};
	struct vst_err err;

	assert_int_equal(confirm(pinned, &root, &allowed, &err), -1);
	assert_int_equal(err.op, op);
	assert_int_equal(allowed.n_steps, 77);
}

static void what_was_not_resolved_is_refused(void **state)
{
	struct pin pins[3];
	struct plan plan;
	struct plan_pinned pinned;

	(void)state;
	everything();
	plan = build(PLAN_ATTACH, (struct bundle_layout){0});
	pinned = pinned_of(&plan, pins);
	steps[0].link.ifindex = 0;
	refused(&pinned, 1);
	pinned = pinned_of(&plan, pins);
	pinned.ns[VST_NS_NET].fd = -1;
	refused(&pinned, 1);
	pinned = pinned_of(&plan, pins);
	steps[5].at.base = 3;
	refused(&pinned, 7);
	pinned = pinned_of(&plan, pins);
	steps[5].ns = VST_NS_UTS; /* nobody opened it */
	refused(&pinned, 7);
	steps[5].ns = VST_NS_NET;
	pinned = pinned_of(&plan, pins);
	pins[2].mode = S_IFREG | 0644;
	refused(&pinned, 7);
	pinned = pinned_of(&plan, pins);
	pins[0].fd = -1;
	refused(&pinned, VST_NO_OP);
}

static void deferred_steps_come_after_their_mount(void **state)
{
	struct pin pins[3];
	struct plan plan;
	struct plan_pinned pinned;
	struct plan_allowed allowed;
	struct vst_err err;

	(void)state;
	everything();
	plan = build(PLAN_PREPARE, (struct bundle_layout){.has_lower = 1});
	pinned = pinned_of(&plan, pins);
	steps[2].at.flags = PATH_DEFERRED;
	steps[2].at.base = 1;
	assert_int_equal(confirm(&pinned, &root, &allowed, &err), 0);
	steps[2].at.base = 2;
	refused(&pinned, 0);
	steps[3].at.flags = PATH_DEFERRED;
	steps[2].at.base = 1;
	steps[3].at.base = 2; /* a directory, no mount */
	refused(&pinned, 6);
	assert_int_equal(confirm_deferred(&allowed, 2, &(struct pin){.fd = -1}, &err), -1);
	assert_int_equal(
		confirm_deferred(&allowed, 2, &(struct pin){.fd = 5, .mode = S_IFDIR}, &err),
		0);
}

static void own_mount_namespace_is_refused(void **state)
{
	struct pin pins[3];
	struct plan plan;
	struct plan_pinned pinned;
	struct plan_allowed allowed;
	struct vst_err err;

	(void)state;
	maker_start(&maker);
	maker_op(&maker, VST_OP_BIND_NS, VST_NS_MNT, "/m", NULL, NULL);
	plan = build(PLAN_ATTACH, (struct bundle_layout){0});
	pinned = pinned_of(&plan, pins);
	pinned.ns[VST_NS_MNT] = (struct ns_fact){.fd = 21, .is_own = 1};
	refused(&pinned, 0);
	pinned.ns[VST_NS_MNT].is_own = 0;
	assert_int_equal(confirm(&pinned, &root, &allowed, &err), 0);
	maker_op(&maker, VST_OP_BIND_NS, VST_NS_UTS, "/u", NULL, NULL);
	plan = build(PLAN_ATTACH, (struct bundle_layout){0});
	pinned = pinned_of(&plan, pins);
	pinned.ns[VST_NS_MNT] = (struct ns_fact){.fd = 21};
	pinned.ns[VST_NS_UTS] = (struct ns_fact){.fd = 22, .is_own = 1};
	assert_int_equal(confirm(&pinned, &root, &allowed, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_read_back),
		cmocka_unit_test(prepare_takes_the_layout_and_directories),
		cmocka_unit_test(attach_takes_links_then_namespaces),
		cmocka_unit_test(hash_tells_what_the_verb_acts_on),
		cmocka_unit_test(capabilities_by_plan),
		cmocka_unit_test(capabilities_by_verb),
		cmocka_unit_test(root_may_ask_for_everything),
		cmocka_unit_test(which_callers_with_less),
		cmocka_unit_test(what_a_caller_with_less_may_ask_for),
		cmocka_unit_test(what_of_a_veth_is_the_callers_to_say),
		cmocka_unit_test(what_file_capabilities_are_for),
		cmocka_unit_test(steps_of_another_verb_are_refused),
		cmocka_unit_test(confirm_hands_everything_on),
		cmocka_unit_test(what_was_not_resolved_is_refused),
		cmocka_unit_test(deferred_steps_come_after_their_mount),
		cmocka_unit_test(own_mount_namespace_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
