/* SPDX-License-Identifier: Apache-2.0 */
#include "grant.h"

#include <string.h>

static int has_group(const struct grantee *who, uint32_t gid)
{
	for (uint32_t i = 0; i < who->n_groups; i++)
		if (who->groups[i] == gid)
			return 1;
	return 0;
}

static int is_for(const struct rule *rule, const struct grantee *who)
{
	if (rule->account != RULE_KNOWN)
		return 0;
	return rule->who == RULE_USER || rule->who == RULE_UID ? rule->id == who->uid
							       : has_group(who, rule->id);
}

int grant_wants_place(const struct rule *rule, const struct grantee *who)
{
	return rule->grant == RULE_NS && is_for(rule, who);
}

static enum grant_reason reason_of(const struct grant_file *file, uint32_t i)
{
	switch ((enum grant_place)file->places[i]) {
	case GRANT_UNSEEN:
		return GRANT_NOT_SEEN;
	case GRANT_MISSING:
		return GRANT_NOT_THERE;
	case GRANT_UNTRUSTED:
		return GRANT_NOT_TRUSTED;
	case GRANT_OUTSIDE:
		return GRANT_NOT_BENEATH;
	case GRANT_BENEATH:
		break;
	}
	return file->is_foreign ? GRANT_FOREIGN : GRANT_BY_RULE;
}

static int is_bridge(
	const struct rules *rules, const struct rule *rule, const struct grant_ask *ask)
{
	return ask->bridge && strlen(ask->bridge) == rule->place.len &&
	       memcmp(ask->bridge, rules->text + rule->place.off, rule->place.len) == 0;
}

/* How near rule i, of the kind that is asked for, comes to granting. */
static enum grant_reason judge(const struct rules *rules, uint32_t i, const struct grantee *who,
	const struct grant_ask *ask)
{
	const struct rule *rule = &rules->rule[i];

	if (!is_for(rule, who))
		return GRANT_OTHERS;
	if (rule->grant == RULE_NS)
		return rule->namespaces >> ask->ns & 1 ? reason_of(ask->file, i)
						       : GRANT_OTHER_NS;
	return is_bridge(rules, rule, ask) ? GRANT_BY_RULE : GRANT_OTHER_BRIDGE;
}

/* A rule whose directory does not count is void: it does not raise the count either. */
static int counts(const struct rules *rules, uint32_t i, const struct grantee *who,
	const struct grant_ask *ask)
{
	const struct rule *rule = &rules->rule[i];

	return is_for(rule, who) &&
	       (rule->grant != RULE_NS || ask->file->places[i] == GRANT_OUTSIDE ||
		       ask->file->places[i] == GRANT_BENEATH);
}

/* Notes a rule that may be for the caller, and counts for nothing now: its name has no usable
 * number, or its directory does not count. */
static void note_void(const struct rules *rules, uint32_t i, const struct grantee *who,
	const struct grant_ask *ask, struct grant *best)
{
	const struct rule *rule = &rules->rule[i];

	if (rule->account != RULE_UNUSABLE &&
		(!is_for(rule, who) || counts(rules, i, who, ask)))
		return;
	if (!best->void_count_line)
		best->void_count_line = rule->line;
	if (!best->void_line && (rule->grant == RULE_NS ? rule->namespaces >> ask->ns & 1
							: is_bridge(rules, rule, ask)))
		best->void_line = rule->line;
}

void grant(const struct rules *rules, const struct grantee *who, const struct grant_ask *ask,
	struct grant *ret)
{
	struct grant best = {.reason = GRANT_NO_RULE, .of = ret->of};
	uint32_t own = 0; /* the count of best.line itself */

	for (uint32_t i = 0; i < rules->n; i++) {
		const struct rule *rule = &rules->rule[i];
		enum grant_reason reason;

		if (rule->grant != ask->grant)
			continue;
		note_void(rules, i, who, ask, &best);
		reason = judge(rules, i, who, ask);
		if (reason > best.reason) {
			best.reason = reason;
			best.line = rule->line;
			own = rule->count;
		}
		if (counts(rules, i, who, ask) && rule->count > best.count) {
			best.count = rule->count;
			best.count_line = rule->line;
		}
		if (reason != GRANT_BY_RULE || rule->grant != RULE_VETH)
			continue;
		best.is_shared = rule->is_shared;
		if (rule->total > best.total)
			best.total = rule->total;
	}
	if (own == best.count)
		best.count_line = best.line;
	if (best.reason != GRANT_BY_RULE)
		best.count = best.count_line = 0;
	*ret = best;
}

