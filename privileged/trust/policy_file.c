/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "../../ipc/fd.h"
#include "../kernel/beneath.h"
#include "trust.h"

#define PASSWD "/etc/passwd"
#define GROUP "/etc/group"

/* Reads and parses what was opened. */
static int take(const struct trust_file *file, struct policy *ret, struct vst_err *err)
{
	if (trust_read(file, ret->text, err) < 0)
		return -1;
	return rules_read(ret->file, ret->text, file->size, &ret->rules, err) < 0 ? -1 : 1;
}

int policy_load(struct policy *ret, struct vst_err *err)
{
	struct trust_file file;
	int there;

	ret->file = POLICY_PATH;
	ret->rules.n = 0;
	there = trust_open(POLICY_PATH, sizeof ret->text, &file, err);
	if (there <= 0)
		return there;
	there = take(&file, ret, err);
	vst_fd_close(&file.fd);
	return there;
}

int policy_load_draft(int cwd_fd, const char *path, struct policy *ret, struct vst_err *err)
{
	struct trust_file file;
	int there;

	_Static_assert(sizeof ret->name >= sizeof(struct vst_quoted), "a quoted name fits");
	strcpy(ret->name, VST_QUOTE(path));
	ret->file = ret->name;
	ret->rules.n = 0;
	if (trust_open_any(cwd_fd, path, sizeof ret->text, &file, err) < 0)
		return -1;
	there = take(&file, ret, err);
	vst_fd_close(&file.fd);
	return there;
}

/* Maps room for the file and reads it. */
static int read_accounts(const char *path, struct accounts_text *ret, struct vst_err *err)
{
	struct trust_file file;
	int there = trust_open(path, VST_ACCOUNTS_MAX, &file, err);
	char *bytes;

	if (there <= 0)
		return there;
	/* One byte more: mmap refuses a length of 0. */
	bytes = mmap(NULL, file.size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0);
	if (bytes == MAP_FAILED)
		vst_fail(err, VST_EXIT_FAILED, errno, "make room for %s", path);
	else if (trust_read(&file, bytes, err) == 0)
		*ret = (struct accounts_text){bytes, file.size};
	else
		there = -1;
	vst_fd_close(&file.fd);
	return bytes == MAP_FAILED ? -1 : there;
}

static void forget(struct accounts_text *text)
{
	if (text->bytes)
		munmap((void *)text->bytes, text->len + 1);
	*text = (struct accounts_text){NULL, 0};
}

static int has_rules_of(const struct policy *policy, enum rule_who who)
{
	uint32_t i = 0;

	while (i < policy->rules.n && policy->rules.rule[i].who != who)
		i++;
	return i < policy->rules.n;
}

int policy_accounts(struct policy *policy, int is_wanted, struct vst_err *err)
{
	if ((is_wanted || has_rules_of(policy, RULE_USER)) &&
		read_accounts(PASSWD, &policy->passwd, err) < 0)
		return -1;
	if ((is_wanted || has_rules_of(policy, RULE_GROUP)) &&
		read_accounts(GROUP, &policy->group, err) < 0)
		return -1;
	accounts_set_users(&policy->rules, &policy->passwd);
	accounts_set_groups(&policy->rules, &policy->group);
	/* Address space is limited, and a run maps more later. */
	if (!is_wanted) {
		forget(&policy->passwd);
		forget(&policy->group);
	}
	return 0;
}

enum trust policy_dir(
	const struct policy *policy, const struct rule *rule, int *ret_fd, struct vst_err *err)
{
	const int is_user = rule->who == RULE_USER || rule->who == RULE_UID;

	/* The directory may be that user's, and nobody's else. */
	return trust_dir(policy->rules.text + rule->place.off, rule->place.len,
		is_user && rule->account == RULE_KNOWN ? rule->id : 0, ret_fd, err);
}

static enum grant_place place_of(
	const struct policy *policy, const struct rule *rule, int dir_fd)
{
	struct vst_err ignored;
	struct object dir;
	vst_auto_fd fd = -1;
	int is_in;

	switch (policy_dir(policy, rule, &fd, &ignored)) {
	case TRUST_OK:
		break;
	case TRUST_MISSING:
		return GRANT_MISSING;
	case TRUST_UNSEEN:
		return GRANT_UNSEEN;
	case TRUST_NOT:
		return GRANT_UNTRUSTED;
	}
	is_in = beneath_stat(fd, &dir) < 0 ? -1 : beneath_is_in(dir_fd, &dir);
	if (is_in < 0)
		return GRANT_UNSEEN;
	return is_in ? GRANT_BENEATH : GRANT_OUTSIDE;
}

void policy_places(const struct policy *policy, const struct grantee *who, int dir_fd,
	uint8_t ret[VST_POLICY_LINES_MAX])
{
	for (uint32_t i = 0; i < policy->rules.n; i++)
		if (grant_wants_place(&policy->rules.rule[i], who))
			ret[i] = (uint8_t)place_of(policy, &policy->rules.rule[i], dir_fd);
}
