/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts: built detached, given their attributes, attached, then given their propagation.
 */
#pragma once

#include "../../ipc/fd.h"
#include "../act/exec.h"

/* Binds BUNDLE/rootfs onto itself, not recursively. Pin 0 is the bundle. */
int exec_mount_bind_rootfs(const struct plan_allowed *allowed, uint32_t step,
	struct exec_run *run, struct vst_err *err);

/* Mounts a tmpfs named "tmpfs", size=10%, mode=0755, on BUNDLE/tmp, private. upper and work
 * (0755) are made in it before it is attached. */
int exec_mount_tmpfs(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);

/* Mounts an overlay named "overlay" on BUNDLE/rootfs: lower is BUNDLE/lower, upper and work are
 * in the tmpfs of this run. Raises CAPS_OF_OVERLAY around its creation. Layers are passed by
 * descriptor (6.13), else by /proc/self/fd. Outside the initial user namespace it uses
 * userxattr. */
int exec_mount_overlay(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);

/* Closes the roots of the run's mounts: before undo, or the mounts would be busy. */
void exec_mount_release(struct exec_run *run);

/* The undo function (exec.h) of a JOURNAL_MOUNT, namespace binds included. base_fd is the pin's
 * directory, -1 if it is gone. Unmounts the path beneath it if the mount on top is the
 * record's. From 6.8 on, a mount that was moved is found by its id and unmounted where it is.
 * UNDO_LEFT: another's mount is inside or on top. Changes the working directory, because
 * umount2 takes no descriptor. */
int exec_mount_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* Where a record's mount is. Owned; `name` is in `path` or in the record. */
struct exec_mount_found {
	int root_fd;      /* its root, O_PATH */
	int parent_fd;    /* the directory that its mount point is in */
	const char *name; /* of the mount point there */
	char path[VST_PATH_MAX + 1];
};

static inline void exec_mount_found_close(struct exec_mount_found *found)
{
	vst_fd_close(&found->root_fd);
	vst_fd_close(&found->parent_fd);
}

#define EXEC_MOUNT_NOT_FOUND                                                                   \
	{                                                                                      \
		.root_fd = -1, .parent_fd = -1                                                 \
	}
#define exec_mount_auto_found                                                                  \
	__attribute__((cleanup(exec_mount_found_close))) struct exec_mount_found

/* Finds the record's mount at its place, or where it was moved (6.8). EXEC_THERE sets *ret;
 * EXEC_HIDDEN and EXEC_UNKNOWN set err. base_fd as exec_mount_undo's. */
enum exec_present exec_mount_find(int base_fd, const struct journal_rec *rec,
	struct exec_mount_found *ret, struct vst_err *err);

/* Whether the record's mount is there and on top. base_fd is the pin's directory, -1 if it is
 * gone. EXEC_UNKNOWN sets err. */
enum exec_present exec_mount_present(
	int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* The most journal bytes that one mount with this path needs. */
size_t exec_mount_space(size_t rest_len);
