/*
 * Starting the parser: its confinement up to exec. Order: descriptors, no_new_privs, groups,
 * gid, uid, capabilities, exec by descriptor; the parser goes on (parser/confine.c).
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"

struct spawned {
	int pidfd;
	int sock; /* our end, SOCK_SEQPACKET, read only: shut down for writing */
};

/* Starts the parser on doc_fd (read only, at offset 0); strict: unknown members are errors. The
 * parser gets descriptors 0 (the document) and 3 (its end of the pair) and no other, an empty
 * environment, an empty signal mask. The change of uid and groups is mandatory where the
 * process has CAP_SETUID and CAP_SETGID and the ids are mapped; elsewhere the parser runs as
 * the caller. doc_fd stays the caller's. */
int spawn_parser(const char *parser_path, int doc_fd, int strict, const struct caller *caller,
	struct spawned *ret, struct vst_err *err);

/* Kills the parser if it still runs, waits for it a bounded time (a parser that cannot be
 * reaped is left behind), closes both descriptors. Nothing to do for { -1, -1 }. */
void spawn_end(struct spawned *spawned);
