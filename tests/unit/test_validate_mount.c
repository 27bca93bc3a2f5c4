/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts, cgroups and containerd's namespace as the parser sent them. Good ones are accepted;
 * each rule has an operation that breaks it alone; and a good run is mutated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire_run.h"

/* A mount in the making: opened, given items, closed. */
struct item {
	unsigned kind;
	const char *key, *value;
};

static void put_mount(unsigned arg, struct vst_mount_flags flags, const char *destination,
	const char *type, const char *source, const struct item *items, unsigned n_items)
{
	unsigned char bytes[VST_WIRE_FLAGS_LEN];

	memcpy(bytes, &flags, sizeof bytes);
	put_number(FIXED, VST_OP_MOUNT, 1);
	put_number(FREE, arg, 1);
	put(FREE, bytes, sizeof bytes);
	put_number(FIXED, n_items, 2);
	put_string(destination);
	put_string(type);
	put_string(source);
	for (unsigned i = 0; i < n_items; i++) {
		put_number(FIXED, items[i].kind, 1);
		put_string(items[i].key);
		put_string(items[i].value);
	}
}

static void put_path(unsigned kind, const char *path)
{
	put_number(kind == VST_OP_CGROUP ? FREE : FIXED, kind, 1);
	put_number(FIXED, 0, 1);
	put_string(path);
}

#define FLAGS(...) ((struct vst_mount_flags){__VA_ARGS__})
#define ITEMS(...)                                                                             \
	(const struct item[]){__VA_ARGS__},                                                    \
		sizeof(const struct item[]){__VA_ARGS__} / sizeof(struct item)
#define NO_ITEMS NULL, 0

static const struct item layers[] = {{VST_ITEM_LOWER, "", "/l/a:b"}, {VST_ITEM_LOWER, "", "/m"},
	{VST_ITEM_UPPER, "", "/u"}, {VST_ITEM_WORK, "", "/w"}, {VST_ITEM_FLAG, "userxattr", ""},
	{VST_ITEM_STRING, "redirect_dir", "on"}};

static void golden(void)
{
	start();
	open_msg(VST_WIRE_OPS, 4);
	put_mount(VST_MOUNT_NEW,
		FLAGS(.set = VST_ATTR_NOSUID, .atime = VST_ATIME_NOATIME,
			.sb_set = VST_SB_DIRSYNC, .propagation = VST_PROPAGATION_PRIVATE),
		"run/x", "tmpfs", "tmpfs",
		ITEMS({VST_ITEM_STRING, "size", "1m"}, {VST_ITEM_FLAG, "inode64", ""},
			{VST_ITEM_STRING, "mpol", ""}));
	put_path(VST_OP_CGROUP, "new/g.x");
	put_mount(VST_MOUNT_NEW, FLAGS(0), "/o", "overlay", "overlay", layers, 6);
	put_path(VST_OP_NAMESPACE, "services.linuxkit");
	put_finding(VST_WIRE_WARN,
		at(VST_DOC_BIND_IGNORED, VST_MEMBER_MOUNTS, 1, VST_FIELD_OPTIONS, 2));
	open_msg(VST_WIRE_OPS, 4);
	put_mount(VST_MOUNT_BIND | VST_MOUNT_RECURSIVE,
		FLAGS(.set = VST_ATTR_RO, .rec_set = VST_ATTR_RO,
			.rec_atime = VST_ATIME_RELATIME,
			.propagation = VST_PROPAGATION_SLAVE | VST_PROPAGATION_RECURSIVE),
		"/dev", "", "/dev", NO_ITEMS);
	put_mount(VST_MOUNT_REMOUNT,
		FLAGS(.set = VST_ATTR_RO, .clear = VST_ATTR_NODEV,
			.rec_clear = VST_ATTR_NOEXEC | VST_ATTR_NODEV,
			.rec_set = VST_ATTR_NOSUID, .sb_clear = VST_SB_SYNC),
		"/r", "", "", ITEMS({VST_ITEM_STRING, "size", "2m"}));
	put_mount(VST_MOUNT_PROPAGATION, FLAGS(.propagation = VST_PROPAGATION_PRIVATE), "/s",
		"", "", NO_ITEMS);
	put_mkdir("etc/x");
	put_end(8, 1);
}

