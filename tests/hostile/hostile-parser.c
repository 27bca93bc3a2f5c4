/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A parser that lies: tests/hostile/hostile.sh installs it in place of vestibule-parser. What
 * it does is the first line of the "document" on descriptor 0; the second is a path that a
 * good plan makes.
 *
 * Each act is what a parser could do that its document has taken over, and more: this one has
 * no filter and no deadline of its own.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/limits.h"
#include "ipc/op.h"
#include "ipc/wire.h"

#define SOCK 3

static const char *made;

/* A message in the making. */
static unsigned char buf[4 * VST_MSG_MAX];
static size_t used;

static void u8(unsigned value)
{
	buf[used++] = (unsigned char)value;
}

static void u16(unsigned value)
{
	u8(value & 0xff);
	u8(value >> 8 & 0xff);
}

static void u32(uint32_t value)
{
	u16(value & 0xffff);
	u16(value >> 16);
}

static void bytes(const void *from, size_t len)
{
	memcpy(buf + used, from, len);
	used += len;
}

static void string_n(const char *s, size_t len)
{
	u16((unsigned)len);
	bytes(s, len);
	u8(0);
}

static void string(const char *s)
{
	string_n(s, strlen(s));
}

static void head(unsigned type, unsigned count)
{
	used = 0;
	u8(type);
	u8(0);
	u16(count);
}

static void flush(void)
{
	if (send(SOCK, buf, used, MSG_NOSIGNAL) < 0)
		_exit(99);
}

static void hello_of(uint32_t magic, unsigned version, unsigned schema)
{
	head(VST_WIRE_HELLO, 0);
	u32(magic);
	u16(version);
	u16(schema);
	flush();
}

static void hello(void)
{
	hello_of(VST_WIRE_MAGIC, VST_WIRE_VERSION, VST_SCHEMA_RUNTIME);
}

static void end(uint32_t ops, uint32_t warnings)
{
	head(VST_WIRE_END, 0);
	u32(ops);
	u32(warnings);
	flush();
}

static void finding(unsigned type, unsigned code, unsigned member, unsigned field,
	uint32_t index, uint32_t sub)
{
	head(type, 0);
	u16(code);
	u8(member);
	u8(field);
	u32(7);
	u32(3);
	u32(index);
	u32(sub);
	flush();
}

static void fail(void)
{
	finding(VST_WIRE_FAIL, VST_DOC_IFNAME, VST_MEMBER_INTERFACES, VST_FIELD_NAME, 2,
		VST_NO_INDEX);
}

static void warn(unsigned code)
{
	finding(VST_WIRE_WARN, code, VST_MEMBER_INTERFACES, 0, 1, VST_NO_INDEX);
}

/* Operations, into an open message. */
static void op_mkdir(const char *path)
{
	u8(VST_OP_MKDIR);
	u8(0);
	string(path);
}

static void op_link(const char *name, const char *add, const char *peer)
{
	u8(VST_OP_LINK);
	u8(0);
	string(name);
	string(add);
	string(peer);
}

static void op_ns(unsigned ns, const char *path)
{
	u8(VST_OP_BIND_NS);
	u8(ns);
	string(path);
}

/* The plans of this file are good but for one thing, so that a refusal is of that. */
static void good_op(void)
{
	head(VST_WIRE_OPS, 1);
	op_mkdir(made);
	flush();
}

static void honest(void)
{
	hello();
	good_op();
	end(1, 0);
}

static void wrap_mkdir(const char *path, size_t len)
{
	hello();
	head(VST_WIRE_OPS, 1);
	u8(VST_OP_MKDIR);
	u8(0);
	string_n(path, len);
	flush();
	end(1, 0);
}

static void wrap_link(const char *name, const char *add, const char *peer)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_link(name, add, peer);
	flush();
	end(1, 0);
}

/* Each mode is a function. */
static void bad_magic(void)
{
	hello_of(VST_WIRE_MAGIC + 1, VST_WIRE_VERSION, VST_SCHEMA_RUNTIME);
	end(0, 0);
}

static void bad_version(void)
{
	hello_of(VST_WIRE_MAGIC, VST_WIRE_VERSION + 1, VST_SCHEMA_RUNTIME);
	end(0, 0);
}

