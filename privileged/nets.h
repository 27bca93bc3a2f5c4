/*
 * The two network namespaces of an attach, found again by a later run.
 */
#pragma once

#include "../ipc/err.h"
#include "../policy/caller.h"
#include "journal.h"
#include "nl.h"

struct nets {
	struct nl *here;
	struct nl *there; /* NULL: it is the same as here, or it is gone */
	int ns_here;
	int ns_there; /* -1 where there is none */
};

/* Opens what is left of the namespaces that `run` names. "Here" must be our own still, else
 * VST_EXIT_CONFLICT. "There" is found through its process, if it is the same one and lives,
 * else through what this journal bound of it, any process that lives in it, or any bind of it
 * in our mount namespace (/proc); if there is none of these, it is gone, and its virtual links
 * are gone with it. */
int nets_open(const struct journal *journal, const struct rec_run *run,
	const struct caller *caller, struct nets *ret, struct vst_err *err);

/* Accepts what was never opened: { NULL, NULL, -1, -1 }. */
void nets_close(struct nets *nets);