static void good_run(void **state)
{
	struct request_op op;
	size_t cursor = 0;

	(void)state;
	golden();
	accepted();
	assert_same_meaning(&made);
	assert_int_equal(findings.n_warnings, 1);
	assert_int_equal(findings.warnings[0].code, VST_DOC_BIND_IGNORED);
	assert_string_equal(
		(const char *)request.bytes + request.containerd.off, "services.linuxkit");
	assert_int_equal(request.containerd.len, 17);
	assert_int_equal(request_next(&request, &cursor, &op), 1);
	assert_int_equal(op.kind, VST_OP_MOUNT);
	assert_int_equal(op.arg, VST_MOUNT_NEW);
	assert_int_equal(op.flags.set, VST_ATTR_NOSUID);
	assert_int_equal(op.flags.propagation, VST_PROPAGATION_PRIVATE);
	assert_int_equal(op.n_items, 3);
	assert_string_equal((const char *)request.bytes + op.str[0].off, "run/x");
	assert_string_equal((const char *)request.bytes + op.str[1].off, "tmpfs");
	start();
	put_end(0, 0);
	accepted();
	assert_int_equal(request.containerd.off, 0);
}

static void every_bit(void **state)
{
	(void)state;
	golden();
	flip_every_bit();
}

static void every_length(void **state)
{
	(void)state;
	golden();
	change_every_length();
}

static void every_message(void **state)
{
	(void)state;
	golden();
	move_every_message();
}

/* --- rules ---------------------------------------------------------------------------- */

/* The run that was made has one operation, behind a good one. */
static void begin(void)
{
	start();
	open_msg(VST_WIRE_OPS, 2);
	put_mkdir("/good");
}

static void wrong(const char *text)
{
	put_end(2, 0);
	refused(BROKEN "operation 1: ");
	assert_int_equal(err.op, 1);
	if (!strstr(err.text, text))
		fail_msg("wanted \"%s\", got \"%s\"", text, err.text);
}

static void right(void)
{
	put_end(2, 0);
	accepted();
	assert_same_meaning(&made);
}

static void mount_of(unsigned action, struct vst_mount_flags flags)
{
	int is_new = action == VST_MOUNT_NEW;

	begin();
	put_mount(action, flags, "/d", is_new ? "tmpfs" : "",
		is_new                     ? "tmpfs"
		: action == VST_MOUNT_BIND ? "/s"
					   : "",
		NO_ITEMS);
}

static void actions(void **state)
{
	(void)state;
	for (unsigned arg = 0; arg < 256; arg++) {
		mount_of(arg, FLAGS(0));
		if (arg >= VST_MOUNT_NEW && arg <= VST_MOUNT_PROPAGATION)
			right();
		else if (arg == (VST_MOUNT_BIND | VST_MOUNT_RECURSIVE))
			wrong("its source"); /* mount_of gives it none */
		else
			wrong("its action is");
	}
}

/* Each byte of the flags with each value: what is accepted is what the action has. */
static void flags(void **state)
{
	static const char *const words[] = {"its ", "a new mount with flags",
		"a bind with flags", "a propagation with flags"};
	unsigned n_accepted = 0;

	(void)state;
	for (unsigned action = VST_MOUNT_NEW; action <= VST_MOUNT_PROPAGATION; action++)
		for (unsigned i = 0; i < VST_WIRE_FLAGS_LEN; i++)
			for (unsigned value = 0; value < 256; value++) {
				struct vst_mount_flags f = {0};
				int is_named = 0;

				((uint8_t *)&f)[i] = (uint8_t)value;
				mount_of(action, f);
				put_end(2, 0);
				if (judge(&made) == 0) {
					assert_same_meaning(&made);
					n_accepted++;
					continue;
				}
				for (unsigned w = 0; w < 4; w++)
					is_named |= strstr(err.text, words[w]) != NULL;
				assert_true(is_named);
			}
	/* set, atime, sb_set, propagation of NEW: 32 + 4 + 4 + 9 (no recursive nothing); set,
	 * atime, rec_set, rec_atime, propagation of BIND; all, but for sb_clear, of REMOUNT;
	 * PROPAGATION. Each of the other bytes is accepted when it is 0. */
	assert_int_equal(n_accepted, (32 + 4 + 4 + 9 + 5) + (32 + 4 + 32 + 4 + 9 + 4) +
					     (4 * 32 + 2 * 4 + 4 + 2 + 9) + (9 + 8));
}