static void bad_schema(void)
{
	hello_of(VST_WIRE_MAGIC, VST_WIRE_VERSION, VST_SCHEMA_RUNTIME + 1);
	end(0, 0);
}

static void no_hello(void)
{
	good_op();
	end(1, 0);
}

static void hello_twice(void)
{
	hello();
	honest();
}

static void end_twice(void)
{
	honest();
	end(1, 0);
}

static void ops_after_end(void)
{
	honest();
	good_op();
}

static void fail_then_end(void)
{
	hello();
	fail();
	end(0, 0);
}

static void fail_good(void)
{
	hello();
	good_op();
	fail();
}

static void count_of_end(void)
{
	hello();
	good_op();
	end(2, 0);
}

static void warnings_of_end(void)
{
	hello();
	good_op();
	warn(VST_DOC_UNKNOWN);
	end(1, 0);
}

static void count_of_ops(void)
{
	hello();
	head(VST_WIRE_OPS, 2);
	op_mkdir(made);
	flush();
	end(2, 0);
}

static void no_ops(void)
{
	hello();
	head(VST_WIRE_OPS, 0);
	flush();
	end(0, 0);
}

static void truncated_op(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_mkdir(made);
	used -= 4;
	flush();
	end(1, 0);
}

static void trailing_bytes(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_mkdir(made);
	u8(0);
	flush();
	end(1, 0);
}

static void trailing_end(void)
{
	hello();
	head(VST_WIRE_END, 0);
	u32(0);
	u32(0);
	u8(0);
	flush();
}

static void too_many_ops(void)
{
	uint32_t n = 0;

	hello();
	while (n <= VST_OPS_MAX) {
		unsigned batch = 0;

		head(VST_WIRE_OPS, 0);
		for (; batch < 8000 && n <= VST_OPS_MAX; batch++, n++)
			op_mkdir("/a");
		buf[2] = (unsigned char)(batch & 0xff);
		buf[3] = (unsigned char)(batch >> 8);
		flush();
	}
	end(n, 0);
}

static void unknown_kind(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	u8(VST_OP_NAMESPACE + 1);
	u8(0);
	string("/a");
	flush();
	end(1, 0);
}

static void unknown_type(void)
{
	hello();
	head(6, 0);
	flush();
	end(0, 0);
}

static void unknown_argument(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	u8(VST_OP_MKDIR);
	u8(1);
	string(made);
	flush();
	end(1, 0);
}

static void unknown_flag(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_link("eth0", "", "");
	buf[VST_WIRE_HEAD_LEN + 1] = 0x80;
	flush();
	end(1, 0);
}

static void relative_path(void)
{
	wrap_mkdir("made", 4);
}

static void dotdot(void)
{
	wrap_mkdir("/run/../etc", 11);
}

static void double_slash(void)
{
	wrap_mkdir("/run//x", 7);
}

static void nul_in_string(void)
{
	wrap_mkdir("/run\0x", 6);
}

static void control_in_path(void)
{
	wrap_mkdir("/run/\033[2J", 9);
}

static void long_path(void)
{
	static char path[VST_PATH_MAX + 2];

	memset(path, 'a', sizeof path);
	for (size_t i = 0; i < sizeof path; i += 200)
		path[i] = '/';
	wrap_mkdir(path, VST_PATH_MAX + 1);
}

static void percent_name(void)
{
	wrap_link("eth%d", "", "");
}

static void bridge_peer(void)
{
	wrap_link("br0", "bridge", "peer0");
}

static void peer_is_name(void)
{
	wrap_link("eth0", "veth", "eth0");
}

static void name_twice(void)
{
	hello();
	head(VST_WIRE_OPS, 2);
	op_link("eth0", "", "");
	op_link("eth0", "bridge", "");
	flush();
	end(2, 0);
}

static void peer_twice(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_link("eth0", "veth", "p");
	flush();
	head(VST_WIRE_OPS, 1);
	op_link("eth1", "veth", "p");
	flush();
	end(2, 0);
}

static void ns_order(void)
{
	hello();
	head(VST_WIRE_OPS, 2);
	op_ns(VST_NS_NET, "/run/a");
	op_ns(VST_NS_IPC, "/run/b");
	flush();
	end(2, 0);
}

static void ns_twice(void)
{
	hello();
	head(VST_WIRE_OPS, 2);
	op_ns(VST_NS_NET, "/run/a");
	op_ns(VST_NS_NET, "/run/b");
	flush();
	end(2, 0);
}

