/*
 * The settings of a link's kind (IFLA_LINKINFO), which a move keeps, and which the root of the
 * namespace that it was moved to can change and add to. A part of nl_kept.h.
 */
#pragma once

#include "nl.h"
#include "nl_attr.h"

/* Whether all that can be set on a link of this kind is told by route netlink, so that it is
 * seen when it is back. info: its IFLA_LINKINFO; none for a device of a driver. */
int nl_kind_is_known(struct nl_span info);

/* Compares the link's settings now with `wanted`, both IFLA_LINKINFO, both ways: one that was
 * added differs, too. With `set`, what differs is set right, one setting a request: `now` is
 * gone then, and whoever asks looks again. Returns how many differed. */
int nl_kind_settle(
	struct nl *nl, uint32_t ifindex, struct nl_span wanted, struct nl_span now, int set);
