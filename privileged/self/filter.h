/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's own system call filter: policy/syscalls/parent.def. */
#pragma once

#include "../../ipc/err.h"

/* Sets no_new_privs, loads the filter, and proves both. Must run after the last spawn. A
 * foreign ABI, exec, fork, ptrace, bpf and io_uring kill the process. An unlisted call returns
 * ENOSYS: the step fails and is taken back. VST_EXIT_UNSUPPORTED if the kernel lacks it. */
int filter_load(struct vst_err *err);
