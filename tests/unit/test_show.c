/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as text and JSON: every kind of step, all options, escaping, pieces; and the
 * comparison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "privileged/show/expect.h"
#include "privileged/show/show.h"

static char bytes[8192];
static uint32_t used;
static struct step steps[32];
static struct step_mount mounts[8];
static struct step_source sources[8];
static struct step_option options[8];
static struct plan plan;
static struct pin pins[4];
static struct show_facts facts;

static char out[65536];
static size_t out_len, put_max, n_puts;

static int put(void *arg, const char *piece, size_t len)
{
	(void)arg;
	n_puts++;
	if (len > put_max)
		put_max = len;
	assert_true(out_len + len < sizeof out);
	memcpy(out + out_len, piece, len);
	out_len += len;
	out[out_len] = '\0';
	return 0;
}

static struct text text(const char *s)
{
	struct text text = {used, (uint32_t)strlen(s)};

	memcpy(bytes + used, s, text.len + 1);
	used += text.len + 1;
	return text;
}

/* value NULL: a flag. */
static void option(struct step_mount *mount, const char *key, const char *value)
{
	struct step_option *added = &options[plan.n_options++];

	if (!mount->n_options++)
		mount->first_option = (uint16_t)(plan.n_options - 1);
	added->key = text(key).off;
	added->value = value ? text(value).off : 0;
}

static struct step *add(enum step_kind kind)
{
	struct step *step = &steps[plan.n_steps++];

	*step = (struct step){.kind = (uint8_t)kind};
	return step;
}

/* path, of which `rest` is left beneath pin `base`. */
static struct step_path path(const char *whole, const char *rest, uint32_t base, uint16_t flags)
{
	struct text t = text(whole);

	return (struct step_path){
		.path = t,
		.base = base,
		.rest = (uint16_t)(t.len - strlen(rest)),
		.flags = flags,
	};
}

static struct step *add_path(
	enum step_kind kind, const char *whole, const char *rest, uint32_t base, uint16_t flags)
{
	struct step *step = add(kind);

	step->at = path(whole, rest, base, flags);
	return step;
}

static struct step_mount *add_mount(enum step_kind kind, const char *whole, const char *rest,
	const char *type, const char *source)
{
	struct step *step = add_path(kind, whole, rest, 1, 0);
	struct step_mount *mount = &mounts[plan.n_mounts];

	step->mount = (uint16_t)plan.n_mounts++;
	*mount = (struct step_mount){
		.first_source = (uint16_t)plan.n_sources,
		.type = type ? text(type).off : 0,
		.source = source ? text(source).off : 0,
	};
	return mount;
}

static void add_source(struct step_mount *mount, int kind, const char *whole, const char *rest)
{
	sources[plan.n_sources++] =
		(struct step_source){.kind = (uint8_t)kind, .at = path(whole, rest, 1, 0)};
	mount->n_sources++;
}

static struct step_set sets[4];
static struct vst_address addresses[8];
static struct vst_route routes[8];

static int start(void **state)
{
	(void)state;
	used = 1;
	out_len = put_max = n_puts = 0;
	plan = (struct plan){
		.verb = PLAN_PREPARE,
		.bytes = bytes,
		.steps = steps,
		.mounts = mounts,
		.sources = sources,
		.options = options,
		.sets = sets,
		.addresses = addresses,
		.routes = routes,
	};
	pins[0] = (struct pin){.path = "/b", .dev = makedev(8, 1), .ino = 7};
	pins[1] = (struct pin){
		.path = "/var/lib/x", .path_len = 8, .dev = makedev(8, 2), .ino = 5};
	pins[2] = (struct pin){.path = "/sys/fs/cgroup/cpu", .dev = 30, .ino = 1};
	pins[3] = (struct pin){.path = "/sys/fs/cgroup/pids", .dev = 31, .ino = 1};
	facts = (struct show_facts){
		.plan = &plan,
		.pins = pins,
		.bundle = "/b",
		.bundle_dir = {makedev(8, 1), 7},
		.rootfs = {makedev(8, 1), 8},
		.lower = {makedev(8, 1), 9},
		.tmp = {makedev(8, 1), 10},
	};
	return 0;
}

static const char *show_all(int json)
{
	static struct showing show;

	out_len = 0;
	show_start(&show, &facts, json, put, NULL);
	for (uint32_t i = 0; i < plan.n_steps; i++)
		show_step(&show, i, NULL);
	assert_int_equal(show_end(&show), 0);
	return out;
}

