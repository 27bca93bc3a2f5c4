/* SPDX-License-Identifier: Apache-2.0 */
#include "verb.h"

#include "../ipc/fd.h"
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

static void warn(void)
{
	int has_veth = 0;

	for (uint32_t i = 0; i < policy.rules.n; i++) {
		const struct rule *rule = &policy.rules.rule[i];

		warn_account(rule);
		warn_dir(rule);
		if (rule->grant == RULE_VETH && !has_veth++)
			report(REPORT_WARNING, NULL,
				"%s:%u: this version does not make a veth for anybody but root: lines with veth permit nothing yet",
				policy.file, rule->line);
	}
}

int verb_policy_check(struct run *run, struct vst_err *err)
{
	int there;

	if (run_confine(0, PLAN_POLICY_CHECK, err) < 0)
		return -1;
	there = run->cli->file ? policy_load_draft(run->cwd_fd, run->cli->file, &policy, err)
			       : policy_load(&policy, err);
	if (there < 0 || policy_accounts(&policy, 0, err) < 0)
		return -1;
	warn();
	if (there)
		report(REPORT_INFO, NULL, "%s: %u rules, and no error", policy.file,
			policy.rules.n);
	else
		report(REPORT_INFO, NULL,
			"there is no " POLICY_PATH ": nobody but root is permitted anything");
	return 0;
}
