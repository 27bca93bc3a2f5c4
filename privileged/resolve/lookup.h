/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups of existing paths, by the rule that resolve.h states. */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../../policy/plan.h"
#include "walk.h"

/* Walks the path of a bundle; a relative one begins at start_fd. *ret_fd is O_PATH, the
 * caller's, never a symbolic link. VST_EXIT_INVALID: it is missing, or may not be walked.
 * is_judged: for root of the machine nobody else may be able to change what the path leads to,
 * else VST_EXIT_DENIED. */
int lookup_bundle(int start_fd, const char *path, const struct caller *caller, int is_judged,
	int *ret_fd, struct vst_err *err);

/* Opens the directory of a journal's pin again. 1 with *ret_fd, the caller's; 0 if it is not
 * there any more, or something else is; -1 with errno if that cannot be told. */
int lookup_again(
	const char *path, uint64_t dev, uint64_t ino, const struct caller *caller, int *ret_fd);

/* Walks the existing part of *rest from dir_fd, and leaves *rest at what is missing. in_image:
 * dir_fd is in the bundle's image. 0 with the walk, which the caller closes; -1 with err, about
 * `path`. */
int lookup_beneath(int bundle_fd, int dir_fd, int in_image, const char **rest,
	const struct caller *caller, const char *path, struct walk *ret, struct vst_err *err);

/* Whether an entry of mounts[] mounts on the bundle's rootfs, compared as directories. */
int lookup_root_is_asked(const struct request *request, int bundle_fd, const char *bundle_path,
	const struct caller *caller);
