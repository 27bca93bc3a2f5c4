/* SPDX-License-Identifier: Apache-2.0 */
/* Bridges and their ports. A part of nl.h. These act by ifindex; `name` is for messages. */
#pragma once

#include "nl.h"

/* What a bridge does with VLANs. */
enum nl_filtering {
	NL_FILTERING_UNKNOWN, /* this kernel's bridges have no VLANs */
	NL_FILTERING_OFF,
	NL_FILTERING_ON,
};

int nl_filtering(struct nl *nl, uint32_t ifindex, enum nl_filtering *ret, struct vst_err *err);

/* Makes the link a port of the bridge. */
int nl_set_master(struct nl *nl, uint32_t ifindex, const char *name, uint32_t bridge,
	struct vst_err *err);

/* Isolates the port: it reaches no other port that is isolated. */
int nl_set_isolated(struct nl *nl, uint32_t ifindex, const char *name, struct vst_err *err);

/* Makes the port one of this VLAN alone, untagged. Read back: 0 means that it is so. */
int nl_set_vlan(
	struct nl *nl, uint32_t ifindex, const char *name, uint16_t vlan, struct vst_err *err);
