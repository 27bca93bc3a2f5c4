/*
 * What an interface is known by, before it exists and after: drawn numbers, an address, an
 * alias.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../journal/record.h"
#include "nl.h"

/* The ifindexes that are drawn: programs keep arrays indexed by them, or have 16 bits for them,
 * and the kernel hands out the first ones by itself. */
#define LINK_NUMBER_MIN 1000U
#define LINK_NUMBER_MAX 32767U

/* Drawn before the links exist; [1] is for a pair's peer. */
struct link_id {
	uint64_t cookie;
	uint32_t ifindex[2];
	unsigned char mac[2][6];
};

/* Draws an identity: ifindexes of LINK_NUMBER_MIN to LINK_NUMBER_MAX, addresses that are
 * locally administered. Never waits. */
int link_id_draw(struct link_id *ret, struct vst_err *err);

/* Puts ifindexes into a drawn identity that are free in the namespaces that each end is in for
 * a while (here or there NULL: not in that one), other than each other: small ones while there
 * are any, else far above. */
void link_id_avoid(struct link_id *id, const struct nl_numbers *const here[2],
	const struct nl_numbers *const there[2]);

/* Whether links of the kind have an Ethernet address and behave the same with an explicit one:
 * a bridge keeps a given address, where it would else take its lowest port's. */
int link_id_has_mac(const char *kind);

/* The alias of a link that was made here: "vestibule:" and the cookie. */
void link_id_alias(char ret[32], uint64_t cookie);

/* What makes the link another one than the record's, as a sentence's end; NULL: it is the same.
 * The ifindex is not looked at: it is how the link was found. */
const char *link_id_made_differs(
	const struct rec_link *rec, enum journal_state state, const struct nl_link *link);

/* The same for one that was moved: for a link that is here (never moved, or back), for one that
 * was just brought here under the drawn name, and for one that was found there, by a socket
 * there: what lay here when it was moved has to lie in ns_here. An address that its root there
 * could change is asked for only where nothing else is proof. */
const char *link_id_here_differs(const struct rec_move *rec, const struct nl_link *link);
const char *link_id_arrived_differs(const struct rec_move *rec, const struct nl_link *link);
const char *link_id_there_differs(
	struct nl *there, int ns_here, const struct rec_move *rec, const struct nl_link *link);
