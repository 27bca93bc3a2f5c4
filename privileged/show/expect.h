/*
 * A plan that somebody looked at and kept: prepare and attach go on only if it is the one that
 * they would do, byte for byte.
 */
#pragma once

#include <stddef.h>

#include "../../ipc/err.h"
#include "show.h"

struct expect {
	const char *path; /* of the file, for messages; NULL: nothing is expected */
	char *bytes;      /* all of it, in memory of its own */
	size_t len;
};

/* Reads the file, relative to cwd_fd, with the caller's rights and before anything is locked:
 * what it lies on may be slow, and must not change under us. A regular file of at most
 * VST_EXPECT_MAX bytes (else VST_EXIT_USAGE); one that cannot be opened or read is
 * VST_EXIT_FAILED. */
int expect_load(const char *path, int cwd_fd, struct expect *ret, struct vst_err *err);

/* The text of the plan, all of whose steps were resolved, against it. VST_EXIT_CONFLICT with
 * the number of the first line that differs. 0 where nothing is expected. */
int expect_compare(
	const struct expect *expect, const struct show_facts *facts, struct vst_err *err);
