/* SPDX-License-Identifier: Apache-2.0 */
#include "wire_get.h"

#include <string.h>

#include "limits.h"
#include "wire.h"

static int wire_take(struct wire_in *in, size_t n, const unsigned char **ret)
{
	if (in->len - in->at < n)
		return -1;
	*ret = in->bytes + in->at;
	in->at += n;
	return 0;
}

int wire_get_u8(struct wire_in *in, uint8_t *ret)
{
	const unsigned char *p;

	if (wire_take(in, 1, &p) < 0)
		return -1;
	*ret = p[0];
	return 0;
}

int wire_get_u16(struct wire_in *in, uint16_t *ret)
{
	const unsigned char *p;

	if (wire_take(in, 2, &p) < 0)
		return -1;
	*ret = (uint16_t)(p[0] | p[1] << 8);
	return 0;
}

int wire_get_u32(struct wire_in *in, uint32_t *ret)
{
	const unsigned char *p;

	if (wire_take(in, 4, &p) < 0)
		return -1;
	*ret = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	return 0;
}

int wire_get_string(struct wire_in *in, size_t max, const char **ret, size_t *ret_len)
{
	struct wire_in try = *in;
	const unsigned char *p;
	uint16_t len;

	if (wire_get_u16(&try, &len) < 0 || len > max)
		return -1;
	if (wire_take(&try, (size_t)len + 1, &p) < 0)
		return -1;
	/* The first NUL must be the one behind the string. */
	if (memchr(p, 0, (size_t)len + 1) != p + len)
		return -1;
	*in = try;
	*ret = (const char *)p;
	*ret_len = len;
	return 0;
}

int wire_get_end(const struct wire_in *in)
{
	return in->at == in->len ? 0 : -1;
}

/* The strings that follow an operation's kind and argument. */
static const struct shape {
	const char *how; /* The error if one of them is malformed. */
	unsigned n_strings;
	uint16_t max[WIRE_STRINGS_MAX];
} shapes[] = {
	[VST_OP_MKDIR] = {"its path is not a string", 1, {VST_PATH_MAX}},
	[VST_OP_LINK] = {"one of its strings is none", 3,
		{VST_IFNAME_MAX, VST_KIND_MAX, VST_IFNAME_MAX}},
	[VST_OP_BIND_NS] = {"its path is not a string", 1, {VST_PATH_MAX}},
	[VST_OP_MOUNT] = {"one of its strings is none", 3,
		{VST_PATH_MAX, VST_FS_TYPE_MAX, VST_PATH_MAX}},
	[VST_OP_CGROUP] = {"its path is not a string", 1, {VST_PATH_MAX}},
	[VST_OP_NAMESPACE] = {"its namespace is none", 1, {VST_NAMESPACE_MAX}},
};

int wire_get_item(struct wire_in *in, struct wire_item *ret)
{
	struct wire_in try = *in;
	struct wire_item item;

	if (wire_get_u8(&try, &item.kind) < 0 ||
		wire_get_string(&try, VST_FS_VALUE_MAX, &item.key.s, &item.key.len) < 0 ||
		wire_get_string(&try, VST_PATH_MAX, &item.value.s, &item.value.len) < 0)
		return -1;
	*in = try;
	*ret = item;
	return 0;
}

static int get_flags(struct wire_in *in, struct vst_mount_flags *ret)
{
	const unsigned char *p;

	if (wire_take(in, VST_WIRE_FLAGS_LEN, &p) < 0)
		return -1;
	_Static_assert(sizeof *ret == VST_WIRE_FLAGS_LEN, "bytes alone, in their order");
	memcpy(ret, p, VST_WIRE_FLAGS_LEN);
	return 0;
}

static int get_bytes(struct wire_in *in, uint8_t *ret, size_t len)
{
	const unsigned char *p;

	if (wire_take(in, len, &p) < 0)
		return -1;
	memcpy(ret, p, len);
	return 0;
}

int wire_get_address(struct wire_in *in, struct vst_address *ret)
{
	struct wire_in try = *in;
	struct vst_address address;

	if (wire_get_u8(&try, &address.family) < 0 || wire_get_u8(&try, &address.prefix) < 0 ||
		get_bytes(&try, address.bytes, sizeof address.bytes) < 0)
		return -1;
	*in = try;
	*ret = address;
	return 0;
}

int wire_get_route(struct wire_in *in, struct vst_route *ret)
{
	struct wire_in try = *in;
	struct vst_route route;

	if (wire_get_address(&try, &route.to) < 0 || wire_get_u8(&try, &route.has_via) < 0 ||
		get_bytes(&try, route.via, sizeof route.via) < 0 ||
		wire_get_u32(&try, &route.metric) < 0)
		return -1;
	*in = try;
	*ret = route;
	return 0;
}

int wire_get_set(struct wire_in *in, struct wire_set *ret)
{
	struct wire_in try = *in;
	struct wire_set set;

	if (wire_get_string(&try, VST_IFNAME_MAX, &set.bridge.s, &set.bridge.len) < 0 ||
		wire_get_u32(&try, &set.is.mtu) < 0 || wire_get_u16(&try, &set.is.vlan) < 0 ||
		wire_get_u8(&try, &set.is.flags) < 0 ||
		get_bytes(&try, set.is.mac, sizeof set.is.mac) < 0 ||
		wire_get_u8(&try, &set.is.n_addresses) < 0 ||
		wire_get_u8(&try, &set.is.n_peer_addresses) < 0 ||
		wire_get_u8(&try, &set.is.n_routes) < 0)
		return -1;
	*in = try;
	*ret = set;
	return 0;
}

/* Passes the settings of an interface with its addresses and routes. NULL, or what is wrong. */
static const char *pass_set(struct wire_in *in)
{
	const unsigned char *lists;
	struct wire_set set;
	size_t len;

	if (wire_get_set(in, &set) < 0)
		return "its settings are none";
	len = VST_WIRE_ADDRESS_LEN * ((size_t)set.is.n_addresses + set.is.n_peer_addresses) +
	      VST_WIRE_ROUTE_LEN * (size_t)set.is.n_routes;
	return wire_take(in, len, &lists) < 0 ? "its addresses and routes are cut short" : NULL;
}

const char *wire_get_op(struct wire_in *in, struct wire_op *ret)
{
	struct wire_in try = *in;
	struct wire_op op = {.kind = 0};
	const struct shape *shape;
	const char *how;

	if (wire_get_u8(&try, &op.kind) < 0 || wire_get_u8(&try, &op.arg) < 0)
		return "cut short";
	if (op.kind >= sizeof shapes / sizeof *shapes || !shapes[op.kind].how)
		return "its kind is unknown";
	shape = &shapes[op.kind];
	if (op.kind == VST_OP_MOUNT &&
		(get_flags(&try, &op.flags) < 0 || wire_get_u16(&try, &op.n_items) < 0))
		return "cut short";
	for (; op.n_strings < shape->n_strings; op.n_strings++) {
		struct wire_string *string = &op.str[op.n_strings];

		if (wire_get_string(&try, shape->max[op.n_strings], &string->s, &string->len) <
			0)
			return shape->how;
	}
	op.items = try;
	for (unsigned i = 0; i < op.n_items; i++) {
		struct wire_item item;

		if (wire_get_item(&try, &item) < 0)
			return "one of its items is none";
	}
	if (op.kind == VST_OP_LINK && op.arg & VST_LINK_SET && (how = pass_set(&try)))
		return how;
	op.len = try.at - in->at;
	*in = try;
	*ret = op;
	return NULL;
}
