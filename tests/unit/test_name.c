/* SPDX-License-Identifier: Apache-2.0 */
/* The form of names, kinds and paths: every bound from both sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ipc/limits.h"
#include "ipc/name.h"

#define IFNAME(s) vst_ifname_check(s, sizeof s - 1)
#define KIND(s) vst_kind_check(s, sizeof s - 1)
#define FS_TYPE(s) vst_fstype_check(s, sizeof s - 1)
#define CGROUP(s) vst_cgroup_check(s, sizeof s - 1)

static void ifname(void **state)
{
	(void)state;
	assert_int_equal(IFNAME("a"), VST_DOC_OK);
	assert_int_equal(IFNAME("eth0"), VST_DOC_OK);
	assert_int_equal(IFNAME("A_b-c.9"), VST_DOC_OK);
	assert_int_equal(IFNAME(".a"), VST_DOC_OK);
	assert_int_equal(IFNAME("..."), VST_DOC_OK);
	assert_int_equal(IFNAME("all0"), VST_DOC_OK);
	assert_int_equal(IFNAME("All"), VST_DOC_OK);
	assert_int_equal(IFNAME("123456789012345"), VST_DOC_OK);
	assert_int_equal(IFNAME("1234567890123456"), VST_DOC_IFNAME_LONG);
	assert_int_equal(IFNAME(""), VST_DOC_EMPTY);
	assert_int_equal(IFNAME("."), VST_DOC_IFNAME);
	assert_int_equal(IFNAME(".."), VST_DOC_IFNAME);
	assert_int_equal(IFNAME("all"), VST_DOC_IFNAME);
	assert_int_equal(IFNAME("default"), VST_DOC_IFNAME);
	assert_int_equal(IFNAME("-a"), VST_DOC_IFNAME);
	assert_int_equal(IFNAME("a b"), VST_DOC_IFNAME);
	assert_int_equal(IFNAME("a\nb"), VST_DOC_CONTROL);
	assert_int_equal(IFNAME("a\0b"), VST_DOC_CONTROL);
	assert_int_equal(IFNAME("a\x7f"), VST_DOC_CONTROL);
}

/* Every byte, in the middle of a name and of a kind. */
static void every_byte(void **state)
{
	static const char kind_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	static const char more_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ.";

	(void)state;
	for (int c = 0; c < 256; c++) {
		const char s[3] = {'x', (char)c, 'y'};
		int is_control = c < 0x20 || c == 0x7f;
		int in_kind = c && strchr(kind_bytes, c);
		int in_name = in_kind || (c && strchr(more_bytes, c));

		assert_int_equal(vst_ifname_check(s, 3), in_name      ? VST_DOC_OK
							 : is_control ? VST_DOC_CONTROL
								      : VST_DOC_IFNAME);
		assert_int_equal(vst_fstype_check(s, 3), in_name      ? VST_DOC_OK
							 : is_control ? VST_DOC_CONTROL
								      : VST_DOC_FS_TYPE);
		assert_int_equal(
			vst_cgroup_check(s, 3), is_control ? VST_DOC_CGROUP : VST_DOC_OK);
		assert_int_equal(vst_kind_check(s, 3), in_kind      ? VST_DOC_OK
						       : is_control ? VST_DOC_CONTROL
								    : VST_DOC_KIND);
	}
}

static void kind(void **state)
{
	(void)state;
	assert_int_equal(KIND("wireguard"), VST_DOC_OK);
	assert_int_equal(KIND("1234567890123456789012345678901"), VST_DOC_OK);
	assert_int_equal(KIND("12345678901234567890123456789012"), VST_DOC_KIND);
	assert_int_equal(KIND(""), VST_DOC_EMPTY);
}

static void fs_type(void **state)
{
	char type[VST_FS_TYPE_MAX + 1];

	(void)state;
	assert_int_equal(FS_TYPE("tmpfs"), VST_DOC_OK);
	assert_int_equal(FS_TYPE("a"), VST_DOC_OK);
	assert_int_equal(FS_TYPE("_"), VST_DOC_OK);
	assert_int_equal(FS_TYPE("9p"), VST_DOC_OK);
	assert_int_equal(FS_TYPE("fuse.sshfs-"), VST_DOC_OK);
	assert_int_equal(FS_TYPE(""), VST_DOC_EMPTY);
	assert_int_equal(FS_TYPE(".a"), VST_DOC_FS_TYPE);
	assert_int_equal(FS_TYPE("-a"), VST_DOC_FS_TYPE);
	assert_int_equal(FS_TYPE("a\0"), VST_DOC_CONTROL);
	memset(type, 'x', sizeof type);
	assert_int_equal(vst_fstype_check(type, VST_FS_TYPE_MAX), VST_DOC_OK);
	assert_int_equal(vst_fstype_check(type, VST_FS_TYPE_MAX + 1), VST_DOC_FS_TYPE);
}

