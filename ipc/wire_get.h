/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the wire: bounded getters for a message and for an operation. Only the parent uses
 * them, and nothing else in it knows the layout of the wire.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "op.h"

/* A position in a message. Every getter returns 0, or -1 if the message is too short or the
 * value is malformed; then out-parameters and position are untouched. */
struct wire_in {
	const unsigned char *bytes;
	size_t len;
	size_t at;
};

int wire_get_u8(struct wire_in *in, uint8_t *ret);
int wire_get_u16(struct wire_in *in, uint16_t *ret);
int wire_get_u32(struct wire_in *in, uint32_t *ret);

/* A string of at most `max` bytes without NUL inside. *ret borrows from the message, where it
 * is NUL-terminated. */
int wire_get_string(struct wire_in *in, size_t max, const char **ret, size_t *ret_len);

/* 0 if every byte was consumed. */
int wire_get_end(const struct wire_in *in);

/* Borrowed from the message, NUL-terminated in place. */
struct wire_string {
	const char *s;
	size_t len;
};

#define WIRE_STRINGS_MAX 3

/* An operation. Only its form was checked: the kind is known, each string is well formed and no
 * longer than this kind allows. */
struct wire_op {
	uint8_t kind; /* enum vst_op_kind */
	uint8_t arg;
	uint16_t n_items;             /* MOUNT */
	struct vst_mount_flags flags; /* MOUNT */
	unsigned n_strings;
	/* MKDIR, BIND_NS, CGROUP, NAMESPACE: one string. LINK: name, add, peer. MOUNT:
	 * destination, type, source. Empty: absent. */
	struct wire_string str[WIRE_STRINGS_MAX];
	/* MOUNT: for wire_get_item, n_items times. LINK with VST_LINK_SET: for wire_get_set,
	 * then for wire_get_address, as often as that says of both ends, and for
	 * wire_get_route. */
	struct wire_in items;
	size_t len; /* Bytes of the whole operation. */
};

struct wire_item {
	uint8_t kind; /* As sent: perhaps not an enum vst_item_kind. */
	struct wire_string key, value;
};

/* Reads the next operation with its items. NULL on success; else what is wrong with it
 * (static), and nothing is consumed. */
const char *wire_get_op(struct wire_in *in, struct wire_op *ret);

/* Reads a data option of a mount. Key and value may be empty. */
int wire_get_item(struct wire_in *in, struct wire_item *ret);

/* The settings of an interface, as sent. */
struct wire_set {
	struct wire_string bridge; /* empty: absent */
	struct vst_link_set is;
};

/* Read the settings of an interface, an address and a route of it. */
int wire_get_set(struct wire_in *in, struct wire_set *ret);
int wire_get_address(struct wire_in *in, struct vst_address *ret);
int wire_get_route(struct wire_in *in, struct vst_route *ret);
