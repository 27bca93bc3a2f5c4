/* A mount of the document, from its sources to its propagation: the order in which executors
 * act. */
#pragma once

#include "../act/exec.h"

/* STEP_MOUNT_*. Opens what it is made of, makes the missing directories of its destination and
 * of an overlay's upper and work, builds it detached with its attributes, attaches it, and then
 * gives it its propagation. */
int execute_mount(const struct plan_allowed *allowed, uint32_t i, struct exec_run *run,
	struct vst_err *err);

/* The journal space that the step needs at most. */
size_t execute_mount_space(const struct plan_allowed *allowed, uint32_t i);
