/* SPDX-License-Identifier: Apache-2.0 */
#include "wire_put.h"

#include <string.h>

#include "wire.h"

static int has_room(const struct wire_out *out, size_t len)
{
	return len <= out->size - out->at;
}

static void put(struct wire_out *out, uint32_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		out->bytes[out->at++] = (unsigned char)(value >> (8 * i));
}

int wire_put_u8(struct wire_out *out, uint8_t value)
{
	if (!has_room(out, 1))
		return -1;
	put(out, value, 1);
	return 0;
}

int wire_put_u16(struct wire_out *out, uint16_t value)
{
	if (!has_room(out, 2))
		return -1;
	put(out, value, 2);
	return 0;
}

int wire_put_u32(struct wire_out *out, uint32_t value)
{
	if (!has_room(out, 4))
		return -1;
	put(out, value, 4);
	return 0;
}

int wire_put_string(struct wire_out *out, const char *bytes, size_t len)
{
	if (len > UINT16_MAX || !has_room(out, 2 + len + 1))
		return -1;
	put(out, (uint32_t)len, 2);
	if (len)
		memcpy(out->bytes + out->at, bytes, len);
	out->at += len;
	put(out, 0, 1);
	return 0;
}

int wire_put_head(struct wire_out *out, uint8_t type, uint16_t count)
{
	if (!has_room(out, VST_WIRE_HEAD_LEN))
		return -1;
	put(out, type, 1);
	put(out, 0, 1);
	put(out, count, 2);
	return 0;
}

int wire_put_finding(struct wire_out *out, const struct vst_finding *finding)
{
	if (!has_room(out, VST_WIRE_FINDING_LEN - VST_WIRE_HEAD_LEN))
		return -1;
	put(out, finding->code, 2);
	put(out, finding->place.member, 1);
	put(out, finding->place.field, 1);
	put(out, finding->line, 4);
	put(out, finding->column, 4);
	put(out, finding->place.index, 4);
	put(out, finding->place.sub, 4);
	return 0;
}

int wire_put_flags(struct wire_out *out, const struct vst_mount_flags *flags)
{
	if (!has_room(out, VST_WIRE_FLAGS_LEN))
		return -1;
	put(out, flags->set, 1);
	put(out, flags->clear, 1);
	put(out, flags->atime, 1);
	put(out, flags->rec_set, 1);
	put(out, flags->rec_clear, 1);
	put(out, flags->rec_atime, 1);
	put(out, flags->sb_set, 1);
	put(out, flags->sb_clear, 1);
	put(out, flags->propagation, 1);
	return 0;
}

int wire_put_item(struct wire_out *out, enum vst_item_kind kind, const char *key,
	size_t key_len, const char *value, size_t value_len)
{
	if (key_len > UINT16_MAX || value_len > UINT16_MAX ||
		!has_room(out, 1 + 2 + key_len + 1 + 2 + value_len + 1))
		return -1;
	put(out, kind, 1);
	wire_put_string(out, key, key_len);
	wire_put_string(out, value, value_len);
	return 0;
}

static void put_bytes(struct wire_out *out, const uint8_t *bytes, size_t len)
{
	memcpy(out->bytes + out->at, bytes, len);
	out->at += len;
}

int wire_put_set(struct wire_out *out, const struct vst_link_set *set)
{
	if (!has_room(out, 4 + 2 + 1 + sizeof set->mac + 3))
		return -1;
	put(out, set->mtu, 4);
	put(out, set->vlan, 2);
	put(out, set->flags, 1);
	put_bytes(out, set->mac, sizeof set->mac);
	put(out, set->n_addresses, 1);
	put(out, set->n_peer_addresses, 1);
	put(out, set->n_routes, 1);
	return 0;
}

int wire_put_address(struct wire_out *out, const struct vst_address *address)
{
	if (!has_room(out, VST_WIRE_ADDRESS_LEN))
		return -1;
	put(out, address->family, 1);
	put(out, address->prefix, 1);
	put_bytes(out, address->bytes, sizeof address->bytes);
	return 0;
}

int wire_put_route(struct wire_out *out, const struct vst_route *route)
{
	if (!has_room(out, VST_WIRE_ROUTE_LEN))
		return -1;
	wire_put_address(out, &route->to);
	put(out, route->has_via, 1);
	put_bytes(out, route->via, sizeof route->via);
	put(out, route->metric, 4);
	return 0;
}
