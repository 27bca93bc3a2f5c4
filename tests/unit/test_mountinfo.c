/* SPDX-License-Identifier: Apache-2.0 */
/* mountinfo as the kernel writes it, and what is found in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "privileged/kernel/mountinfo.h"
#include "privileged/kernel/proc.h"

/* Stands in for proc.c: the text, or an error. */
static const char *text;
static int no_proc;

int proc_open(const char *path, int flags)
{
	int fd = memfd_create("mountinfo", MFD_CLOEXEC);
	size_t len = text ? strlen(text) : 0;

	(void)flags;
	assert_string_equal(path, "self/mountinfo");
	assert_true(fd >= 0);
	if (no_proc) {
		close(fd);
		errno = ENOTDIR;
		return -1;
	}
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static const char lines[] =
	"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	"31 22 0:27 / /run rw,nosuid - tmpfs tmpfs rw,size=1k\n"
	"310 31 0:4 net:[4026531840] /run/netns/a rw - nsfs nsfs rw\n"
	"44 22 0:30 /sub /with\\040blank\\134/p\\011q rw - tmpfs x\\040y rw\n"
	"45 44 259:300 /net:[7] /x/y rw - btrfs /dev/sdb rw\n";

static struct mountinfo mount;

/* Whether the mount of this id is at this path. */
static int is_at(uint64_t id, const char *path)
{
	assert_int_equal(mountinfo_of(id, &mount), 1);
	assert_true(mount.id == id);
	return mountinfo_is_at(&mount, path);
}

static void its_peers(void **state)
{
	(void)state;
	text = lines;
	assert_int_equal(mountinfo_of(22, &mount), 1);
	assert_true(mount.is_shared);
	assert_int_equal(mountinfo_of(31, &mount), 1);
	assert_false(mount.is_shared);
	/* Behind other tags; and where it is no tag, but a source. */
	text = "5 1 0:9 / /a rw master:7 shared:8 - tmpfs t rw\n"
	       "6 1 0:9 / /b rw master:7 - tmpfs shared:8 rw,shared:8\n"
	       "7 1 0:9 / /shared:8 rw,shared:8 unshared:8 share sshared:8 - tmpfs t rw\n";
	assert_int_equal(mountinfo_of(5, &mount), 1);
	assert_true(mount.is_shared);
	assert_int_equal(mountinfo_of(6, &mount), 1);
	assert_false(mount.is_shared);
	assert_int_equal(mountinfo_of(7, &mount), 1);
	assert_false(mount.is_shared);
}

static void by_id_and_place(void **state)
{
	(void)state;
	text = lines;
	assert_true(is_at(310, "netns/a"));
	assert_true(is_at(310, "run/netns/a"));
	assert_true(is_at(310, "a"));
	assert_true(mount.parent == 31 && mount.ns_ino == 4026531840);
	assert_true(mount.dev == makedev(0, 4));
	assert_string_equal(mount.point, "/run/netns/a");
	assert_false(is_at(31, "netns/a"));
	assert_true(mount.ns_ino == 0);
	/* Only whole components. */
	assert_false(is_at(310, "etns/a"));
	assert_false(is_at(310, "netns"));
	assert_int_equal(mountinfo_of(3, &mount), 0);
	assert_int_equal(mountinfo_of(1, &mount), 0);
	assert_int_equal(mountinfo_of(3100, &mount), 0);
	assert_true(is_at(44, "with blank\\/p\tq"));
	assert_false(is_at(44, "with\\040blank\\134/p\\011q"));
	/* A root that looks like a namespace's, and is a path. */
	assert_true(is_at(45, "y"));
	assert_true(mount.ns_ino == 0 && mount.dev == makedev(259, 300));
}

static void inside(void **state)
{
	(void)state;
	text = lines;
	assert_int_equal(mountinfo_inside(31, &mount), 1);
	assert_true(mount.id == 310);
	assert_int_equal(mountinfo_inside(22, &mount), 1);
	assert_string_equal(mount.point, "/run");
	assert_int_equal(mountinfo_inside(310, &mount), 0);
}

/* More than is read at once, and paths that are longer than any that is asked for. */
static void long_ones(void **state)
{
	static char many[200 * 1024];
	size_t len = 0;

	(void)state;
	for (int id = 100; id < 1100; id++) {
		len += (size_t)snprintf(
			many + len, sizeof many - len, "%d 22 0:5 / /m/%d", id, id);
		len += (size_t)snprintf(
			many + len, sizeof many - len, "/%0*d rw - x x rw\n", id % 97 + 1, id);
	}
	snprintf(many + len, sizeof many - len, "9 22 0:5 / /%0*d/end rw - x x rw\n", 9000, 7);
	text = many;
	assert_false(is_at(1099, "1099/00000000000000001099"));
	for (int id = 100; id < 1100; id++) {
		char path[160];

		snprintf(path, sizeof path, "m/%d/%0*d", id, id % 97 + 1, id);
		assert_true(is_at((uint64_t)id, path));
	}
	assert_false(is_at(9, "end"));
}

static void no_text(void **state)
{
	(void)state;
	text = "";
	assert_int_equal(mountinfo_of(1, &mount), 0);
	no_proc = 1;
	assert_int_equal(mountinfo_of(1, &mount), -1);
	assert_int_equal(errno, ENOTDIR);
	no_proc = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_id_and_place),
		cmocka_unit_test(its_peers),
		cmocka_unit_test(inside),
		cmocka_unit_test(long_ones),
		cmocka_unit_test(no_text),
	};

	return cmocka_run_group_tests_name("mountinfo", tests, NULL, NULL);
}
