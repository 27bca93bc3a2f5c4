/* SPDX-License-Identifier: Apache-2.0 */
#include "accounts.h"

#include <string.h>

/* The highest id: the kernel takes the next one, -1, for "none". */
#define ID_MAX (UINT32_MAX - 1)

struct field {
	const char *bytes;
	size_t len;
};

/* A line: name:password:id:gid:… of /etc/passwd, name:password:id:members of /etc/group. */
struct entry {
	struct field name, id, fourth;
};

static struct field next_field(const char **at, const char *end)
{
	struct field field = {*at, (size_t)(end - *at)};
	const char *colon = memchr(*at, ':', field.len);

	if (colon)
		field.len = (size_t)(colon - *at);
	*at = colon ? colon + 1 : end;
	return field;
}

/* Reads the next line that is an entry, from *at on. Returns 1, or 0 at the end. */
static int next_entry(const struct accounts_text *text, size_t *at, struct entry *ret)
{
	while (*at < text->len) {
		const char *line = text->bytes + *at;
		const char *lf = memchr(line, '\n', text->len - *at);
		const char *end = lf ? lf : text->bytes + text->len;

		*at = (size_t)(end - text->bytes) + 1;
		if (line == end || memchr("+-#:", line[0], 4))
			continue;
		ret->name = next_field(&line, end);
		next_field(&line, end);
		ret->id = next_field(&line, end);
		ret->fourth = next_field(&line, end);
		return 1;
	}
	return 0;
}

static int equals(const struct field *field, const char *bytes, size_t len)
{
	return field->len == len && memcmp(field->bytes, bytes, len) == 0;
}

static int number(const struct field *field, uint32_t *ret)
{
	return rules_number(field->bytes, field->len, ID_MAX, ret);
}

static void set_names(struct rules *rules, enum rule_who who, const struct accounts_text *text)
{
	struct entry entry;
	size_t at = 0;

	while (next_entry(text, &at, &entry))
		for (uint32_t i = 0; i < rules->n; i++) {
			struct rule *rule = &rules->rule[i];

			if (rule->who != who || rule->account != RULE_UNKNOWN ||
				!equals(&entry.name, rules->text + rule->account_name.off,
					rule->account_name.len))
				continue;
			rule->account =
				number(&entry.id, &rule->id) == 0 ? RULE_KNOWN : RULE_UNUSABLE;
		}
}

void accounts_set_users(struct rules *rules, const struct accounts_text *passwd)
{
	set_names(rules, RULE_USER, passwd);
}

void accounts_set_groups(struct rules *rules, const struct accounts_text *group)
{
	set_names(rules, RULE_GROUP, group);
}

static int account_of(const struct entry *entry, struct account *ret)
{
	struct account account = {.name = entry->name.bytes, .name_len = entry->name.len};

	if (number(&entry->id, &account.uid) < 0 || number(&entry->fourth, &account.gid) < 0)
		return -1;
	*ret = account;
	return 1;
}

int accounts_by_name(
	const struct accounts_text *passwd, const char *name, size_t len, struct account *ret)
{
	struct entry entry;
	size_t at = 0;

	while (next_entry(passwd, &at, &entry))
		if (equals(&entry.name, name, len))
			return account_of(&entry, ret);
	return 0;
}

int accounts_by_uid(const struct accounts_text *passwd, uint32_t uid, struct account *ret)
{
	struct account account;
	struct entry entry;
	size_t at = 0;

	while (next_entry(passwd, &at, &entry))
		if (account_of(&entry, &account) > 0 && account.uid == uid) {
			*ret = account;
			return 1;
		}
	return 0;
}

/* Whether the name is one of the members, which have commas between them. */
static int is_member(struct field members, const struct account *account)
{
	const char *end = members.bytes + members.len;

	for (;;) {
		struct field one = {members.bytes, (size_t)(end - members.bytes)};
		const char *comma = memchr(one.bytes, ',', one.len);

		if (comma)
			one.len = (size_t)(comma - one.bytes);
		if (equals(&one, account->name, account->name_len))
			return 1;
		if (!comma)
			return 0;
		members.bytes = comma + 1;
	}
}

int accounts_groups_of(const struct accounts_text *group, const struct account *account,
	uint32_t *groups, uint32_t max)
{
	struct entry entry;
	uint32_t n = 0, gid;
	size_t at = 0;

	if (max == 0)
		return -1;
	groups[n++] = account->gid;
	while (account->name && next_entry(group, &at, &entry)) {
		if (!is_member(entry.fourth, account) || number(&entry.id, &gid) < 0 ||
			gid == account->gid)
			continue;
		if (n == max)
			return -1;
		groups[n++] = gid;
	}
	return (int)n;
}
