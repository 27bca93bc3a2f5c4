/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first acts of the process, setuid or not: nothing that the caller left behind reaches the
 * rest of the program.
 */
#pragma once

#include "../../ipc/err.h"

/* Must run before anything else, argv included. Afterwards: argc is at least 1; the environment
 * is empty; descriptors 0 to 2 exist (a missing one is /dev/null, proved to be 1:3); SIGPIPE,
 * SIGXFSZ and SIGXCPU are ignored, all other dispositions are the defaults; no signal is
 * blocked; interval timers and alarms are off; umask, dumpable and core limit are 0. Each is
 * read back where possible. */
int startup_first(int argc, struct vst_err *err);

/* Closes every descriptor from 3 on except keep_fd (-1: none), which becomes close-on-exec
 * (close_range, 5.9). */
int startup_close(int keep_fd, struct vst_err *err);

/* Raises soft limits: stack and descriptors to what every run needs; file size, CPU time,
 * address space and data to their hard limits. A hard limit below what a run needs is
 * VST_EXIT_DENIED, naming it and the number. */
int startup_limits(struct vst_err *err);

/* Lifts the limit of processes, which counts those of the uid that a parser gets: other runs'
 * would count against this caller's limit. What the kernel refuses stays as it is. */
void startup_processes(void);

/* Raises the soft limit of descriptors to n, else VST_EXIT_DENIED. */
int startup_descriptors(unsigned n, struct vst_err *err);

/* As startup_descriptors, but no further than the hard limit. */
int startup_descriptors_up_to(unsigned n, struct vst_err *err);

/* Blocks every signal that can be blocked: from the first act to the end of the run. */
int startup_block_signals(struct vst_err *err);
