/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a mount that this run did not make. They are judged before anything is done, and
 * again when they are applied. */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/step.h"
#include "beneath.h"

/* Whether the step asks for options of the file system itself. */
int change_is_for_fs(const struct step_mount *mount);

/* Sets err for a path where nothing exists, keeping err's exit status. Returns -1. */
int change_is_missing(const char *path, struct vst_err *err);

/* 0 if the object is the root of a mount, so that it can be changed; else -1 with
 * VST_EXIT_CONFLICT. */
int change_is_point(const struct object *at, const char *path, struct vst_err *err);

/* Reduces a change of another's mount to one that can be taken back: of that mount alone. A
 * recursive change means the same if no mount lies beneath. VST_EXIT_UNSUPPORTED: it cannot be
 * put back. */
int change_flatten(const struct step_mount *mount, const struct object *at,
	struct vst_mount_flags *ret, struct vst_err *err);
