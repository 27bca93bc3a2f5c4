/* Fills struct caller (policy/caller.h), once, at the start. */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"

/* has_less: real and effective ids differ, AT_SECURE, or a capability is permitted that the
 * caller could not have passed on: any that is not ambient, unless the caller is root. The user
 * namespace is told by nsfs inode (ns.h). A surplus of the caller's (a filesystem uid other
 * than the effective one) is a refusal. */
int caller_capture(struct caller *ret, struct vst_err *err);