static void opposites(void **state)
{
	static const struct vst_mount_flags both[] = {
		{.set = VST_ATTR_RO, .clear = VST_ATTR_RO},
		{.set = VST_ATTR_NODEV, .rec_clear = VST_ATTR_NODEV | VST_ATTR_RO},
		{.rec_set = VST_ATTR_NOSUID, .clear = VST_ATTR_NOSUID},
		{.rec_set = VST_ATTR_NODIRATIME, .rec_clear = VST_ATTR_NODIRATIME},
		{.sb_set = VST_SB_SYNC, .sb_clear = VST_SB_SYNC},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof both / sizeof *both; i++) {
		mount_of(VST_MOUNT_REMOUNT, both[i]);
		wrong("it sets what it clears");
	}
	mount_of(VST_MOUNT_REMOUNT,
		FLAGS(.set = VST_ATTR_RO, .rec_set = VST_ATTR_RO, .clear = VST_ATTR_NODEV));
	right();
}

static void strings_of(unsigned action, const char *destination, const char *type,
	const char *source, const char *text)
{
	begin();
	put_mount(action, FLAGS(0), destination, type, source, NO_ITEMS);
	if (text)
		wrong(text);
	else
		right();
}

static void destinations(void **state)
{
	static const char *const bad[] = {"", "/a/", "//a", "a/../b", "./a", "/a\tb", ".."};
	char longest[VST_PATH_MAX + 2];

	(void)state;
	strings_of(VST_MOUNT_NEW, "a/b", "proc", "proc", NULL);
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		strings_of(VST_MOUNT_NEW, bad[i], "proc", "proc", "its destination is not");
	/* Whose that is, is judged where it is looked up. */
	strings_of(VST_MOUNT_NEW, "/", "proc", "proc", NULL);
	memset(longest, 'a', sizeof longest);
	longest[VST_PATH_MAX + 1] = '\0';
	strings_of(VST_MOUNT_NEW, longest, "proc", "proc", "one of its strings is none");
}

static void types_and_sources(void **state)
{
	static const char *const types[] = {"", "bind", "rbind", "none", "-x", ".x", "a/b",
		"a b", "ext4\n", "a,b",
		"sixty-four-bytes-sixty-four-bytes-sixty-four-bytes-sixty-four-by"};
	static const char *const sources[] = {"", "a\x1b[2J", "a\x7f"};
	static const char *const no_paths[] = {"", "src", "/src/", "/a/../b", "tmpfs"};
	char longest[VST_FS_VALUE_MAX + 2];

	(void)state;
	strings_of(VST_MOUNT_NEW, "/d", "fuse.x-y_Z", "a b", NULL);
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++)
		strings_of(VST_MOUNT_NEW, "/d", types[i], "s",
			strlen(types[i]) > VST_FS_TYPE_MAX ? "strings is none" : "its type");
	for (unsigned i = 0; i < sizeof sources / sizeof *sources; i++)
		strings_of(VST_MOUNT_NEW, "/d", "proc", sources[i], "its source is no source");
	memset(longest, 's', sizeof longest);
	longest[VST_FS_VALUE_MAX + 1] = '\0';
	strings_of(VST_MOUNT_NEW, "/d", "proc", longest, "its source is no source");
	longest[VST_FS_VALUE_MAX] = '\0';
	strings_of(VST_MOUNT_NEW, "/d", "proc", longest, NULL);
	for (unsigned i = 0; i < sizeof no_paths / sizeof *no_paths; i++)
		strings_of(
			VST_MOUNT_BIND, "/d", "", no_paths[i], "its source is not an absolute");
	strings_of(VST_MOUNT_BIND, "/d", "", "/", NULL);
	strings_of(VST_MOUNT_BIND, "/d", "none", "/s", "a type that it does not have");
	strings_of(VST_MOUNT_REMOUNT, "/d", "tmpfs", "", "a type that it does not have");
	strings_of(VST_MOUNT_PROPAGATION, "/d", "tmpfs", "", "a type that it does not have");
	strings_of(VST_MOUNT_REMOUNT, "/d", "", "/s", "a source that it does not have");
	strings_of(VST_MOUNT_PROPAGATION, "/d", "", "/s", "a source that it does not have");
}

static void item_of(unsigned action, const char *type, struct item item, const char *text)
{
	begin();
	put_mount(action, FLAGS(0), "/d", type,
		action == VST_MOUNT_BIND  ? "/s"
		: action == VST_MOUNT_NEW ? "src"
					  : "",
		&item, 1);
	if (text)
		wrong(text);
	else
		right();
}

