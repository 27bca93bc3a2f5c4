/*
 * The members of the runtime document, as tables: which there are in which object, of which
 * type, and what opens when one is an object or a list.
 */
#pragma once

#include <stdint.h>

/* What a value has to be. */
enum want {
	WANT_ANY, /* not looked at, but for repeated members */
	WANT_STRING,
	WANT_BOOLEAN,
	WANT_LIST,
	WANT_OBJECT,
	WANT_UNBUILT, /* reserved: null and [] are nothing, all else is not supported yet */
};

/* A string's form, or what a list or an object opens. */
enum rule {
	RULE_NONE,
	RULE_OPTION,
	RULE_DESTINATION,
	RULE_TYPE,
	RULE_SOURCE,
	RULE_MKDIR,
	RULE_CGROUP,
	RULE_NAME,
	RULE_ADD,
	RULE_PEER,
	RULE_BIND,
	RULE_NAMESPACE,
};

enum frame_kind {
	FRAME_SKIPPED_OBJECT,
	FRAME_SKIPPED_LIST,
	FRAME_UNBUILT_LIST,
	FRAME_ROOT,
	FRAME_MOUNTS,
	FRAME_MOUNT,
	FRAME_OPTIONS,
	FRAME_MAPPINGS,
	FRAME_MKDIR,
	FRAME_CGROUPS,
	FRAME_INTERFACES,
	FRAME_INTERFACE,
	FRAME_BIND_NS,
};

/* Of an object, or of every element of a list. */
struct member {
	const char *name;
	uint8_t place; /* enum vst_member in the root, else enum vst_field */
	uint8_t want;
	uint8_t rule;  /* WANT_STRING */
	uint8_t opens; /* WANT_LIST, WANT_OBJECT: enum frame_kind */
};

struct frame_type {
	const struct member *members; /* of an object */
	unsigned n_members;
	const struct member *element; /* of a list */
	uint8_t is_unbuilt;           /* a list that has to be empty in this version */
};

/* By enum frame_kind. */
extern const struct frame_type frame_types[];

/* The document itself, and what nobody looks at: an unknown member's value. */
extern const struct member member_document;
extern const struct member member_ignored;

/* The member that has this name but for letter case, or NULL. */
const struct member *member_like(const struct frame_type *type, const char *key, uint32_t len);

/* The member whose name is a slip away from this one (a letter too few, too many, or another;
 * two of them in a name of more than five), whatever the letter case; or NULL. */
const struct member *member_near(const struct frame_type *type, const char *key, uint32_t len);
