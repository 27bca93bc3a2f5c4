/* SPDX-License-Identifier: Apache-2.0 */
/* Notes the identities of an attach's two network namespaces, and finds the namespaces again.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "../journal/journal.h"
#include "../link/nets.h"
#include "../link/nl.h"

/* Completes the run's record: the ids of both namespaces (5.14), and a drawn nsid for ns_there
 * in ours. `there` is a socket in ns_there, or NULL. ns_there -1: links stay here, and no nsid
 * is drawn. */
int nets_note(const struct nl *there, struct nl *here, int ns_there, struct rec_run *run,
	struct vst_err *err);

/* Opens what is left of the run's network namespaces. "Here" must still be ours, else
 * VST_EXIT_CONFLICT. "There" is looked for through its process, what this journal bound, any
 * process in it, any bind mount in our mount namespace, and its id (6.18). Every candidate is
 * verified. Not finding it is no error: ret->is says what is known. Close *ret with nets_close
 * even on failure. */
int nets_open(const struct journal *journal, const struct rec_run *run,
	const struct caller *caller, struct nets *ret, struct vst_err *err);

/* As nets_open, if the run at run_place still holds a link; else *ret is NETS_NONE. Close *ret
 * with nets_close even on failure. */
int nets_open_run(const struct journal *journal, uint32_t run_place,
	const struct caller *caller, struct nets *ret, struct vst_err *err);

/* Accepts NETS_NONE. */
void nets_close(struct nets *nets);
