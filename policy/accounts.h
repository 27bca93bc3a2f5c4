/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in the texts of /etc/passwd and /etc/group, which are read directly: a static program
 * has no name services. Names are compared as whole tokens. A line that begins with '+', '-' or
 * '#', or has no name, is none (the first two are NIS's). Of lines with the same name the first
 * counts; if its number is malformed, the name has none. Lines may be of any length, and the
 * last one may lack its line feed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "rules.h"

/* The text of one of the files. Borrowed; len 0: it is missing. */
struct accounts_text {
	const char *bytes;
	size_t len;
};

struct account {
	uint32_t uid;
	uint32_t gid;
	const char *name; /* in the text; NULL: a uid without a name */
	size_t name_len;
};

/* Sets the ids of the rules of users, and of groups. */
void accounts_set_users(struct rules *rules, const struct accounts_text *passwd);
void accounts_set_groups(struct rules *rules, const struct accounts_text *group);

/* Finds a user by name: 1, 0 if there is none, -1 if its line is malformed. */
int accounts_by_name(
	const struct accounts_text *passwd, const char *name, size_t len, struct account *ret);

/* Finds the first user with this id: 1, or 0 if there is none. */
int accounts_by_uid(const struct accounts_text *passwd, uint32_t uid, struct account *ret);

/* Writes the ids of the account's groups, its own first, to groups[0..max). Returns how many,
 * or -1 if there are more. */
int accounts_groups_of(const struct accounts_text *group, const struct account *account,
	uint32_t *groups, uint32_t max);
