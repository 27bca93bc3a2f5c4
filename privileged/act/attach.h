/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaching a mount that was built detached, and recognizing it later: shared by mounts and
 * namespace binds.
 */
#pragma once

#include <string.h>

#include "../kernel/beneath.h"
#include "exec.h"

struct kernel_statmount;

struct attach_to {
	const char *what;   /* For messages: "the overlay". */
	struct place at;    /* The mount point, without symbolic links. */
	int point_fd;       /* The same, O_PATH. */
	uint32_t rec_flags; /* REC_MOUNT_* without REC_MOUNT_UNIQUE. */
	uint32_t n_ids;     /* rec_mount's n_ids. */
	/* The namespace that is bound, to be proved as well; NULL: none. */
	const struct ns_fact *ns;
};

/* Journals the mount, attaches it, and proves that `rest` leads to it. tree_fd stays the
 * caller's, and is the mount's root afterwards. On failure the record says what is left to
 * undo, and err->code is the kernel's errno. *ret_made, if not NULL, gets its place, id and
 * mode. */
int attach_mount(struct exec_run *run, int tree_fd, const struct attach_to *to,
	struct exec_mount_made *ret_made, struct vst_err *err);

/* As attach_mount, and adds the mount to run->mounts for later steps; *tree_fd is taken on
 * success. */
int attach_and_keep(struct exec_run *run, uint32_t step, int *tree_fd,
	const struct attach_to *to, struct vst_err *err);

/* Whether fd, whose stat is `found`, is the root of the record's mount. */
int attach_is(int fd, const struct object *found, const struct rec_mount *rec);

/* What is where a record says that its mount is. */
enum attach_found {
	ATTACH_OURS,    /* The record's mount, on top. */
	ATTACH_OTHER,   /* Another mount. */
	ATTACH_NOTHING, /* No mount, or nothing at all. */
};

/* Looks at `rest` beneath base_fd. For ATTACH_OURS, if not NULL, *ret_fd gets the mount's root
 * (O_PATH) and *ret_parent_fd the directory that holds it, both the caller's; *ret_name gets
 * its name there, in `rest`. -1 with err. */
int attach_find(int base_fd, const char *rest, const struct rec_mount *rec, int *ret_fd,
	int *ret_parent_fd, const char **ret_name, struct vst_err *err);

/* As attach_find, at the mount's present place, which the kernel tells (6.8): it may have been
 * moved, or a directory above it renamed. *ret_name is in `path`. ATTACH_NOTHING: not found,
 * which does not prove that it is gone. */
int attach_follow(const struct rec_mount *rec, char path[VST_PATH_MAX + 1], int *ret_fd,
	int *ret_parent_fd, const char **ret_name, struct vst_err *err);

/* Whether the mount is anywhere in our mount namespace: 1, 0, -1 unknown. `rest` is its path
 * beneath its pin. Below 6.8 only /proc tells: -1 without /proc, and if a mount has the id but
 * is not proved to be this one. */
int attach_exists(const struct rec_mount *rec, const char *rest);

/* The mount point as seen from our root (6.8), stored in *sm; "" if unknown. */
const char *attach_point_of(uint64_t mnt_id, struct kernel_statmount *sm);

/* Whether a mount point is the directory, or beneath it. */
static inline int attach_lies_in(const char *point, const char *dir)
{
	const size_t len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	return strncmp(point, dir, len) == 0 && (!point[len] || point[len] == '/');
}

/* Sets err for a failed mount call: the exit status for the errno, and what to do if the kernel
 * is too old (5.12) or a capability is missing. Returns -1. */
int attach_refused(struct vst_err *err, int code, const char *what, const char *path);
