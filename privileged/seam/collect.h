/* Receives all that the parser says: bounded in messages, bytes and time. */
#pragma once

#include <stddef.h>

#include "../../ipc/err.h"
#include "spawn.h"

/* The messages of a run, back to back, each behind its length (u32, machine order). */
struct wire_msg {
	unsigned char *bytes; /* static storage of collect.c; validate rewrites it */
	size_t len;
	unsigned n_messages;
};

/* Receives until the parser closes its end, reaps it, and demands exit status 0. Everything
 * else is a refusal: VST_EXIT_UNSUPPORTED for a part of the confinement that could not be had
 * (ipc/confine_parts.def), VST_EXIT_INVALID for a parser that died, exceeded a bound, sent a
 * descriptor, or did not end within VST_COLLECT_TIMEOUT_MS. The parser is gone or left behind
 * when this returns, and *spawned is empty. */
int collect(struct spawned *spawned, struct wire_msg *ret, struct vst_err *err);