static void has(const char *words)
{
	if (!strstr(out, words))
		fail_msg("no '%s' in:\n%s", words, out);
}

static void nothing_to_do(void **state)
{
	(void)state;
	assert_string_equal(show_all(0),
		"vestibule plan 2\n"
		"prepare /b (8:1 7)\n"
		"containerd namespace: none\n"
		"no steps: there is nothing to do\n"
		"needs in all: nothing\n"
		"used where it is there: CAP_DAC_OVERRIDE, CAP_SETGID, CAP_SETUID\n");
}

static void implied_root(void **state)
{
	(void)state;
	add(STEP_TMPFS);
	add(STEP_OVERLAY);
	facts.containerd = text("none");
	assert_string_equal(show_all(0),
		"vestibule plan 2\n"
		"prepare /b (8:1 7)\n"
		"containerd namespace: \"none\"\n"
		"1. mount a file system of type tmpfs, source tmpfs, on tmp in the bundle (8:1 "
		"10)\n"
		"   options: private\n"
		"   data: size=10%, mode=0755\n"
		"   also: make upper and work in it\n"
		"   undo: unmount it, with what is in it\n"
		"   needs: CAP_SYS_ADMIN\n"
		"2. mount a file system of type overlay, source overlay, on rootfs in the "
		"bundle "
		"(8:1 8)\n"
		"   options: private\n"
		"   lower: lower in the bundle (8:1 9)\n"
		"   upper: upper in what step 1 mounts\n"
		"   work: work in what step 1 mounts\n"
		"   undo: unmount it\n"
		"   needs: CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_SYS_ADMIN, "
		"CAP_SETFCAP\n"
		"needs in all: CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, "
		"CAP_SYS_ADMIN, CAP_SETFCAP\n"
		"used where it is there: CAP_SETGID, CAP_SETUID\n");
}

static void paths(void **state)
{
	(void)state;
	add(STEP_BIND_ROOTFS)->flags = STEP_DONE;
	add_path(STEP_MKDIR, "/var/lib/a/b", "a/b", 1, 0);
	add_path(STEP_MKDIR, "/b/rootfs/etc", "etc", 0, PATH_DEFERRED);
	add_path(STEP_MKDIR, "/etc", "", 1, 0)->flags = STEP_DONE;
	add_path(STEP_MKDIR, "etc/x", "x", 1, PATH_IN_ROOT);
	add_path(STEP_MKDIR, "/b/y", "y", 0, 0);
	add_path(STEP_MKDIR, "/var/lib/z", "z", 1, PATH_LATE);
	show_all(0);
	has("1. bind rootfs in the bundle (8:1 8) onto itself: there already, nothing to "
	    "do\n2.");
	has("2. make directory a/b in /var/lib (8:2 5)\n   undo: remove");
	has("3. make directory etc in what step 1 mounts\n");
	has("4. make directory /etc: there already, nothing to do\n5.");
	has("5. make directory x in /var/lib (8:2 5), within rootfs\n");
	has("6. make directory y in the bundle (8:1 7)\n");
	has("7. make directory z in /var/lib (8:2 5), which an earlier step makes\n");
	has("needs in all: nothing\n");
	show_all(1);
	has("\"rest\":\"z\",\"is_file\":false,\"is_made\":true,");
	has("\"state\":\"there\",\"at\":{\"path\":\"/etc\",\"in_root\":false}}");
	has("{\"path\":\"/b/rootfs/"
	    "etc\",\"in_root\":false,\"rest\":\"etc\",\"is_file\":false,\"is_made\":false,"
	    "\"beneath_step\":1}");
	has("\"in_root\":true,\"rest\":\"x\",\"is_file\":false,\"is_made\":false,\"directory\":"
	    "{\"path\":\"/var/lib\",\"device\":"
	    "\"8:2\",\"inode\":\"5\"}}");
}

