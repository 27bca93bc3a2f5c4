/*
 * Every limit of vestibule, each with its reason. The parser refuses a document that exceeds
 * one with a line and a column; the parent holds the same limits against the parser.
 */
#pragma once

/* A document. Upstream's largest is 1.3 KB; 1 MiB holds 65,536 directories. */
#define VST_DOC_MAX 1048576

/* Nesting. The deepest known place is mounts[].options[]: 4. */
#define VST_DEPTH_MAX 32

/* Members of one object, unknown ones included: bounds the search for repeated ones. */
#define VST_MEMBERS_MAX 256

/* PATH_MAX without its NUL, NAME_MAX, IFNAMSIZ without its NUL. */
#define VST_PATH_MAX 4095
#define VST_COMPONENT_MAX 255
#define VST_IFNAME_MAX 15

/* MODULE_NAME_LEN leaves 56 for "rtnl-link-KIND"; no kind is longer than 15. */
#define VST_KIND_MAX 31

/* Operations of a document: what bounds the parent's work, memory and journal. */
#define VST_OPS_MAX 65536

/* Mounts of a document: a descriptor is held of each; upstream's largest has four. */
#define VST_MOUNTS_MAX 512

/* Lower layers of one overlay: the kernel's own OVL_MAX_STACK. Images of Docker have up to 127.
 */
#define VST_LAYERS_MAX 500

/* Other options of one mount that are data; no file system has as many. */
#define VST_MOUNT_DATA_MAX 64

/* All of them, with an upper and a work directory: the items of a mount on the wire. */
#define VST_MOUNT_ITEMS_MAX (VST_LAYERS_MAX + 2 + VST_MOUNT_DATA_MAX)

/* Sources of binds and layers of overlays, all mounts of a document together. */
#define VST_MOUNT_SOURCES_MAX 1024

/* The other options, all mounts of a document together.
 *
 * What a plan takes, of which only what is used is touched: a step is 24 bytes, so at most
 * 1.5 MiB; a mount 28 and 14 KiB; a source or a layer 20 and 20 KiB; an option 8 and 256 KiB.
 * That is less than 2 MiB of the 6 that a run may have in all. */
#define VST_MOUNT_OPTIONS_MAX (VST_MOUNTS_MAX * VST_MOUNT_DATA_MAX)

/* fsconfig's own limit of a key, a value and a source, without its NUL. */
#define VST_FS_VALUE_MAX 255

/* A type of file system: the longest in the kernel is 14. */
#define VST_FS_TYPE_MAX 63

/* A mount as an operation: it is wholly inside one message. 500 layers of 113 bytes. */
#define VST_MOUNT_BYTES_MAX 60000

/* Mounts that one recursive bind takes along: they are taken back one by one, and a busy host
 * has hundreds. */
#define VST_SUBTREE_MAX 4096

/* containerd's own limit of a namespace is 76. */
#define VST_NAMESPACE_MAX 255

/* Warnings about unknown members: enough to act on, too few to flood a terminal. */
#define VST_WARN_MAX 16

/* One message: a third of the default send buffer (212,992), so two can be in flight. */
#define VST_MSG_MAX 65536

/* All messages of a run. An operation costs at most 2 bytes more than its JSON, an option or a
 * layer of a mount 6, and a source that is its type's name 63: 1.4 MiB at the limits above. */
#define VST_WIRE_MAX 2097152

/* Messages of a run: the bytes above in messages that are half full, because a mount may not
 * fit behind what is there, plus one warning each, plus slack. */
#define VST_MSGS_MAX 128

/* Distinct directories that paths of a document lie in: a descriptor each. */
#define VST_DIRS_MAX 1024

/* All that a run pins: those, every source and layer, and the mount points. */
#define VST_PINS_MAX (VST_DIRS_MAX + VST_MOUNT_SOURCES_MAX + VST_MOUNTS_MAX)

/* Descriptors that a run needs beside its pins. */
#define VST_FDS_RESERVED 64

/* Milliseconds. A refusal comes within 5 seconds: the parser ends itself first, then the
 * parent stops waiting for it; the lock's wait is on top for those that never start one. */
#define VST_PARSER_TIMEOUT_MS 3000
#define VST_COLLECT_TIMEOUT_MS 3500
#define VST_LOCK_TIMEOUT_MS 3000

/* Milliseconds that a run waits in all while it holds a lock: three times what another one
 * waits for that lock, so that who comes again once or twice gets his turn. */
#define VST_WAIT_MS 10000

/* Of these, what it may use before it begins to take back: half, the rest is kept for that. */
#define VST_WAIT_ACT_MS 5000

/* Of these, for mounts that are in use, all of them together: who left one closes its files in
 * that time, or keeps it. */
#define VST_BUSY_TIMEOUT_MS 2000

/* Of these, for one answer of the kernel, which comes at once. */
#define VST_ANSWER_TIMEOUT_MS 2000

/* How often a walk is tried again that a rename raced (EAGAIN of openat2), and a mount looked
 * for that is not where the kernel says: some 20 ms of these. Counted, because on a busy
 * machine time passes without a single try. */
#define VST_RETRY_TRIES 1000

/* What is left of these when a signal asks for the end: fifty such lookups. */
#define VST_WAIT_SIGNALLED_MS 1000

/* Symbolic links followed in one walk: the kernel's own MAXSYMLINKS. */
#define VST_SYMLINKS_MAX 40

/* Components of symbolic links' targets that a run walks in all: two (".." and a name, or "usr"
 * and "lib") for each of as many operations as there may be. */
#define VST_LINK_STEPS_MAX 131072

/* Moved interfaces of a bundle that may lie on each other, a VLAN on its device: what is made
 * on top of them meanwhile is told from these. */
#define VST_LINKS_MOVED_MAX 256

/* What a moved interface takes with it in the journal: its settings, addresses and routes, as
 * bytes. */
#define VST_LINK_STATE_MAX 32768

/* The text of a plan: 65,536 steps of at most 300 bytes, and a document's strings escaped. */
#define VST_EXPECT_MAX 33554432

/* A journal file: 65,536 records with their paths. */
#define VST_JOURNAL_MAX 16777216
