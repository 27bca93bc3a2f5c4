/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --expect: a plan that was reviewed and saved as a file. prepare and attach go on only if
 * their own plan is equal to it, byte for byte.
 */
#pragma once

#include <stddef.h>

#include "../../ipc/err.h"
#include "show.h"

struct expect {
	const char *path; /* the file, for messages; NULL: no plan is expected */
	char *bytes;      /* the whole file, in anonymous memory; never freed */
	size_t len;
};

/* Reads the file, relative to cwd_fd. To be called with the caller's rights and before a lock
 * is taken, because the file system may be slow. Fails with VST_EXIT_USAGE if it is not a
 * regular file or has more than VST_EXPECT_MAX bytes, and with VST_EXIT_FAILED if it cannot be
 * opened or read. */
int expect_load(const char *path, int cwd_fd, struct expect *ret, struct vst_err *err);

/* Compares the text of the plan, all steps of which are resolved, with the file. Returns 0 if
 * they are equal or no plan is expected, else VST_EXIT_CONFLICT with the number of the first
 * line that differs. */
int expect_compare(
	const struct expect *expect, const struct show_facts *facts, struct vst_err *err);