static void ns_same_path(void)
{
	hello();
	head(VST_WIRE_OPS, 2);
	op_ns(VST_NS_IPC, "/run/a");
	op_ns(VST_NS_NET, "/run/a");
	flush();
	end(2, 0);
}

static void ns_relative(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_ns(VST_NS_NET, "run/a");
	flush();
	end(1, 0);
}

static void ns_unknown(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_ns(VST_NS_COUNT, "/run/a");
	flush();
	end(1, 0);
}

/* What a document could ask for as well: `made` is the place of a bind, or the name of a link.
 */
static void ns_on(unsigned ns)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_ns(ns, made);
	flush();
	end(1, 0);
}

static void ns(void)
{
	ns_on(VST_NS_NET);
}

static void ns_mnt(void)
{
	ns_on(VST_NS_MNT);
}

static void ns_both(void)
{
	hello();
	head(VST_WIRE_OPS, 2);
	op_ns(VST_NS_NET, made);
	op_ns(VST_NS_USER, "/etc/made");
	flush();
	end(2, 0);
}

static void link_moved(void)
{
	wrap_link(made, "", "");
}

static void link_veth(void)
{
	wrap_link("eth0", "veth", made);
}

/* --- mounts: a good directory, and then one that is wrong in one thing ------------------ */

struct mount {
	const char *name; /* of the mode */
	uint8_t arg;
	struct vst_mount_flags flags;
	const char *destination, *type, *source;
	uint16_t n_items;
	struct {
		uint8_t kind;
		const char *key, *value;
	} items[3];
};

