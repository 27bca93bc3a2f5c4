/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A link's operational state and carrier, which a move keeps and the root of the namespace it
 * was moved to can set. A part of nl_kept.h.
 */
#pragma once

#include "nl.h"

/* Sets both as in `kept` (what nl_kept_save wrote), on a link that was restored. While a link
 * is down the kernel does not tell the operational state, so "testing" and "dormant" are then
 * cleared unseen. 0; -1 if they differ and cannot be
 * set, or if `kept` is not one whole message of len bytes. */
int nl_oper_settle(struct nl *nl, uint32_t ifindex, const char *name, const unsigned char *kept,
	uint32_t len, struct vst_err *err);
