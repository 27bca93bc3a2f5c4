/* SPDX-License-Identifier: Apache-2.0 */
/* What everybody behind validate relies on, said once more and in other words: for the
 * mutations of test_validate*.c and for the fuzzer. */
#pragma once

#include <string.h>

#include "ipc/limits.h"
#include "ipc/name.h"
#include "ipc/wire_get.h"
#include "policy/plan.h"

struct request_sums {
	unsigned mounts, sources, namespaces, sets, addresses, routes;
};

static inline int clean(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return 0;
	return 1;
}

static inline int good_path(const char *s)
{
	return vst_path_is_canonical(s, strlen(s));
}

static inline const char *item_wrong(
	const struct wire_item *item, const char *key, const char *value, int is_overlay)
{
	static const char *const layers[] = {
		"lowerdir", "lowerdir+", "datadir+", "upperdir", "workdir"};
	static const char *const never[] = {"source", "ro", "rw", "sync", "async", "dirsync"};

	if (strlen(key) != item->key.len || strlen(value) != item->value.len)
		return "an item's string is not what it says";
	if (item->kind > VST_ITEM_WORK)
		return "an item's kind";
	if (item->kind >= VST_ITEM_LOWER)
		return is_overlay && !*key && *value == '/' && good_path(value) ? NULL
										: "a layer";
	if (!*key || strchr(key, '=') || !clean(key) || !clean(value))
		return "a key or a value";
	if (item->key.len > VST_FS_VALUE_MAX || item->value.len > VST_FS_VALUE_MAX)
		return "a long key or value";
	if (item->kind == VST_ITEM_FLAG && *value)
		return "a flag's value";
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (strcmp(key, never[i]) == 0)
			return "a key that is not an option of a file system";
	for (unsigned i = 0; is_overlay && i < sizeof layers / sizeof *layers; i++)
		if (strcmp(key, layers[i]) == 0)
			return "a layer as data";
	return NULL;
}

static inline const char *items_wrong(const struct request *request,
	const struct request_op *op, int is_overlay, struct request_sums *sums)
{
	unsigned n[VST_ITEM_WORK + 1] = {0};
	struct wire_in in = {request->bytes, request->len, op->items};

	if (op->n_items > VST_MOUNT_ITEMS_MAX)
		return "too many items";
	for (unsigned i = 0; i < op->n_items; i++) {
		struct wire_item item;
		const char *how;

		if (wire_get_item(&in, &item) < 0)
			return "an item is none";
		how = item_wrong(&item, item.key.s, item.value.s, is_overlay);
		if (how)
			return how;
		n[item.kind]++;
	}
	sums->sources += n[VST_ITEM_LOWER] + n[VST_ITEM_UPPER] + n[VST_ITEM_WORK];
	if (n[VST_ITEM_LOWER] > VST_LAYERS_MAX ||
		n[VST_ITEM_FLAG] + n[VST_ITEM_STRING] > VST_MOUNT_DATA_MAX)
		return "too many layers or options";
	if (n[VST_ITEM_UPPER] != n[VST_ITEM_WORK] || n[VST_ITEM_UPPER] > 1)
		return "upper and work";
	return is_overlay && n[VST_ITEM_LOWER] == 0 ? "no lower layer" : NULL;
}

static inline const char *flags_wrong(const struct vst_mount_flags *f, unsigned action)
{
	int clears = f->clear || f->rec_clear || f->sb_clear;

	if (f->set >= 32 || f->clear >= 32 || f->rec_set >= 32 || f->rec_clear >= 32)
		return "an attribute";
	if (f->sb_set >= 4 || f->sb_clear >= 2 || (f->sb_set & f->sb_clear))
		return "a flag of the file system";
	if ((f->set & f->clear) || (f->set & f->rec_clear) || (f->rec_set & f->clear) ||
		(f->rec_set & f->rec_clear))
		return "set and cleared";
	if (f->atime > VST_ATIME_STRICT || f->rec_atime > VST_ATIME_STRICT)
		return "an access time";
	if ((f->propagation & 0xf) > VST_PROPAGATION_UNBINDABLE || (f->propagation & 0xe0) ||
		f->propagation == VST_PROPAGATION_RECURSIVE)
		return "a propagation";
	if (action != VST_MOUNT_REMOUNT && clears)
		return "clears what nothing is in";
	if (action == VST_MOUNT_NEW && (f->rec_set || f->rec_atime))
		return "recursive";
	if (action == VST_MOUNT_BIND && f->sb_set)
		return "a flag of the file system of a bind";
	if (action == VST_MOUNT_PROPAGATION &&
		(f->set || f->atime || f->rec_set || f->rec_atime || f->sb_set))
		return "more than a propagation";
	return NULL;
}

