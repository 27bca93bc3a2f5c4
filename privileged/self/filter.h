/* The parent's own system call filter: policy/syscalls/parent.def. */
#pragma once

#include "../../ipc/err.h"

/* Sets no_new_privs and loads the filter, after the last spawn, and proves both. A foreign
 * ABI, exec, fork, ptrace, bpf and io_uring kill; what is not listed answers ENOSYS, which is a
 * failing step that is taken back. VST_EXIT_UNSUPPORTED if it cannot be had. */
int filter_load(struct vst_err *err);
