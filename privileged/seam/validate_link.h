/* SPDX-License-Identifier: Apache-2.0 */
/* Judges the settings of one entry of interfaces[] as the parser sent them. */
#pragma once

#include "../../ipc/wire_get.h"

/* Totals over all interfaces of a request, for the limits. */
struct validate_links {
	unsigned n_sets, n_addresses, n_routes;
};

/* Judges the settings of a link whose strings were judged, by the rules of
 * vestibule-runtime.json(5): ranges, the form of every address and route, what needs a peer, a
 * bridge, a link that is moved. Returns NULL, or what is wrong: an honest parser sends no such
 * link, whatever the document says. */
const char *validate_link_set(struct validate_links *links, const struct wire_op *op);
