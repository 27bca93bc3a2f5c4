/* SPDX-License-Identifier: Apache-2.0 */
/* Makes requests for tests: operations in wire form, as validate leaves them. */
#pragma once

#include <string.h>

#include "policy/plan.h"

struct request_maker {
	unsigned char bytes[4096];
	size_t len;
	uint32_t n_ops;
	size_t items_at; /* of the last mount */
};

static inline void maker_start(struct request_maker *m)
{
	m->bytes[0] = 0;
	m->len = 1;
	m->n_ops = 0;
}

static inline void maker_string(struct request_maker *m, const char *s)
{
	size_t len = strlen(s);

	m->bytes[m->len++] = (unsigned char)len;
	m->bytes[m->len++] = (unsigned char)(len >> 8);
	memcpy(m->bytes + m->len, s, len + 1);
	m->len += len + 1;
}

static inline void maker_op(
	struct request_maker *m, int kind, int arg, const char *a, const char *b, const char *c)
{
	m->bytes[m->len++] = (unsigned char)kind;
	m->bytes[m->len++] = (unsigned char)arg;
	maker_string(m, a);
	if (kind == VST_OP_LINK) {
		maker_string(m, b);
		maker_string(m, c);
	}
	m->n_ops++;
}

/* A mount of no items: maker_item adds them. A string that is absent is "". */
static inline void maker_mount(struct request_maker *m, int arg, struct vst_mount_flags flags,
	const char *destination, const char *type, const char *source)
{
	m->bytes[m->len++] = VST_OP_MOUNT;
	m->bytes[m->len++] = (unsigned char)arg;
	memcpy(m->bytes + m->len, &flags, sizeof flags);
	m->len += sizeof flags;
	m->items_at = m->len;
	m->bytes[m->len++] = 0; /* no item yet, as two bytes */
	m->bytes[m->len++] = 0;
	maker_string(m, destination);
	maker_string(m, type);
	maker_string(m, source);
	m->n_ops++;
}

static inline void maker_item(
	struct request_maker *m, int kind, const char *key, const char *value)
{
	m->bytes[m->items_at]++;
	m->bytes[m->len++] = (unsigned char)kind;
	maker_string(m, key);
	maker_string(m, value);
}

static inline struct request maker_request(const struct request_maker *m)
{
	return (struct request){.bytes = m->bytes, .len = m->len, .n_ops = m->n_ops};
}
