/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The capability sets of this process, by capset(2). Every change is read back with capget(2).
 * Sets are masks: bit n is capability n. The tests compare them with libcap-ng's view.
 */
#pragma once

#include <linux/capability.h>
#include <stdint.h>

#include "../../ipc/err.h"

/* Capabilities that an overlay records from its creator and acts with later; nothing else here
 * uses them. Copy-up keeps owner and mode (CHOWN, FOWNER), setuid bits (FSETID) and file
 * capabilities (SETFCAP). */
#define CAPS_OF_OVERLAY                                                                        \
	(UINT64_C(1) << CAP_CHOWN | UINT64_C(1) << CAP_FOWNER | UINT64_C(1) << CAP_FSETID |    \
		UINT64_C(1) << CAP_SETFCAP)

/* Reduces permitted to those of `keep` and `required`; effective to the same without
 * CAPS_OF_OVERLAY, which only the creation of an overlay raises; inheritable and ambient to
 * none. If one of `required` is not permitted: VST_EXIT_DENIED, naming the first and `what` it
 * is needed for, and nothing changes. */
int caps_limit(uint64_t keep, uint64_t required, const char *what, struct vst_err *err);

/* Whether all of `set` is effective. */
int caps_has(uint64_t set);

/* Adds to, and removes from, the effective set. Raising what is not permitted is
 * VST_EXIT_DENIED. */
int caps_raise(uint64_t set, struct vst_err *err);
int caps_lower(uint64_t set, struct vst_err *err);
