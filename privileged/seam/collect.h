/* SPDX-License-Identifier: Apache-2.0 */
/* Receives the parser's messages, bounded in number, bytes and time. */
#pragma once

#include <stddef.h>

#include "../../ipc/err.h"
#include "spawn.h"

/* The messages of a run, back to back, each preceded by its length (u32, host byte order). */
struct wire_msg {
	unsigned char *bytes; /* static storage of collect.c; validate rewrites it */
	size_t len;
	unsigned n_messages;
};

/* Receives until the parser closes its end of the socket, reaps the parser, and requires exit
 * status 0. Fails with VST_EXIT_UNSUPPORTED if the parser could not confine itself
 * (ipc/confine_parts.def), with VST_EXIT_INVALID if it died, exceeded a bound, sent a
 * descriptor, or did not exit within VST_COLLECT_TIMEOUT_MS, and with VST_EXIT_FAILED if a
 * system call failed here. Calls spawn_end in every case: both descriptors of *spawned are -1
 * afterwards. */
int collect(struct spawned *spawned, struct wire_msg *ret, struct vst_err *err);
