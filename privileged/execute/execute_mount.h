/* SPDX-License-Identifier: Apache-2.0 */
/* A mount of the document, from its sources to its propagation: the order in which the
 * executors act. */
#pragma once

#include "../act/exec.h"

/* Executes a STEP_MOUNT_*: opens the sources, makes missing directories (the mount point, an
 * overlay's upper and work), builds the mount detached with its attributes, attaches it, then
 * sets its propagation. */
int execute_mount(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err);

/* The most journal bytes that the step needs. */
size_t execute_mount_space(const struct plan_allowed *allowed, uint32_t i);
