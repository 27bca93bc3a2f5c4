/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port of a bridge whose other end is in a namespace that somebody else controls: the host
 * end of a user's veth. It stays down until all that keeps its container from being another,
 * and from taking part in what bridges tell each other, was set and read back.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "nl.h"
#include "port_bridge.h"

struct port_new {
	const char *name;
	uint32_t ifindex; /* 0 for port_create: the kernel's choice */
	uint32_t group;
	const unsigned char *mac; /* 6 bytes; the first is 0xfe, so that no bridge takes it */
	const char *there;        /* the other end's name, in the namespace ns_fd */
	const unsigned char *there_mac;
	int ns_fd; /* borrowed */
};

/* Creates the pair: the host end is a port of the bridge from the beginning, down, without ARP,
 * and with its group. err->code is the kernel's errno, as nl_create's. */
int port_create(struct nl *nl, const struct port_new *port, const struct port_bridge *bridge,
	struct vst_err *err);

/* Sets everything but up and the group. `is_shared`: it may reach the bridge's other ports.
 * What the kernel does not know it ignores, so port_look has to follow. */
int port_secure(struct nl *nl, const struct port_new *port, int is_shared, struct vst_err *err);

/* Sets it up, with the group. */
int port_open(struct nl *nl, const struct port_new *port, uint32_t group, struct vst_err *err);

/* What of a port is wrong where the kernel is older than 5.18. */
#define PORT_CANNOT_LOCK "cannot be locked, which is new in Linux 5.18"

/* What is read back of a port. */
struct port_facts {
	struct nl_link link;
	uint32_t group, master, mtu;
	int is_away;       /* its other end is in another namespace */
	int is_shared;     /* it may reach the bridge's other ports */
	const char *wrong; /* what of port_secure is not so, static; NULL: nothing */
};

/* Reads a port. 1, 0 if there is no such interface, -1 with err. `there_mac`: the address that
 * it is to be pinned to; NULL: any one. */
int port_look(struct nl *nl, uint32_t ifindex, const unsigned char *there_mac,
	struct port_facts *ret, struct vst_err *err);

/* A host end that was found, of any user. */
struct port_seen {
	uint32_t ifindex, uid, slot, group, master;
	char name[16];
};

/* Calls `take` for each veth here whose name is of slot_name's form; what it returns other than
 * 0 ends the list. Returns that, 0, or -1 with err. */
int port_list(struct nl *nl, int (*take)(const struct port_seen *seen, void *arg), void *arg,
	struct vst_err *err);
