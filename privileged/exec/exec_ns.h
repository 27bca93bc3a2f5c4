/* SPDX-License-Identifier: Apache-2.0 */
/* Binding namespaces onto files. */
#pragma once

#include "../act/exec.h"

/* What a namespace is bound on. Descriptors stay the caller's. */
struct exec_ns_file {
	int fd;        /* An empty regular file, O_PATH; or what is bound on it already. */
	int parent_fd; /* The directory that it lies in. */
	int is_ns;     /* A namespace is bound on it already. */
};

/* Binds the step's namespace onto the file, and proves that the place leads to the namespace.
 * If one is bound there already, the same one is EXEC_ALREADY, another is VST_EXIT_CONFLICT.
 * For a mount namespace, err explains why the kernel refused. */
int exec_ns_bind(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	const struct place *place, const struct exec_ns_file *file, struct vst_err *err);
