/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

#include <stdio.h>

#include "../ipc/fd.h"
#include "link/port_apart.h"
#include "self/report.h"
#include "trust/policy_file.h"
#include "trust/trust.h"

static struct policy policy;

/* Warns of a name that matches nobody. */
static void warn_account(const struct rule *rule)
{
	const int is_user = rule->who == RULE_USER;
	const char *name = policy.rules.text + rule->account_name.off;

	if (rule->account == RULE_KNOWN)
		return;
	report(REPORT_WARNING, NULL, "%s:%u: %s %s '%s' in %s: the line permits nothing",
		policy.file, rule->line,
		rule->account == RULE_UNKNOWN ? "there is no" : "there is no usable number for",
		is_user ? "user" : "group", VST_QUOTE_N(name, rule->account_name.len),
		is_user ? "/etc/passwd" : "/etc/group");
}

/* Warns of a directory that does not count. */
static void warn_dir(const struct rule *rule)
{
	vst_auto_fd fd = -1;
	struct vst_err err;
	enum trust trust;

	if (rule->grant != RULE_NS || rule->account != RULE_KNOWN)
		return;
	trust = policy_dir(&policy, rule, &fd, &err);
	if (trust != TRUST_OK)
		report(REPORT_WARNING, NULL, "%s:%u: %s: %s", policy.file, rule->line, err.text,
			trust == TRUST_UNSEEN
				? "whether the line permits anything cannot be told"
				: "the line permits nothing");
}

/* Warns where a veth would be refused, and where isolated ports are not apart. */
static void warn_bridge(struct nl *nl, const struct rule *rule)
{
	struct port_bridge bridge;
	struct vst_err err;
	char rule_of[128];
	char name[16];
	int apart;

	/* rules_read has judged the length. */
	snprintf(name, sizeof name, "%.*s", (int)rule->place.len,
		policy.rules.text + rule->place.off);
	if (port_bridge_look(nl, name, &bridge, &err) < 0) {
		report(REPORT_WARNING, NULL, "%s:%u: %s", policy.file, rule->line, err.text);
		return;
	}
	apart = rule->is_shared ? 1 : port_apart(nl, &bridge, rule_of, &err);
	if (apart < 0)
		report(REPORT_WARNING, NULL, "%s:%u: %s", policy.file, rule->line, err.text);
	else if (!apart)
		report(REPORT_WARNING, NULL,
			"%s:%u: this host forwards, so containers on bridge '%s' reach each other through it: %s",
			policy.file, rule->line, name, rule_of);
}

static void warn(struct nl *nl)
{
	for (uint32_t i = 0; i < policy.rules.n; i++) {
		const struct rule *rule = &policy.rules.rule[i];

		warn_account(rule);
		warn_dir(rule);
		if (rule->grant == RULE_VETH && rule->account == RULE_KNOWN)
			warn_bridge(nl, rule);
	}
}

int verb_policy_check(struct run *run, struct vst_err *err)
{
	struct nl *nl = NULL;
	int there;

	if (run_confine(0, PLAN_POLICY_CHECK, err) < 0)
		return -1;
	there = run->cli->file ? policy_load_draft(run->cwd_fd, run->cli->file, &policy, err)
			       : policy_load(&policy, err);
	if (there < 0 || policy_accounts(&policy, 0, err) < 0)
		return -1;
	if (nl_open(&nl, err) < 0)
		return -1;
	warn(nl);
	nl_close(&nl);
	if (there)
		report(REPORT_INFO, NULL, "%s: %u rules, and no error", policy.file,
			policy.rules.n);
	else
		report(REPORT_INFO, NULL,
			"there is no " POLICY_PATH ": nobody but root is permitted anything");
	return 0;
}