static void data(void **state)
{
	static const char *const keys[] = {
		"source", "ro", "rw", "sync", "async", "dirsync", "mand", "nomand"};
	char longest[VST_FS_VALUE_MAX + 2];

	(void)state;
	memset(longest, 'k', sizeof longest);
	longest[VST_FS_VALUE_MAX + 1] = '\0';
	for (unsigned kind = VST_ITEM_FLAG; kind <= VST_ITEM_STRING; kind++) {
		item_of(VST_MOUNT_NEW, "tmpfs", (struct item){kind, "", ""},
			"a key that is empty or has control characters");
		item_of(VST_MOUNT_NEW, "tmpfs", (struct item){kind, "a\nb", ""},
			"a key that is empty or has control characters");
		item_of(VST_MOUNT_NEW, "tmpfs", (struct item){kind, longest, ""},
			"one of its items is none");
		item_of(VST_MOUNT_NEW, "tmpfs", (struct item){kind, "lowerdir=/x", ""},
			"a key with a value in it");
		item_of(VST_MOUNT_REMOUNT, "", (struct item){kind, "size=", ""},
			"a key with a value in it");
		item_of(VST_MOUNT_REMOUNT, "", (struct item){kind, "size", ""}, NULL);
		item_of(VST_MOUNT_BIND, "", (struct item){kind, "size", ""}, "data that it");
		item_of(VST_MOUNT_PROPAGATION, "", (struct item){kind, "size", ""},
			"data that it");
		for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
			item_of(VST_MOUNT_NEW, "tmpfs", (struct item){kind, keys[i], ""},
				"a key that is not an option of a file system");
	}
	item_of(VST_MOUNT_NEW, "tmpfs", (struct item){0, "a", ""}, "an unknown kind");
	item_of(VST_MOUNT_NEW, "tmpfs", (struct item){VST_ITEM_WORK + 1, "", "/a"},
		"an unknown kind");
	item_of(VST_MOUNT_NEW, "tmpfs", (struct item){VST_ITEM_FLAG, "a", "1"},
		"a flag with a value");
	item_of(VST_MOUNT_NEW, "tmpfs", (struct item){VST_ITEM_STRING, "a", longest},
		"a value that is none");
	item_of(VST_MOUNT_NEW, "tmpfs", (struct item){VST_ITEM_STRING, "a", "b\x01"},
		"a value that is none");
	/* Elsewhere these are data as any: the file system will say what it thinks of them. */
	item_of(VST_MOUNT_NEW, "tmpfs", (struct item){VST_ITEM_STRING, "lowerdir", "/x"}, NULL);
}

static void overlay_of(const struct item *items, unsigned n, const char *text)
{
	begin();
	put_mount(VST_MOUNT_NEW, FLAGS(0), "/d", "overlay", "overlay", items, n);
	if (text)
		wrong(text);
	else
		right();
}

static void overlays(void **state)
{
	static const char *const keys[] = {
		"lowerdir", "lowerdir+", "datadir+", "upperdir", "workdir"};
	static const char *const no_paths[] = {"", "l", "/l/", "/a/../b", "/a\n"};

	(void)state;
	overlay_of(layers, 6, NULL);
	overlay_of(layers, 1, NULL);
	overlay_of(layers, 0, "without a lower layer");
	overlay_of(&layers[2], 2, "without a lower layer");
	overlay_of(layers, 3, "an upper without a work");
	overlay_of(ITEMS(layers[0], layers[3]), "an upper without a work");
	overlay_of(ITEMS(layers[0], layers[2], layers[2], layers[3], layers[3]),
		"an upper without a work directory, or one twice");
	for (unsigned kind = VST_ITEM_LOWER; kind <= VST_ITEM_WORK; kind++) {
		item_of(VST_MOUNT_NEW, "tmpfs", (struct item){kind, "", "/x"},
			"a layer of what is no overlay");
		item_of(VST_MOUNT_REMOUNT, "", (struct item){kind, "", "/x"},
			"a layer of what is no overlay");
		overlay_of(ITEMS(layers[0], {kind, "k", "/x"}), "a layer with a key");
		for (unsigned i = 0; i < sizeof no_paths / sizeof *no_paths; i++)
			overlay_of(ITEMS(layers[0], {kind, "", no_paths[i]}),
				"a layer that is not an absolute path");
	}
	for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++) {
		overlay_of(
			ITEMS(layers[0], {VST_ITEM_STRING, keys[i], "/x"}), "a layer as data");
		overlay_of(ITEMS(layers[0], {VST_ITEM_FLAG, keys[i], ""}), "a layer as data");
	}
}