static inline const char *mount_wrong(
	const struct request *request, const struct request_op *op, struct request_sums *sums)
{
	const char *bytes = (const char *)request->bytes;
	const char *destination = bytes + op->str[0].off, *type = bytes + op->str[1].off,
		   *source = bytes + op->str[2].off, *how;
	unsigned action = op->arg & 0xf;
	int is_new = action == VST_MOUNT_NEW, is_bind = action == VST_MOUNT_BIND;

	if (action < 1 || action > 4 || (op->arg >> 4 && op->arg != 0x12))
		return "an action";
	sums->mounts++;
	sums->sources += is_bind ? 1 : 0;
	if (!good_path(destination))
		return "a destination";
	if (is_new ? vst_fstype_check(type, strlen(type)) != VST_DOC_OK : *type)
		return "a type";
	if (is_bind ? *source != '/' || !good_path(source)
		    : (*source != 0) != is_new || !clean(source))
		return "a source";
	if (op->n_items > 0 && (is_bind || action == VST_MOUNT_PROPAGATION))
		return "data";
	how = flags_wrong(&op->flags, action);
	return how ? how
		   : items_wrong(request, op, is_new && strcmp(type, "overlay") == 0, sums);
}

/* Whether bit n, from the left, of the bytes is set. */
static inline int bit_of(const uint8_t *bytes, unsigned n)
{
	return bytes[n / 8] >> (7 - n % 8) & 1;
}

static inline const char *address_wrong(const struct vst_address *a, int is_network)
{
	unsigned bits = a->family == 4 ? 32 : 128, set = 0, behind = 0;

	if ((a->family != 4 && a->family != 6) || a->prefix > bits ||
		(!is_network && a->prefix == 0))
		return "a family or a prefix";
	for (unsigned i = 0; i < 128; i++) {
		set += (unsigned)bit_of(a->bytes, i);
		behind += i >= a->prefix ? (unsigned)bit_of(a->bytes, i) : 0;
		if (i >= bits && bit_of(a->bytes, i))
			return "bytes behind an address";
	}
	if (is_network)
		return behind ? "bits behind a network" : NULL;
	if (!set || a->bytes[0] == 0xff || (a->family == 4 && a->bytes[0] >> 4 == 14))
		return a->family == 4 && a->bytes[0] == 0xff && set < 32
			       ? NULL
			       : "an address of nobody";
	return NULL;
}

static inline const char *route_wrong(const struct vst_route *route)
{
	struct vst_address via = {.family = route->to.family, .prefix = 1};
	const char *how = address_wrong(&route->to, 1);

	memcpy(via.bytes, route->via, sizeof via.bytes);
	if (how || route->has_via > 1)
		return how ? how : "a flag of a route";
	if (route->has_via)
		return address_wrong(&via, 0) ? "a gateway" : NULL;
	via.prefix = 0;
	return address_wrong(&via, 1) ? "a gateway of a route that has none" : NULL;
}

/* Twice the same address, or the same network by the same metric. */
static inline int is_twice(const uint8_t *a, const uint8_t *b, int is_route)
{
	return a[0] == b[0] && memcmp(a + 2, b + 2, 16) == 0 &&
	       (!is_route || (a[1] == b[1] && memcmp(a + 35, b + 35, 4) == 0));
}

static inline const char *lists_wrong(const struct request *request, struct wire_in in,
	const struct vst_link_set *set, struct request_sums *sums)
{
	const unsigned n[3] = {set->n_addresses, set->n_peer_addresses, set->n_routes};

	for (int list = 0; list < 3; list++) {
		const size_t first = in.at, len = list == 2 ? 39 : 18;

		if (n[list] > (list == 2 ? VST_LINK_ROUTES_MAX : VST_LINK_ADDRESSES_MAX))
			return "too many addresses or routes";
		for (unsigned i = 0; i < n[list]; i++) {
			struct vst_address address;
			struct vst_route route;
			const char *how;

			if ((list == 2 ? wire_get_route(&in, &route)
				       : wire_get_address(&in, &address)) < 0)
				return "an address or a route is none";
			how = list == 2 ? route_wrong(&route) : address_wrong(&address, 0);
			if (how)
				return how;
			for (unsigned k = 0; k < i; k++)
				if (is_twice(request->bytes + first + k * len,
					    request->bytes + first + i * len, list == 2))
					return "an address or a route twice";
		}
		*(list == 2 ? &sums->routes : &sums->addresses) += n[list];
	}
	return NULL;
}

