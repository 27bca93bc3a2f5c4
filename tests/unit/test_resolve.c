/* SPDX-License-Identifier: Apache-2.0 */
/* The walk's rule about symbolic links, pins, rests, and steps beneath mounts of the run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "privileged/link/nl_port.h"
#include "privileged/resolve/lookup.h"
#include "privileged/resolve/resolve.h"
#include "request.h"

static char base[] = "/tmp/vestibule-resolve-XXXXXX";
static struct caller caller;
static struct step steps[64];
static struct request_maker maker;
static struct step_mount mounts[8];
static struct step_source sources[8];
static struct step_option options[8];
static struct plan plan;
static struct plan_pinned pinned;
static struct resolver resolver;
static struct vst_err err;

/* The only links in the world are lo0, and br0, a bridge. */
int nl_get_by_name(struct nl *nl, const char *name, struct nl_link *ret, struct vst_err *e)
{
	(void)nl;
	(void)e;
	*ret = (struct nl_link){.ifindex = 42};
	if (strcmp(name, "br0") == 0)
		*ret = (struct nl_link){.ifindex = 43, .kind = "bridge"};
	return ret->kind[0] || strcmp(name, "lo0") == 0;
}

static struct step_set sets[4];
static enum nl_filtering filtering;

int nl_filtering(struct nl *nl, uint32_t ifindex, enum nl_filtering *ret, struct vst_err *e)
{
	(void)nl;
	(void)e;
	assert_int_equal(ifindex, 43);
	*ret = filtering;
	return 0;
}

static const char *at(const char *name)
{
	static char path[8][4200];
	static unsigned n;

	n = (n + 1) % 8;
	snprintf(path[n], sizeof path[n], "%s/%s", base, name);
	return path[n];
}

static int resolve_now(enum plan_verb verb, struct bundle_layout layout)
{
	const struct resolve_root root = {open(at("bundle"), O_PATH), at("bundle")};
	struct request request = maker_request(&maker);
	int result;

	plan.steps = steps;
	plan.mounts = mounts;
	plan.sources = sources;
	plan.options = options;
	plan.sets = sets;
	plan_build(verb, &request, &layout, &plan);
	result = resolve_start(&resolver, &plan, &root, -1, &caller, NULL, &pinned, &err);
	if (result == 0)
		result = resolve(&resolver, &err);
	close(root.fd);
	return result;
}

static struct step *mkdir_step(const char *path, int expected)
{
	maker_start(&maker);
	maker_op(&maker, VST_OP_MKDIR, 0, path, NULL, NULL);
	assert_int_equal(
		resolve_now(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1}),
		expected);
	return &steps[1];
}

static const char *rest(const struct step *step)
{
	return plan_text(&plan, step->at.path.off + step->at.rest);
}