/* Runs that are too large for one struct run's message are made of many. */
static void limits(void **state)
{
	struct item many[VST_MOUNT_ITEMS_MAX + 1];
	char path[VST_PATH_MAX + 1];

	(void)state;
	for (unsigned i = 0; i <= VST_MOUNT_ITEMS_MAX; i++)
		many[i] = (struct item){VST_ITEM_FLAG, "k", ""};
	begin();
	put_mount(VST_MOUNT_NEW, FLAGS(0), "/d", "tmpfs", "s", many, VST_MOUNT_DATA_MAX);
	right();
	begin();
	put_mount(VST_MOUNT_NEW, FLAGS(0), "/d", "tmpfs", "s", many, VST_MOUNT_DATA_MAX + 1);
	wrong("too many options");
	begin();
	put_mount(VST_MOUNT_NEW, FLAGS(0), "/d", "tmpfs", "s", many, VST_MOUNT_ITEMS_MAX + 1);
	wrong("too many items");
	/* Layers, with the others beside them. */
	for (unsigned i = 0; i < VST_LAYERS_MAX + 1; i++)
		many[i] = (struct item){VST_ITEM_LOWER, "", "/l"};
	begin();
	put_mount(VST_MOUNT_NEW, FLAGS(0), "/d", "overlay", "s", many, VST_LAYERS_MAX + 1);
	wrong("too many layers");
	many[VST_LAYERS_MAX] = (struct item){VST_ITEM_UPPER, "", "/u"};
	many[VST_LAYERS_MAX + 1] = (struct item){VST_ITEM_WORK, "", "/w"};
	begin();
	put_mount(VST_MOUNT_NEW, FLAGS(0), "/d", "overlay", "s", many, VST_MOUNT_ITEMS_MAX);
	right();
	/* 512 mounts, and one more. */
	for (unsigned extra = 0; extra < 2; extra++) {
		start();
		for (unsigned m = 0; m < 8; m++) {
			open_msg(VST_WIRE_OPS, 64);
			for (unsigned i = 0; i < 64; i++)
				put_mount(VST_MOUNT_PROPAGATION, FLAGS(0), "/d", "", "",
					NO_ITEMS);
		}
		if (extra) {
			open_msg(VST_WIRE_OPS, 1);
			put_mount(VST_MOUNT_PROPAGATION, FLAGS(0), "/d", "", "", NO_ITEMS);
		}
		put_end(512 + extra, 0);
		if (extra)
			refused(BROKEN "operation 512: too many mounts");
		else
			accepted();
	}
	/* 1024 sources, of which one is a bind's. */
	for (unsigned i = 0; i < VST_LAYERS_MAX; i++)
		many[i] = (struct item){VST_ITEM_LOWER, "", "/l"};
	for (unsigned extra = 0; extra < 2; extra++) {
		start();
		for (unsigned m = 0; m < 3; m++) {
			open_msg(VST_WIRE_OPS, 1);
			put_mount(VST_MOUNT_NEW, FLAGS(0), "/d", "overlay", "s", many,
				m ? VST_LAYERS_MAX : 23 + extra);
		}
		open_msg(VST_WIRE_OPS, 1);
		put_mount(VST_MOUNT_BIND, FLAGS(0), "/d", "", "/s", NO_ITEMS);
		put_end(4, 0);
		if (extra)
			refused(BROKEN "operation 3: too many sources and layers");
		else
			accepted();
	}
	/* One mount's bytes: fifteen layers of 4095 bytes are too many. */
	memset(path, 'a', sizeof path);
	for (unsigned i = 0; i < sizeof path; i += 200)
		path[i] = '/';
	path[VST_PATH_MAX] = '\0';
	many[0].value = path;
	for (unsigned n = 14; n <= 15; n++) {
		for (unsigned i = 0; i < n; i++)
			many[i].value = path;
		begin();
		put_mount(VST_MOUNT_NEW, FLAGS(0), "/d", "overlay", "s", many, n);
		if (n == 15)
			wrong("it is too long");
		else
			right();
	}
}

