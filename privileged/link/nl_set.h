/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a link is given: its MTU, and addresses and routes, which are written down in the form
 * in which nl_list finds them, for nl_restore to set and nl_holds to prove. A part of nl.h.
 */
#pragma once

#include <linux/netlink.h>

#include "../../ipc/op.h"
#include "nl.h"

/* By ifindex; `name` is for messages. */
int nl_set_mtu(
	struct nl *nl, uint32_t ifindex, const char *name, uint32_t mtu, struct vst_err *err);

/* A link as it is now. */
struct nl_now {
	uint32_t flags; /* IFF_* */
	uint32_t mtu;
	uint32_t master;      /* ifindex; 0: none */
	int is_isolated;      /* as a port of a bridge */
	unsigned char mac[6]; /* 0 where it has none of 6 bytes */
	char name[16];
};

/* 1 found, 0 no such link, -1 with err. */
int nl_now(struct nl *nl, uint32_t ifindex, struct nl_now *ret, struct vst_err *err);

/* A state being written down: messages one behind the other. If one does not fit, len becomes
 * size + 1 and stays so. */
struct nl_state {
	unsigned char *bytes;
	size_t size;
	size_t len;
};

void nl_state_address(struct nl_state *state, const struct vst_address *address);
void nl_state_route(struct nl_state *state, const struct vst_route *route);

/* Adds the addresses, the routes, or both, of another state (of len bytes). */
void nl_state_add(struct nl_state *state, const unsigned char *bytes, size_t len, int addresses,
	int routes);

/* Whether every address and route of `wanted` is among those of `found`; if not, *ret_missing
 * names the first that is not. An IPv6 address that is not usable, because it is tentative or a
 * duplicate, does not count, unless it is so in `wanted`. */
int nl_holds(const struct nl_state *wanted, const struct nl_state *found,
	struct vst_quoted *ret_missing);

/* Names an address or a route of a state: "the address 192.0.2.1/24", "the route to
 * 192.0.2.0/24". */
void nl_state_say(const struct nlmsghdr *message, struct vst_quoted *ret);
