/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of the command line, from the table verbs.def. */
#pragma once

enum plan_verb {
#define VERB(number, kind, word, bundle, takes, acts, help) PLAN_##kind = number,
#include "verbs.def"
#undef VERB
};

/* The options that a verb takes. All verbs take --quiet and --log-format. */
enum verb_takes {
	VERB_TAKES_ROOT = 1,
	VERB_TAKES_STRICT = 2,
	VERB_TAKES_EXPECT = 4,
	VERB_TAKES_ALL = 8,
	VERB_TAKES_FORMAT = 16,
	VERB_TAKES_PROCESS = 32,       /* at most one of --pid, --pid-file and --pidfd */
	VERB_TAKES_NEEDS_PROCESS = 64, /* at least one of these */
};

enum verb_bundle { VERB_BUNDLE_NO, VERB_BUNDLE_MAY, VERB_BUNDLE_MUST };

struct verb_facts {
	enum plan_verb verb;
	const char *word;
	enum verb_bundle bundle;
	unsigned takes; /* VERB_TAKES_* */
	int acts;
};

/* Returns the verb of that name, or NULL. */
const struct verb_facts *verb_by_word(const char *word);

/* The argument must be a verb of verbs.def. */
const struct verb_facts *verb_facts(enum plan_verb verb);
const char *verb_word(enum plan_verb verb);
