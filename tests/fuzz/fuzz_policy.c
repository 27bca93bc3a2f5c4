/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts that decide what callers may do: a policy, then, each after a NUL, /etc/passwd,
 * /etc/group, and one byte that says what is asked for. Whatever is taken says the same when it
 * is written again and parsed once more, and whatever is granted has a line that grants it.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/op.h"
#include "policy/accounts.h"
#include "policy/grant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const kinds[VST_NS_COUNT] = {
	"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
static const char *const whos[] = {"user", "group", "uid", "gid"};

static struct rules rules, again;
static uint8_t places[VST_POLICY_LINES_MAX];

/* Exactly as much as is used, so that a sanitizer sees the first byte too many. */
static struct accounts_text part(const uint8_t **at, const uint8_t *end)
{
	const uint8_t *nul = *at < end ? memchr(*at, 0, (size_t)(end - *at)) : NULL;
	size_t len = (size_t)((nul ? nul : end) - *at);
	char *bytes = malloc(len ? len : 1);

	memcpy(bytes, *at, len);
	*at = nul ? nul + 1 : end;
	return (struct accounts_text){bytes, len};
}

/* Refused: with a place that is in the text, and nothing of its bytes. */
static void check_refusal(const struct accounts_text *text, const struct vst_err *err)
{
	unsigned line = 0, column = 0, n_lines = 1;

	assert(err->exit == VST_EXIT_INVALID && rules.n == 0);
	for (const char *c = err->text; *c; c++)
		assert(*c >= 0x20 && *c < 0x7f);
	if (text->len > VST_POLICY_MAX)
		return;
	assert(sscanf(err->text, "FILE:%u:%u: ", &line, &column) == 2);
	for (size_t i = 0; i < text->len; i++)
		n_lines += text->bytes[i] == '\n';
	assert(line >= 1 && line <= n_lines && column >= 1 && column <= text->len + 1);
}

static void put(char **at, const struct span *span)
{
	memcpy(*at, rules.text + span->off, span->len);
	*at += span->len;
}

/* Writes a rule in its longest form. */
static void put_rule(char **at, const struct rule *rule)
{
	char comma = ' ';

	*at += sprintf(*at, "permit %s ", whos[rule->who]);
	if (rule->account_name.len)
		put(at, &rule->account_name);
	else
		*at += sprintf(*at, "%u", rule->id);
	if (rule->grant == RULE_NS) {
		*at += sprintf(*at, " ns");
		for (unsigned ns = 0; ns < VST_NS_COUNT; ns++)
			if (rule->namespaces >> ns & 1) {
				*at += sprintf(*at, "%c%s", comma, kinds[ns]);
				comma = ',';
			}
		*at += sprintf(*at, " beneath ");
		put(at, &rule->place);
	} else {
		*at += sprintf(*at, " veth bridge ");
		put(at, &rule->place);
		*at += sprintf(
			*at, "%s total %u", rule->is_shared ? " shared" : "", rule->total);
	}
	*at += sprintf(*at, " count %u\n", rule->count);
}

static void check_rule(const struct rule *rule, size_t len)
{
	assert(rule->who <= RULE_GID && rule->grant < RULE_GRANTS);
	assert(rule->line >= 1 && rule->line <= VST_POLICY_LINES_MAX);
	assert(rule->count >= 1 && rule->count <= VST_POLICY_COUNT_MAX);
	assert((size_t)rule->place.off + rule->place.len <= len && rule->place.len > 0);
	assert((size_t)rule->account_name.off + rule->account_name.len <= len);
	assert((rule->account_name.len > 0) ==
		(rule->who == RULE_USER || rule->who == RULE_GROUP));
	assert((rule->account_name.len > 0) == (rule->account == RULE_UNKNOWN));
	if (rule->grant == RULE_NS) {
		assert(rule->namespaces && !(rule->namespaces >> VST_NS_MNT & 1));
		assert(rules.text[rule->place.off] == '/');
	} else {
		assert(rule->place.len <= VST_IFNAME_MAX);
		assert(rule->total >= 1 && rule->total <= VST_POLICY_TOTAL_MAX);
	}
}

