/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a file once: all of it, and only if it is the same afterwards. What is trusted is
 * tried by tests/system/policy.sh. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipc/fd.h"
#include "privileged/trust/trust.h"

static const char content[] = "0123456789";
static char path[] = "/tmp/vestibule-trust.XXXXXX";

/* The most that one read gives, 0: all; what every read fails with; whether it is at the end.
 */
static size_t read_max;
static int read_error, read_ends;

ssize_t __real_read(int fd, void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len)
{
	if (read_error) {
		errno = read_error;
		return -1;
	}
	if (read_ends)
		return 0;
	return __real_read(fd, bytes, read_max && len > read_max ? read_max : len);
}

static int setup(void **state)
{
	vst_auto_fd fd = -1;

	(void)state;
	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	return fd < 0 || write(fd, content, 10) != 10 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	read_max = 0;
	read_error = read_ends = 0;
	return unlink(path);
}

static struct trust_file opened(void)
{
	struct trust_file file;
	struct vst_err err;

	if (trust_open_any(AT_FDCWD, path, 10, &file, &err) != 1)
		fail_msg("%s", err.text);
	assert_int_equal(file.size, 10);
	return file;
}

static void test_in_pieces(void **state)
{
	struct vst_err err;

	(void)state;
	for (read_max = 0; read_max < 12; read_max++) {
		struct trust_file file = opened();
		char bytes[11] = "";

		assert_int_equal(trust_read(&file, bytes, &err), 0);
		assert_string_equal(bytes, content);
		vst_fd_close(&file.fd);
	}
}

static void test_error(void **state)
{
	struct trust_file file = opened();
	char bytes[10];
	struct vst_err err;

	(void)state;
	read_error = EIO;
	assert_int_equal(trust_read(&file, bytes, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_FAILED);
	assert_int_equal(err.code, EIO);
	vst_fd_close(&file.fd);
}

static void refused(const struct trust_file *file)
{
	char bytes[10];
	struct vst_err err;

	assert_int_equal(lseek(file->fd, 0, SEEK_SET), 0);
	assert_int_equal(trust_read(file, bytes, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_INVALID);
	assert_non_null(strstr(err.text, "was changed while it was read"));
}

/* Whatever the kernel tells of a change is enough. */
static void test_changed(void **state)
{
	struct trust_file file = opened(), was;

	(void)state;
	was = file;
	was.before.st_nlink++;
	refused(&was);
	was = file;
	was.before.st_size++;
	refused(&was);
	was = file;
	was.before.st_mtim.tv_sec--;
	refused(&was);
	was = file;
	was.before.st_mtim.tv_nsec ^= 1;
	refused(&was);
	was = file;
	was.before.st_ctim.tv_sec--;
	refused(&was);
	was = file;
	was.before.st_ctim.tv_nsec ^= 1;
	refused(&was);
	/* A file that says that it is longer than it is. */
	read_ends = 1;
	refused(&file);
	read_ends = 0;
	assert_int_equal(truncate(path, 9), 0);
	refused(&file);
	assert_int_equal(truncate(path, 11), 0);
	refused(&file);
	vst_fd_close(&file.fd);
}

static void test_too_large(void **state)
{
	struct trust_file file;
	struct vst_err err;

	(void)state;
	assert_int_equal(trust_open_any(AT_FDCWD, path, 9, &file, &err), -1);
	assert_int_equal(err.exit, VST_EXIT_INVALID);
	assert_non_null(strstr(err.text, "has more than 9 bytes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_large, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
