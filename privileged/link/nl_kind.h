/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of a link's kind (IFLA_LINKINFO). They survive a move, and root of the other
 * namespace can change and add to them. A part of nl_kept.h.
 */
#pragma once

#include "nl.h"
#include "nl_attr.h"

/* Whether route netlink reports all that can be set on a link of this kind, so that every
 * change is seen when the link is back. `info` is its IFLA_LINKINFO; none for a device of a
 * driver. */
int nl_kind_is_known(struct nl_span info);

/* Compares the link's settings `now` with `wanted`, both IFLA_LINKINFO, in both directions: an
 * added setting differs, too. With `set`, corrects what differs, one setting per request; `now`
 * is invalid afterwards, and the caller compares again. Returns how many differed. */
int nl_kind_settle(
	struct nl *nl, uint32_t ifindex, struct nl_span wanted, struct nl_span now, int set);