void grant_step(const struct rules *rules, const struct grantee *who, const struct plan *plan,
	uint32_t step, const struct grant_file *file, struct grant *ret)
{
	const struct step *of = &plan->steps[step];
	const struct step_facts *facts;
	struct grant_ask ask = {.grant = RULE_VETH, .file = file};

	*ret = (struct grant){.reason = GRANT_NEVER};
	/* What is set of an interface is granted as the interface is. */
	for (; step > 0 && step_is_set(of); step--)
		of = &plan->steps[step - 1];
	facts = step_facts(of->kind);
	if (!facts)
		return;
	ret->of = facts->grant;
	switch (facts->grant) {
	case STEP_GRANT_OWN:
		ret->reason = GRANT_OWN;
		return;
	case STEP_GRANT_NS:
		ask.grant = RULE_NS;
		ask.ns = (enum vst_ns)of->ns;
		break;
	case STEP_GRANT_VETH:
		if (of->set && plan->sets[of->set - 1].bridge)
			ask.bridge = plan_text(plan, plan->sets[of->set - 1].bridge);
		break;
	case STEP_GRANT_MOUNT:
	case STEP_GRANT_KIND:
	case STEP_GRANT_HERE:
	case STEP_GRANT_MOVE:
		return;
	}
	grant(rules, who, &ask, ret);
}

const char *grant_never(enum step_grant of)
{
	switch (of) {
	case STEP_GRANT_MOUNT:
		return "mounts are never granted; in a user namespace of your own mounts need no privilege: unshare -Urm vestibule --root DIR ...";
	case STEP_GRANT_KIND:
		return "of interfaces only veth is granted";
	case STEP_GRANT_HERE:
		return "createInRoot is never granted: the interface would keep a socket of this network namespace";
	case STEP_GRANT_MOVE:
		return "moving an existing interface is never granted: ask for a veth";
	case STEP_GRANT_OWN:
	case STEP_GRANT_NS:
	case STEP_GRANT_VETH:
		break;
	}
	return "the step is of no known kind";
}

static void say_granted(const struct grant *verdict, const char *file, struct vst_err *ret)
{
	char total[48] = "", by[48] = "";
	struct vst_err part;

	if (verdict->of == STEP_GRANT_VETH) {
		vst_fail(&part, VST_EXIT_OK, 0, ", %u ports of the bridge in all%s",
			verdict->total, verdict->is_shared ? ", shared" : "");
		strncpy(total, part.text, sizeof total - 1);
	}
	if (verdict->count_line != verdict->line) {
		vst_fail(&part, VST_EXIT_OK, 0, " (line %u)", verdict->count_line);
		strncpy(by, part.text, sizeof by - 1);
	}
	vst_fail(ret, VST_EXIT_OK, 0, "allowed by %s:%u, count %u%s%s", file, verdict->line,
		verdict->count, by, total);
}

/* The nearest rule, and what it lacks. */
static const char *lacks(const struct grant *verdict)
{
	switch (verdict->reason) {
	case GRANT_OTHERS:
		return "permits such a step to others only";
	case GRANT_OTHER_NS:
		return "permits other kinds of namespaces";
	case GRANT_OTHER_BRIDGE:
		return "permits a veth on its bridge, and the document names another one, or none: write 'bridge'";
	case GRANT_NOT_SEEN:
		return "names a directory that cannot be looked at from here";
	case GRANT_NOT_THERE:
		return "names a directory that is not there, so it permits nothing";
	case GRANT_NOT_TRUSTED:
		return "names a directory that others can change, so it permits nothing";
	case GRANT_NOT_BENEATH:
		return "permits it beneath its directory, where this path is not";
	case GRANT_FOREIGN:
		return "would permit it, but the file that is there is not the caller's";
	case GRANT_NO_RULE:
	case GRANT_BY_RULE:
	case GRANT_OWN:
	case GRANT_NEVER:
		break;
	}
	return "";
}

void grant_say(const struct grant *verdict, const char *file, struct vst_err *ret)
{
	switch (verdict->reason) {
	case GRANT_OWN:
		vst_fail(ret, VST_EXIT_OK, 0,
			"needs no line: it is done with the caller's own rights");
		return;
	case GRANT_BY_RULE:
		say_granted(verdict, file, ret);
		return;
	case GRANT_NEVER:
		vst_fail(ret, VST_EXIT_DENIED, 0, "denied: %s", grant_never(verdict->of));
		return;
	case GRANT_NO_RULE:
		vst_fail(ret, VST_EXIT_DENIED, 0, "denied: %s permits such a step to nobody",
			file);
		return;
	case GRANT_OTHERS:
	case GRANT_OTHER_NS:
	case GRANT_OTHER_BRIDGE:
	case GRANT_NOT_SEEN:
	case GRANT_NOT_THERE:
	case GRANT_NOT_TRUSTED:
	case GRANT_NOT_BENEATH:
	case GRANT_FOREIGN:
		break;
	}
	vst_fail(ret, VST_EXIT_DENIED, 0, "denied: %s:%u %s", file, verdict->line,
		lacks(verdict));
}
