/* SPDX-License-Identifier: Apache-2.0 */
/* Paths inside an image: where links lead, and how far they are followed. */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/limits.h"
#include "privileged/resolve/image.h"
#include "privileged/resolve/link_steps.h"

static char top[] = "/tmp/vestibule-image.XXXXXX";
static int root = -1;

static int setup(void **state)
{
	int outer;

	(void)state;
	assert_non_null(mkdtemp(top));
	outer = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(outer, "outside", 0755), 0);
	assert_int_equal(mkdirat(outer, "root", 0755), 0);
	root = openat(outer, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	close(outer);
	assert_int_equal(mkdirat(root, "a", 0755), 0);
	assert_int_equal(mkdirat(root, "a/b", 0755), 0);
	assert_int_equal(mknodat(root, "a/file", S_IFREG | 0644, 0), 0);
	assert_int_equal(symlinkat("a/b", root, "to-b"), 0);
	assert_int_equal(symlinkat("/a/./b", root, "a/absolute"), 0);
	assert_int_equal(symlinkat("../../../outside", root, "a/out"), 0);
	assert_int_equal(symlinkat("../../../a/../a/b", root, "a/around"), 0);
	assert_int_equal(symlinkat("a/nowhere/x", root, "dangling"), 0);
	assert_int_equal(symlinkat("a/file", root, "to-file"), 0);
	assert_int_equal(symlinkat("loop", root, "loop"), 0);
	assert_int_equal(symlinkat("to-b/../around", root, "twice"), 0);
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	close(root);
	snprintf(command, sizeof command, "rm -r %s", top);
	return system(command);
}

/* The path's deepest directory is `dir`, and `rest` is what is left of it. */
static void leads(const char *path, int file, const char *dir, const char *rest)
{
	struct stat found, wanted;
	const char *left = NULL;
	int fd = -1, is_file = -1;

	assert_int_equal(image_deepest(root, path, &fd, &left, &is_file), 0);
	assert_string_equal(left, rest);
	assert_int_equal(is_file, file);
	assert_int_equal(fstat(fd, &found), 0);
	assert_int_equal(fstatat(root, dir, &wanted, 0), 0);
	assert_true(found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev);
	close(fd);
}

static void refused(const char *path, int code)
{
	const char *left = NULL;
	int fd = -1, is_file;

	errno = 0;
	assert_int_equal(image_deepest(root, path, &fd, &left, &is_file), -1);
	assert_int_equal(errno, code);
	assert_int_equal(fd, -1);
}

static void test_leads(void **state)
{
	(void)state;
	leads("a/b", 0, "a/b", "");
	leads("a/b/x", 0, "a/b", "x");
	leads("a/x/y/z", 0, "a", "x/y/z");
	leads("to-b", 0, "a/b", "");
	leads("to-b/x/y", 0, "a/b", "x/y");
	leads("a/absolute/x", 0, "a/b", "x");
	leads("a/around", 0, "a/b", "");
	leads("twice/x", 0, "a/b", "x");
	/* The image is "/": ".." of it is it. */
	leads("a/out/x", 0, "a", "out/x");
	leads("dangling/x", 0, ".", "dangling/x");
	leads("a/file", 1, "a", "file");
	leads("to-file", 1, ".", "to-file");
	refused("a/file/x", ENOTDIR);
	refused("to-file/x", ENOTDIR);
	refused("loop/x", ELOOP);
}

/* "twice" has three components, and the two links on its way have two and seven more. */
static int act_bounded(void)
{
	const char *left;
	int fd, is_file;

	if (link_steps_spend(VST_LINK_STEPS_MAX - 12) < 0)
		return 1;
	if (image_deepest(root, "twice/x", &fd, &left, &is_file) < 0)
		return 2;
	/* Without a link nothing is counted. */
	if (image_deepest(root, "a/b/x", &fd, &left, &is_file) < 0)
		return 3;
	if (image_deepest(root, "to-b/x", &fd, &left, &is_file) == 0 || errno != EMLINK)
		return 4;
	return link_steps_spend(0) == 0 && link_steps_spend(1) < 0 ? 0 : 5;
}

static void test_bounded(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(act_bounded());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: a run has one account, and the child takes a copy of it. */
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_leads),
	};

	return cmocka_run_group_tests_name("image", tests, setup, teardown);
}