/* clang-format off */
#define NEW(name) name, VST_MOUNT_NEW, {0}, "/a", "tmpfs", "tmpfs"
#define DATA(name, kind, key, value) {NEW(name), 1, {{kind, key, value}}}
#define OVERLAY(name) name, VST_MOUNT_NEW, {0}, "/a", "overlay", "overlay"
#define LOW {VST_ITEM_LOWER, "", "/l"}
static const struct mount mounts[] = {
	{"mount_action", 0, {0}, "/a", "tmpfs", "tmpfs", 0, {{0}}},
	{"mount_action_high", VST_MOUNT_PROPAGATION + 1, {0}, "/a", "", "", 0, {{0}}},
	{"mount_recursive", VST_MOUNT_NEW | VST_MOUNT_RECURSIVE, {0}, "/a", "tmpfs", "tmpfs", 0, {{0}}},
	{"mount_attr", VST_MOUNT_NEW, {.set = 0x20}, "/a", "tmpfs", "tmpfs", 0, {{0}}},
	{"mount_rec_attr", VST_MOUNT_REMOUNT, {.rec_clear = 0x80}, "/a", "", "", 0, {{0}}},
	{"mount_sb", VST_MOUNT_NEW, {.sb_set = 4}, "/a", "tmpfs", "tmpfs", 0, {{0}}},
	{"mount_atime", VST_MOUNT_BIND, {.rec_atime = VST_ATIME_COUNT}, "/a", "", "/s", 0, {{0}}},
	{"mount_propagation", VST_MOUNT_PROPAGATION, {.propagation = VST_PROPAGATION_COUNT}, "/a", "", "", 0, {{0}}},
	{"mount_propagation_nothing", VST_MOUNT_PROPAGATION, {.propagation = VST_PROPAGATION_RECURSIVE}, "/a", "", "", 0, {{0}}},
	{"mount_opposites", VST_MOUNT_REMOUNT, {.set = 1, .clear = 1}, "/a", "", "", 0, {{0}}},
	{"mount_opposites_rec", VST_MOUNT_REMOUNT, {.set = 2, .rec_clear = 2}, "/a", "", "", 0, {{0}}},
	{"mount_clears", VST_MOUNT_NEW, {.clear = 1}, "/a", "tmpfs", "tmpfs", 0, {{0}}},
	{"bind_clears", VST_MOUNT_BIND, {.clear = 2}, "/a", "", "/s", 0, {{0}}},
	{"propagation_sets", VST_MOUNT_PROPAGATION, {.set = 1, .propagation = 1}, "/a", "", "", 0, {{0}}},
	{"mount_on_root", VST_MOUNT_BIND, {0}, "/", "", "/s", 0, {{0}}},
	{"mount_dotdot", VST_MOUNT_BIND, {0}, "../a", "", "/s", 0, {{0}}},
	{"mount_no_destination", VST_MOUNT_BIND, {0}, "", "", "/s", 0, {{0}}},
	{"mount_no_type", VST_MOUNT_NEW, {0}, "/a", "", "tmpfs", 0, {{0}}},
	{"mount_type_bind", VST_MOUNT_NEW, {0}, "/a", "bind", "/s", 0, {{0}}},
	{"mount_type_slash", VST_MOUNT_NEW, {0}, "/a", "a/b", "s", 0, {{0}}},
	{"mount_no_source", VST_MOUNT_NEW, {0}, "/a", "tmpfs", "", 0, {{0}}},
	{"bind_relative", VST_MOUNT_BIND, {0}, "/a", "", "s", 0, {{0}}},
	{"bind_no_source", VST_MOUNT_BIND, {0}, "/a", "", "", 0, {{0}}},
	{"bind_type", VST_MOUNT_BIND, {0}, "/a", "tmpfs", "/s", 0, {{0}}},
	{"bind_data", VST_MOUNT_BIND, {0}, "/a", "", "/s", 1, {{VST_ITEM_FLAG, "k", ""}}},
	{"remount_source", VST_MOUNT_REMOUNT, {0}, "/a", "", "/s", 0, {{0}}},
	{"remount_layer", VST_MOUNT_REMOUNT, {0}, "/a", "", "", 1, {LOW}},
	DATA("key_source", VST_ITEM_STRING, "source", "/dev/sda"),
	DATA("key_ro", VST_ITEM_FLAG, "ro", ""),
	DATA("key_empty", VST_ITEM_STRING, "", "v"),
	DATA("key_control", VST_ITEM_FLAG, "a\nb", ""),
	DATA("key_equals", VST_ITEM_FLAG, "lowerdir=/etc", ""),
	DATA("flag_value", VST_ITEM_FLAG, "size", "1m"),
	DATA("item_kind", VST_ITEM_WORK + 1, "", "/w"),
	DATA("layer_of_tmpfs", VST_ITEM_LOWER, "", "/l"),
	{OVERLAY("layer_none"), 0, {{0}}},
	{OVERLAY("layer_relative"), 1, {{VST_ITEM_LOWER, "", "l"}}},
	{OVERLAY("layer_key"), 1, {{VST_ITEM_LOWER, "lowerdir", "/l"}}},
	{OVERLAY("layer_as_data"), 2, {LOW, {VST_ITEM_STRING, "lowerdir+", "/etc"}}},
	{OVERLAY("upper_alone"), 2, {LOW, {VST_ITEM_UPPER, "", "/u"}}},
	{OVERLAY("work_twice"), 3, {LOW, {VST_ITEM_WORK, "", "/w"}, {VST_ITEM_WORK, "", "/w"}}},
};
/* clang-format on */

static void op_mount(const struct mount *m)
{
	u8(VST_OP_MOUNT);
	u8(m->arg);
	bytes(&m->flags, sizeof m->flags);
	u16(m->n_items);
	string(m->destination);
	string(m->type);
	string(m->source);
	for (unsigned i = 0; i < m->n_items; i++) {
		u8(m->items[i].kind);
		string(m->items[i].key);
		string(m->items[i].value);
	}
}

static void one_mount(const struct mount *m)
{
	hello();
	good_op();
	head(VST_WIRE_OPS, 1);
	op_mount(m);
	flush();
	end(2, 0);
}

/* A link with settings, its addresses and routes as they go on the wire, with zeroes behind. */
struct link {
	const char *name; /* the mode's */
	const char *add, *peer, *bridge;
	struct vst_link_set set;
	unsigned char bytes[2 * VST_WIRE_ADDRESS_LEN + 2 * VST_WIRE_ROUTE_LEN];
	int cut; /* so many bytes fewer than the counts say */
};

