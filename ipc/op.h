/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vocabulary of both programs: kinds of operations, namespaces, errors in a document and
 * their places. Plain numbers, because they cross the process boundary.
 */
#pragma once

#include <stdint.h>

/* Kinds of documents. A schema says which operations may appear. */
enum vst_schema {
	VST_SCHEMA_RUNTIME = 1,
};

enum vst_op_kind {
	VST_OP_MKDIR = 1,     /* path */
	VST_OP_LINK = 2,      /* name, add, peer; VST_LINK_*; bridge and settings */
	VST_OP_BIND_NS = 3,   /* namespace type, path */
	VST_OP_MOUNT = 4,     /* action, flags, destination, type, source, items */
	VST_OP_CGROUP = 5,    /* name, beneath the hierarchies */
	VST_OP_NAMESPACE = 6, /* containerd's; only shown */
};

#define VST_LINK_CREATE_IN_ROOT 0x01
#define VST_LINK_SET 0x02 /* the interface has settings: struct vst_link_set */

/* Flags of struct vst_link_set. */
#define VST_SET_UP 0x01
#define VST_SET_PEER_UP 0x02
#define VST_SET_ISOLATED 0x04
#define VST_SET_MAC 0x08
#define VST_SET_KEEP_ADDRESSES 0x10 /* of a moved interface: what it had here */
#define VST_SET_KEEP_ROUTES 0x20
#define VST_SET_KEEP_UP 0x40
#define VST_SET_KEEP (VST_SET_KEEP_ADDRESSES | VST_SET_KEEP_ROUTES | VST_SET_KEEP_UP)
#define VST_SET_ALL 0x7f

/* What an interface is given beside its place. 0: not given. */
struct vst_link_set {
	uint32_t mtu;
	uint16_t vlan;
	uint8_t flags;  /* VST_SET_* */
	uint8_t mac[6]; /* VST_SET_MAC */
	/* How many follow: addresses of `name`, of its peer, and routes. */
	uint8_t n_addresses, n_peer_addresses, n_routes;
};

/* The families of addresses are named by the version of IP: AF_INET6 is not the same number on
 * every system. */
#define VST_IPV4 4
#define VST_IPV6 6

/* An address or a network. The bytes are in network byte order; of IPv4 the first four, and the
 * others are 0. */
struct vst_address {
	uint8_t family; /* VST_IPV4, VST_IPV6 */
	uint8_t prefix; /* bits of the network */
	uint8_t bytes[16];
};

struct vst_route {
	struct vst_address to; /* prefix 0: the default route */
	uint8_t has_via;
	uint8_t via[16]; /* of the family of `to`; 0 without has_via */
	uint32_t metric; /* 0: the kernel's own */
};

/* What an entry of mounts[] does: the argument of VST_OP_MOUNT. */
enum vst_mount_action {
	VST_MOUNT_NEW = 1,         /* mounts a new file system */
	VST_MOUNT_BIND = 2,        /* binds the source */
	VST_MOUNT_REMOUNT = 3,     /* changes an existing mount */
	VST_MOUNT_PROPAGATION = 4, /* changes only the propagation of an existing mount */
};
#define VST_MOUNT_RECURSIVE 0x10 /* with VST_MOUNT_BIND: recursive */

/* Attributes of a mount (VST_ATTR) and of a superblock (VST_SB). */
#define VST_ATTR_RO 0x01
#define VST_ATTR_NOSUID 0x02
#define VST_ATTR_NODEV 0x04
#define VST_ATTR_NOEXEC 0x08
#define VST_ATTR_NODIRATIME 0x10
#define VST_ATTR_ALL 0x1f

#define VST_SB_SYNC 0x01
#define VST_SB_DIRSYNC 0x02
#define VST_SB_ALL 0x03

enum vst_atime {
	VST_ATIME_KEEP, /* not named */
	VST_ATIME_RELATIME,
	VST_ATIME_NOATIME,
	VST_ATIME_STRICT,
	VST_ATIME_COUNT,
};

/* Propagation. */
enum vst_propagation {
	VST_PROPAGATION_KEEP, /* not named */
	VST_PROPAGATION_PRIVATE,
	VST_PROPAGATION_SHARED,
	VST_PROPAGATION_SLAVE,
	VST_PROPAGATION_UNBINDABLE,
	VST_PROPAGATION_COUNT,
};
#define VST_PROPAGATION_RECURSIVE 0x10

/* The options of a mount that are flags; one byte each on the wire. Fields that an action does
 * not use are 0: NEW has no clear and no rec_*, BIND no clear, rec_clear and sb_*. */
