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
};

static const struct verb_facts verbs[] = {
#define VERB(number, kind, word, bundle, takes, acts, help)                                    \
	[number] = {PLAN_##kind, #word, VERB_BUNDLE_##bundle, takes, acts},
#include "verbs.def"
#undef VERB
};

const struct verb_facts *verb_by_word(const char *word)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (verbs[i].word && strcmp(verbs[i].word, word) == 0)
			return &verbs[i];
	return NULL;
}

const struct verb_facts *verb_facts(enum plan_verb verb)
{
	return &verbs[verb];
}

const char *verb_word(enum plan_verb verb)
{
	return verbs[verb].word;
}
