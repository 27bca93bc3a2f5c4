/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options in force of file systems that are mounted already: mounting one again takes it as
 * it is, and never changes it for others.
 */
#pragma once

#include "../../policy/allowed.h"
#include "../kernel/mountinfo.h"
#include "fs_context.h"

/* Whether the kernel has one file system of this type (at most one per namespace), and applies
 * new options, or the defaults, to it whenever it is mounted. */
int force_is_once(const char *type);

/* Finds a mount of this type, or of the file system with this device, in our mount namespace.
 * 1, 0, or -1 with errno: no /proc. */
int force_find_type(const char *type, struct mountinfo *ret);
int force_find_dev(uint64_t dev, struct mountinfo *ret);

/* Whether all options that the step asks for are in force. `there` is a mount of the file
 * system; NULL: unknown. VST_EXIT_CONFLICT, naming what is in force. */
int force_agrees(const struct plan_allowed *allowed, const struct step_mount *mount,
	const char *type, const struct mountinfo *there, struct vst_err *err);

/* Sets the options in force in a context about to be created. */
int force_keep(const struct fs_context *fs, const struct mountinfo *there, struct vst_err *err);
