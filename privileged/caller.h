/* Fills struct caller (policy/caller.h), once, at the start. */
#pragma once

#include "../ipc/err.h"
#include "../policy/caller.h"

/* has_less: AT_SECURE, or real and effective ids differ. The user namespace is told by nsfs
 * inode (ns.h). A surplus of the caller's (a filesystem uid other than the effective
 * one) is a refusal. */
int caller_capture(struct caller *ret, struct vst_err *err);
