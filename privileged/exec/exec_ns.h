/* Namespaces, bound onto files. */
#pragma once

#include "../act/exec.h"

/* Binds the step's namespace onto file_fd (an empty regular file, O_PATH), which lies in
 * parent_fd, then proves by rec_rest, its path from pin_fd, that what is there is the
 * namespace. is_ns: the file is a namespace's bind already; the same namespace is EXEC_ALREADY,
 * another is VST_EXIT_CONFLICT naming the path and umount. The errors of the mount namespace
 * are told apart. */
int exec_ns_bind(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	int parent_fd, int pin_fd, int file_fd, int is_ns, uint32_t pin_rec,
	const char *rec_rest, struct vst_err *err);
