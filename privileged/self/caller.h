/* SPDX-License-Identifier: Apache-2.0 */
/* Fills struct caller (policy/caller.h), once, at the start. */
#pragma once

#include "../../ipc/err.h"
#include "../../ipc/limits.h"
#include "../../policy/caller.h"

/* has_less is set if real and effective ids differ, on AT_SECURE, or if a capability is
 * permitted that the caller could not have passed on: any that is not ambient, unless the
 * caller is root. The user namespace is identified by its nsfs inode (ns.h). A filesystem id
 * that differs from the effective id is VST_EXIT_DENIED. */
int caller_capture(struct caller *ret, struct vst_err *err);

/* Sets net_is_init and mnt_is_init, which caller_capture does for a caller with less. */
int caller_look_around(struct caller *ret, struct vst_err *err);

/* Gets the groups of this process, the real one first: at most VST_GROUPS_MAX. */
int caller_groups(uint32_t ret[VST_GROUPS_MAX], uint32_t *ret_n, struct vst_err *err);
