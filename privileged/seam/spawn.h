/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts the parser and confines it up to exec. Order: descriptors, signals, no_new_privs,
 * groups, gid, uid, capabilities, dumpable, exec by descriptor. After exec the parser confines
 * itself further (parser/confine.c).
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"

struct spawned {
	int pidfd;
	int sock; /* our end of the pair, SOCK_SEQPACKET, shut down for writing */
};

/* Starts the parser on doc_fd, which is open for reading at offset 0 and stays the caller's.
 * With `strict`, unknown members are errors. The parser gets descriptors 0 (the document) and 3
 * (its end of the pair), no other, an empty environment and an empty signal mask. If the
 * process has CAP_SETUID and CAP_SETGID, the parser must change uid, gid and groups; only
 * outside the initial user namespace may it keep an id that is not mapped. Without these
 * capabilities the parser runs as the caller. */
int spawn_parser(const char *parser_path, int doc_fd, int strict, const struct caller *caller,
	struct spawned *ret, struct vst_err *err);

/* Kills the parser if it still runs, waits a bounded time for its exit, and closes both
 * descriptors. A parser that does not exit in that time is left behind. Does nothing for
 * { -1, -1 }. */
void spawn_end(struct spawned *spawned);