static void cgroup(void **state)
{
	static const char *const refused[] = {"cgroup.procs", "cgroup.", "cgroup.x", "tasks",
		"notify_on_release", "release_agent", "blkio.x", "cpu.max", "cpu.",
		"cpuacct.usage", "cpuset.cpus", "debug.x", "devices.allow", "dmem.max",
		"freezer.state", "hugetlb.2MB.max", "io.max", "memory.max", "misc.max",
		"net_cls.classid", "net_prio.x", "perf_event.x", "pids.max", "rdma.max", "/a",
		"/", "a/", "a//b", "./a", "../a", "a/..", ""};
	static const char *const fine[] = {"cgroup", "task", "tasks2", "Tasks", "tasks.x",
		"release_agent.x", "cpu", "cpux.max", "xcpu.max", "CPU.max", ".cpu.max", "io",
		"system.slice", "a.cpu.max", "memory", "...", "-.mount", "\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		char path[64];
		int len = snprintf(path, sizeof path, "a/%s/b", refused[i]);

		assert_int_equal(
			vst_cgroup_check(refused[i], strlen(refused[i])), VST_DOC_CGROUP);
		assert_int_equal(vst_cgroup_check(path, (size_t)len), VST_DOC_CGROUP);
		assert_int_equal(vst_cgroup_check(path, (size_t)len - 2), VST_DOC_CGROUP);
	}
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		char path[64];
		int len = snprintf(path, sizeof path, "%s/%s", fine[i], fine[i]);

		assert_int_equal(vst_cgroup_check(path, (size_t)len), VST_DOC_OK);
	}
	assert_int_equal(CGROUP("a\0b"), VST_DOC_CGROUP);
	/* Only what len covers. */
	assert_int_equal(vst_cgroup_check("cpu.max", 3), VST_DOC_OK);
	assert_int_equal(CGROUP("sys/fs/cgroup"), VST_DOC_CGROUP_PATH);
	assert_int_equal(CGROUP("sys/fs/cgroup/a"), VST_DOC_CGROUP_PATH);
	assert_int_equal(CGROUP("sys/fs/cgroup2"), VST_DOC_OK);
	assert_int_equal(CGROUP("sys/fs"), VST_DOC_OK);
	assert_int_equal(CGROUP("a/sys/fs/cgroup"), VST_DOC_OK);
}

/* What canonical gives: the code, or the path. */
static void path_is(const char *path, size_t len, enum vst_doc_error code, const char *want)
{
	char out[VST_PATH_MAX + 2];
	size_t out_len = 12345;

	memset(out, 'Z', sizeof out);
	assert_int_equal(vst_path_canonical(path, len, out, &out_len), code);
	if (code != VST_DOC_OK) {
		assert_int_equal(out_len, 12345);
		assert_false(vst_path_is_canonical(path, len));
		return;
	}
	assert_int_equal(out_len, strlen(want));
	assert_string_equal(out, want);
	assert_int_equal(out[len + 1], 'Z');
	assert_int_equal(
		vst_path_is_canonical(path, len), len == out_len && !memcmp(path, want, len));
	assert_true(vst_path_is_canonical(out, out_len));
}

#define PATH(path, code, want) path_is(path, sizeof path - 1, code, want)

static void path(void **state)
{
	(void)state;
	PATH("/", VST_DOC_OK, "/");
	PATH("///", VST_DOC_OK, "/");
	PATH("/.", VST_DOC_OK, "/");
	PATH("/a", VST_DOC_OK, "/a");
	PATH("/a/", VST_DOC_OK, "/a");
	PATH("//a//b//", VST_DOC_OK, "/a/b");
	PATH("/a/./b/.", VST_DOC_OK, "/a/b");
	PATH("a", VST_DOC_OK, "a");
	PATH("./a/b/", VST_DOC_OK, "a/b");
	PATH("a//./b", VST_DOC_OK, "a/b");
	PATH("...", VST_DOC_OK, "...");
	PATH("/..a/b..", VST_DOC_OK, "/..a/b..");
	PATH("", VST_DOC_EMPTY, NULL);
	PATH(".", VST_DOC_EMPTY, NULL);
	PATH("./", VST_DOC_EMPTY, NULL);
	PATH("..", VST_DOC_DOTDOT, NULL);
	PATH("/..", VST_DOC_DOTDOT, NULL);
	PATH("/a/../b", VST_DOC_DOTDOT, NULL);
	PATH("a/..", VST_DOC_DOTDOT, NULL);
	PATH("/a\nb", VST_DOC_CONTROL, NULL);
	PATH("/a\0b", VST_DOC_CONTROL, NULL);
	PATH("/\x7f", VST_DOC_CONTROL, NULL);
}

static void path_bounds(void **state)
{
	char buf[VST_PATH_MAX + 2];

	(void)state;
	memset(buf, 'a', sizeof buf);
	buf[0] = '/';
	path_is(buf, 1 + VST_COMPONENT_MAX + 1, VST_DOC_COMPONENT_LONG, NULL);
	for (size_t i = 0; i < sizeof buf; i += 100)
		buf[i] = '/';
	path_is(buf, VST_PATH_MAX + 1, VST_DOC_PATH_LONG, NULL);
	buf[VST_PATH_MAX] = '\0';
	path_is(buf, VST_PATH_MAX, VST_DOC_OK, buf);
	memset(buf, 'a', 2 + VST_COMPONENT_MAX);
	buf[0] = '/';
	buf[1 + VST_COMPONENT_MAX] = '\0';
	path_is(buf, 1 + VST_COMPONENT_MAX, VST_DOC_OK, buf);
	/* A path of slashes alone is as long as its text. */
	memset(buf, '/', sizeof buf);
	path_is(buf, VST_PATH_MAX, VST_DOC_OK, "/");
	path_is(buf, VST_PATH_MAX + 1, VST_DOC_PATH_LONG, NULL);
}

static void path_in_place(void **state)
{
	char buf[] = "/a//b/./c/";
	size_t len;

	(void)state;
	assert_int_equal(vst_path_canonical(buf, strlen(buf), buf, &len), VST_DOC_OK);
	assert_string_equal(buf, "/a/b/c");
	assert_int_equal(len, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ifname),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(kind),
		cmocka_unit_test(fs_type),
		cmocka_unit_test(cgroup),
		cmocka_unit_test(path),
		cmocka_unit_test(path_bounds),
		cmocka_unit_test(path_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
