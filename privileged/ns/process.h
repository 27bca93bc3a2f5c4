/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process whose namespaces are used. It is held as a pidfd from the beginning, its
 * namespaces are opened once and judged as descriptors, and it is never looked up by pid again.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../ipc/op.h"
#include "../../policy/step.h"

struct process {
	int pidfd;
	uint32_t pid;   /* For messages and the report. */
	uint64_t ident; /* Inode of the pidfd (6.9), unique for this boot; else 0. */
};

/* Opens the process by pid (--pid, --pid-file). Close with process_close. A thread that is no
 * leader is VST_EXIT_DENIED, no such process VST_EXIT_FAILED. */
int process_open_pid(uint32_t pid, struct process *ret, struct vst_err *err);

/* Takes fd (--pidfd), and closes it on failure. Not a pidfd is VST_EXIT_USAGE. */
int process_open_pidfd(int fd, struct process *ret, struct vst_err *err);

/* Refuses vestibule itself, pid 1, a kernel thread, a zombie and a thread (VST_EXIT_DENIED),
 * and fills in pid and ident. Must run before anything else is done with the process. */
int process_judge(struct process *target, struct vst_err *err);

/* Opens the namespaces whose bit (1 << enum vst_ns) is set in `wanted`, by the pidfd's ioctls,
 * before 6.11 through /proc/PID held as a directory. Then proves the process alive. Each
 * descriptor is proved to be on nsfs, and one from /proc to be of its type. Without permission:
 * VST_EXIT_DENIED, naming CAP_SYS_PTRACE. If the process died: VST_EXIT_FAILED. The descriptors
 * are the caller's; on failure none is left open. */
int process_namespaces(const struct process *target, unsigned wanted,
	struct ns_fact ret[VST_NS_COUNT], struct vst_err *err);

/* Whether the process is in our network namespace, as far as that can be seen without rights
 * over it; 0 if unknown. For a warning, not for a decision. */
int process_shares_net(const struct process *target);

void process_close(struct process *target);
