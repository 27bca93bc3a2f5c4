/* The bundle's directory, opened with the caller's rights. */
#pragma once

#include "../ipc/err.h"
#include "../policy/caller.h"
#include "../policy/plan.h"

struct bundle {
	int fd;     /* O_PATH | O_DIRECTORY */
	int doc_fd; /* runtime.json, read only, regular, within the limits; -1: there is none */
	struct bundle_layout layout;
	uint64_t dev, ino;
	char path[4096]; /* canonical, absolute */
};

/* Opens path (relative: beneath cwd_fd) and runtime.json, and checks the layout: each name of
 * format.md that is there has its kind and is no symbolic link, rootfs is there, lower comes
 * with tmp. VST_EXIT_INVALID. with_doc 0: neither document nor layout are looked at
 * (cleanup reads only the journal). Changes the working directory to "/". */
int bundle_open(const char *path, int cwd_fd, const struct caller *caller, int with_doc,
	struct bundle *ret, struct vst_err *err);

/* Looks at the layout again: under the lock, nobody else's run changes it. */
int bundle_look_again(struct bundle *bundle, struct vst_err *err);
