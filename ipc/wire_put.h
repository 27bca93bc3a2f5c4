/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the wire: bounded putters into one message. Only the parser uses them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "op.h"

/* A message being written. Every putter returns 0, or -1 if there is no room; then nothing is
 * written. */
struct wire_out {
	unsigned char *bytes;
	size_t size;
	size_t at;
};

int wire_put_u8(struct wire_out *out, uint8_t value);
int wire_put_u16(struct wire_out *out, uint16_t value);
int wire_put_u32(struct wire_out *out, uint32_t value);

/* A string: length, bytes (no NUL among them, at most UINT16_MAX), NUL. */
int wire_put_string(struct wire_out *out, const char *bytes, size_t len);

/* The head of a message: type, zero, count. */
int wire_put_head(struct wire_out *out, uint8_t type, uint16_t count);

int wire_put_finding(struct wire_out *out, const struct vst_finding *finding);

int wire_put_flags(struct wire_out *out, const struct vst_mount_flags *flags);

/* A data option of a mount; either string may be empty. */
int wire_put_item(struct wire_out *out, enum vst_item_kind kind, const char *key,
	size_t key_len, const char *value, size_t value_len);

/* The settings of an interface; its addresses and routes follow one by one. */
int wire_put_set(struct wire_out *out, const struct vst_link_set *set);
int wire_put_address(struct wire_out *out, const struct vst_address *address);
int wire_put_route(struct wire_out *out, const struct vst_route *route);