static void odd_names(void **state)
{
	static char name[4096];
	static char wanted[4 * 4096 + 64];
	size_t len = 0;

	(void)state;
	add_path(STEP_MKDIR, "/var/lib/a b (8:1 7)", "a b (8:1 7)", 1, 0);
	add_path(STEP_MKDIR, "/var/lib/\"q\\\x1b\xff", "\"q\\\x1b\xff", 1, 0);
	memset(name, 'x', sizeof name);
	memcpy(name, "/var/lib/", 9);
	name[4095] = '\0';
	name[1000] = '\x80';
	add_path(STEP_MKDIR, name, name + 9, 1, 0);
	show_all(0);
	has("1. make directory \"a b (8:1 7)\" in /var/lib (8:2 5)\n");
	has("2. make directory \"\\x22q\\x5c\\x1b\\xff\" in /var/lib (8:2 5)\n");
	len = (size_t)sprintf(wanted, "3. make directory \"%.*s\\x80%s\" in ", 1000 - 9,
		name + 9, name + 1001);
	assert_int_equal(len, strlen(wanted));
	has(wanted);
	for (const char *at = out; *at; at++)
		assert_true(*at == '\n' || (*at >= 0x20 && *at < 0x7f));
	show_all(1);
	has("\"rest\":\"\\\"q\\\\x5c\\\\x1b\\\\xff\"");
	has("\"rest\":\"a b (8:1 7)\"");
}

static void new_mounts(void **state)
{
	struct step_mount *mount =
		add_mount(STEP_MOUNT_NEW, "/var/lib/m", "m", "tmpfs", "tm,p");

	(void)state;
	mount->flags = (struct vst_mount_flags){
		.set = VST_ATTR_ALL,
		.atime = VST_ATIME_NOATIME,
		.sb_set = VST_SB_ALL,
		.propagation = VST_PROPAGATION_SLAVE | VST_PROPAGATION_RECURSIVE,
	};
	option(mount, "size", "10%");
	option(mount, "noswap", NULL);
	option(mount, "x", "");
	option(mount, "y", "a, b");
	add_mount(STEP_MOUNT_NEW, "/var/lib", "", "proc", "proc");
	show_all(0);
	has("1. mount a file system of type tmpfs, source \"tm,p\", on m in /var/lib (8:2 5)\n"
	    "   options: ro, nosuid, nodev, noexec, nodiratime, noatime, sync, dirsync, "
	    "rslave\n"
	    "   data: size=10%, noswap, x=\"\", y=\"a, b\"\n"
	    "   undo: unmount it; remove the directories that were made, if the run fails\n"
	    "   needs: ");
	has("2. mount a file system of type proc, source proc, on /var/lib (8:2 5)\n   undo: ");
	show_all(1);
	has("\"options\":[\"ro\",\"nosuid\",\"nodev\",\"noexec\",\"nodiratime\",\"noatime\","
	    "\"sync\",\"dirsync\",\"rslave\"],\"data\":[{\"key\":\"size\",\"value\":\"10%\"},"
	    "{\"key\":\"noswap\"},{\"key\":\"x\",\"value\":\"\"},");
}

static void overlays(void **state)
{
	struct step_mount *mount =
		add_mount(STEP_MOUNT_OVERLAY, "/var/lib/o", "o", "overlay", "over");

	(void)state;
	option(mount, "index", "off");
	add_source(mount, VST_ITEM_LOWER, "/var/lib/l1", "");
	add_source(mount, VST_ITEM_LOWER, "/var/lib/l2", "l2");
	add_source(mount, VST_ITEM_UPPER, "/var/lib/u", "u");
	add_source(mount, VST_ITEM_WORK, "/var/lib/w", "w");
	show_all(0);
	has("1. mount a file system of type overlay, source over, on o in /var/lib (8:2 5)\n"
	    "   data: index=off\n"
	    "   lower: /var/lib (8:2 5)\n"
	    "   lower: l2 in /var/lib (8:2 5)\n"
	    "   upper: u in /var/lib (8:2 5)\n"
	    "   work: w in /var/lib (8:2 5)\n"
	    "   undo: ");
	show_all(1);
	has("{\"role\":\"upper\",\"at\":{\"path\":\"/var/lib/u\"");
}

