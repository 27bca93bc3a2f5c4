/*
 * Attaching a mount that was built detached, and knowing it again: what mounts and the binds
 * of namespaces share.
 */
#pragma once

#include "../kernel/beneath.h"
#include "exec.h"

struct kernel_statmount;

struct attach_to {
	const char *what; /* "the overlay", for messages */
	int base_fd;      /* a directory, and */
	const char *rest; /* the mount point as it is found beneath it, by no symbolic link */
	int point_fd;     /* the mount point, O_PATH */
	uint32_t pin_rec;
	const char *rec_rest; /* the mount point, as seen from the pin */
	uint32_t rec_flags;   /* REC_MOUNT_* but REC_MOUNT_UNIQUE */
	uint32_t n_ids;       /* of struct rec_mount */
	/* What is bound, if it is a namespace: the proof is of that, too. */
	const struct ns_fact *ns;
};

/* Notes the mount in the journal, attaches it and proves that it is what `rest` leads to now.
 * tree_fd stays the caller's, and is the mount's root. On failure the record says what is left
 * to undo; err->code is the kernel's. ret_made, if not NULL, gets its place and id. */
int attach_mount(struct exec_run *run, int tree_fd, const struct attach_to *to,
	struct exec_mount_made *ret_made, struct vst_err *err);

/* The same, and keeps the tree (*tree_fd is taken) for the steps that lie beneath it. */
int attach_and_keep(struct exec_run *run, uint32_t step, int *tree_fd,
	const struct attach_to *to, struct vst_err *err);

/* Whether fd, of which `found` is known, lies on the mount of the record, at its root. */
int attach_is(int fd, const struct object *found, const struct rec_mount *rec);

/* What is found where a record says that its mount is. */
enum attach_found {
	ATTACH_OURS,    /* the mount of the record, on top */
	ATTACH_OTHER,   /* another mount */
	ATTACH_NOTHING, /* no mount, or nothing at all */
};

/* Looks at rest beneath base_fd. For ATTACH_OURS, whichever is not NULL: ret_fd gets its root
 * (O_PATH), ret_parent_fd the directory that holds it, and ret_name its name there, in rest. -1
 * with err. */
int attach_find(int base_fd, const char *rest, const struct rec_mount *rec, int *ret_fd,
	int *ret_parent_fd, const char **ret_name, struct vst_err *err);

/* The same wherever the mount is by now, as the kernel tells (6.8): whoever moves it, or
 * renames a directory that it is mounted in, takes it along. ret_name lies in path.
 * ATTACH_NOTHING: not found, which is no proof that it is gone. */
int attach_follow(const struct rec_mount *rec, char path[VST_PATH_MAX + 1], int *ret_fd,
	int *ret_parent_fd, const char **ret_name, struct vst_err *err);

/* Whether the mount is anywhere in our mount namespace. rest: where it was beneath its pin.
 * Below 6.8 only /proc tells; -1 where there is none, and of what has its id and is not known
 * to be it.
 */
int attach_exists(const struct rec_mount *rec, const char *rest);

/* Where a mount is, as seen from our root (6.8), in sm; "" if nobody can say. */
const char *attach_point_of(uint64_t mnt_id, struct kernel_statmount *sm);

/* A failure of one of the calls that make mounts: the exit status by errno, with what to do
 * where the kernel is too old (5.12) or a capability is missing. */
int attach_refused(struct vst_err *err, int code, const char *what, const char *path);