static void is_pinned_at(const struct step *step, const char *path)
{
	struct stat a, b;

	assert_int_equal(stat(path, &a), 0);
	assert_int_equal(fstat(pinned.pins[step->at.base].fd, &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(pinned.pins[step->at.base].ino, a.st_ino);
}

static void close_pins(void)
{
	while (pinned.n_pins > 0)
		close(pinned.pins[--pinned.n_pins].fd);
}

static void missing_keeps_the_deepest_directory(void **state)
{
	struct step *step = mkdir_step(at("dir/x/y"), 0);

	(void)state;
	assert_int_equal(step->flags, 0);
	assert_string_equal(rest(step), "x/y");
	is_pinned_at(step, at("dir"));
	close_pins();
}

static void existing_is_done(void **state)
{
	(void)state;
	assert_int_equal(mkdir_step(at("dir"), 0)->flags, STEP_DONE);
	close_pins();
	assert_int_equal(mkdir_step("/", 0)->flags, STEP_DONE);
	close_pins();
}

static void one_pin_per_directory(void **state)
{
	(void)state;
	maker_start(&maker);
	maker_op(&maker, VST_OP_MKDIR, 0, at("dir/a"), NULL, NULL);
	maker_op(&maker, VST_OP_MKDIR, 0, at("dir/b/c"), NULL, NULL);
	maker_op(&maker, VST_OP_MKDIR, 0, at("dir/b/d"), NULL, NULL);
	maker_op(&maker, VST_OP_MKDIR, 0, at("other"), NULL, NULL);
	maker_op(&maker, VST_OP_MKDIR, 0, at("dir"), NULL, NULL);
	assert_int_equal(
		resolve_now(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1}), 0);
	assert_int_equal(steps[1].at.base, steps[2].at.base);
	assert_int_equal(steps[1].at.base, steps[3].at.base);
	assert_true(steps[4].at.base != steps[1].at.base);
	assert_string_equal(rest(&steps[2]), "b/c");
	assert_int_equal(steps[5].flags, STEP_DONE);
	/* the bundle, "/", dir, and the one that holds `other` */
	assert_int_equal(pinned.n_pins, 4);
	close_pins();
}

static int mkdir_0755(const char *path)
{
	return mkdir(path, 0755);
}

static void make_or_remove(int (*act)(const char *path))
{
	assert_int_equal(
		act(at("dir/x")) | act(at("dir/sub/x")) | act(at("dir/y")) | act(at("dir/zz")),
		0);
}

/* What was missing of a directory a moment ago is not looked for again by the next step; but
 * another name is, and the same one in another directory. */
static void missing_is_looked_for_once(void **state)
{
	static const char *const paths[] = {"dir/sub/y", "dir/x/a", "dir/x/b", "dir/sub/x/a",
		"dir/yy/a", "dir/y/a", "dir/z/a", "dir/zz/a", "dir/x/c"};
	/* What is left, with dir/x, dir/sub/x, dir/y and dir/zz made after the second step. */
	static const char *const rests[] = {
		"y", "x/a", "x/b", "a", "yy/a", "a", "z/a", "a", "c"};
	struct bundle_layout layout = {.rootfs_is_mount = 1};
	const struct resolve_root root = {open(at("bundle"), O_PATH), at("bundle")};
	struct request request;

	(void)state;
	maker_start(&maker);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		maker_op(&maker, VST_OP_MKDIR, 0, at(paths[i]), NULL, NULL);
	request = maker_request(&maker);
	plan.steps = steps;
	plan_build(PLAN_PREPARE, &request, &layout, &plan);
	assert_int_equal(
		resolve_start(&resolver, &plan, &root, -1, &caller, NULL, &pinned, &err), 0);
	for (uint32_t i = 0; i < plan.n_steps; i++) {
		if (i == 3)
			make_or_remove(mkdir_0755);
		assert_int_equal(resolve_next(&resolver, i, &err), 0);
		if (i > 0)
			assert_string_equal(rest(&steps[i]), rests[i - 1]);
	}
	make_or_remove(rmdir);
	close_pins();
	close(root.fd);
}

/* What the directory that is listed is said to be: its file system (-1: as it is), and whether
 * it may be read. How often one was. */
static long magic = -1;
static int unreadable, lists;

int __real_fstatfs(int fd, struct statfs *ret);
int __wrap_fstatfs(int fd, struct statfs *ret);
int __wrap_fstatfs(int fd, struct statfs *ret)
{
	int r = __real_fstatfs(fd, ret);

	if (magic >= 0)
		ret->f_type = (unsigned)magic;
	return r;
}

int __real_openat(int dir_fd, const char *path, int flags, ...);
int __wrap_openat(int dir_fd, const char *path, int flags, ...);
int __wrap_openat(int dir_fd, const char *path, int flags, ...)
{
	assert_false(flags & O_CREAT);
	if (strcmp(path, ".") == 0) {
		lists++;
		if (unreadable) {
			errno = EACCES;
			return -1;
		}
	}
	return __real_openat(dir_fd, path, flags);
}

/* Twenty steps that miss something in one directory, and one elsewhere. Whether the nineteenth
 * is found to be there, if it comes while they are resolved. */
static int late_name_is_seen(int is_full, uint32_t n_listed)
{
	struct bundle_layout layout = {.rootfs_is_mount = 1};
	const struct resolve_root root = {open(at("bundle"), O_PATH), at("bundle")};
	struct request request;
	char path[64];
	int seen;

	maker_start(&maker);
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof path, "many/%d", i);
		maker_op(&maker, VST_OP_MKDIR, 0, at(path), NULL, NULL);
	}
	maker_op(&maker, VST_OP_MKDIR, 0, at("dir/sub"), NULL, NULL);
	assert_int_equal(mkdir(at("many"), 0755), 0);
	if (is_full)
		assert_int_equal(mkdir(at("many/x"), 0755), 0);
	request = maker_request(&maker);
	plan.steps = steps;
	plan_build(PLAN_PREPARE, &request, &layout, &plan);
	assert_int_equal(
		resolve_start(&resolver, &plan, &root, -1, &caller, NULL, &pinned, &err), 0);
	resolver.n_listed = n_listed;
	lists = 0;
	for (uint32_t i = 0; i < plan.n_steps; i++) {
		if (i == 19)
			assert_int_equal(mkdir(at("many/18"), 0755), 0);
		assert_int_equal(resolve_next(&resolver, i, &err), 0);
		if (i != 19)
			assert_int_equal(
				steps[i].flags & STEP_DONE, i == 0 || i == 21 ? STEP_DONE : 0);
	}
	seen = (steps[19].flags & STEP_DONE) != 0;
	if (is_full)
		assert_int_equal(rmdir(at("many/x")), 0);
	assert_int_equal(rmdir(at("many/18")) | rmdir(at("many")), 0);
	close_pins();
	close(root.fd);
	return seen;
}