static void binds_and_changes(void **state)
{
	struct step_mount *mount = add_mount(STEP_MOUNT_BIND, "/var/lib/d", "d", NULL, NULL);

	(void)state;
	mount->is_recursive = 1;
	mount->flags.rec_set = VST_ATTR_RO | VST_ATTR_NOEXEC;
	mount->flags.rec_atime = VST_ATIME_STRICT;
	add_source(mount, 0, "/var/lib/s", "s");
	mount = add_mount(STEP_MOUNT_BIND, "/var/lib/e", "e", NULL, NULL);
	add_source(mount, 0, "/var/lib", "");
	sources[plan.n_sources - 1].at.flags = PATH_FILE;
	steps[plan.n_steps - 1].at.flags = PATH_FILE;
	mount = add_mount(STEP_MOUNT_CHANGE, "/var/lib", "", NULL, NULL);
	mount->flags = (struct vst_mount_flags){
		.set = VST_ATTR_NODEV,
		.clear = VST_ATTR_RO | VST_ATTR_NODIRATIME,
		.rec_clear = VST_ATTR_NOSUID,
		.atime = VST_ATIME_RELATIME,
		.sb_clear = VST_SB_SYNC,
		.propagation = VST_PROPAGATION_UNBINDABLE,
	};
	show_all(0);
	has("1. bind s in /var/lib (8:2 5), and all mounts beneath it, onto d in /var/lib (8:2 "
	    "5)\n   options: rro, rnoexec, rstrictatime\n   undo: ");
	has("2. bind the file /var/lib (8:2 5) onto the file e in /var/lib (8:2 5)\n   undo: ");
	has("3. change the mount on /var/lib (8:2 5)\n"
	    "   options: rw, nodev, diratime, relatime, rsuid, async, unbindable\n"
	    "   undo: set what it was before, if the run fails\n");
	show_all(1);
	has("\"recursive\":true,\"options\":[\"rro\"");
	has("{\"role\":\"source\",\"at\":");
}

/* In the bundle a mount for which no propagation is named is private. */
static void apart(void **state)
{
	struct step_mount *mount;

	(void)state;
	add(STEP_BIND_ROOTFS);
	add_mount(STEP_MOUNT_NEW, "run", "run", "tmpfs", "t");
	steps[1].at = path("run", "run", 0, PATH_IN_ROOT);
	mount = add_mount(STEP_MOUNT_BIND, "/b/x/d", "d", NULL, NULL);
	add_source(mount, 0, "/var/lib", "");
	mount->is_recursive = 1;
	steps[2].at = path("/b/x/d", "x/d", 0, 0);
	mount = add_mount(STEP_MOUNT_NEW, "/b/rootfs/y", "y", "tmpfs", "t");
	steps[3].at = path("/b/rootfs/y", "y", 1, PATH_DEFERRED);
	mount->flags.propagation = VST_PROPAGATION_SLAVE;
	mount = add_mount(STEP_MOUNT_BIND, "/bc/d", "d", NULL, NULL);
	add_source(mount, 0, "/var/lib", "");
	mount->is_recursive = 1;
	add_mount(STEP_MOUNT_NEW, "/b/rootfs/y/z", "z", "tmpfs", "t");
	steps[5].at = path("/b/rootfs/y/z", "z", 3, PATH_DEFERRED);
	add_mount(STEP_MOUNT_NEW, "/bc/d/e", "e", "tmpfs", "t");
	steps[6].at = path("/bc/d/e", "e", 4, PATH_DEFERRED);
	add_mount(STEP_MOUNT_CHANGE, "/b/x/d", "", NULL, NULL);
	steps[7].at = path("/b/x/d", "", 2, PATH_DEFERRED);
	show_all(0);
	has("1. bind rootfs in the bundle (8:1 8) onto itself\n   options: private\n   undo");
	has("on run in the bundle (8:1 7), within rootfs\n   options: private\n   undo");
	has("onto x/d in the bundle (8:1 7)\n   options: rprivate\n"
	    "   also: where that is on a shared mount, bind it onto itself first, private\n");
	has("on y in what step 2 mounts\n   options: slave\n   undo");
	has("onto d in /var/lib (8:2 5)\n   undo");
	has("on z in what step 4 mounts\n   options: private\n   undo");
	has("on e in what step 5 mounts\n   undo");
	has("8. change the mount on what step 3 mounts\n   undo");
	show_all(1);
	has("\"options\":[\"rprivate\"]");
	has("\"also\":\"where that is");
	facts.pins = NULL;
	show_all(1);
	has("\"options\":[\"rprivate\"]");
}

static void cgroups(void **state)
{
	struct step *step = add_path(STEP_CGROUP, "a/b", "a/b", 2, 0);

	(void)state;
	step->n = 2;
	show_all(0);
	has("1. make cgroup a/b\n"
	    "   in: /sys/fs/cgroup/cpu (0:30 1)\n"
	    "   in: /sys/fs/cgroup/pids (0:31 1)\n"
	    "   undo: ");
	show_all(1);
	has("\"hierarchies\":[{\"path\":\"/sys/fs/cgroup/cpu\",\"device\":\"0:30\",\"inode\":"
	    "\"1\"},{");
}

