/*
 * The process whose namespaces are meant: a pidfd from the first moment, its namespaces taken
 * once, judged as descriptors, and never looked up by number again.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../ipc/op.h"
#include "../../policy/step.h"

struct process {
	int pidfd;
	uint32_t pid;   /* for messages and the report */
	uint64_t ident; /* inode of the pidfd (6.9): names the process for this boot; else 0 */
};

/* By number (from --pid or --pid-file): opens the pidfd. A thread that is no leader is
 * VST_EXIT_DENIED, no such process VST_EXIT_FAILED. */
int process_open_pid(uint32_t pid, struct process *ret, struct vst_err *err);

/* By descriptor (from --pidfd), proved to be a pidfd (else VST_EXIT_USAGE). Takes fd. */
int process_open_pidfd(int fd, struct process *ret, struct vst_err *err);

/* Refuses vestibule itself, pid 1, a kernel thread, a zombie, a thread (VST_EXIT_DENIED), and
 * fills in what is known of the process otherwise. Before anything else is done with it. */
int process_judge(struct process *target, struct vst_err *err);

/* Opens the namespaces whose bit (1 << enum vst_ns) is set in wanted: by the pidfd's ioctls,
 * below 6.11 through /proc/PID held as a directory; then proves the process alive. Each
 * descriptor is proved to be of nsfs, and one of /proc to be of its type. Not permitted is
 * VST_EXIT_DENIED, naming CAP_SYS_PTRACE; the process died is VST_EXIT_FAILED. On failure
 * nothing is left open. */
int process_namespaces(const struct process *target, unsigned wanted,
	struct ns_fact ret[VST_NS_COUNT], struct vst_err *err);

/* Whether the process lives in our network namespace, as far as anybody can see without rights
 * over it: no, too, where nobody can. For a warning, not for a judgement. */
int process_shares_net(const struct process *target);

void process_close(struct process *target);