#define UP VST_SET_UP
/* clang-format off */
static const struct link links[] = {
	{"link_nothing", "veth", "p", "", {0}, {0}, 0},
	{"link_flag", "veth", "p", "", {.flags = 0x80}, {0}, 0},
	{"link_mtu", "veth", "p", "", {.mtu = 67}, {0}, 0},
	{"link_mtu_high", "veth", "p", "", {.mtu = 0xffffffff}, {0}, 0},
	{"link_vlan", "veth", "p", "b", {.vlan = 4095}, {0}, 0},
	{"link_mac_multicast", "veth", "p", "", {.flags = VST_SET_MAC, .mac = {1}}, {0}, 0},
	{"link_mac_none", "veth", "p", "", {.flags = VST_SET_MAC}, {0}, 0},
	{"link_mac_unsaid", "veth", "p", "", {.flags = UP, .mac = {2}}, {0}, 0},
	{"link_bridge_slash", "veth", "p", "../b", {.flags = UP}, {0}, 0},
	{"link_bridge_long", "veth", "p", "sixteen-bytes-xx", {.flags = UP}, {0}, 0},
	{"link_bridge_moved", "", "", "b", {.flags = UP}, {0}, 0},
	{"link_bridge_kind", "dummy", "", "b", {.flags = UP}, {0}, 0},
	{"link_peer_up", "dummy", "", "", {.flags = VST_SET_PEER_UP}, {0}, 0},
	{"link_isolated", "veth", "p", "", {.flags = VST_SET_ISOLATED}, {0}, 0},
	{"link_keep_made", "veth", "p", "", {.flags = VST_SET_KEEP_UP}, {0}, 0},
	{"link_mac_moved", "", "", "", {.flags = VST_SET_MAC, .mac = {2}}, {0}, 0},
	{"link_keep_down", "", "", "", {.flags = VST_SET_KEEP_ROUTES}, {0}, 0},
	{"link_routes_down", "veth", "p", "", {.n_routes = 1}, {4}, 0},
	{"link_family", "veth", "p", "", {.n_addresses = 1}, {10, 24, 192, 0, 2, 1}, 0},
	{"link_family_swapped", "veth", "p", "", {.n_addresses = 1}, {0, 2, 192, 0, 2, 1}, 0},
	{"link_prefix_none", "veth", "p", "", {.n_addresses = 1}, {4, 0, 192, 0, 2, 1}, 0},
	{"link_prefix_long", "veth", "p", "", {.n_peer_addresses = 1}, {4, 33, 192, 0, 2, 1}, 0},
	{"link_address_tail", "veth", "p", "", {.n_addresses = 1}, {4, 24, 192, 0, 2, 1, 1}, 0},
	{"link_address_multicast", "veth", "p", "", {.n_addresses = 1}, {6, 64, 255, 2}, 0},
	{"link_address_none", "veth", "p", "", {.n_addresses = 1}, {4, 24}, 0},
	{"link_address_twice", "veth", "p", "", {.n_addresses = 2},
		{4, 24, 192, 0, 2, 1, [VST_WIRE_ADDRESS_LEN] = 4, 25, 192, 0, 2, 1}, 0},
	{"link_many_addresses", "veth", "p", "", {.n_addresses = 65}, {0}, 0},
	{"link_many_routes", "veth", "p", "", {.flags = UP, .n_routes = 129}, {0}, 0},
	{"link_route_bits", "veth", "p", "", {.flags = UP, .n_routes = 1}, {4, 24, 192, 0, 2, 1}, 0},
	{"link_route_flag", "veth", "p", "", {.flags = UP, .n_routes = 1},
		{4, [VST_WIRE_ADDRESS_LEN] = 2, 192, 0, 2, 1}, 0},
	{"link_route_unsaid", "veth", "p", "", {.flags = UP, .n_routes = 1},
		{4, [VST_WIRE_ADDRESS_LEN] = 0, 192, 0, 2, 1}, 0},
	{"link_route_family", "veth", "p", "", {.flags = UP, .n_routes = 1},
		{4, [VST_WIRE_ADDRESS_LEN] = 1, 0x20, 1, 0, 0, 1}, 0},
	{"link_route_twice", "veth", "p", "", {.flags = UP, .n_routes = 2},
		{4, [VST_WIRE_ROUTE_LEN] = 4}, 0},
	{"link_cut", "veth", "p", "", {.flags = UP, .n_routes = 2}, {4}, 1},
	{"link_counts", "veth", "p", "", {.flags = UP, .n_addresses = 255, .n_peer_addresses = 255,
		.n_routes = 255}, {0}, 255 * (2 * VST_WIRE_ADDRESS_LEN + VST_WIRE_ROUTE_LEN)},
};
/* clang-format on */

