/*
 * The first acts of the process, in every mode and not only when setuid: nothing of what the
 * caller left behind reaches the rest of the program.
 */
#pragma once

#include "../../ipc/err.h"

/* Before anything else, argv included: argc is at least 1; the environment is emptied;
 * descriptors 0 to 2 exist (a missing one becomes /dev/null, proved to be 1:3); signal
 * dispositions are the defaults but for SIGPIPE, SIGXFSZ and SIGXCPU, ignored; the mask is
 * empty; interval timers and alarms are off; umask 0; dumpable 0; core limit 0. Each is read
 * back where it can be. */
int startup_first(int argc, struct vst_err *err);

/* Closes every descriptor from 3 on but keep_fd (-1: none), which is made close-on-exec. */
int startup_close(int keep_fd, struct vst_err *err);

/* Raises the soft limits: of the stack and of descriptors to what every run needs, of the file
 * size, the processor's time, the address space and the data as far as they go; a hard limit
 * below what a run needs is VST_EXIT_DENIED, naming it and the number. */
int startup_limits(struct vst_err *err);

/* The same for n descriptors, once it is known how many. */
int startup_descriptors(unsigned n, struct vst_err *err);

/* The same as far as the hard limit goes. */
int startup_descriptors_up_to(unsigned n, struct vst_err *err);

/* Blocks every signal that can be: from the first act to the end of the run. */
int startup_block_signals(struct vst_err *err);
