/*
 * The two network namespaces of an attach, found again by a later run. "Here" is the one that
 * it ran in, "there" the process's.
 *
 * A namespace is known by its id, which the kernel gives once: SO_NETNS_COOKIE of a socket
 * there (5.14), NS_GET_ID of its descriptor (6.18). And by its number here, which attach draws
 * and has the kernel note here: that ends with the namespace, whatever holds it, and needs no
 * descriptor to be asked for, so it is what proves that a namespace is gone. An inode proves
 * nothing: the kernel gives it again at once.
 */
#pragma once

#include "../ipc/err.h"
#include "../policy/caller.h"
#include "../policy/step.h"
#include "journal.h"
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

/* Completes what an attach that makes links will be known by: the ids of both namespaces, as
 * far as the kernel tells, and the number of there, ns_there, among ours. there: a socket
 * there, or NULL. ns_there -1: links stay here. */
int nets_note(const struct nl *there, struct nl *here, int ns_there, struct rec_run *run,
	struct vst_err *err);

/* Opens what is left of the namespaces that `run` names. "Here" must be our own still, else
 * VST_EXIT_CONFLICT. "There" is found through its process, if it is the same one and lives,
 * through what this journal bound of it, any process that lives in it, any bind of it in our
 * mount namespace (/proc), or by its id (6.18), and each time proved to be it. */
int nets_open(const struct journal *journal, const struct rec_run *run,
	const struct caller *caller, struct nets *ret, struct vst_err *err);

/* Accepts what was never opened: NETS_NONE. */
void nets_close(struct nets *nets);
