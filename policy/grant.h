/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy grants: rules, a caller and what is asked for, to a verdict. Whether the
 * caller is judged by the policy at all is asked before (root is not); how much of a grant is
 * in use is counted afterwards.
 */
#pragma once

#include "../ipc/err.h"
#include "plan.h"
#include "rules.h"

/* Who asks: the real uid, and all groups. */
struct grantee {
	uint32_t uid;
	uint32_t n_groups;
	const uint32_t *groups;
};

/* Where a path lies in view of the directory of a rule. The directory counts if it is root's,
 * or in a rule of a user or uid that user's, and cannot be written by others; so do all above
 * it. */
enum grant_place {
	GRANT_UNSEEN,    /* the directory could not be looked at */
	GRANT_MISSING,   /* there is no such directory */
	GRANT_UNTRUSTED, /* it does not count */
	GRANT_OUTSIDE,   /* it counts, and the path is not beneath it */
	GRANT_BENEATH,   /* it counts, and the path is beneath it */
};

/* NS: the file that a namespace is bound on. */
struct grant_file {
	const uint8_t *places; /* an enum grant_place for each rule that grant_wants_place
				  names; the others are not read */
	int is_foreign;        /* it is there, and it is not the caller's */
};

struct grant_ask {
	enum rule_grant grant;
	enum vst_ns ns; /* NS: the kind */
	const struct grant_file *file;
	const char *bridge; /* VETH: its name; NULL: none is named */
};

/* Why a step is granted or not. Of the reasons that rules give, the last is the nearest. */
enum grant_reason {
	GRANT_NO_RULE,      /* no rule grants this to anybody */
	GRANT_OTHERS,       /* to others */
	GRANT_OTHER_NS,     /* to the caller, for other kinds of namespaces */
	GRANT_OTHER_BRIDGE, /* to the caller, on another bridge, or the step names none */
	GRANT_NOT_SEEN,     /* as enum grant_place */
	GRANT_NOT_THERE,
	GRANT_NOT_TRUSTED,
	GRANT_NOT_BENEATH,
	GRANT_FOREIGN, /* the file is somebody else's */
	GRANT_BY_RULE, /* granted */
	GRANT_OWN,     /* needs no rule */
	GRANT_NEVER,   /* no rule grants such a step: see enum step_grant */
};

struct grant {
	enum grant_reason reason;
	enum step_grant of; /* of the step */
	uint32_t line;      /* of the rule that grants, or of the nearest one; 0: none */
	/* GRANT_BY_RULE: the most that the caller may have of this kind of grant, in all places
	 * and on all bridges, and the rule that says so. */
	uint32_t count, count_line;
	/* Rules that count for nothing now, because their directory, or the number of their
	 * name, is not to be had, and that might do so again: one that then might permit this,
	 * and one that might raise the count. 0: none. To grant, they are nothing;
	 * to take back, what they permit is unknown. */
	uint32_t void_line, void_count_line;
	uint32_t total; /* VETH: ports that the bridge may have, of all users */
	int is_shared;  /* VETH */
};

/* Whether the place of this rule has to be looked at for the caller. */
int grant_wants_place(const struct rule *rule, const struct grantee *who);

/* Judges what is asked for. `of` of *ret is left as it is. */
void grant(const struct rules *rules, const struct grantee *who, const struct grant_ask *ask,
	struct grant *ret);

/* Judges a step of a plan. `file` is for a step that binds a namespace. */
void grant_step(const struct rules *rules, const struct grantee *who, const struct plan *plan,
	uint32_t step, const struct grant_file *file, struct grant *ret);

/* Why no rule grants such a step; static. */
const char *grant_never(enum step_grant of);

/* Puts the verdict into words, with `file` for the policy: ret->exit is VST_EXIT_OK or
 * VST_EXIT_DENIED. It names lines of other callers, so it is only for who may read the file. */
void grant_say(const struct grant *verdict, const char *file, struct vst_err *ret);