/* An empty directory is listed once for many steps that miss something in it; one in which
 * anything is, or that cannot be read, or of a file system whose lists are not complete, or
 * after many lists, is asked for each. */
static void empty_is_seen_once(void **state)
{
	static const long others[] = {OVERLAYFS_SUPER_MAGIC, 0x65735546 /* FUSE */, 0};

	(void)state;
	magic = TMPFS_MAGIC;
	assert_false(late_name_is_seen(0, RESOLVE_LISTED_MAX - 1));
	assert_int_equal(lists, 1);
	assert_int_equal(resolver.n_listed, RESOLVE_LISTED_MAX);
	assert_true(late_name_is_seen(0, RESOLVE_LISTED_MAX));
	assert_int_equal(lists, 0);
	assert_true(late_name_is_seen(1, 0));
	assert_int_equal(lists, 1);
	unreadable = 1;
	assert_true(late_name_is_seen(0, 0));
	unreadable = 0;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		magic = others[i];
		assert_true(late_name_is_seen(0, 0));
		assert_int_equal(lists, 0);
	}
	magic = -1;
}

static void file_in_the_way_is_a_conflict(void **state)
{
	(void)state;
	mkdir_step(at("file"), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_int_equal(err.op, 0);
	close_pins();
	mkdir_step(at("file/x"), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	close_pins();
}

static void trusted_links_are_followed(void **state)
{
	struct step *step = mkdir_step(at("link/x"), 0);

	(void)state;
	is_pinned_at(step, at("dir"));
	assert_string_equal(rest(step), "x");
	close_pins();
	step = mkdir_step(at("chain/sub/x"), 0); /* chain -> ../NAME/absolute -> BASE/dir */
	is_pinned_at(step, at("dir/sub"));
	close_pins();
	assert_int_equal(mkdir_step(at("link"), 0)->flags, STEP_DONE);
	close_pins();
}

static void untrusted_links_are_not(void **state)
{
	(void)state;
	mkdir_step(at("open/link/x"), -1); /* its directory is writable by others */
	assert_int_equal(err.exit, VST_EXIT_DENIED);
	close_pins();
	if (getuid() == 0)
		assert_int_equal(lchown(at("link"), 12345, 0), 0);
	else
		caller.uid = 12345;
	mkdir_step(at("link/x"), -1);
	assert_int_equal(err.exit, VST_EXIT_DENIED);
	close_pins();
	caller.uid = getuid();
	if (getuid() == 0)
		assert_int_equal(lchown(at("link"), 0, 0), 0);
}

static void dangling_looping_and_magic_links(void **state)
{
	(void)state;
	mkdir_step(at("dangling/x"), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	close_pins();
	mkdir_step(at("dangling"), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	close_pins();
	mkdir_step(at("loop/x"), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	close_pins();
	mkdir_step("/proc/self/cwd/x", -1);
	assert_int_equal(err.exit, VST_EXIT_DENIED);
	close_pins();
}

static void beneath_a_mount_of_the_run_is_deferred(void **state)
{
	(void)state;
	maker_start(&maker);
	maker_op(&maker, VST_OP_MKDIR, 0, at("bundle/rootfs/etc/x"), NULL, NULL);
	maker_op(&maker, VST_OP_MKDIR, 0, at("bundle/tmp/y"), NULL, NULL);
	maker_op(&maker, VST_OP_MKDIR, 0, at("bundle/rootfs"), NULL, NULL);
	maker_op(&maker, VST_OP_MKDIR, 0, at("bundle/lower/z"), NULL, NULL);
	maker_op(&maker, VST_OP_MKDIR, 0, at("rootlink/w"), NULL, NULL);
	assert_int_equal(resolve_now(PLAN_PREPARE, (struct bundle_layout){.has_lower = 1}), 0);
	assert_int_equal(steps[2].at.flags, PATH_DEFERRED);
	assert_int_equal(steps[2].at.base, 1);
	assert_string_equal(rest(&steps[2]), "etc/x");
	assert_int_equal(steps[3].at.flags, PATH_DEFERRED);
	assert_int_equal(steps[3].at.base, 0);
	assert_int_equal(steps[4].flags, STEP_DONE);
	assert_int_equal(steps[5].flags, 0);
	assert_int_equal(steps[6].at.flags, PATH_DEFERRED);
	close_pins();
}

/* The flags of the one mount, on this path. */
static uint8_t mount_on(const char *path)
{
	static const struct vst_mount_flags none;
	uint8_t flags;

	maker_start(&maker);
	maker_mount(&maker, VST_MOUNT_NEW, none, path, "tmpfs", "tmpfs");
	if (resolve_now(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1}) < 0)
		return UINT8_MAX;
	flags = steps[0].flags;
	close_pins();
	return flags;
}

static void the_hosts_own_directories_are_known(void **state)
{
	static const char *const own[] = {"/", "/proc", "/sys", "/dev", "/run"};

	(void)state;
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
		assert_int_equal(mount_on(own[i]), STEP_HOST);
		assert_int_equal(symlink(own[i], at("host")), 0);
		assert_int_equal(mount_on(at("host")), UINT8_MAX);
		assert_int_equal(err.exit, VST_EXIT_CONFLICT);
		assert_non_null(strstr(err.text, own[i]));
		assert_int_equal(unlink(at("host")), 0);
	}
	assert_int_equal(mount_on(at("dir")), 0);
	assert_int_equal(mount_on(at("run")), 0);
}

static const struct vst_mount_flags no_flags;

static void bind_on(const char *source, const char *destination)
{
	maker_mount(&maker, VST_MOUNT_BIND, no_flags, destination, "", source);
}

/* What lies on or beneath a mount whose mount point is still to be made is deferred. */
static void beneath_a_mount_point_to_come_is_deferred(void **state)
{
	(void)state;
	maker_start(&maker);
	bind_on(at("dir"), at("new/point"));
	bind_on(at("new/point/sub"), at("new/point/file"));
	bind_on(at("dir"), at("new/point"));
	bind_on(at("dir"), at("new/point/x"));
	bind_on(at("new"), at("new/pointed"));
	bind_on(at("dir"), at("new"));
	maker_op(&maker, VST_OP_MKDIR, 0, at("new/point/y"), NULL, NULL);
	maker_op(&maker, VST_OP_MKDIR, 0, at("new"), NULL, NULL);
	assert_int_equal(
		resolve_now(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1}), 0);
	assert_int_equal(steps[0].at.flags, 0);
	assert_int_equal(steps[1].at.flags, PATH_DEFERRED);
	assert_int_equal(steps[1].at.base, 0);
	assert_string_equal(rest(&steps[1]), "file");
	assert_int_equal(sources[1].at.flags, PATH_DEFERRED);
	/* On the same place: the later one is on top. */
	assert_int_equal(steps[2].at.base, 0);
	assert_string_equal(rest(&steps[2]), "");
	assert_int_equal(steps[3].at.base, 2);
	/* A directory that is made on the way is no mount; its name may be longer. */
	assert_int_equal(sources[4].at.flags, PATH_LATE);
	assert_int_equal(steps[4].at.flags, 0);
	/* One above them covers both. */
	assert_int_equal(steps[5].at.flags, 0);
	assert_int_equal(steps[7].at.base, 5);
	assert_string_equal(rest(&steps[7]), "point/y");
	assert_int_equal(steps[8].flags, STEP_DONE);
	close_pins();
}

/* A rootfs that is a mount already: what an earlier relative entry covers there is not pinned.
 */
static void beneath_rootfs_nothing_is_settled(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("bundle/rootfs/x"), 0755), 0);
	maker_start(&maker);
	bind_on(at("dir"), at("bundle/rootfs/x"));
	bind_on(at("dir"), "x");
	bind_on(at("bundle/rootfs/x"), at("bundle/rootfs/x/sub"));
	assert_int_equal(
		resolve_now(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1}), 0);
	assert_int_equal(steps[0].at.flags, 0);
	is_pinned_at(&steps[0], at("bundle/rootfs/x"));
	assert_int_equal(steps[3].at.flags, PATH_LATE | PATH_UNSETTLED);
	is_pinned_at(&steps[3], at("bundle/rootfs"));
	assert_string_equal(rest(&steps[3]), "x/sub");
	assert_int_equal(sources[2].at.flags, PATH_LATE | PATH_UNSETTLED);
	close_pins();
	assert_int_equal(rmdir(at("bundle/rootfs/x")), 0);
}

