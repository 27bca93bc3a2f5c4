/* What options of mounts[] ask of a mount, beside data: attributes and propagation. */
#pragma once

#include "../ipc/err.h"
#include "../ipc/op.h"

/* Sets and clears what flags name: of the mount, then of it and everything beneath it. For a
 * detached tree, or a mount that is there. mount_setattr (5.12) does all of a call or nothing.
 */
int attr_apply(int fd, const struct vst_mount_flags *flags, struct vst_err *err);

/* Sets the propagation that `spread` (struct vst_mount_flags) names, and proves it (6.8). Only
 * after attaching: under a shared parent a mount arrives shared, whatever it was. */
int attr_spread(int fd, uint8_t spread, struct vst_err *err);
