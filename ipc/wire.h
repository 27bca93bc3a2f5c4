/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire: messages from the parser to the parent, one way, over a SOCK_SEQPACKET pair.
 *
 * Integers have a fixed width and are little-endian. Every byte of a message is accounted for;
 * anything unknown is a protocol violation. Each message starts with
 *
 *   u8 type   u8 zero   u16 count
 *
 * and goes on, by type:
 *
 *   HELLO  count 0: u32 magic, u16 version, u16 schema           the first message, once
 *   OPS    count of operations, back to back, each wholly inside the message
 *   WARN   count 0: one finding                                  at most VST_WARN_MAX
 *   END    count 0: u32 operations, u32 warnings sent            the last message, or
 *   FAIL   count 0: one finding                                  the last message instead
 *
 *   finding    u16 code, u8 member, u8 field, u32 line, u32 column, u32 index, u32 sub
 *   string     u16 length, the bytes, u8 zero (so that the reader can use it in place)
 *   operation  u8 kind, u8 argument, then by kind
 *     MKDIR    argument 0: string path
 *     LINK     argument flags: string name, string add, string peer   (empty: absent);
 *              with VST_LINK_SET: string bridge (empty: absent), u32 MTU, u16 VLAN, u8 flags,
 *              6 bytes of MAC, u8 addresses, u8 addresses of the peer, u8 routes; then these
 *              addresses, the peer's, and the routes
 *     BIND_NS  argument namespace: string path
 *     CGROUP   argument 0: string path                        (relative)
 *     NAMESPACE argument 0: string                            (at most once)
 *     MOUNT    argument action: the nine u8 of struct vst_mount_flags in their order, u16 count
 *              of items, string destination, string type, string source   (empty: absent),
 *              items: u8 item kind, string key, string value (empty: absent)
 *
 *   address    u8 family, u8 prefix, 16 bytes in network byte order
 *   route      address of the network, u8 has_via, 16 bytes of the gateway, u32 metric
 *
 * Paths are canonical (name.h). A message is never empty and never longer than VST_MSG_MAX.
 */
#pragma once

#define VST_WIRE_MAGIC 0x62747376u /* "vstb" */
#define VST_WIRE_VERSION 4
#define VST_WIRE_FLAGS_LEN 9
#define VST_WIRE_ADDRESS_LEN 18
#define VST_WIRE_ROUTE_LEN 39

#define VST_WIRE_HEAD_LEN 4
#define VST_WIRE_HELLO_LEN 12
#define VST_WIRE_END_LEN 12
#define VST_WIRE_FINDING_LEN 24

enum vst_wire_type {
	VST_WIRE_HELLO = 1,
	VST_WIRE_OPS = 2,
	VST_WIRE_WARN = 3,
	VST_WIRE_END = 4,
	VST_WIRE_FAIL = 5,
};
