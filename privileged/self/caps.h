/*
 * The capabilities of this process: the three sets of capset(2), and what follows from them;
 * every change is read back with capget(2). Sets are masks: bit n is capability n. The tests
 * hold them against libcap-ng.
 */
#pragma once

#include <linux/capability.h>
#include <stdint.h>

#include "../../ipc/err.h"

/* What an overlay captures of its maker and later acts with, and nothing else here uses:
 * copy-up keeps owner and mode (CHOWN, FOWNER), setuid bits (FSETID) and file capabilities
 * (SETFCAP). */
#define CAPS_OF_OVERLAY                                                                        \
	(UINT64_C(1) << CAP_CHOWN | UINT64_C(1) << CAP_FOWNER | UINT64_C(1) << CAP_FSETID |    \
		UINT64_C(1) << CAP_SETFCAP)

/* Limits permitted to `keep` of what is there, effective to the same but the ones that only an
 * overlay's creation raises (CAPS_OF_OVERLAY), inheritable and ambient to
 * nothing. A capability of `required` that is not permitted: VST_EXIT_DENIED, naming the first
 * and what it is needed for (`what`); then nothing was changed. A surplus is dropped. */
int caps_limit(uint64_t keep, uint64_t required, const char *what, struct vst_err *err);

/* Whether all of set is effective. */
int caps_has(uint64_t set);

/* Adds to, and takes from, the effective set; what is not permitted is an error. */
int caps_raise(uint64_t set, struct vst_err *err);
int caps_lower(uint64_t set, struct vst_err *err);
