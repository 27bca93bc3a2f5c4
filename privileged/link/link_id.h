/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity of an interface, before it exists and after: drawn ifindex, MAC and alias.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../journal/record.h"
#include "nl.h"

/* The range of drawn ifindexes. The kernel assigns small numbers itself; programs index arrays
 * by ifindex, or keep it in 16 bits. */
#define LINK_NUMBER_MIN 1000U
#define LINK_NUMBER_MAX 32767U

/* Drawn before the links exist. Index 1 is for a pair's peer. */
struct link_id {
	uint64_t cookie;
	uint32_t ifindex[2];
	unsigned char mac[2][6];
};

/* Draws an identity: ifindexes from LINK_NUMBER_MIN to LINK_NUMBER_MAX, locally administered
 * addresses. Never blocks. */
int link_id_draw(struct link_id *ret, struct vst_err *err);

/* Draws a name for a link on its way: "vst" and eight digits. */
int link_id_draw_name(char ret[16], struct vst_err *err);

/* The name of a pair's peer that has none in the document: "vsp" and eight digits, drawn with
 * the identity. */
void link_id_peer_name(char ret[16], const struct link_id *id);

/* Replaces ifindexes of a drawn identity by free ones, different from each other. here[i] and
 * there[i] are the numbers taken where end i will be; NULL: it will not be there. Numbers above
 * LINK_NUMBER_MAX are used when no other is free. */
void link_id_avoid(struct link_id *id, const struct nl_numbers *const here[2],
	const struct nl_numbers *const there[2]);

/* Whether links of the kind have an Ethernet address and behave the same with an explicit one.
 * A bridge does not: it keeps a given address, where it would else take its lowest port's. */
int link_id_has_mac(const char *kind);

/* The alias of a link made here: "vestibule:" and the cookie in hex. */
void link_id_alias(char ret[32], uint64_t cookie);

/* Why the link is not the record's, as the end of a sentence (static); NULL: it is. The ifindex
 * is not compared, because the link was found by it. */
const char *link_id_made_differs(
	const struct rec_link *rec, enum journal_state state, const struct nl_link *link);

/* As link_id_made_differs, for a moved link: one that is here (never moved, or back), one that
 * was just brought here under the drawn name, one found there through a socket there. In the
 * last, a peer or lower device that was here must be in ns_here. An address that root there can
 * change is compared only if nothing else is proof. */
const char *link_id_here_differs(const struct rec_move *rec, const struct nl_link *link);
const char *link_id_arrived_differs(const struct rec_move *rec, const struct nl_link *link);
const char *link_id_there_differs(
	struct nl *there, int ns_here, const struct rec_move *rec, const struct nl_link *link);
