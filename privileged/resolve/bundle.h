/* SPDX-License-Identifier: Apache-2.0 */
/* The bundle's directory, opened with the caller's rights. */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../../policy/plan.h"

struct bundle {
	int fd;     /* O_PATH | O_DIRECTORY; owned. */
	int doc_fd; /* runtime.json, read-only, regular, within the limits; owned. -1: there is
		       none. */
	struct bundle_layout layout; /* Set by bundle_look. */
	uint64_t dev, ino;
	char path[4096]; /* Canonical, absolute. */
};

/* Opens the bundle at `path` (relative to cwd_fd) and, unless with_doc is 0, its runtime.json:
 * cleanup reads only the journal. VST_EXIT_INVALID. Changes the working directory to "/". */
int bundle_open(const char *path, int cwd_fd, const struct caller *caller, int with_doc,
	struct bundle *ret, struct vst_err *err);

/* Reads the layout: each name of format.md that exists has its file type and is no symbolic
 * link, rootfs exists, lower comes with tmp; else VST_EXIT_INVALID. Called while the parser
 * starts, and again under the lock, where no other run changes it. */
int bundle_look(struct bundle *bundle, struct vst_err *err);
