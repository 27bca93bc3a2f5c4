/* Binding namespaces onto files. */
#pragma once

#include "../act/exec.h"

/* Binds the step's namespace onto file_fd (an empty regular file, O_PATH), which lies in
 * parent_fd. Then proves that rec_rest, its path from pin_fd, leads to the namespace. is_ns: a
 * namespace is bound on the file already; the same one is EXEC_ALREADY, another is
 * VST_EXIT_CONFLICT. For a mount namespace, err explains why the kernel refused. Descriptors
 * stay the caller's. */
int exec_ns_bind(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	int parent_fd, int pin_fd, int file_fd, int is_ns, uint32_t pin_rec,
	const char *rec_rest, struct vst_err *err);
