/* The bundle's directory, opened with the caller's rights. */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../../policy/plan.h"

struct bundle {
	int fd;     /* O_PATH | O_DIRECTORY */
	int doc_fd; /* runtime.json, read only, regular, within the limits; -1: there is none */
	struct bundle_layout layout; /* once it was looked at */
	uint64_t dev, ino;
	char path[4096]; /* canonical, absolute */
};

/* Opens path (relative: beneath cwd_fd) and runtime.json. VST_EXIT_INVALID. with_doc 0: there
 * may be any document (cleanup reads only the journal). Changes the working directory to "/".
 */
int bundle_open(const char *path, int cwd_fd, const struct caller *caller, int with_doc,
	struct bundle *ret, struct vst_err *err);

/* Looks at the layout: each name of format.md that is there has its kind and is no symbolic
 * link, rootfs is there, lower comes with tmp (else VST_EXIT_INVALID). While the parser starts,
 * and again under the lock, where nobody else's run changes it. */
int bundle_look(struct bundle *bundle, struct vst_err *err);