static void check_again(void)
{
	/* A short rule grows by what it leaves out. */
	char *text = malloc(2 * VST_POLICY_MAX + VST_POLICY_LINES_MAX * 64), *end = text;
	struct vst_err err;

	for (uint32_t i = 0; i < rules.n; i++)
		put_rule(&end, &rules.rule[i]);
	if (end - text <= VST_POLICY_MAX) {
		assert(rules_read("FILE", text, (size_t)(end - text), &again, &err) == 0);
		assert(again.n == rules.n);
	}
	for (uint32_t i = 0; end - text <= VST_POLICY_MAX && i < rules.n; i++) {
		const struct rule *a = &rules.rule[i], *b = &again.rule[i];

		assert(a->who == b->who && a->grant == b->grant && a->id == b->id &&
			a->account == b->account && a->is_shared == b->is_shared &&
			a->namespaces == b->namespaces && a->count == b->count &&
			a->total == b->total && a->place.len == b->place.len);
	}
	free(text);
}

/* The rule of a line. */
static const struct rule *rule_at(uint32_t line)
{
	uint32_t i = 0;

	while (i < rules.n && rules.rule[i].line != line)
		i++;
	assert(i < rules.n);
	return &rules.rule[i];
}

static void check_grant(
	const struct account *account, const uint32_t *groups, int n_groups, uint8_t asked)
{
	const struct grantee who = {account->uid, (uint32_t)n_groups, groups};
	const struct grant_file file = {.places = places, .is_foreign = (asked >> 4 & 7) == 7};
	struct grant_ask ask = {.grant = asked & 1 ? RULE_NS : RULE_VETH, .file = &file};
	struct grant verdict = {.of = asked & 1 ? STEP_GRANT_NS : STEP_GRANT_VETH};
	const struct rule *rule;
	struct vst_err said;

	ask.ns = (enum vst_ns)((asked >> 1) % VST_NS_COUNT);
	ask.bridge = asked & 128 ? "b" : NULL;
	for (uint32_t i = 0; i < rules.n; i++)
		places[i] = (uint8_t)((asked + i) % (GRANT_BENEATH + 1));
	grant(&rules, &who, &ask, &verdict);
	grant_say(&verdict, "FILE", &said);
	assert((said.exit == VST_EXIT_OK) == (verdict.reason == GRANT_BY_RULE));
	if (verdict.reason != GRANT_NO_RULE)
		assert(rule_at(verdict.line)->grant == ask.grant);
	if (verdict.reason != GRANT_BY_RULE)
		return;
	rule = rule_at(verdict.line);
	assert(rule->account == RULE_KNOWN);
	assert(verdict.count >= rule->count && verdict.count_line);
	if (rule->who == RULE_USER || rule->who == RULE_UID)
		assert(rule->id == who.uid);
	assert(rule->grant == RULE_VETH || rule->namespaces >> ask.ns & 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *at = data, *end = data + size;
	struct accounts_text policy = part(&at, end), passwd = part(&at, end),
			     group = part(&at, end);
	struct account account = {.uid = 1001, .gid = 100};
	uint32_t groups[8];
	struct vst_err err;
	int n_groups;

	if (rules_read("FILE", policy.bytes, policy.len, &rules, &err) < 0) {
		check_refusal(&policy, &err);
	} else {
		for (uint32_t i = 0; i < rules.n; i++)
			check_rule(&rules.rule[i], policy.len);
		check_again();
		accounts_set_users(&rules, &passwd);
		accounts_set_groups(&rules, &group);
		accounts_by_name(&passwd, "ci", 2, &account);
		n_groups = accounts_groups_of(&group, &account, groups, 8);
		check_grant(&account, groups, n_groups < 0 ? 8 : n_groups, at < end ? *at : 0);
	}
	free((void *)policy.bytes);
	free((void *)passwd.bytes);
	free((void *)group.bytes);
	return 0;
}
