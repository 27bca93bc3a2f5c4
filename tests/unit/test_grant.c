/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy grants: each reason, steps of a plan, and, for random policies, callers and
 * requests, that less of anything never grants more, that the order of lines means nothing, and
 * that the verdict is that of a second, simpler judge. VST_SEED=N repeats a run; VST_POLICIES=N
 * tries that many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/accounts.h"
#include "policy/grant.h"

static struct rules rules;
static uint8_t places[VST_POLICY_LINES_MAX];
static struct grant_file file = {.places = places};

static const char passwd[] = "ci:x:1001:100::/:/bin/sh\nbob:x:1002:100::/:/bin/sh\n";
static const char group[] = "g1:x:101:\ng2:x:102:\n";

static void read_policy(const char *text)
{
	const struct accounts_text users = {passwd, sizeof passwd - 1};
	const struct accounts_text groups = {group, sizeof group - 1};
	struct vst_err err;

	if (rules_read("FILE", text, strlen(text), &rules, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	accounts_set_users(&rules, &users);
	accounts_set_groups(&rules, &groups);
}

static struct grant ask_ns(const struct grantee *who, enum vst_ns ns)
{
	const struct grant_ask ask = {.grant = RULE_NS, .ns = ns, .file = &file};
	struct grant verdict = {.of = STEP_GRANT_NS};

	grant(&rules, who, &ask, &verdict);
	return verdict;
}

static struct grant ask_veth(const struct grantee *who, const char *bridge)
{
	const struct grant_ask ask = {.grant = RULE_VETH, .bridge = bridge};
	struct grant verdict = {.of = STEP_GRANT_VETH};

	grant(&rules, who, &ask, &verdict);
	return verdict;
}

static const uint32_t in_g1[] = {100, 101};
static const struct grantee ci = {.uid = 1001, .n_groups = 2, .groups = in_g1};
static const struct grantee other = {.uid = 7, .n_groups = 0, .groups = NULL};

static void test_who(void **state)
{
	(void)state;
	read_policy("permit user ci veth bridge u\n"
		    "permit group g1 veth bridge g\n"
		    "permit uid 1001 veth bridge U\n"
		    "permit gid 100 veth bridge G\n"
		    "permit user bob veth bridge n\n"
		    "permit group g2 veth bridge n\n"
		    "permit uid 101 veth bridge n\n"
		    "permit gid 1001 veth bridge n\n"
		    "permit user g1 veth bridge n\n"
		    "permit group ci veth bridge n\n");
	assert_int_equal(ask_veth(&ci, "u").line, 1);
	assert_int_equal(ask_veth(&ci, "g").line, 2);
	assert_int_equal(ask_veth(&ci, "U").line, 3);
	assert_int_equal(ask_veth(&ci, "G").line, 4);
	assert_int_equal(ask_veth(&ci, "n").reason, GRANT_OTHER_BRIDGE);
	assert_int_equal(ask_veth(&other, "u").reason, GRANT_OTHERS);
	assert_int_equal(ask_veth(&ci, "u").reason, GRANT_BY_RULE);
	assert_int_equal(ask_veth(&ci, "gg").reason, GRANT_OTHER_BRIDGE);
	assert_int_equal(ask_veth(&ci, "").reason, GRANT_OTHER_BRIDGE);
	assert_int_equal(ask_veth(&ci, NULL).reason, GRANT_OTHER_BRIDGE);
	assert_int_equal(ask_ns(&ci, VST_NS_NET).reason, GRANT_NO_RULE);
	/* Ids that nothing was found for match nobody, id 0 neither. */
	assert_int_equal(ask_veth(&(struct grantee){.uid = 0}, "n").reason, GRANT_OTHERS);
}

static void test_ns_reasons(void **state)
{
	struct grant verdict;

	(void)state;
	read_policy("permit user bob ns net beneath /b count 99\n"
		    "permit user ci ns uts,net beneath /c count 5\n"
		    "permit group g1 ns net beneath /d count 6\n"
		    "permit group g1 ns ipc beneath /e count 7\n");
	memset(places, 0xff, sizeof places);
	places[1] = places[2] = places[3] = GRANT_BENEATH;
	verdict = ask_ns(&ci, VST_NS_NET);
	assert_int_equal(verdict.reason, GRANT_BY_RULE);
	assert_int_equal(verdict.line, 2);
	/* Over all places, whatever kinds of namespaces are named there. */
	assert_int_equal(verdict.count, 7);
	assert_int_equal(verdict.count_line, 4);
	/* A rule that is void raises nothing. */
	for (int void_place = GRANT_UNSEEN; void_place <= GRANT_UNTRUSTED; void_place++) {
		places[3] = (uint8_t)void_place;
		verdict = ask_ns(&ci, VST_NS_NET);
		assert_int_equal(verdict.count, 6);
		assert_int_equal(verdict.count_line, 3);
		/* But it might again, for other namespaces. */
		assert_int_equal(verdict.void_count_line, 4);
		assert_int_equal(verdict.void_line, 0);
		assert_int_equal(ask_ns(&ci, VST_NS_IPC).void_line, 4);
	}
	places[2] = GRANT_OUTSIDE;
	places[1] = GRANT_MISSING;
	verdict = ask_ns(&ci, VST_NS_NET);
	assert_int_equal(verdict.reason, GRANT_NOT_BENEATH);
	assert_int_equal(verdict.line, 3);
	assert_int_equal(verdict.count, 0);
	assert_int_equal(verdict.void_line, 2);
	assert_int_equal(ask_ns(&other, VST_NS_NET).void_line, 0);
	/* Of a name without a usable number it is not known whose it is. */
	rules.rule[0].account = RULE_UNUSABLE;
	assert_int_equal(ask_ns(&other, VST_NS_NET).void_line, 1);
	rules.rule[0].account = RULE_UNKNOWN;
	assert_int_equal(ask_ns(&other, VST_NS_NET).void_line, 0);
	rules.rule[0].account = RULE_KNOWN;
	places[2] = GRANT_UNSEEN;
	assert_int_equal(ask_ns(&ci, VST_NS_NET).reason, GRANT_NOT_THERE);
	places[2] = GRANT_UNTRUSTED;
	assert_int_equal(ask_ns(&ci, VST_NS_NET).reason, GRANT_NOT_TRUSTED);
	places[1] = places[2] = GRANT_UNSEEN;
	assert_int_equal(ask_ns(&ci, VST_NS_NET).reason, GRANT_NOT_SEEN);
	places[2] = GRANT_BENEATH;
	file.is_foreign = 1;
	assert_int_equal(ask_ns(&ci, VST_NS_NET).reason, GRANT_FOREIGN);
	assert_int_equal(ask_ns(&ci, VST_NS_NET).line, 3);
	file.is_foreign = 0;
	assert_int_equal(ask_ns(&ci, VST_NS_NET).reason, GRANT_BY_RULE);
	assert_int_equal(ask_ns(&ci, VST_NS_PID).reason, GRANT_OTHER_NS);
	assert_int_equal(ask_ns(&ci, VST_NS_PID).line, 2);
	assert_int_equal(ask_ns(&ci, VST_NS_MNT).reason, GRANT_OTHER_NS);
	assert_int_equal(ask_ns(&other, VST_NS_NET).reason, GRANT_OTHERS);
	assert_int_equal(grant_wants_place(&rules.rule[0], &ci), 0);
	assert_int_equal(grant_wants_place(&rules.rule[1], &ci), 1);
}

/* A veth that is taken back only if it is known not to be permitted. */
static void test_veth_of_an_unusable_name(void **state)
{
	struct grant verdict;

	(void)state;
	read_policy("permit user ci veth bridge br0 count 2\n"
		    "permit user bob veth bridge br1 count 9\n"
		    "permit user bob ns net beneath /a count 9\n");
	verdict = ask_veth(&ci, "br0");
	assert_int_equal(verdict.reason, GRANT_BY_RULE);
	assert_int_equal(verdict.void_count_line, 0);
	rules.rule[1].account = rules.rule[2].account = RULE_UNUSABLE;
	verdict = ask_veth(&ci, "br0");
	assert_int_equal(verdict.count, 2);
	assert_int_equal(verdict.void_count_line, 2);
	assert_int_equal(verdict.void_line, 0);
	verdict = ask_veth(&ci, "br1");
	assert_int_equal(verdict.reason, GRANT_OTHER_BRIDGE);
	assert_int_equal(verdict.void_line, 2);
	assert_int_equal(ask_veth(&ci, NULL).void_line, 0);
}

static void test_steps(void **state)
{
	static const enum grant_reason reasons[] = {
		[STEP_BIND_ROOTFS] = GRANT_NEVER,
		[STEP_TMPFS] = GRANT_NEVER,
		[STEP_OVERLAY] = GRANT_NEVER,
		[STEP_MKDIR] = GRANT_OWN,
		[STEP_VETH] = GRANT_OTHER_BRIDGE,
		[STEP_LINK_THERE] = GRANT_NEVER,
		[STEP_LINK_HERE] = GRANT_NEVER,
		[STEP_LINK_MOVE] = GRANT_NEVER,
		[STEP_LINK_SET_HERE] = GRANT_OTHER_BRIDGE,
		[STEP_LINK_SET_THERE] = GRANT_OTHER_BRIDGE,
		[STEP_BIND_NS] = GRANT_BY_RULE,
		[STEP_MOUNT_NEW] = GRANT_NEVER,
		[STEP_MOUNT_OVERLAY] = GRANT_NEVER,
		[STEP_MOUNT_BIND] = GRANT_NEVER,
		[STEP_MOUNT_CHANGE] = GRANT_NEVER,
		[STEP_CGROUP] = GRANT_OWN,
	};
	struct step step;
	struct plan plan = {.steps = &step, .n_steps = 1};
	struct grant verdict;
	struct vst_err said;

	(void)state;
	read_policy("permit user ci ns net beneath /\npermit user ci veth bridge b\n");
	memset(places, GRANT_BENEATH, sizeof places);
	assert_int_equal(sizeof reasons / sizeof reasons[0], STEP_KINDS + 1);
	for (unsigned kind = 0; kind <= STEP_KINDS + 1; kind++) {
		step = (struct step){.kind = (uint8_t)kind};
		if (kind == STEP_BIND_NS)
			step.ns = VST_NS_NET;
		grant_step(&rules, &ci, &plan, 0, &file, &verdict);
		if (kind >= 1 && kind <= STEP_KINDS)
			assert_int_equal(verdict.reason, reasons[kind]);
		else
			assert_int_equal(verdict.reason, GRANT_NEVER);
		grant_say(&verdict, "FILE", &said);
		assert_int_equal(said.exit == VST_EXIT_OK,
			verdict.reason == GRANT_OWN || verdict.reason == GRANT_BY_RULE);
		assert_int_equal(
			said.exit == VST_EXIT_DENIED, strncmp(said.text, "denied: ", 8) == 0);
		if (step_is_mount(&step))
			assert_non_null(strstr(said.text, "unshare -Urm"));
	}
	step = (struct step){.kind = STEP_BIND_NS, .ns = VST_NS_UTS};
	grant_step(&rules, &ci, &plan, 0, &file, &verdict);
	assert_int_equal(verdict.reason, GRANT_OTHER_NS);
}

/* What is set of an interface is granted as the interface is, by the bridge that it names. */
static void test_settings(void **state)
{
	static const char *const bridges[] = {"b", "c"};
	char bytes[] = "\0b\0c";
	struct step_set sets[] = {{.bridge = 1}, {.bridge = 3}};
	struct step steps[3] = {{.kind = STEP_VETH}, {.kind = STEP_LINK_SET_HERE},
		{.kind = STEP_LINK_SET_THERE}};
	struct plan plan = {.bytes = bytes, .steps = steps, .n_steps = 3, .sets = sets};
	struct grant verdict;

	(void)state;
	read_policy("permit user ci veth bridge b\n");
	for (unsigned bridge = 0; bridge < 2; bridge++)
		for (unsigned i = 0; i < 3; i++) {
			assert_string_equal(bytes + sets[bridge].bridge, bridges[bridge]);
			for (unsigned k = 0; k < 3; k++)
				steps[k].set = (uint16_t)(bridge + 1);
			grant_step(&rules, &ci, &plan, i, &file, &verdict);
			assert_int_equal(
				verdict.reason, bridge ? GRANT_OTHER_BRIDGE : GRANT_BY_RULE);
		}
	steps[0].kind = STEP_LINK_MOVE;
	for (unsigned i = 0; i < 3; i++) {
		grant_step(&rules, &ci, &plan, i, &file, &verdict);
		assert_int_equal(verdict.reason, GRANT_NEVER);
		assert_int_equal(verdict.of, STEP_GRANT_MOVE);
	}
}

static void test_words(void **state)
{
	struct grant verdict;
	struct vst_err said;

	(void)state;
	read_policy("permit user ci veth bridge a total 9 count 2\n"
		    "permit group g1 veth bridge b shared total 30 count 7\n"
		    "permit group g1 veth bridge a total 20 count 3\n"
		    "permit group g2 veth bridge a total 99 count 99\n");
	verdict = ask_veth(&ci, "a");
	assert_int_equal(verdict.count, 7);
	assert_int_equal(verdict.total, 20);
	assert_int_equal(verdict.is_shared, 0);
	grant_say(&verdict, "FILE", &said);
	assert_string_equal(said.text,
		"allowed by FILE:1, count 7 (line 2), 20 ports of the bridge in all");
	verdict = ask_veth(&ci, "b");
	assert_int_equal(verdict.is_shared, 1);
	grant_say(&verdict, "FILE", &said);
	assert_string_equal(
		said.text, "allowed by FILE:2, count 7, 30 ports of the bridge in all, shared");
	verdict = ask_ns(&ci, VST_NS_NET);
	grant_say(&verdict, "FILE", &said);
	assert_string_equal(said.text, "denied: FILE permits such a step to nobody");
	verdict = ask_veth(&other, "a");
	grant_say(&verdict, "FILE", &said);
	assert_string_equal(said.text, "denied: FILE:1 permits such a step to others only");
	for (int reason = GRANT_OTHERS; reason <= GRANT_FOREIGN; reason++) {
		verdict = (struct grant){.reason = (enum grant_reason)reason, .line = 42};
		grant_say(&verdict, "FILE", &said);
		assert_int_equal(said.exit, VST_EXIT_DENIED);
		assert_non_null(strstr(said.text, "denied: FILE:42 "));
		assert_true(strlen(said.text) > 30);
	}
}

/* Random policies. Everything is drawn from few values, so that rules meet requests. */

#define LINES_MAX 10
#define GROUPS_MAX 5

struct line {
	unsigned who, id;           /* id: which of four */
	unsigned namespaces, place; /* namespaces 0: veth, on bridge `place` */
	unsigned count, total;
};

struct world {
	unsigned n;
	struct line line[LINES_MAX];
	unsigned shared; /* bit n: of bridge n */
	/* Of each directory, for a rule of a user, and for one of a group. */
	uint8_t place[3][2];
	unsigned n_groups;
	uint32_t groups[GROUPS_MAX];
	uint32_t uid;
	int asks_ns, is_foreign;
	unsigned ns, bridge;
};

static uint64_t seed;

static unsigned draw(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % n);
}

static const char *const users[] = {"ci", "bob", "nobody-here", "g1"};
static const char *const groups_named[] = {"g1", "g2", "none-here", "ci"};
static const uint32_t uids[] = {1001, 1002, 0, 101};
static const uint32_t gids[] = {101, 102, 0, 1001};
static const char *const dirs[] = {"/a", "/b/c", "/"};
static const char *const bridges[] = {"b", "bb", "c"};
static const char *const kinds[] = {"cgroup", "ipc", NULL, "net", "pid", "user", "uts"};

static void make_world(struct world *w)
{
	*w = (struct world){.n = draw(LINES_MAX + 1),
		.shared = draw(8),
		.n_groups = draw(GROUPS_MAX + 1),
		.uid = uids[draw(4)],
		.asks_ns = (int)draw(2),
		.is_foreign = draw(8) == 0,
		.bridge = draw(3)};
	do
		w->ns = draw(VST_NS_COUNT);
	while (w->ns == VST_NS_MNT);
	for (unsigned i = 0; i < 3; i++)
		for (unsigned of = 0; of < 2; of++)
			w->place[i][of] = (uint8_t)(draw(2) ? GRANT_BENEATH : draw(5));
	for (unsigned i = 0; i < w->n_groups; i++)
		w->groups[i] = gids[draw(4)];
	for (unsigned i = 0; i < w->n; i++) {
		struct line *line = &w->line[i];

		*line = (struct line){.who = draw(4),
			.id = draw(4),
			.place = draw(3),
			.count = 1 + draw(9),
			.total = 1 + draw(9)};
		if (draw(2))
			line->namespaces = (1 + draw(127)) & ~(1u << VST_NS_MNT);
	}
}

static size_t put_line(const struct world *w, const struct line *line, char *at)
{
	char *start = at, comma = ' ';

	if (line->who == RULE_USER || line->who == RULE_GROUP)
		at += sprintf(at, "permit %s %s", line->who == RULE_USER ? "user" : "group",
			line->who == RULE_USER ? users[line->id] : groups_named[line->id]);
	else
		at += sprintf(at, "permit %s %u", line->who == RULE_UID ? "uid" : "gid",
			line->who == RULE_UID ? uids[line->id] : gids[line->id]);
	if (!line->namespaces) {
		at += sprintf(at, " veth bridge %s%s total %u", bridges[line->place],
			w->shared >> line->place & 1 ? " shared" : "", line->total);
	} else {
		at += sprintf(at, " ns");
		for (unsigned ns = 0; ns < VST_NS_COUNT; ns++)
			if (line->namespaces >> ns & 1) {
				at += sprintf(at, "%c%s", comma, kinds[ns]);
				comma = ',';
			}
		at += sprintf(at, " beneath %s", dirs[line->place]);
	}
	at += sprintf(at, " count %u\n", line->count);
	return (size_t)(at - start);
}

static int of_user(unsigned who)
{
	return who == RULE_USER || who == RULE_UID;
}

static struct grant judge(const struct world *w)
{
	const struct grantee who = {w->uid, w->n_groups, w->groups};
	char text[LINES_MAX * 128];
	size_t len = 0;

	for (unsigned i = 0; i < w->n; i++)
		len += put_line(w, &w->line[i], text + len);
	text[len] = '\0';
	read_policy(text);
	for (unsigned i = 0; i < w->n; i++)
		places[i] = w->place[w->line[i].place][!of_user(w->line[i].who)];
	file.is_foreign = w->is_foreign;
	return w->asks_ns ? ask_ns(&who, (enum vst_ns)w->ns)
			  : ask_veth(&who, bridges[w->bridge]);
}

/* The second judge: from what was drawn, not from the text. The id of a name: users ci and bob,
 * groups g1 and g2 exist, in the places that the numbers have. */
static int is_for(const struct world *w, const struct line *line)
{
	int is_name = line->who == RULE_USER || line->who == RULE_GROUP;

	if (is_name && line->id > 1)
		return 0;
	if (of_user(line->who))
		return uids[line->id] == w->uid;
	for (unsigned i = 0; i < w->n_groups; i++)
		if (w->groups[i] == gids[line->id])
			return 1;
	return 0;
}

static struct grant expected(const struct world *w)
{
	struct grant want = {.reason = GRANT_NO_RULE};

	for (unsigned i = 0; i < w->n; i++) {
		const struct line *line = &w->line[i];
		int place = w->place[line->place][!of_user(line->who)];

		if ((line->namespaces != 0) != w->asks_ns || !is_for(w, line))
			continue;
		if (w->asks_ns && place != GRANT_BENEATH && place != GRANT_OUTSIDE)
			continue;
		if (line->count > want.count)
			want.count = line->count;
		if (w->asks_ns ? !(line->namespaces >> w->ns & 1) || place != GRANT_BENEATH ||
					 w->is_foreign
			       : line->place != w->bridge)
			continue;
		want.reason = GRANT_BY_RULE;
		if (!w->asks_ns && line->total > want.total)
			want.total = line->total;
	}
	if (want.reason != GRANT_BY_RULE)
		want.count = 0;
	return want;
}

static void show(const struct world *w, const char *what)
{
	char text[256];

	print_error("%s: uid %u, asks %s %u, groups", what, w->uid, w->asks_ns ? "ns" : "veth",
		w->asks_ns ? w->ns : w->bridge);
	for (unsigned i = 0; i < w->n_groups; i++)
		print_error(" %u", w->groups[i]);
	print_error("\n");
	for (unsigned i = 0; i < w->n; i++) {
		text[put_line(w, &w->line[i], text)] = '\0';
		print_error("    %s", text);
	}
}

static int allows(const struct grant *verdict)
{
	return verdict->reason == GRANT_BY_RULE;
}

/* With less, no more is granted than with what there was before. */
static void no_more(const struct world *before, const struct grant *had,
	const struct world *now, const char *what)
{
	struct grant has = judge(now);

	if (!allows(&has) ||
		(allows(had) && has.count <= had->count && has.total <= had->total))
		return;
	show(before, "before");
	show(now, what);
	fail_msg("%s grants more", what);
}

static int may_allow(const struct grant *verdict)
{
	return allows(verdict) || verdict->void_line;
}

/* With a directory that cannot be judged, nothing is known to be denied that was not before. */
static void still_unknown(
	const struct world *w, const struct grant *had, unsigned i, unsigned of)
{
	struct world now = *w;
	struct grant has;

	now.place[i][of] = (uint8_t)draw(GRANT_OUTSIDE);
	has = judge(&now);
	if (!w->asks_ns || !may_allow(had) ||
		(may_allow(&has) && (!allows(had) || !allows(&has) || has.count >= had->count ||
					    has.void_count_line)))
		return;
	show(w, "before");
	show(&now, "with a directory that cannot be judged");
	fail_msg("what cannot be judged is known to be denied");
}

static void take_away(const struct world *w, const struct grant *had)
{
	struct world now;

	for (unsigned i = 0; i < w->n; i++) {
		now = *w;
		memmove(&now.line[i], &now.line[i + 1], (now.n-- - i - 1) * sizeof now.line[0]);
		no_more(w, had, &now, "a line less");
		now = *w;
		now.line[i].count = 1 + draw(now.line[i].count);
		no_more(w, had, &now, "a lower count");
		now = *w;
		now.line[i].total = 1 + draw(now.line[i].total);
		no_more(w, had, &now, "a lower total");
	}
	for (unsigned i = 0; i < w->n_groups; i++) {
		now = *w;
		now.groups[i] = now.groups[--now.n_groups];
		no_more(w, had, &now, "a group less");
	}
	for (unsigned i = 0; i < 3; i++)
		for (unsigned of = 0; of < 2; of++) {
			now = *w;
			now.place[i][of] = (uint8_t)draw(now.place[i][of] + 1u);
			no_more(w, had, &now, "a directory that counts less");
			still_unknown(w, had, i, of);
		}
}

static void reorder(const struct world *w, const struct grant *had)
{
	struct world now = *w;
	struct grant has;

	for (unsigned i = now.n; i > 1; i--) {
		unsigned with = draw(i);
		struct line line = now.line[with];

		now.line[with] = now.line[i - 1];
		now.line[i - 1] = line;
	}
	has = judge(&now);
	if (has.reason == had->reason && has.count == had->count && has.total == had->total &&
		has.is_shared == had->is_shared)
		return;
	show(w, "before");
	show(&now, "in another order");
	fail_msg("the order of lines means something");
}

static unsigned long number_of(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

static void test_less_never_grants_more(void **state)
{
	unsigned long n = number_of("VST_POLICIES", 5000), n_allowed = 0;
	unsigned long first = number_of("VST_SEED", (unsigned long)getpid());

	(void)state;
	print_message("# VST_SEED=%lu, %lu policies\n", first, n);
	seed = (first + 1) * 0x9e3779b97f4a7c15u;
	for (unsigned long i = 0; i < n; i++) {
		struct world world;
		struct grant had, want;

		make_world(&world);
		had = judge(&world);
		want = expected(&world);
		if (allows(&had) != allows(&want) || had.count != want.count ||
			had.total != want.total) {
			show(&world, "the judges differ");
			fail_msg("reason %d, count %u, total %u", had.reason, had.count,
				had.total);
		}
		n_allowed += (unsigned long)allows(&had);
		take_away(&world, &had);
		reorder(&world, &had);
	}
	/* Both verdicts occur often. */
	assert_in_range(n_allowed, n / 10, n - n / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_veth_of_an_unusable_name),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_ns_reasons),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_less_never_grants_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
