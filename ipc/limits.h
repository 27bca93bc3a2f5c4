/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every limit of vestibule, each with its reason. The parser refuses a document that exceeds
 * one, with line and column; the parent enforces the same limits on the parser.
 */
#pragma once

/* Bytes of a document. Upstream's largest has 1.3 KB; 1 MiB holds 65,536 directories. */
#define VST_DOC_MAX 1048576

/* Levels of nesting. The deepest known place, mounts[].options[], has 4. */
#define VST_DEPTH_MAX 32

/* Members of one object, unknown ones included: bounds the search for repeated members. */
#define VST_MEMBERS_MAX 256

/* PATH_MAX without its NUL, NAME_MAX, IFNAMSIZ without its NUL. */
#define VST_PATH_MAX 4095
#define VST_COMPONENT_MAX 255
#define VST_IFNAME_MAX 15

/* MODULE_NAME_LEN leaves 56 bytes for "rtnl-link-KIND"; no kind in the kernel is longer
 * than 15. */
#define VST_KIND_MAX 31

/* Operations of a document: bounds the parent's work, memory and journal. */
#define VST_OPS_MAX 65536

/* Mounts of a document. A descriptor is held for each; upstream's largest document has four. */
#define VST_MOUNTS_MAX 512

/* Lower layers of one overlay: the kernel's OVL_MAX_STACK. Docker's images have up to 127. */
#define VST_LAYERS_MAX 500

/* Other data options of one mount; no file system has as many. */
#define VST_MOUNT_DATA_MAX 64

/* Items of a mount on the wire: layers, upper and work directory, data options. */
#define VST_MOUNT_ITEMS_MAX (VST_LAYERS_MAX + 2 + VST_MOUNT_DATA_MAX)

/* Sources of binds and layers of overlays, of all mounts of a document together. */
#define VST_MOUNT_SOURCES_MAX 1024

/* Data options of all mounts of a document together.
 *
 * Memory that a plan may use, of which only used pages are touched: a step takes 24 bytes,
 * so 1.5 MiB in all; a mount 28 bytes, 14 KiB; a source or layer 20 bytes, 20 KiB; an option 8
 * bytes, 256 KiB. Together that is less than 2 MiB of the 6 MiB that a run may use. */
#define VST_MOUNT_OPTIONS_MAX (VST_MOUNTS_MAX * VST_MOUNT_DATA_MAX)

/* fsconfig's limit of a key, a value and a source, without the NUL. */
#define VST_FS_VALUE_MAX 255

/* Bytes of a file system type; the longest in the kernel has 14. */
#define VST_FS_TYPE_MAX 63

/* Bytes of a mount as an operation, which must fit into one message: 500 layers of 113 bytes.
 */
#define VST_MOUNT_BYTES_MAX 60000

/* Mounts that one recursive bind takes along. They are unmounted one by one; a busy host has
 * hundreds. */
#define VST_SUBTREE_MAX 4096

/* Bytes of a containerd namespace; containerd's own limit is 76. */
#define VST_NAMESPACE_MAX 255

/* Warnings about unknown members: enough to act on, too few to flood a terminal. */
#define VST_WARN_MAX 16

/* Interfaces of a document that are given more than their place: as many as a bridge has ports
 * (BR_MAX_PORTS). Each takes up to two more steps, 48 bytes. */
#define VST_LINK_SETS_MAX 1023

/* Addresses of one end of an interface, and its routes: far more than anybody lists by hand,
 * and what they take in the kernel's own form fits VST_LINK_STATE_MAX (72 and 92 bytes each).
 */
#define VST_LINK_ADDRESSES_MAX 64
#define VST_LINK_ROUTES_MAX 128

/* Addresses and routes of all interfaces of a document together: 18 and 40 bytes each in a
 * plan, 230 KiB, of which only used pages are touched. */
#define VST_ADDRESSES_MAX 4096
#define VST_ROUTES_MAX 4096

/* Bytes of an interface as an operation: its strings and both lists of addresses and routes. */
#define VST_LINK_BYTES_MAX 8192

/* What the kernel takes as an MTU of most kinds: ETH_MIN_MTU to ETH_MAX_MTU. */
#define VST_MTU_MIN 68
#define VST_MTU_MAX 65535

/* IEEE 802.1Q: 0 and 4095 are reserved. */
#define VST_VLAN_MAX 4094

/* Bytes of one message: a third of the default send buffer (212,992), so that two can be in
 * flight. */
#define VST_MSG_MAX 65536

