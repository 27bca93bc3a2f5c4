/*
 * Mounts: built detached, given their flags, attached, and then given their propagation.
 */
#pragma once

#include "../act/exec.h"

/* BUNDLE/rootfs bound onto itself, not recursive. pin 0 is the bundle. */
int exec_mount_bind_rootfs(const struct plan_allowed *allowed, uint32_t step,
	struct exec_run *run, struct vst_err *err);

/* A tmpfs named "tmpfs", size=10%, mode=0755, on BUNDLE/tmp, upper and work (0755) made in it
 * before it is attached; private afterwards, verified. */
int exec_mount_tmpfs(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);

/* An overlay named "overlay" on BUNDLE/rootfs: lower BUNDLE/lower, upper and work in the tmpfs
 * of this run. Raises what an overlay captures around its creation, and lowers it again. Layers
 * by descriptor (6.13), else by /proc/self/fd. userxattr outside the initial user namespace. */
int exec_mount_overlay(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);

/* Closes what the run holds of its mounts: before they are undone, or they would be busy. */
void exec_mount_release(struct exec_run *run);

/* See exec.h. base_fd is the pin's directory, -1 if it is not there: unmounts rest beneath it
 * if the mount on top there is the record's. From 6.8 on, a mount that is elsewhere by now is
 * found by its id and unmounted there. UNDO_LEFT if ours is beneath or above somebody else's.
 * Changes the working directory (umount2 takes no descriptor). For namespaces' binds as well.
 */
int exec_mount_undo(int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* Whether the record's mount is still there, and on top. base_fd is -1 where the pin's
 * directory is not there. */
enum exec_present exec_mount_present(
	int base_fd, const struct journal_rec *rec, struct vst_err *err);

/* The most that the journal needs for one mount with this path. */
size_t exec_mount_space(size_t rest_len);
