/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of the members of the runtime document: the members of each object, their types, and
 * the frame that opens if a member is an object or a list.
 */
#pragma once

#include <stdint.h>

/* The type that a value must have. */
enum want {
	WANT_ANY, /* anything; only repeated members in it are errors */
	WANT_STRING,
	WANT_BOOLEAN,
	WANT_NUMBER, /* a whole number */
	WANT_LIST,
	WANT_OBJECT,
};

/* The form that a value must have, and what is made of it. Those from RULE_NAME to RULE_VIA are
 * link.c's. */
enum rule {
	RULE_NONE,
	RULE_OPTION,
	RULE_DESTINATION,
	RULE_TYPE,
	RULE_SOURCE,
	RULE_MKDIR,
	RULE_CGROUP,
	RULE_BIND,
	RULE_NAMESPACE,
	RULE_NAME,
	RULE_ADD,
	RULE_PEER,
	RULE_CREATE_IN_ROOT,
	RULE_BRIDGE,
	RULE_ISOLATED,
	RULE_VLAN,
	RULE_PEER_UP,
	RULE_PEER_ADDRESS,
	RULE_MTU,
	RULE_MAC,
	RULE_UP,
	RULE_ADDRESS,
	RULE_KEEP,
	RULE_METRIC,
	RULE_TO,
	RULE_VIA,
};

enum frame_kind {
	FRAME_SKIPPED_OBJECT,
	FRAME_SKIPPED_LIST,
	FRAME_ROOT,
	FRAME_MOUNTS,
	FRAME_MOUNT,
	FRAME_OPTIONS,
	FRAME_MAPPINGS,
	FRAME_MKDIR,
	FRAME_CGROUPS,
	FRAME_INTERFACES,
	FRAME_INTERFACE,
	FRAME_ADDRESSES,
	FRAME_PEER_ADDRESSES,
	FRAME_KEEP,
	FRAME_ROUTES,
	FRAME_ROUTE,
	FRAME_BIND_NS,
};

/* A member of an object, or any element of a list. */
struct member {
	const char *name;
	uint8_t place; /* enum vst_member in the root, else enum vst_field */
	uint8_t want;  /* enum want */
	uint8_t rule;  /* WANT_STRING, WANT_BOOLEAN, WANT_NUMBER: enum rule */
	uint8_t opens; /* WANT_LIST, WANT_OBJECT: enum frame_kind */
};

struct frame_type {
	const struct member *members; /* an object's */
	unsigned n_members;
	const struct member *element; /* a list's */
	uint8_t is_unbuilt;           /* a list that must be empty in this version */
};

/* Indexed by enum frame_kind. */
extern const struct frame_type frame_types[];

/* The document itself, and the value of an unknown member, which is skipped. */
extern const struct member member_document;
extern const struct member member_ignored;

/* Returns the member with this name, ignoring letter case, or NULL. */
const struct member *member_like(const struct frame_type *type, const char *key, uint32_t len);

/* Returns the member whose name is nearest to this one, ignoring letter case, or NULL. One
 * letter may be missing, extra or wrong; in names of more than five letters, two. */
const struct member *member_near(const struct frame_type *type, const char *key, uint32_t len);