struct vst_mount_flags {
	uint8_t set, clear;         /* VST_ATTR_* of the mount. */
	uint8_t atime;              /* enum vst_atime */
	uint8_t rec_set, rec_clear; /* As set and clear, of every mount beneath as well. */
	uint8_t rec_atime;          /* As atime, of every mount beneath as well. */
	uint8_t sb_set, sb_clear;   /* VST_SB_* */
	uint8_t propagation;        /* enum vst_propagation | VST_PROPAGATION_RECURSIVE */
};

/* The options of a mount that are data, in their order. */
enum vst_item_kind {
	VST_ITEM_FLAG = 1,   /* key */
	VST_ITEM_STRING = 2, /* key, value */
	VST_ITEM_LOWER = 3,  /* value: absolute path; of an overlay, the topmost first */
	VST_ITEM_UPPER = 4,  /* likewise; at most one, and with a work directory */
	VST_ITEM_WORK = 5,
};

/* In the order in which they are bound. */
enum vst_ns {
	VST_NS_CGROUP,
	VST_NS_IPC,
	VST_NS_MNT,
	VST_NS_NET,
	VST_NS_PID,
	VST_NS_USER,
	VST_NS_UTS,
	VST_NS_COUNT,
};

/* A member of the document, then one of its objects' members: the place of an error. */
enum vst_member {
	VST_MEMBER_NONE,
	VST_MEMBER_MOUNTS,
	VST_MEMBER_MKDIR,
	VST_MEMBER_CGROUPS,
	VST_MEMBER_INTERFACES,
	VST_MEMBER_BIND_NS,
	VST_MEMBER_NAMESPACE,
	VST_MEMBER_COUNT,
};

enum vst_field {
	VST_FIELD_NONE,
	/* mounts[] */
	VST_FIELD_DESTINATION,
	VST_FIELD_TYPE,
	VST_FIELD_SOURCE,
	VST_FIELD_OPTIONS,
	VST_FIELD_UID_MAPPINGS,
	VST_FIELD_GID_MAPPINGS,
	/* interfaces[] */
	VST_FIELD_NAME,
	VST_FIELD_ADD,
	VST_FIELD_PEER,
	VST_FIELD_CREATE_IN_ROOT,
	VST_FIELD_BRIDGE,
	VST_FIELD_ISOLATED,
	VST_FIELD_VLAN,
	VST_FIELD_PEER_UP,
	VST_FIELD_PEER_ADDRESSES,
	VST_FIELD_MTU,
	VST_FIELD_MAC,
	VST_FIELD_UP,
	VST_FIELD_ADDRESSES,
	VST_FIELD_ROUTES,
	VST_FIELD_KEEP,
	/* interfaces[].routes[] */
	VST_FIELD_TO,
	VST_FIELD_VIA,
	VST_FIELD_METRIC,
	/* bindNS, in the order of enum vst_ns */
	VST_FIELD_CGROUP,
	VST_FIELD_IPC,
	VST_FIELD_MNT,
	VST_FIELD_NET,
	VST_FIELD_PID,
	VST_FIELD_USER,
	VST_FIELD_UTS,
	VST_FIELD_COUNT,
};

#define VST_NO_INDEX UINT32_MAX

/* member[index].field[sub]: interfaces[2].name, mounts[0].options[3]. Of a route's members,
 * member[index].routes[sub].field. */
struct vst_place {
	uint8_t member; /* enum vst_member */
	uint8_t field;  /* enum vst_field */
	uint32_t index; /* VST_NO_INDEX: none */
	uint32_t sub;   /* VST_NO_INDEX: none */
};

/*
 * What is wrong with a document. VST_DOC(name, exit status, sentence): the parser sends the
 * number, the parent has the sentence. The exit status is INVALID or UNSUPPORTED.
 */
enum vst_doc_error {
	VST_DOC_OK,
#define VST_DOC(name, status, sentence) VST_DOC_##name,
#include "doc_errors.def"
#undef VST_DOC
	VST_DOC_COUNT,
};

/* An error or warning at a place: the content of FAIL and WARN. Line and column count from 1,
 * in bytes. */
struct vst_finding {
	uint16_t code; /* enum vst_doc_error */
	uint32_t line;
	uint32_t column;
	struct vst_place place;
};

/* Exit statuses of the parser. Any but VST_PARSER_OK is a refusal. Those from 64 on name the
 * part of the confinement that failed, and are used by the child before exec, too. */
enum vst_parser_exit {
	VST_PARSER_OK = 0,
	VST_PARSER_INTERNAL = 1, /* Arena exhausted, socket closed, or started wrongly. */
#define VST_CONFINE(name, number, sentence) VST_PARSER_##name = number,
#include "confine_parts.def"
#undef VST_CONFINE
};
