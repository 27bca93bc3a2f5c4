/* SPDX-License-Identifier: Apache-2.0 */
#include "expect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"

/* Checks the type before open, because opening some devices has effects, and again afterwards,
 * because the path may lead to another file by then. */
static int open_file(
	const char *path, int cwd_fd, int *ret_fd, size_t *ret_size, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	struct stat st;

	if (fstatat(cwd_fd, path, &st, 0) == 0 && !S_ISREG(st.st_mode))
		return vst_fail(err, VST_EXIT_USAGE, 0, "--expect '%s' is not a regular file",
			VST_QUOTE(path));
	fd = openat(cwd_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "open --expect '%s'", VST_QUOTE(path));
	if (!S_ISREG(st.st_mode))
		return vst_fail(err, VST_EXIT_USAGE, 0, "--expect '%s' is not a regular file",
			VST_QUOTE(path));
	if (st.st_size > VST_EXPECT_MAX)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"--expect '%s' is larger than any plan, which has at most %d bytes",
			VST_QUOTE(path), VST_EXPECT_MAX);
	*ret_fd = vst_fd_take(&fd);
	*ret_size = (size_t)st.st_size;
	return 0;
}

int expect_load(const char *path, int cwd_fd, struct expect *ret, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	size_t size = 0, len = 0;
	ssize_t n = 1;
	void *map;

	if (open_file(path, cwd_fd, &fd, &size, err) < 0)
		return -1;
	/* One byte more: mmap refuses a length of 0. */
	map = mmap(NULL, size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return vst_fail(err, VST_EXIT_FAILED, errno, "make room for --expect '%s'",
			VST_QUOTE(path));
	*ret = (struct expect){.path = path, .bytes = map, .len = size};
	while (n > 0 && len < size) {
		n = read(fd, ret->bytes + len, size - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n >= 0 && len == size)
		return 0;
	n = n < 0 ? errno : 0;
	munmap(map, size + 1);
	return vst_fail(err, VST_EXIT_FAILED, (int)n, "%s --expect '%s'",
		n ? "read" : "read all of", VST_QUOTE(path));
}

struct comparing {
	const struct expect *expect;
	size_t at;     /* how many bytes are equal so far */
	uint64_t line; /* the line of byte `at` */
	int differs;
};

/* Compares a piece. Never fails: pieces after the first difference are ignored. */
static int take(void *arg, const char *bytes, size_t len)
{
	struct comparing *with = arg;

	for (size_t i = 0; i < len && !with->differs; i++) {
		if (with->at == with->expect->len ||
			with->expect->bytes[with->at] != bytes[i]) {
			with->differs = 1;
			break;
		}
		with->at++;
		with->line += bytes[i] == '\n';
	}
	return 0;
}

int expect_compare(
	const struct expect *expect, const struct show_facts *facts, struct vst_err *err)
{
	struct comparing with = {.expect = expect, .line = 1};
	static struct showing show;

	if (!expect->path)
		return 0;
	show_start(&show, facts, 0, take, &with);
	for (uint32_t i = 0; i < facts->plan->n_steps; i++)
		show_step(&show, i, NULL);
	show_end(&show);
	if (!with.differs && with.at == expect->len)
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"what would be done is not the plan in '%s', from its line %llu on: look at the new one with 'vestibule plan', and keep that if it is right; nothing was changed",
		VST_QUOTE(expect->path), (unsigned long long)with.line);
}
