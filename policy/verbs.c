/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <stddef.h>
#include <string.h>

/* Short names for the `takes` column of verbs.def. */
enum {
	ROOT = VERB_TAKES_ROOT,
	STRICT = VERB_TAKES_STRICT,
	EXPECT = VERB_TAKES_EXPECT,
	ALL = VERB_TAKES_ALL,
	FORMAT = VERB_TAKES_FORMAT,
	PROCESS = VERB_TAKES_PROCESS,
	NEEDS_PROCESS = VERB_TAKES_NEEDS_PROCESS,
	USER = VERB_TAKES_USER,
	OWNER = VERB_TAKES_OWNER,
	UID = VERB_TAKES_UID,
	POLICY = VERB_TAKES_POLICY,
};

static const struct verb_facts verbs[] = {
#define VERB(number, kind, function, words, bundle, takes, acts, help)                         \
	[number] = {PLAN_##kind, words, VERB_BUNDLE_##bundle, takes, acts},
#include "verbs.def"
#undef VERB
};

/* Whether the words are these two; with `second` NULL, this one. */
static int are(const char *words, const char *first, const char *second)
{
	size_t len = strlen(first);

	if (!second)
		return strcmp(words, first) == 0 && !strchr(first, ' ');
	return strncmp(words, first, len) == 0 && words[len] == ' ' &&
	       strcmp(words + len + 1, second) == 0;
}

const struct verb_facts *verb_by_words(const char *first, const char *second)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (verbs[i].words && are(verbs[i].words, first, second))
			return &verbs[i];
	return NULL;
}

int verb_has_second(const char *first)
{
	size_t len = strlen(first);

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (verbs[i].words && strcspn(verbs[i].words, " ") == len &&
			verbs[i].words[len] && strncmp(verbs[i].words, first, len) == 0)
			return 1;
	return 0;
}

const struct verb_facts *verb_facts(enum plan_verb verb)
{
	return &verbs[verb];
}

const char *verb_words(enum plan_verb verb)
{
	return verbs[verb].words;
}
