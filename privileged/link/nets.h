/*
 * The two network namespaces of an attach, as a later run found them again (nets_open.h).
 * "Here" is the one that it ran in, "there" the process's.
 *
 * A namespace is known by its id, which the kernel gives once: SO_NETNS_COOKIE of a socket
 * there (5.14), NS_GET_ID of its descriptor (6.18). And by its number here, which attach draws
 * and has the kernel note here: that ends with the namespace, whatever holds it, and needs no
 * descriptor to be asked for, so it is what proves that a namespace is gone. An inode proves
 * nothing: the kernel gives it again at once.
 */
#pragma once

#include "nl.h"

enum nets_there {
	NETS_UNKNOWN, /* it cannot be told */
	NETS_OURS,    /* it is the same as here */
	NETS_OPEN,    /* found: ns_there, and a socket there */
	NETS_ALIVE, /* it lives, and is known here by nsid; no descriptor of it is to be had */
	NETS_GONE,  /* provably, with every virtual link that was in it at the end */
};

struct nets {
	struct nl *here;
	struct nl *there; /* NULL unless it is NETS_OPEN */
	int ns_here;
	int ns_there; /* -1 where there is none */
	enum nets_there is;
	int nsid; /* the number of there in our namespace; -1: none that may be believed */
	const char *why; /* NETS_UNKNOWN, NETS_ALIVE: the end of a sentence; static */
};

/* No descriptor is 0 by default. */
#define NETS_NONE                                                                              \
	{                                                                                      \
		NULL, NULL, -1, -1, NETS_UNKNOWN, -1, ""                                       \
	}