static void op_set(const struct link *l)
{
	const struct vst_link_set *set = &l->set;
	const int n = VST_WIRE_ADDRESS_LEN * (set->n_addresses + set->n_peer_addresses) +
		      VST_WIRE_ROUTE_LEN * set->n_routes - l->cut;

	op_link("e", l->add, l->peer);
	buf[VST_WIRE_HEAD_LEN + 1] = VST_LINK_SET;
	string(l->bridge);
	u32(set->mtu);
	u16(set->vlan);
	u8(set->flags);
	bytes(set->mac, sizeof set->mac);
	u8(set->n_addresses);
	u8(set->n_peer_addresses);
	u8(set->n_routes);
	for (int i = 0; i < n; i++)
		u8(i < (int)sizeof l->bytes ? l->bytes[i] : 0);
}

static void one_link(const struct link *l)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_set(l);
	flush();
	end(1, 0);
}

static const struct mount a_tmpfs = {NEW("good"), 1, {{VST_ITEM_STRING, "size", "1m"}}};

/* More items than there are, and fewer. */
static void items_short(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_mount(&a_tmpfs);
	buf[VST_WIRE_HEAD_LEN + 2 + VST_WIRE_FLAGS_LEN] = 2;
	flush();
	end(1, 0);
}

static void items_left(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_mount(&a_tmpfs);
	buf[VST_WIRE_HEAD_LEN + 2 + VST_WIRE_FLAGS_LEN] = 0;
	flush();
	end(1, 0);
}

/* The operation at `at` says that it has so many items. */
static void count_items(size_t at, unsigned n)
{
	buf[at + 2 + VST_WIRE_FLAGS_LEN] = (unsigned char)n;
	buf[at + 2 + VST_WIRE_FLAGS_LEN + 1] = (unsigned char)(n >> 8);
}

/* A mount that has so many items, all but its own of one kind. */
static void items_of(const struct mount *mount, uint8_t kind, const char *value, unsigned n)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_mount(mount);
	for (unsigned i = mount->n_items; i < n; i++) {
		u8(kind);
		string(kind == VST_ITEM_FLAG ? "k" : "");
		string(value);
	}
	count_items(VST_WIRE_HEAD_LEN, n);
	flush();
	end(1, 0);
}

static void too_many_layers(void)
{
	items_of(&(struct mount){OVERLAY("many"), 1, {LOW}}, VST_ITEM_LOWER, "/l",
		VST_LAYERS_MAX + 1);
}

static void too_many_options(void)
{
	items_of(&a_tmpfs, VST_ITEM_FLAG, "", VST_MOUNT_DATA_MAX + 1);
}

static void too_many_items(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_mount(&a_tmpfs);
	for (int i = 0; i < VST_MOUNT_ITEMS_MAX; i++) {
		u8(VST_ITEM_FLAG);
		string("k");
		string("");
	}
	count_items(VST_WIRE_HEAD_LEN, VST_MOUNT_ITEMS_MAX + 1);
	flush();
	end(1, 0);
}

static void too_many_mounts(void)
{
	hello();
	head(VST_WIRE_OPS, VST_MOUNTS_MAX + 1);
	for (int i = 0; i <= VST_MOUNTS_MAX; i++)
		op_mount(&a_tmpfs);
	flush();
	end(VST_MOUNTS_MAX + 1, 0);
}

static void too_many_sources(void)
{
	const int n = VST_MOUNT_SOURCES_MAX / VST_LAYERS_MAX + 1;
	const struct mount overlay = {OVERLAY("many"), 1, {LOW}};

	hello();
	head(VST_WIRE_OPS, (unsigned)n);
	for (int i = 0; i < n; i++) {
		size_t at = used;

		op_mount(&overlay);
		count_items(at, VST_LAYERS_MAX);
		for (int l = 1; l < VST_LAYERS_MAX; l++) {
			u8(VST_ITEM_LOWER);
			string("");
			string("/l");
		}
	}
	flush();
	end((uint32_t)n, 0);
}

