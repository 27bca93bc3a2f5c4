/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes and propagation of a mount, as options of mounts[] ask for them. */
#pragma once

#include "../../ipc/err.h"
#include "../../ipc/op.h"

/* MOUNT_ATTR_* to set and to clear on the mount itself. The kernel accepts an access time only
 * if all of MOUNT_ATTR__ATIME is cleared. */
uint64_t mount_attr_set(const struct vst_mount_flags *flags);
uint64_t mount_attr_clear(const struct vst_mount_flags *flags);

/* Sets and clears what `flags` name, on the mount, then recursively. fd is a detached tree's
 * root or an attached mount's. Each mount_setattr call (5.12) does all or nothing. */
int mount_attr_apply(int fd, const struct vst_mount_flags *flags, struct vst_err *err);

/* Sets and clears masks on the mount alone. No call is made if both are 0. */
int mount_attr_change(int fd, uint64_t set, uint64_t clear, struct vst_err *err);

/* Sets the propagation (vst_mount_flags.propagation), and proves it (6.8). Call it after
 * attaching: on a shared parent a mount becomes shared. */
int mount_attr_propagation(int fd, uint8_t propagation, struct vst_err *err);

/* As mount_attr_propagation, for a detached tree. statmount does not show it, so the call's
 * success counts. */
int mount_attr_propagation_apart(int fd, uint8_t propagation, struct vst_err *err);

/* As mount_attr_propagation, for an attached mount with this id, which may have the propagation
 * already. */
int mount_attr_propagation_settled(
	int fd, uint64_t mnt_id, int is_unique, uint8_t propagation, struct vst_err *err);

/* The word for MS_* of a propagation: "private", "shared". */
const char *mount_attr_propagation_name(uint64_t ms);
