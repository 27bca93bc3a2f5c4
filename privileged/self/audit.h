/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines for the administrator about each run with more rights than its caller's: one before
 * anything is done, because the caller may kill it then, and one at its end. To the socket of
 * systemd's journal, else to /dev/log, with the credentials of root, which no user can forge. A
 * line that cannot be sent, because nobody listens or the socket stays full, stops nothing.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../policy/caller.h"

/* Connects, while paths are still root's to look up. */
void audit_open(void);

/* What the run is about, for the line; borrowed until audit_say. rule: the line of the policy
 * that permits the step; the first one counts. */
void audit_bundle(const char *path);
void audit_rule(uint32_t line);

/* Sends the line that something is about to be done. */
void audit_begin(const struct caller *caller, const char *verb);

/* Sends the last line. err: why the run failed; NULL if it did not. */
void audit_say(const struct caller *caller, const char *verb, const struct vst_err *err);