static void long_mount(void)
{
	static char path[4001];

	memset(path, 'a', sizeof path - 1);
	for (size_t i = 0; i < sizeof path - 1; i += 200)
		path[i] = '/';
	hello();
	head(VST_WIRE_OPS, 1);
	op_mount(&(struct mount){OVERLAY("long"), 1, {LOW}});
	count_items(VST_WIRE_HEAD_LEN, 16);
	for (int l = 1; l < 16; l++) {
		u8(VST_ITEM_LOWER);
		string("");
		string(path);
	}
	flush();
	end(1, 0);
}

/* --- cgroups and containerd's namespace: one string ------------------------------------ */

static void wrap_string(unsigned kind, unsigned arg, const char *s)
{
	hello();
	good_op();
	head(VST_WIRE_OPS, 1);
	u8(kind);
	u8(arg);
	string(s);
	flush();
	end(2, 0);
}

static void cgroup_file(void)
{
	wrap_string(VST_OP_CGROUP, 0, "a/cgroup.procs");
}

static void cgroup_absolute(void)
{
	wrap_string(VST_OP_CGROUP, 0, "/a");
}

static void cgroup_dotdot(void)
{
	wrap_string(VST_OP_CGROUP, 0, "a/../../b");
}

static void cgroup_argument(void)
{
	wrap_string(VST_OP_CGROUP, 1, "a");
}

static void containerd_empty(void)
{
	wrap_string(VST_OP_NAMESPACE, 0, "");
}

static void containerd_control(void)
{
	wrap_string(VST_OP_NAMESPACE, 0, "a\033[2J");
}

static void containerd_twice(void)
{
	hello();
	head(VST_WIRE_OPS, 2);
	for (int i = 0; i < 2; i++) {
		u8(VST_OP_NAMESPACE);
		u8(0);
		string("n");
	}
	flush();
	end(2, 0);
}

static void note_no_option(void)
{
	hello();
	finding(VST_WIRE_WARN, VST_DOC_BIND_IGNORED, VST_MEMBER_MOUNTS, VST_FIELD_OPTIONS, 0,
		VST_NO_INDEX);
	good_op();
	end(1, 1);
}

static void giant_message(void)
{
	hello();
	head(VST_WIRE_OPS, 1);
	op_mkdir(made);
	used = VST_MSG_MAX + 1;
	flush();
	end(1, 0);
}

static void empty_message(void)
{
	hello();
	good_op();
	used = 0;
	flush();
	end(1, 0);
}

static void empty_message_first(void)
{
	flush();
	honest();
}

static void flood_messages(void)
{
	hello();
	for (;;)
		warn(VST_DOC_UNKNOWN);
}

static void flood_bytes(void)
{
	hello();
	for (;;) {
		head(VST_WIRE_OPS, 1);
		used = VST_MSG_MAX;
		flush();
	}
}

/* For as long as the test's patience may be tried; nobody is there to end a parser of another
 * uid whose parent has given up. */
static void hang(void)
{
	sleep(8);
	_exit(0);
}

static void close_without_exit(void)
{
	honest();
	close(SOCK);
	hang();
}

static void plan_without_exit(void)
{
	honest();
	hang();
}

static void no_end(void)
{
	hello();
	good_op();
}

static void nothing(void)
{
}

static void exit_1(void)
{
	honest();
	_exit(1);
}

static void segfault(void)
{
	honest();
	raise(SIGSEGV);
}

static void pass_descriptor(void)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {buf, 0};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fd = 0;

	hello();
	head(VST_WIRE_OPS, 1);
	op_mkdir(made);
	iov.iov_len = used;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(cmsg), &fd, sizeof fd);
	if (sendmsg(SOCK, &msg, MSG_NOSIGNAL) < 0)
		_exit(98);
	end(1, 0);
}

static void stop(void)
{
	honest();
	raise(SIGSTOP);
}

static void grandchild(void)
{
	honest();
	if (fork() == 0)
		hang();
}

static void warn_flood(void)
{
	hello();
	for (int i = 0; i <= VST_WARN_MAX; i++)
		warn(VST_DOC_UNKNOWN);
	end(0, VST_WARN_MAX + 1);
}

static void warn_of_fail(void)
{
	hello();
	warn(VST_DOC_IFNAME);
	end(0, 1);
}

static void warn_good(void)
{
	hello();
	warn(VST_DOC_UNKNOWN);
	good_op();
	end(1, 1);
}

