/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy granted, proved where it is done: between the verdict and the act a caller
 * may have moved directories. For callers that are not judged by it nothing here does anything.
 */
#pragma once

#include "../act/exec.h"

/* Before a namespace is bound in the directory parent_fd: that lies beneath the directory that
 * the rule of step i names, on a mount that has no peers or slaves in our mount namespace, to
 * which the bind would be copied. Else VST_EXIT_DENIED. */
int granted_point(
	const struct plan_allowed *allowed, uint32_t i, int parent_fd, struct vst_err *err);

/* After it, with the bind's own mount in tree_fd: it lies on the mount of parent_fd, and that
 * is still beneath the rule's directory. Then, unless it is too late by now, makes it private.
 * On failure the bind is there, and to be taken back. */
int granted_bind(const struct plan_allowed *allowed, uint32_t i, int parent_fd, int tree_fd,
	struct vst_err *err);
