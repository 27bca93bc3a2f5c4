/* SPDX-License-Identifier: Apache-2.0 */
#include "link_id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* The range used when no number up to LINK_NUMBER_MAX is free: far above those, and far below
 * the kernel's limit. */
#define FAR_MIN (1U << 20)
#define FAR_MAX (1U << 30)

_Static_assert(LINK_NUMBER_MAX == NL_NUMBERS_MAX, "whether one is taken can be noted");

int link_id_draw(struct link_id *ret, struct vst_err *err)
{
	/* No secret is drawn, so GRND_INSECURE: LinuxKit runs us early in boot, before entropy
	 * is ready. */
	if (getrandom(ret, sizeof *ret, GRND_INSECURE) != (ssize_t)sizeof *ret)
		return vst_fail(err, VST_EXIT_FAILED, errno, "draw an interface's identity");
	for (unsigned i = 0; i < 2; i++) {
		ret->ifindex[i] = LINK_NUMBER_MIN +
				  ret->ifindex[i] % (LINK_NUMBER_MAX - LINK_NUMBER_MIN + 1);
		/* Locally administered, unicast. */
		ret->mac[i][0] = (unsigned char)((ret->mac[i][0] & 0xfc) | 0x02);
	}
	/* A bridge without an address of its own takes the lowest of its ports: not a peer's.
	 */
	ret->mac[1][0] = 0xfe;
	return 0;
}

int link_id_draw_name(char ret[16], struct vst_err *err)
{
	struct link_id drawn;

	if (link_id_draw(&drawn, err) < 0)
		return -1;
	snprintf(ret, 16, "vst%08x", (unsigned)drawn.cookie);
	return 0;
}

void link_id_peer_name(char ret[16], const struct link_id *id)
{
	snprintf(ret, 16, "vsp%08x", (unsigned)(id->cookie >> 32));
}

static int is_taken(const struct nl_numbers *in, uint32_t number)
{
	return in && in->taken[number / 8] >> number % 8 & 1;
}

/* The first free number from `from` on, wrapping round at LINK_NUMBER_MAX; 0: none. */
static uint32_t find_free(const struct nl_numbers *here, const struct nl_numbers *there,
	uint32_t from, uint32_t other)
{
	const uint32_t n = LINK_NUMBER_MAX - LINK_NUMBER_MIN + 1;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t number = LINK_NUMBER_MIN + (from - LINK_NUMBER_MIN + i) % n;

		if (number != other && !is_taken(here, number) && !is_taken(there, number))
			return number;
	}
	return 0;
}

void link_id_avoid(struct link_id *id, const struct nl_numbers *const here[2],
	const struct nl_numbers *const there[2])
{
	for (unsigned i = 0; i < 2; i++) {
		uint32_t number =
			find_free(here[i], there[i], id->ifindex[i], i ? id->ifindex[0] : 0);

		/* The cookie is random, too, and its value means nothing. */
		if (!number)
			number = FAR_MIN +
				 (uint32_t)(id->cookie >> 32 * i) % (FAR_MAX - FAR_MIN);
		id->ifindex[i] = number;
	}
}

int link_id_has_mac(const char *kind)
{
	return strcmp(kind, "veth") == 0 || strcmp(kind, "dummy") == 0 ||
	       strcmp(kind, "ifb") == 0;
}

void link_id_alias(char ret[32], uint64_t cookie)
{
	snprintf(ret, 32, "vestibule:%016llx", (unsigned long long)cookie);
}

/* Why the link is not the moved one, or NULL. Root there cannot choose a permanent address, nor
 * a peer or lower device in a namespace of ours. Kind, other addresses, names and ifindex prove
 * nothing against that root, and only tell accidental confusions apart. */
static const char *moved_differs(
	const struct rec_move *rec, const struct nl_link *link, int lower_nsid)
{
	int is_permanent = (rec->flags & REC_MOVE_PERMANENT) != 0;
	int is_same_mac = memcmp(rec->mac, link->mac, sizeof rec->mac) == 0;

	if (strcmp(rec->kind, link->kind) != 0)
		return "its kind is another";
	if (is_permanent != link->mac_is_permanent || (is_permanent && !is_same_mac))
		return "its hardware is another";
	if (rec->lower && rec->lower != link->lower)
		return "what it is connected to is another one";
	if (is_permanent || (rec->lower && !rec->lower_away)) {
		if (rec->lower && !rec->lower_away && link->lower_nsid != lower_nsid)
			return "what it is connected to is not here";
		return NULL;
	}
	if (!is_same_mac && strcmp(rec->name, link->name) != 0)
		return "its address and its name are others";
	return NULL;
}

const char *link_id_here_differs(const struct rec_move *rec, const struct nl_link *link)
{
	return moved_differs(rec, link, -1);
}

const char *link_id_arrived_differs(const struct rec_move *rec, const struct nl_link *link)
{
	struct rec_move known = *rec;

	/* We gave it the drawn name, so its name is not compared. */
	memcpy(known.name, link->name, sizeof known.name);
	return moved_differs(&known, link, -1);
}

const char *link_id_there_differs(
	struct nl *there, int ns_here, const struct rec_move *rec, const struct nl_link *link)
{
	struct vst_err ignored;
	int here = -1;

	/* -2: "there" knows our namespace by no nsid, so nothing can be connected to it. */
	if (rec->lower && !rec->lower_away &&
		(nl_nsid(there, ns_here, &here, &ignored) < 0 || here < 0))
		here = -2;
	return moved_differs(rec, link, here);
}

const char *link_id_made_differs(
	const struct rec_link *rec, enum journal_state state, const struct nl_link *link)
{
	char alias[32];

	link_id_alias(alias, rec->cookie);
	if (strcmp(rec->kind, link->kind) != 0)
		return "its kind is another";
	if (rec->flags & REC_LINK_MAC && memcmp(rec->mac, link->mac, 6) != 0)
		return "its address is another";
	if (rec->flags & REC_LINK_ALIAS) {
		if (strcmp(alias, link->alias) == 0)
			return NULL;
		if (state == JOURNAL_DONE || link->alias[0])
			return "its alias is not the one that was set";
	}
	/* Interrupted before the alias was set: nobody had reason to rename it, so the name
	 * must match. */
	if (state != JOURNAL_DONE && strcmp(rec->name, link->name) != 0)
		return "its name is another";
	return NULL;
}