static void fail_code_0(void)
{
	hello();
	finding(VST_WIRE_FAIL, VST_DOC_OK, 0, 0, VST_NO_INDEX, VST_NO_INDEX);
}

static void fail_code_high(void)
{
	hello();
	finding(VST_WIRE_FAIL, VST_DOC_COUNT, 0, 0, VST_NO_INDEX, VST_NO_INDEX);
}

static void fail_member(void)
{
	hello();
	finding(VST_WIRE_FAIL, VST_DOC_TYPE_STRING, VST_MEMBER_COUNT, 0, VST_NO_INDEX,
		VST_NO_INDEX);
}

static void fail_field(void)
{
	hello();
	finding(VST_WIRE_FAIL, VST_DOC_TYPE_STRING, VST_MEMBER_MOUNTS, VST_FIELD_COUNT, 0,
		VST_NO_INDEX);
}

/* Can it see, reach or keep anything? A line of what is wrong becomes the exit status. */
static void confined(void)
{
	for (int fd = 0; fd < 1024; fd++)
		if (fd != 0 && fd != SOCK && fcntl(fd, F_GETFD) >= 0)
			_exit(101);
	if (environ && *environ)
		_exit(102);
	if (geteuid() == 0 && getuid() == 0)
		_exit(103);
	if (getgroups(0, NULL) != 0)
		_exit(104);
	if (write(0, "x", 1) >= 0)
		_exit(105);
	if (recv(SOCK, buf, 1, MSG_DONTWAIT) > 0)
		_exit(106);
	honest();
}

/* clang-format off */
#define MODES(X) \
	X(honest) X(confined) X(warn_good) X(fail_good) X(bad_magic) X(bad_version) \
	X(bad_schema) X(no_hello) X(hello_twice) X(end_twice) X(ops_after_end) \
	X(fail_then_end) X(count_of_end) X(warnings_of_end) X(count_of_ops) \
	X(no_ops) X(truncated_op) X(trailing_bytes) X(trailing_end) X(too_many_ops) \
	X(unknown_kind) X(unknown_type) X(unknown_argument) X(unknown_flag) \
	X(relative_path) X(dotdot) X(double_slash) X(nul_in_string) \
	X(control_in_path) X(long_path) X(percent_name) \
	X(bridge_peer) X(peer_is_name) X(name_twice) X(peer_twice) X(ns_order) \
	X(ns_twice) X(ns_same_path) X(ns_relative) X(ns_unknown) X(giant_message) \
	X(empty_message) X(empty_message_first) X(flood_messages) X(flood_bytes) \
	X(hang) X(close_without_exit) X(plan_without_exit) X(no_end) X(nothing) \
	X(exit_1) X(segfault) X(pass_descriptor) X(stop) X(grandchild) \
	X(warn_flood) X(warn_of_fail) X(fail_code_0) X(fail_code_high) \
	X(fail_member) X(fail_field) X(items_short) X(items_left) X(too_many_items) \
	X(too_many_mounts) X(too_many_sources) X(too_many_layers) X(too_many_options) X(long_mount) X(cgroup_file) \
	X(cgroup_absolute) X(cgroup_dotdot) X(cgroup_argument) X(containerd_empty) \
	X(containerd_control) X(containerd_twice) X(note_no_option) X(ns) X(ns_mnt) \
	X(ns_both) X(link_moved) X(link_veth)
/* clang-format on */

static const struct {
	const char *name;
	void (*act)(void);
} modes[] = {
#define MODE(name) {#name, name},
	MODES(MODE)};

int main(void)
{
	static char text[256];
	char *mode, *rest = text;

	alarm(12);
	if (read(0, text, sizeof text - 1) <= 0)
		_exit(97);
	mode = strsep(&rest, "\n");
	made = strsep(&rest, "\n");
	if (!made)
		_exit(97);
	if (strncmp(mode, "exit ", 5) == 0)
		_exit(atoi(mode + 5));
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (strcmp(modes[i].name, mode) == 0) {
			modes[i].act();
			_exit(0);
		}
	for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++)
		if (strcmp(mounts[i].name, mode) == 0) {
			one_mount(&mounts[i]);
			_exit(0);
		}
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (strcmp(links[i].name, mode) == 0) {
			one_link(&links[i]);
			_exit(0);
		}
	_exit(96);
}
