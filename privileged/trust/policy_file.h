/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of callers, read from its file, with the accounts that it names. */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/accounts.h"
#include "../../policy/grant.h"
#include "../../policy/rules.h"

#define POLICY_PATH "/etc/vestibule/policy"

struct policy {
	const char *file; /* its name in messages, printable */
	struct rules rules;
	struct accounts_text passwd, group; /* mapped; len 0: not read, or missing */
	char name[264];
	char text[VST_POLICY_MAX];
};

/* Reads and parses POLICY_PATH. Returns 1; 0 if there is none: nobody but root is permitted
 * anything; -1 with VST_EXIT_INVALID if it is not trusted, or wrong: then the same holds, and
 * err says where. VST_EXIT_DENIED: the caller may not read it. Unless it returns 1, there are
 * no rules. */
int policy_load(struct policy *ret, struct vst_err *err);

/* As policy_load, for somebody's draft, which is not trusted. A missing one is VST_EXIT_FAILED.
 */
int policy_load_draft(int cwd_fd, const char *path, struct policy *ret, struct vst_err *err);

/* Reads /etc/passwd and /etc/group, by the same rules of trust, if a rule has a name or
 * `is_wanted`, and sets the rules' ids. A missing file has no names. The texts stay mapped only
 * if `is_wanted`. */
int policy_accounts(struct policy *policy, int is_wanted, struct vst_err *err);

/* The rule's directory, by the rules of trust. On any other answer than TRUST_OK err says why.
 */
enum trust policy_dir(
	const struct policy *policy, const struct rule *rule, int *ret_fd, struct vst_err *err);

/* Sets ret[i] for every rule that grant_wants_place names: where a path lies whose deepest
 * existing directory is dir_fd. */
void policy_places(const struct policy *policy, const struct grantee *who, int dir_fd,
	uint8_t ret[VST_POLICY_LINES_MAX]);