static void settings(void **state)
{
	(void)state;
	plan.verb = PLAN_ATTACH;
	addresses[0] = (struct vst_address){VST_IPV4, 24, {192, 0, 2, 2}};
	addresses[1] = (struct vst_address){VST_IPV6, 64, {0x20, 1, 0xd, 0xb8, [15] = 2}};
	addresses[2] = (struct vst_address){VST_IPV4, 24, {192, 0, 2, 1}};
	routes[0] = (struct vst_route){
		.to = {VST_IPV4, 0, {0}}, .has_via = 1, .via = {192, 0, 2, 1}};
	routes[1] = (struct vst_route){.to = {VST_IPV6, 0, {0}}, .metric = 7};
	sets[0] = (struct step_set){
		.is = {.mtu = 1400,
			.vlan = 5,
			.flags = VST_SET_UP | VST_SET_PEER_UP | VST_SET_ISOLATED | VST_SET_MAC,
			.mac = {2, 0, 0, 0, 0, 0xab},
			.n_addresses = 2,
			.n_peer_addresses = 1,
			.n_routes = 2},
		.bridge = text("br0").off};
	sets[1] = (struct step_set){
		.is = {.flags = VST_SET_KEEP_ROUTES | VST_SET_KEEP_UP}, .first_address = 3};
	add(STEP_VETH)->link = (struct step_link){.name = text("eth0").off};
	add(STEP_LINK_SET_HERE)->link =
		(struct step_link){.name = text("eth0").off, .ifindex = 9};
	steps[1].set = 1;
	add(STEP_LINK_SET_THERE)->link = (struct step_link){.name = text("eth0").off};
	steps[2].set = 1;
	add(STEP_LINK_SET_THERE)->link = (struct step_link){.name = text("eth1").off};
	steps[3].set = 2;
	show_all(0);
	has("1. create a pair of veth, eth0 there and one with a name that vestibule gives it here\n"
	    "   undo: delete the pair\n");
	has("2. set up the end of eth0 that is here\n"
	    "   port of bridge: br0 (number 9), isolated, in VLAN 5 alone\n"
	    "   MTU: 1400\n   address: 192.0.2.1/24\n   up\n"
	    "   undo: nothing of its own: it goes with the interface\n   needs: CAP_NET_ADMIN\n");
	has("3. set up eth0 there\n   MTU: 1400\n   MAC: 02:00:00:00:00:ab, from its creation on\n"
	    "   address: 192.0.2.2/24\n   address: 2001:db8::2/64\n   up\n"
	    "   route: 0.0.0.0/0 via 192.0.2.1\n   route: ::/0 metric 7\n"
	    "   undo: nothing of its own: it goes with the interface\n"
	    "   needs: CAP_NET_ADMIN, CAP_SYS_ADMIN\n");
	has("4. set up eth1 there\n   keeps: routes, up, as it has them here\n   undo: ");
	show_all(1);
	has("\"kind\":\"veth\",\"state\":\"to do\",\"link\":{\"name\":\"eth0\",\"type\":\"veth\"},");
	has("\"kind\":\"link-set-here\",\"state\":\"to do\",\"link\":{\"name\":\"eth0\","
	    "\"type\":\"veth\",\"set\":{\"up\":true,\"bridge\":{\"name\":\"br0\",\"ifindex\":9,"
	    "\"isolated\":true,\"vlan\":5},\"mtu\":1400,\"addresses\":[\"192.0.2.1/24\"]}}");
	has("\"set\":{\"up\":true,\"mtu\":1400,\"addresses\":[\"192.0.2.2/24\","
	    "\"2001:db8::2/64\"],\"mac\":\"02:00:00:00:00:ab\",\"keep\":[],\"routes\":["
	    "{\"to\":\"0.0.0.0/0\",\"via\":\"192.0.2.1\"},{\"to\":\"::/0\",\"metric\":7}]}}");
	has("\"set\":{\"up\":false,\"addresses\":[],\"keep\":[\"routes\",\"up\"],\"routes\":[]}}");
}

