/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second half of the parser's confinement, after exec. It checks that no_new_privs is set
 * and that all capabilities are gone, as privileged/seam/spawn.c left them. It then adds the
 * rest and verifies each part.
 */
#pragma once

/* Returns 0, or the exit status in ipc/confine_parts.def of the part that failed. After success
 * the process can only read descriptor 0, send on descriptor 3 and exit. */
int confine(void);
