/* Notes what the two network namespaces of an attach will be known by, and finds them again. */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../journal/journal.h"
#include "../link/nets.h"
#include "../link/nl.h"

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

/* The same for the records of a committed or unfinished run, if any of them is a link's; else
 * NETS_NONE. *ret is closed with nets_close in any case. */
int nets_open_run(const struct journal *journal, uint32_t run_place,
	const struct caller *caller, struct nets *ret, struct vst_err *err);

/* Accepts what was never opened: NETS_NONE. */
void nets_close(struct nets *nets);
