/* What options of mounts[] ask of a mount, beside data: attributes and propagation. */
#pragma once

#include "../../ipc/err.h"
#include "../../ipc/op.h"

/* MOUNT_ATTR_* of what flags set, and of what they clear, of the mount itself. The kernel takes
 * an access time only where all of MOUNT_ATTR__ATIME is cleared. */
uint64_t mount_attr_set(const struct vst_mount_flags *flags);
uint64_t mount_attr_clear(const struct vst_mount_flags *flags);

/* Sets and clears what flags name: of the mount, then of it and everything beneath it. For a
 * detached tree, or a mount that is there. mount_setattr (5.12) does all of a call or nothing.
 */
int mount_attr_apply(int fd, const struct vst_mount_flags *flags, struct vst_err *err);

/* The same with masks, of the one mount. Nothing is called where both are 0. */
int mount_attr_change(int fd, uint64_t set, uint64_t clear, struct vst_err *err);

/* Sets the propagation that `propagation` (struct vst_mount_flags) names, and proves it (6.8).
 * Only after attaching: under a shared parent a mount arrives shared, whatever it was. */
int mount_attr_propagation(int fd, uint8_t propagation, struct vst_err *err);

/* Of a tree that is not attached yet: no statmount shows it, and the call's success counts. */
int mount_attr_propagation_apart(int fd, uint8_t propagation, struct vst_err *err);

/* mount_attr_propagation of a mount that is attached and may be so already; its id and whether
 * it is unique. */
int mount_attr_propagation_settled(
	int fd, uint64_t mnt_id, int is_unique, uint8_t propagation, struct vst_err *err);

/* "private", "shared": the word for MS_* of propagation. */
const char *mount_attr_propagation_name(uint64_t ms);