static void attach(void **state)
{
	struct step *step = add(STEP_VETH);

	(void)state;
	plan.verb = PLAN_ATTACH;
	facts.pid = 4711;
	facts.ident = 99;
	facts.here = 4026531833;
	step->link = (struct step_link){.name = text("eth0").off, .peer = text("v0").off};
	add(STEP_LINK_THERE)->link =
		(struct step_link){.name = text("br0").off, .kind = text("bridge").off};
	add(STEP_LINK_HERE)->link =
		(struct step_link){.name = text("wg0").off, .kind = text("wireguard").off};
	add(STEP_LINK_MOVE)->link = (struct step_link){.name = text("eth1").off, .ifindex = 7};
	add_path(STEP_BIND_NS, "/var/lib/n", "n", 1, 0)->ns = VST_NS_NET;
	add_path(STEP_BIND_NS, "/var/run/netns/n", "n", 1, 0)->ns = VST_NS_NET;
	add_path(STEP_BIND_NS, "/run/netns/deep/n", "n", 1, 0)->ns = VST_NS_NET;
	show_all(0);
	has("attach /b (8:1 7)\nto process 4711 (identity 99): there is its network namespace, "
	    "here is vestibule's own (inode 4026531833)\n");
	has("1. create a pair of veth, eth0 there and v0 here\n   undo: delete the pair\n"
	    "   needs: CAP_NET_ADMIN\n");
	has("2. create interface br0 of kind bridge there\n");
	has("3. create interface wg0 of kind wireguard here, then move it there\n");
	has("4. move interface eth1 (number 7) from here to there\n");
	has("5. bind the process's net namespace onto n in /var/lib (8:2 5)\n   undo");
	has("6. bind the process's net namespace onto n in /var/lib (8:2 5)\n   also: where "
	    "its "
	    "directory is /run/netns and no mount point yet, make that a shared mount first\n");
	has("7. bind the process's net namespace onto n in /var/lib (8:2 5)\n   undo");
	has("needs in all: CAP_NET_ADMIN, CAP_SYS_ADMIN\n"
	    "used where it is there: CAP_DAC_OVERRIDE, CAP_SETGID, CAP_SETUID, "
	    "CAP_SYS_PTRACE\n");
	show_all(1);
	has("\"process\":{\"pid\":4711,\"identity\":\"99\",\"here\":\"4026531833\"}");
	has("\"link\":{\"name\":\"eth1\",\"ifindex\":7}");
	has("\"namespace\":\"net\",\"at\":{\"path\":\"/var/lib/n\"");
}

static void refused_and_already(void **state)
{
	static struct showing show;
	struct vst_err err;

	(void)state;
	add_path(STEP_MKDIR, "/var/lib/a", "a", 1, 0);
	add(STEP_TMPFS);
	vst_fail(&err, VST_EXIT_CONFLICT, 0, "a \"file\" is there");
	facts.refused = &err;
	show_start(&show, &facts, 0, put, NULL);
	show_step(&show, 0, NULL);
	show_step(&show, 1, &err);
	assert_int_equal(show_end(&show), 0);
	has("none\nall of it would be refused (conflict, exit status 7): a \"file\" is "
	    "there\n1.");
	has("10)\n   would be refused (conflict, exit status 7): a \"file\" is there\nneeds");
	has("needs in all: nothing\n"); /* what is refused needs nothing */
	out_len = 0;
	show_start(&show, &facts, 1, put, NULL);
	show_step(&show, 0, &err);
	assert_int_equal(show_end(&show), 0);
	has("\"refusal\":{\"exit\":7,\"name\":\"conflict\",\"reason\":\"a \\\"file\\\" is "
	    "there\"}}]");
	facts.refused = NULL;
	facts.already = 1;
	facts.pins = NULL;
	show_all(0);
	has("prepared already: nothing would be done\n"
	    "1. make directory /var/lib/a: done by an earlier run\n");
	has("needs in all: nothing\n");
}

static int put_nothing(void *arg, const char *piece, size_t len)
{
	(void)piece;
	(void)len;
	++*(unsigned *)arg;
	errno = ENOSPC;
	return -1;
}