static inline const char *link_wrong(
	const struct request *request, const struct request_op *op, struct request_sums *sums)
{
	const char *bytes = (const char *)request->bytes, *add = bytes + op->str[1].off,
		   *peer = bytes + op->str[2].off, *bridge;
	struct wire_in in = {request->bytes, request->len, op->items};
	struct wire_set sent;
	const struct vst_link_set *set = &sent.is;
	int moved = !*add && !*peer, veth = *peer || strcmp(add, "veth") == 0;
	static const uint8_t none[6];

	if (op->arg & ~3)
		return "a link's flags";
	if (!(op->arg & VST_LINK_SET))
		return NULL;
	if (wire_get_set(&in, &sent) < 0)
		return "settings that are none";
	bridge = sent.bridge.s;
	if (strlen(bridge) != sent.bridge.len)
		return "a bridge is not what it says";
	sums->sets++;
	if (*bridge && vst_ifname_check(bridge, strlen(bridge)) != VST_DOC_OK)
		return "a bridge";
	if (set->flags & 0x80 || set->vlan > 4094 ||
		(set->mtu && (set->mtu < 68 || set->mtu > 65535)))
		return "a number of a link";
	if (set->flags & VST_SET_MAC ? set->mac[0] & 1 || !memcmp(set->mac, none, 6)
				     : memcmp(set->mac, none, 6))
		return "a MAC";
	if (!veth && (*bridge || set->vlan || set->n_peer_addresses ||
			     set->flags & (VST_SET_ISOLATED | VST_SET_PEER_UP)))
		return "a peer that is not there";
	if (!*bridge && (set->vlan || set->flags & VST_SET_ISOLATED))
		return "a port of nothing";
	if ((moved && set->flags & VST_SET_MAC) || (!moved && set->flags & VST_SET_KEEP))
		return "made and moved";
	if ((set->n_routes && !(set->flags & VST_SET_UP)) ||
		(set->flags & VST_SET_KEEP_ROUTES &&
			!(set->flags & (VST_SET_UP | VST_SET_KEEP_UP))))
		return "routes of what is down";
	return lists_wrong(request, in, set, sums);
}

static inline const char *op_wrong(
	const struct request *request, const struct request_op *op, struct request_sums *sums)
{
	const char *bytes = (const char *)request->bytes, *s = bytes + op->str[0].off;
	unsigned n = op->kind == VST_OP_LINK || op->kind == VST_OP_MOUNT ? 3 : 1;

	for (unsigned i = 0; i < n; i++)
		if (strlen(bytes + op->str[i].off) != op->str[i].len)
			return "a string is not what it says";
	switch ((enum vst_op_kind)op->kind) {
	case VST_OP_MKDIR:
		return op->arg == 0 && good_path(s) ? NULL : "a directory";
	case VST_OP_LINK:
		return vst_ifname_check(s, strlen(s)) == VST_DOC_OK
			       ? link_wrong(request, op, sums)
			       : "a link";
	case VST_OP_BIND_NS:
		return op->arg < VST_NS_COUNT && *s == '/' && good_path(s) ? NULL
									   : "a namespace";
	case VST_OP_MOUNT:
		return mount_wrong(request, op, sums);
	case VST_OP_CGROUP:
		return op->arg == 0 && *s != '/' && good_path(s) &&
				       vst_cgroup_check(s, strlen(s)) == VST_DOC_OK
			       ? NULL
			       : "a cgroup";
	case VST_OP_NAMESPACE:
		sums->namespaces++;
		return op->arg == 0 && *s && clean(s) && op->str[0].len <= VST_NAMESPACE_MAX &&
				       request->containerd.off == op->str[0].off &&
				       request->containerd.len == op->str[0].len
			       ? NULL
			       : "containerd's namespace";
	}
	return "a kind";
}

/* NULL, or what of an accepted request is not as its readers take it to be. */
static inline const char *request_wrong(const struct request *request)
{
	struct request_sums sums = {0};
	struct request_op op;
	size_t cursor = 0;
	uint32_t n = 0;

	while (request_next(request, &cursor, &op)) {
		const char *how = op_wrong(request, &op, &sums);

		if (how)
			return how;
		n++;
	}
	if (cursor != (n ? request->len : 0) || n != request->n_ops)
		return "the operations are not all of it";
	if (sums.mounts > VST_MOUNTS_MAX || sums.sources > VST_MOUNT_SOURCES_MAX ||
		sums.sets > VST_LINK_SETS_MAX || sums.addresses > VST_ADDRESSES_MAX ||
		sums.routes > VST_ROUTES_MAX)
		return "too much of it";
	return sums.namespaces == (request->containerd.off != 0) ? NULL : "its namespaces";
}
