#include "link_id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* Far above what the kernel hands out by itself, far below where its numbers end. */
#define IFINDEX_MIN (1U << 20)
#define IFINDEX_MAX (1U << 30)

int link_id_draw(struct link_id *ret, struct vst_err *err)
{
	/* No secrets: early in the boot, where LinuxKit runs us, nothing waits for entropy. */
	if (getrandom(ret, sizeof *ret, GRND_INSECURE) != (ssize_t)sizeof *ret)
		return vst_fail(err, VST_EXIT_FAILED, errno, "draw an interface's identity");
	for (unsigned i = 0; i < 2; i++) {
		ret->ifindex[i] = IFINDEX_MIN + ret->ifindex[i] % (IFINDEX_MAX - IFINDEX_MIN);
		/* Locally administered, and of one station. */
		ret->mac[i][0] = (unsigned char)((ret->mac[i][0] & 0xfc) | 0x02);
	}
	return 0;
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

const char *link_id_moved_differs(const struct rec_move *rec, const struct nl_link *link)
{
	if (strcmp(rec->kind, link->kind) != 0)
		return "its kind is another";
	if (memcmp(rec->mac, link->mac, sizeof rec->mac) != 0)
		return "its address is another";
	/* Kind, address and ifindex are for the other namespace's root to choose. What is at
	 * the other end, in a namespace of ours, is not. */
	if (rec->lower && rec->lower != link->lower)
		return "what it is connected to is another one";
	return NULL;
}

const char *link_id_there_differs(
	struct nl *there, int ns_here, const struct rec_move *rec, const struct nl_link *link)
{
	const char *differs = link_id_moved_differs(rec, link);
	struct vst_err ignored;
	int here;

	if (differs || !rec->lower || rec->lower_away)
		return differs;
	if (nl_nsid(there, ns_here, &here, &ignored) < 0 || here < 0 ||
		here != link->lower_nsid)
		return "what it is connected to is not here";
	return NULL;
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
	/* Cut short before it was confirmed: then nobody had a reason to rename it either. */
	if (state != JOURNAL_DONE && strcmp(rec->name, link->name) != 0)
		return "its name is another";
	return NULL;
}