/* A destination that is a link to a file is that file: in its directory, by its name. */
static void links_to_files_are_the_files(void **state)
{
	static const char *const links[] = {"to-file", "dir/to-to-file"};

	(void)state;
	assert_int_equal(symlink("file", at("to-file")), 0);
	assert_int_equal(symlink("../to-file", at("dir/to-to-file")), 0);
	for (size_t i = 0; i < 2; i++) {
		maker_start(&maker);
		bind_on(at("to-file"), at(links[i]));
		assert_int_equal(
			resolve_now(PLAN_PREPARE, (struct bundle_layout){.rootfs_is_mount = 1}),
			0);
		assert_int_equal(steps[0].at.flags, PATH_FILE | PATH_LINK);
		is_pinned_at(&steps[0], base);
		assert_string_equal(step_rest(plan.bytes, pinned.pins, &steps[0].at), "file");
		assert_string_equal(pinned.pins[steps[0].at.base].path, base);
		/* A source is pinned itself. */
		assert_int_equal(sources[0].at.flags, 0);
		assert_true(S_ISREG(pinned.pins[sources[0].at.base].mode));
		close_pins();
	}
	mkdir_step(at("to-file"), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	close_pins();
	assert_int_equal(unlink(at("to-file")) | unlink(at("dir/to-to-file")), 0);
}

static void namespace_paths_keep_their_last_component(void **state)
{
	(void)state;
	maker_start(&maker);
	maker_op(&maker, VST_OP_BIND_NS, VST_NS_IPC, at("dir/there"), NULL, NULL);
	maker_op(&maker, VST_OP_BIND_NS, VST_NS_NET, at("link"), NULL, NULL);
	maker_op(&maker, VST_OP_BIND_NS, VST_NS_UTS, at("dir/new/n"), NULL, NULL);
	assert_int_equal(resolve_now(PLAN_ATTACH, (struct bundle_layout){0}), 0);
	is_pinned_at(&steps[0], at("dir"));
	assert_string_equal(rest(&steps[0]), "there");
	is_pinned_at(&steps[1], base);
	assert_string_equal(rest(&steps[1]), "link");
	is_pinned_at(&steps[2], at("dir"));
	assert_string_equal(rest(&steps[2]), "new/n");
	close_pins();
	maker_start(&maker);
	maker_op(&maker, VST_OP_BIND_NS, VST_NS_UTS, "/", NULL, NULL);
	assert_int_equal(resolve_now(PLAN_ATTACH, (struct bundle_layout){0}), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	close_pins();
}

static void links_get_their_ifindex(void **state)
{
	(void)state;
	maker_start(&maker);
	maker_op(&maker, VST_OP_LINK, 0, "lo0", "", "");
	assert_int_equal(resolve_now(PLAN_ATTACH, (struct bundle_layout){0}), 0);
	assert_int_equal(steps[0].link.ifindex, 42);
	close_pins();
	maker_op(&maker, VST_OP_LINK, 0, "lo1", "", "");
	assert_int_equal(resolve_now(PLAN_ATTACH, (struct bundle_layout){0}), -1);
	assert_int_equal(err.exit, VST_EXIT_FAILED);
	assert_int_equal(err.op, 1);
	close_pins();
}

static int bridge_of(const char *bridge, uint16_t vlan)
{
	close_pins();
	maker_start(&maker);
	maker_link(&maker, &(struct vst_link_set){.vlan = vlan, .flags = VST_SET_PEER_UP}, "e",
		"veth", "p", bridge);
	return resolve_now(PLAN_ATTACH, (struct bundle_layout){0});
}

static void a_bridge_is_found_and_filters(void **state)
{
	(void)state;
	filtering = NL_FILTERING_UNKNOWN;
	assert_int_equal(bridge_of("br0", 0), 0);
	assert_int_equal(steps[1].kind, STEP_LINK_SET_HERE);
	assert_int_equal(steps[1].link.ifindex, 43);
	assert_int_equal(steps[0].link.ifindex, 0);
	assert_int_equal(bridge_of("", 0), 0);
	assert_int_equal(steps[1].link.ifindex, 0);
	assert_int_equal(bridge_of("br1", 0), -1);
	assert_int_equal(err.exit, VST_EXIT_FAILED);
	assert_non_null(strstr(err.text, "bridge br1: there is none"));
	assert_int_equal(bridge_of("lo0", 0), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(err.text, "is no bridge"));
	assert_int_equal(bridge_of("br0", 5), -1);
	assert_int_equal(err.exit, VST_EXIT_UNSUPPORTED);
	assert_non_null(strstr(err.text, "CONFIG_BRIDGE_VLAN_FILTERING"));
	filtering = NL_FILTERING_OFF;
	assert_int_equal(bridge_of("br0", 5), -1);
	assert_int_equal(err.exit, VST_EXIT_CONFLICT);
	assert_non_null(strstr(err.text, "vlan_filtering 1"));
	filtering = NL_FILTERING_ON;
	assert_int_equal(bridge_of("br0", 5), 0);
	close_pins();
}

static void a_pin_is_found_again_or_is_gone(void **state)
{
	struct stat st;
	int fd = -1;
	char name[VST_COMPONENT_MAX + 2] = "";

	(void)state;
	assert_int_equal(stat(at("dir"), &st), 0);
	assert_int_equal(lookup_again(at("dir"), st.st_dev, st.st_ino, &caller, &fd), 1);
	assert_true(fd >= 0);
	close(fd);
	fd = -1;
	assert_int_equal(lookup_again(at("dir"), st.st_dev, st.st_ino + 1, &caller, &fd), 0);
	assert_int_equal(lookup_again(at("nowhere"), st.st_dev, st.st_ino, &caller, &fd), 0);
	/* What cannot be looked at is not gone. */
	memset(name, 'n', sizeof name - 1);
	assert_int_equal(lookup_again(at(name), st.st_dev, st.st_ino, &caller, &fd), -1);
	assert_int_equal(fd, -1);
}

static void descriptors_do_not_leak(void **state)
{
	int before = dup(0), after;

	(void)state;
	close(before);
	mkdir_step(at("chain/sub/x"), 0);
	close_pins();
	mkdir_step(at("open/link/x"), -1);
	close_pins();
	after = dup(0);
	close(after);
	assert_int_equal(before, after);
}

static int make_world(void **state)
{
	(void)state;
	umask(022);
	caller = (struct caller){.uid = getuid(), .in_init_userns = 1};
	if (!mkdtemp(base) || chmod(base, 0755))
		return -1;
	return mkdir(at("bundle"), 0755) || mkdir(at("bundle/rootfs"), 0755) ||
	       mkdir(at("bundle/tmp"), 0755) || mkdir(at("bundle/lower"), 0755) ||
	       mkdir(at("dir"), 0755) || mkdir(at("dir/sub"), 0755) ||
	       mkdir(at("open"), 0755) || chmod(at("open"), 01777) ||
	       symlink(at("dir"), at("open/link")) || symlink("dir", at("link")) ||
	       symlink(at("dir"), at("absolute")) || symlink("../vestibule", at("up")) ||
	       symlink("./dir/../absolute", at("chain")) ||
	       symlink("nowhere", at("dangling")) || symlink("loop", at("loop")) ||
	       symlink("bundle/rootfs", at("rootlink")) || close(creat(at("file"), 0644));
}

static int remove_world(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", base);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_keeps_the_deepest_directory),
		cmocka_unit_test(existing_is_done),
		cmocka_unit_test(one_pin_per_directory),
		cmocka_unit_test(missing_is_looked_for_once),
		cmocka_unit_test(empty_is_seen_once),
		cmocka_unit_test(file_in_the_way_is_a_conflict),
		cmocka_unit_test(trusted_links_are_followed),
		cmocka_unit_test(untrusted_links_are_not),
		cmocka_unit_test(dangling_looping_and_magic_links),
		cmocka_unit_test(beneath_a_mount_of_the_run_is_deferred),
		cmocka_unit_test(the_hosts_own_directories_are_known),
		cmocka_unit_test(beneath_a_mount_point_to_come_is_deferred),
		cmocka_unit_test(beneath_rootfs_nothing_is_settled),
		cmocka_unit_test(links_to_files_are_the_files),
		cmocka_unit_test(namespace_paths_keep_their_last_component),
		cmocka_unit_test(links_get_their_ifindex),
		cmocka_unit_test(a_bridge_is_found_and_filters),
		cmocka_unit_test(a_pin_is_found_again_or_is_gone),
		cmocka_unit_test(descriptors_do_not_leak),
	};

	return cmocka_run_group_tests(tests, make_world, remove_world);
}
