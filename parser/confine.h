/*
 * The parser's confinement, after exec: what privileged/seam/spawn.c began (no_new_privs,
 * groups, gid, uid, capabilities) is checked here, and the rest is done here, each part read
 * back.
 */
#pragma once

/* 0, or the exit status of ipc/confine_parts.def for the part that could not be had. After it
 * the process can read descriptor 0, send on descriptor 3 and end, and nothing else. */
int confine(void);
