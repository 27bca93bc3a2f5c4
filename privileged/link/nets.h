/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two network namespaces of an attach, as a later run found them again (nets_open.h).
 * "Here" is the one that it ran in, "there" the process's.
 *
 * A namespace has an id that the kernel never reuses: SO_NETNS_COOKIE of a socket in it (5.14),
 * NS_GET_ID of a descriptor (6.18). It also has an nsid here, which attach draws and assigns.
 * The nsid lives exactly as long as the namespace, and can be queried without a descriptor: its
 * absence proves that the namespace is gone. An inode proves nothing, because the kernel reuses
 * it at once.
 */
#pragma once

#include "nl.h"

enum nets_there {
	NETS_UNKNOWN, /* Cannot be told; `why` says why. */
	NETS_OURS,    /* The same namespace as "here". */
	NETS_OPEN,    /* Found: ns_there and a socket there are open. */
	NETS_ALIVE,   /* It exists and has an nsid here, but cannot be opened. */
	NETS_GONE,    /* Provably gone, with every virtual link that was in it at the end. */
};

struct nets {
	struct nl *here;
	struct nl *there; /* NULL unless `is` is NETS_OPEN. */
	int ns_here;
	int ns_there; /* -1: not open. */
	enum nets_there is;
	int nsid;        /* The nsid of "there" in our namespace; -1: none that is proved. */
	const char *why; /* For NETS_UNKNOWN and NETS_ALIVE: the end of a sentence; static. */
};

/* Descriptors are -1, not 0. */
#define NETS_NONE ((struct nets){NULL, NULL, -1, -1, NETS_UNKNOWN, -1, ""})