static void pieces_and_failure(void **state)
{
	static struct showing show;
	unsigned n = 0;

	(void)state;
	for (int i = 0; i < 32; i++)
		add(STEP_TMPFS);
	show_all(1);
	assert_int_equal(put_max, sizeof show.buffer);
	assert_true(n_puts > 1);
	assert_int_equal(n_puts, (out_len + sizeof show.buffer - 1) / sizeof show.buffer);
	show_start(&show, &facts, 1, put_nothing, &n);
	for (uint32_t i = 0; i < 32; i++)
		show_step(&show, i, NULL);
	errno = 0;
	assert_int_equal(show_end(&show), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(n, 1);
}

/* Writes it to a file, and expects it. The line that differs, 0: none does. */
static unsigned long expecting(const char *content, size_t len)
{
	char name[] = "/tmp/vestibule-expect.XXXXXX";
	int fd = mkstemp(name);
	struct expect expect = {.path = NULL};
	struct vst_err err;
	unsigned long line = 0;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, len), len);
	close(fd);
	assert_int_equal(expect_load(name, AT_FDCWD, &expect, &err), 0);
	unlink(name);
	if (expect_compare(&expect, &facts, &err) < 0) {
		const char *at = strstr(err.text, "its line ");

		assert_int_equal(err.exit, VST_EXIT_CONFLICT);
		assert_non_null(at);
		line = strtoul(at + 9, NULL, 10);
	}
	assert_int_equal(munmap(expect.bytes, expect.len + 1), 0);
	return line;
}

static void expectations(void **state)
{
	char good[8192];
	size_t len;
	unsigned long lines = 0, line = 1;

	(void)state;
	add(STEP_TMPFS);
	add_path(STEP_MKDIR, "/var/lib/a", "a", 1, 0);
	strcpy(good, show_all(0));
	len = strlen(good);
	assert_int_equal(expecting(good, len), 0);
	for (size_t i = 0; i < len; i++)
		lines += good[i] == '\n';
	assert_int_equal(expecting("", 0), 1);
	assert_int_equal(expecting(good, len - 1), lines);
	good[len] = 'x';
	assert_int_equal(expecting(good, len + 1), lines + 1);
	good[len] = '\0';
	assert_int_equal(expecting(good, len + 1), lines + 1);
	for (size_t i = 0; i < len; i++) {
		char was = good[i];

		good[i] ^= 1;
		assert_int_equal(expecting(good, len), line);
		good[i] = was;
		line += was == '\n';
	}
	/* Another inode of what a step stands in. */
	pins[1].ino++;
	assert_int_equal(expecting(good, len), lines - 4);
	pins[1].ino--;
	facts.tmp.ino++;
	assert_int_equal(expecting(good, len), 4);
	facts.tmp.ino--;
	facts.bundle_dir.ino++;
	assert_int_equal(expecting(good, len), 2);
}

static void what_is_no_file(void **state)
{
	char name[] = "/tmp/vestibule-expect.XXXXXX";
	struct expect expect = {.path = NULL};
	struct vst_err err;
	int fd = mkstemp(name);

	(void)state;
	assert_int_equal(ftruncate(fd, VST_EXPECT_MAX + 1), 0);
	assert_int_equal(expect_load(name, AT_FDCWD, &expect, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
	close(fd);
	unlink(name);
	assert_int_equal(expect_load(name, AT_FDCWD, &expect, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_FAILED);
	assert_int_equal(mkfifo(name, 0600), 0);
	alarm(5);
	assert_int_equal(expect_load(name, AT_FDCWD, &expect, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
	unlink(name);
	assert_int_equal(expect_load("/dev/zero", AT_FDCWD, &expect, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
	assert_int_equal(expect_load("/tmp", AT_FDCWD, &expect, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_USAGE);
	alarm(0);
	assert_null(expect.bytes);
	/* Nothing is expected. */
	assert_int_equal(expect_compare(&expect, &facts, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_to_do, start),
		cmocka_unit_test_setup(implied_root, start),
		cmocka_unit_test_setup(paths, start),
		cmocka_unit_test_setup(odd_names, start),
		cmocka_unit_test_setup(new_mounts, start),
		cmocka_unit_test_setup(overlays, start),
		cmocka_unit_test_setup(binds_and_changes, start),
		cmocka_unit_test_setup(apart, start),
		cmocka_unit_test_setup(cgroups, start),
		cmocka_unit_test_setup(attach, start),
		cmocka_unit_test_setup(settings, start),
		cmocka_unit_test_setup(refused_and_already, start),
		cmocka_unit_test_setup(pieces_and_failure, start),
		cmocka_unit_test_setup(expectations, start),
		cmocka_unit_test_setup(what_is_no_file, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