/* Bytes of all messages of a run. An operation costs at most 2 bytes more than its JSON, an
 * option or layer of a mount 6, a source that is its type's name 63, an interface with settings
 * 13, an address 11, a route 25: 1.6 MiB at the limits above. */
#define VST_WIRE_MAX 2097152

/* Messages of a run: those bytes in half-full messages, because a mount may not fit behind what
 * is there, plus the warnings, plus slack. */
#define VST_MSGS_MAX 128

/* Distinct directories that a document's paths lie in, a descriptor each. */
#define VST_DIRS_MAX 1024

/* All that a run pins: those directories, every source and layer, and the mount points. */
#define VST_PINS_MAX (VST_DIRS_MAX + VST_MOUNT_SOURCES_MAX + VST_MOUNTS_MAX)

/* Descriptors that a run needs beside its pins. */
#define VST_FDS_RESERVED 64

/* Milliseconds. A refusal comes within 5 seconds: the parser ends itself first, then the parent
 * stops waiting for it. Waiting for the lock comes on top for runs that start no parser. */
#define VST_PARSER_TIMEOUT_MS 3000
#define VST_COLLECT_TIMEOUT_MS 3500
#define VST_LOCK_TIMEOUT_MS 3000

/* Milliseconds that a run may wait in all while it holds a lock: three times what another run
 * waits for the lock, so that one that tries again once or twice gets it. */
#define VST_WAIT_MS 10000

/* What the journals of one caller with less may be. */
#define VST_LESS_JOURNALS 64
#define VST_LESS_JOURNAL_BYTES (1 << 20)

/* Milliseconds that root's gc gives to what one user had done, and those after which
 * a child that was killed counts as stuck. */
#define VST_USER_GC_MS 30000
#define VST_USER_KILL_MS 300

/* Seconds after which a run of a caller with less begins nothing new: he may stop it after he
 * was judged, and let it go on when the verdict does not hold any more. Waiting takes less. */
#define VST_LESS_S 60

/* Of these, the share for acting: half; the rest is kept for taking back. */
#define VST_WAIT_ACT_MS 5000

/* Of these, the share for busy mounts, all together: a process that left one closes its files
 * by then, or keeps it. */
#define VST_BUSY_TIMEOUT_MS 2000

/* Of these, the share for one netlink answer, which normally comes at once. */
#define VST_ANSWER_TIMEOUT_MS 2000

/* Attempts at a walk that a rename raced (EAGAIN of openat2), or at finding a mount that is not
 * where the kernel says: about 20 ms. Counted, because on a busy machine time passes without a
 * single attempt. */
#define VST_RETRY_TRIES 1000

/* Milliseconds that are left to wait after a signal: fifty such walks. */
#define VST_WAIT_SIGNALLED_MS 1000

/* Symbolic links followed in one walk: the kernel's MAXSYMLINKS. */
#define VST_SYMLINKS_MAX 40

/* Components of symbolic links' targets that a run walks in all: two (".." and a name, or "usr"
 * and "lib") for each possible operation. */
#define VST_LINK_STEPS_MAX 131072

/* Moved interfaces of a bundle that may lie on one another, such as a VLAN on its device: undo
 * tells them from what was made on top meanwhile. */
#define VST_LINKS_MOVED_MAX 256

/* Bytes of a moved interface's state in the journal: its settings, addresses and routes. */
#define VST_LINK_STATE_MAX 32768

/* The policy file: bytes and lines. A line is some 60 bytes; every rule is looked at for every
 * request. */
#define VST_POLICY_MAX 65536
#define VST_POLICY_LINES_MAX 1024

/* What `count` and `total` of a rule may be, and what they are where they are not given. A
 * bridge has 1,023 ports (BR_MAX_PORTS), and some of them are root's. */
#define VST_POLICY_COUNT_MAX 999
#define VST_POLICY_COUNT 4
#define VST_POLICY_TOTAL_MAX 1023
#define VST_POLICY_TOTAL 512

/* Bytes of a user's or group's name: LOGIN_NAME_MAX without its NUL. */
#define VST_ACCOUNT_NAME_MAX 255

/* Bytes of /etc/passwd and /etc/group: a hundred thousand accounts. */
#define VST_ACCOUNTS_MAX 16777216

/* Groups of a caller: the kernel's NGROUPS_MAX, and the real one. */
#define VST_GROUPS_MAX 65537

/* Bytes of a plan's text: 65,536 steps of at most 300 bytes, and a document's strings, escaped.
 */
#define VST_EXPECT_MAX 33554432

/* Bytes of a journal file: 65,536 records with their paths. */
#define VST_JOURNAL_MAX 16777216
