/*
 * Reading the wire: bounded getters over one message, and over an operation. The parent's side
 * only, and the only part of it that knows how anything is laid out on the wire.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "op.h"

/* A position in a message. Every getter returns 0, or -1 if the message is too short or the
 * value is not well formed; out-parameters are untouched then. */
struct wire_in {
	const unsigned char *bytes;
	size_t len;
	size_t at;
};

int wire_get_u8(struct wire_in *in, uint8_t *ret);
int wire_get_u16(struct wire_in *in, uint16_t *ret);
int wire_get_u32(struct wire_in *in, uint32_t *ret);

/* A string of at most max bytes without a NUL inside, NUL-terminated in place. */
int wire_get_string(struct wire_in *in, size_t max, const char **ret, size_t *ret_len);

/* 0 if every byte was consumed. */
int wire_get_end(const struct wire_in *in);

/* NUL-terminated where it lies, in the message. */
struct wire_string {
	const char *s;
	size_t len;
};

#define WIRE_STRINGS_MAX 3

/* An operation. Nothing is judged but its form: the kind is known, each string is one, and no
 * longer than this kind may have it. */
struct wire_op {
	uint8_t kind; /* enum vst_op_kind */
	uint8_t arg;
	uint16_t n_items;             /* MOUNT */
	struct vst_mount_flags flags; /* MOUNT */
	unsigned n_strings;
	/* MKDIR, BIND_NS, CGROUP, NAMESPACE: the one; LINK: name, add, peer; MOUNT:
	 * destination, type, source. Empty: absent */
	struct wire_string str[WIRE_STRINGS_MAX];
	struct wire_in items; /* MOUNT: for wire_get_item, n_items times */
	size_t len;           /* of all of it, in bytes */
};

struct wire_item {
	uint8_t kind; /* as it was sent: perhaps none of enum vst_item_kind */
	struct wire_string key, value;
};

/* The next operation with its items. NULL; or what is wrong with it, and nothing was read. */
const char *wire_get_op(struct wire_in *in, struct wire_op *ret);

/* An option of a mount that is data. A key or a value may be empty. */
int wire_get_item(struct wire_in *in, struct wire_item *ret);
