/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of the command line, from the table verbs.def. */
#pragma once

enum plan_verb {
#define VERB(number, kind, function, words, bundle, takes, acts, help) PLAN_##kind = number,
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
	VERB_TAKES_USER = 128,
	VERB_TAKES_OWNER = 256,
	VERB_TAKES_UID = 512,
	VERB_TAKES_POLICY = 1024, /* not with --uid */
};

enum verb_bundle { VERB_BUNDLE_NO, VERB_BUNDLE_MAY, VERB_BUNDLE_MUST, VERB_BUNDLE_FILE };

struct verb_facts {
	enum plan_verb verb;
	const char *words; /* one, or two with a blank between them */
	enum verb_bundle bundle;
	unsigned takes; /* VERB_TAKES_* */
	int acts;
};

/* Returns the verb of that name, or NULL. `second` is NULL for a name of one word. */
const struct verb_facts *verb_by_words(const char *first, const char *second);

/* Whether the names of verbs of two words begin with this one. */
int verb_has_second(const char *first);

/* The argument must be a verb of verbs.def. */
const struct verb_facts *verb_facts(enum plan_verb verb);
const char *verb_words(enum plan_verb verb);
