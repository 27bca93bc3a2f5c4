/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bridge that a user's veth becomes a port of: whether it may get ports whose other end
 * somebody else controls, and what of it such a port must leave as it is.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "nl.h"

struct port_bridge {
	uint32_t ifindex;
	uint32_t mtu;
	unsigned char mac[6];
	char name[16];
};

/* Looks the bridge up and judges it. VST_EXIT_CONFLICT with the reason and what to do:
 *   it is missing, or is no bridge
 *   it runs STP, whose messages a port could send
 *   its own address was not set, so that it takes its lowest port's
 *   it takes router advertisements, which a port could send
 * What cannot be looked at is refused likewise: the address needs the sysfs of this network
 * namespace on /sys, the advertisements a procfs on /proc. */
int port_bridge_look(
	struct nl *nl, const char *name, struct port_bridge *ret, struct vst_err *err);

/* Proves that MTU and address of the bridge are what they were: VST_EXIT_FAILED. */
int port_bridge_same(struct nl *nl, const struct port_bridge *before, struct vst_err *err);
