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

/* Integers of the wire. */
static inline void maker_number(struct request_maker *m, uint32_t value, int width)
{
	for (int i = 0; i < width; i++)
		m->bytes[m->len++] = (unsigned char)(value >> (8 * i));
}

/* An interface with settings, for maker_address and maker_route as often as set says. A string
 * that is absent is "". */
static inline void maker_link(struct request_maker *m, const struct vst_link_set *set,
	const char *name, const char *add, const char *peer, const char *bridge)
{
	maker_op(m, VST_OP_LINK, VST_LINK_SET, name, add, peer);
	maker_string(m, bridge);
	maker_number(m, set->mtu, 4);
	maker_number(m, set->vlan, 2);
	maker_number(m, set->flags, 1);
	memcpy(m->bytes + m->len, set->mac, sizeof set->mac);
	m->len += sizeof set->mac;
	maker_number(m, set->n_addresses, 1);
	maker_number(m, set->n_peer_addresses, 1);
	maker_number(m, set->n_routes, 1);
}

static inline void maker_address(struct request_maker *m, struct vst_address address)
{
	maker_number(m, address.family, 1);
	maker_number(m, address.prefix, 1);
	memcpy(m->bytes + m->len, address.bytes, sizeof address.bytes);
	m->len += sizeof address.bytes;
}

static inline void maker_route(struct request_maker *m, struct vst_route route)
{
	maker_address(m, route.to);
	maker_number(m, route.has_via, 1);
	memcpy(m->bytes + m->len, route.via, sizeof route.via);
	m->len += sizeof route.via;
	maker_number(m, route.metric, 4);
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