static void cgroups(void **state)
{
	static const char *const bad[] = {"cgroup.procs", "a/cgroup.subtree_control", "tasks",
		"a/tasks", "notify_on_release/b", "release_agent", "cpu.max/x", "memory.high",
		"blkio.x", "perf_event.x", "net_prio.y", "dmem.a"};
	static const char *const good[] = {
		"a", "a/b.c", "tasks1", "cpu", "cpux.max", "cgroups.x", "user.slice/x.service"};
	static const char *const no_paths[] = {"", "a/", "a//b", ".", "../a", "a\nb"};

	(void)state;
	for (unsigned i = 0; i < sizeof good / sizeof *good; i++) {
		begin();
		put_path(VST_OP_CGROUP, good[i]);
		right();
	}
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		begin();
		put_path(VST_OP_CGROUP, bad[i]);
		wrong("its path is of a control file");
	}
	for (unsigned i = 0; i < sizeof no_paths / sizeof *no_paths; i++) {
		begin();
		put_path(VST_OP_CGROUP, no_paths[i]);
		wrong("its path is not canonical");
	}
	begin();
	put_path(VST_OP_CGROUP, "/a");
	wrong("its path is not relative");
	begin();
	put_number(FIXED, VST_OP_CGROUP | 1 << 8, 2);
	put_string("a");
	wrong("its argument is unknown");
}

static void containerd(void **state)
{
	char longest[VST_NAMESPACE_MAX + 2];

	(void)state;
	memset(longest, 'n', sizeof longest);
	longest[VST_NAMESPACE_MAX + 1] = '\0';
	begin();
	put_path(VST_OP_NAMESPACE, longest);
	wrong("its namespace is none");
	longest[VST_NAMESPACE_MAX] = '\0';
	begin();
	put_path(VST_OP_NAMESPACE, longest);
	right();
	begin();
	put_path(VST_OP_NAMESPACE, "");
	wrong("its namespace is none");
	begin();
	put_path(VST_OP_NAMESPACE, "a\x1b");
	wrong("its namespace is none");
	begin();
	put_number(FIXED, VST_OP_NAMESPACE | 1 << 8, 2);
	put_string("a");
	wrong("its argument is unknown");
	start();
	open_msg(VST_WIRE_OPS, 2);
	put_path(VST_OP_NAMESPACE, "a");
	put_path(VST_OP_NAMESPACE, "b");
	wrong("a namespace of containerd twice");
}

static void note_of(struct vst_finding finding, int is_good)
{
	start();
	put_finding(VST_WIRE_WARN, finding);
	put_end(0, 1);
	if (is_good)
		accepted();
	else
		refused(BROKEN "a warning that means nothing");
}

static void notes_of_binds(void **state)
{
	const unsigned code = VST_DOC_BIND_IGNORED;
	char text[256];

	(void)state;
	note_of(at(code, VST_MEMBER_MOUNTS, 0, VST_FIELD_OPTIONS, 0), 1);
	assert_int_equal(validate_sentence(&findings.warnings[0], text, sizeof text), 0);
	assert_string_equal(
		text, "runtime.json:3:14: mounts[0].options[0] has no effect on a bind");
	note_of(at(code, VST_MEMBER_MOUNTS, 0, VST_FIELD_OPTIONS, VST_NO_INDEX), 0);
	note_of(at(code, VST_MEMBER_MOUNTS, 0, VST_FIELD_TYPE, 0), 0);
	note_of(at(code, VST_MEMBER_MOUNTS, VST_NO_INDEX, VST_FIELD_OPTIONS, 0), 0);
	note_of(at(code, VST_MEMBER_MOUNTS, 0, VST_FIELD_TYPE, VST_NO_INDEX), 0);
	note_of(at(code, VST_MEMBER_NONE, VST_NO_INDEX, 0, VST_NO_INDEX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_run),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(every_length),
		cmocka_unit_test(every_message),
		cmocka_unit_test(actions),
		cmocka_unit_test(flags),
		cmocka_unit_test(opposites),
		cmocka_unit_test(destinations),
		cmocka_unit_test(types_and_sources),
		cmocka_unit_test(data),
		cmocka_unit_test(overlays),
		cmocka_unit_test(limits),
		cmocka_unit_test(cgroups),
		cmocka_unit_test(containerd),
		cmocka_unit_test(notes_of_binds),
	};

	return cmocka_run_group_tests_name("validate_mount", tests, NULL, NULL);
}
