/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings a moved link back. Root there could change everything but what the link is. What
 * survives a move is corrected there, and again here, where nobody interferes. The link arrives
 * down, under a drawn name, and gets its names, addresses and routes once all else is right.
 */
#pragma once

#include <stdint.h>

#include "../act/exec.h"
#include "nets.h"

/* The undo function (exec.h) of a JOURNAL_MOVE. `nets` are the namespaces of the record's run.
 * UNDO_BUSY: root there keeps changing the link. UNDO_OTHERWISE: it is back, but a name or
 * alternative name is taken; or it was removed there for certain. -1: a link that is here but
 * not restored stays down, under the drawn name, and journalled. */
int link_back(const struct nets *nets, const struct journal *journal,
	const struct journal_rec *rec, struct vst_err *err);

/* Whether a moved link that is not where it was moved to still exists. `differs`: how the link
 * that has its ifindex there differs; NULL: none has it. EXEC_GONE: provably gone.
 * EXEC_UNKNOWN, with err: it may exist somewhere, or an interrupted run brought it here. */
enum exec_present link_back_present(const struct nets *nets, const struct journal *journal,
	const struct rec_move *rec, const char *differs, struct vst_err *err);

/* Returns UNDO_KEPT for an interface whose namespace cannot be inspected; err says why. */
int link_back_keep(const struct nets *nets, const char *name, struct vst_err *err);

/* CLOCK_BOOTTIME in nanoseconds, for rec_move.saved_at. */
uint64_t link_back_now(void);
