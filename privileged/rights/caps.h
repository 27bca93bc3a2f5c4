/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The capability sets of this process, changed and named by libcap-ng, which only caps.c
 * includes. Every change is read back with capget(2) itself. Sets are masks: bit n is
 * capability n. The first caps_limit comes before the filter.
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

/* A name such as CAP_SYS_ADMIN; CAP_? if libcap-ng has none. */
struct caps_name {
	char text[32];
};
struct caps_name caps_name(unsigned cap);

/* Reduces permitted to those of `keep` and `required`; effective to the same without
 * CAPS_OF_OVERLAY, which only the creation of an overlay raises; inheritable and ambient to
 * none. If one of `required` is not permitted: VST_EXIT_DENIED, naming the first and `what` it
 * is needed for, and nothing changes. */
int caps_limit(uint64_t keep, uint64_t required, const char *what, struct vst_err *err);

/* What the first caps_limit was to keep and did not find permitted. And why that is so, in
 * words that messages of caps_limit end with from now on: borrowed; NULL: unknown. */
uint64_t caps_lacking(void);
void caps_explain(const char *why);

/* For a child made by kernel_clone that goes on as this program: libcap-ng remembers whose sets
 * it changes. */
void caps_forked(void);

/* Empties the effective set. From now on caps_limit leaves it empty, and only caps_raise fills
 * it. */
int caps_hold(struct vst_err *err);

/* Whether all of `set` is effective. */
int caps_has(uint64_t set);

/* Adds to, and removes from, the effective set. Raising what is not permitted is
 * VST_EXIT_DENIED. */
int caps_raise(uint64_t set, struct vst_err *err);
int caps_lower(uint64_t set, struct vst_err *err);
