/*
 * The options in force of file systems that somebody has mounted already: who mounts such a one
 * again gets it as it is, and never changes it for others.
 */
#pragma once

#include "../../policy/allowed.h"
#include "../kernel/mountinfo.h"
#include "fs_context.h"

/* Whether the kernel has one file system of this type (of a namespace, at most) and gives that
 * new options, or its defaults, whenever it is mounted. */
int force_is_once(const char *type);

/* A mount of this type in our mount namespace; of the file system with this device number. 1,
 * 0, or -1 with errno: /proc is not to be had. */
int force_find_type(const char *type, struct mountinfo *ret);
int force_find_dev(uint64_t dev, struct mountinfo *ret);

/* Whether all that the mount asks of its file system is in force. there: a mount of it; NULL:
 * nobody can say. VST_EXIT_CONFLICT, with what is in force. */
int force_agrees(const struct plan_allowed *allowed, const struct step_mount *mount,
	const char *type, const struct mountinfo *there, struct vst_err *err);

/* Configures what is created with the options in force. */
int force_keep(const struct fs_context *fs, const struct mountinfo *there, struct vst_err *err);
