/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Isolated ports of a bridge do not reach each other at layer 2, but they do through a host
 * that forwards, unless a rule of its routing forbids it.
 */
#pragma once

#include "../../ipc/err.h"
#include "nl.h"
#include "port_bridge.h"

/* Whether this host keeps the ports of the bridge apart: 1; 0: it forwards the family of an
 * address of the bridge, and no rule "iif BRIDGE to SUBNET prohibit" (or blackhole,
 * unreachable) comes before its tables: then ret_rule has the end of the command
 * that adds the rule for the first such subnet; -1 with err:
 * that cannot be told. Rules with further selectors do not count. */
int port_apart(struct nl *nl, const struct port_bridge *bridge, char ret_rule[128],
	struct vst_err *err);
