/*
 * Bringing a moved link back. Its root there could change all of it but what it is: what a move
 * keeps is set right there, and again here, where nobody else has a hand in it; it arrives down
 * and under a drawn name, and gets its names, addresses and routes when all else is right.
 */
#pragma once

#include <stdint.h>

#include "../act/exec.h"
#include "nets.h"

/* See exec.h; nets are the two namespaces of the record's run. UNDO_BUSY: its root there
 * changes it all the time. One whose name, alternative names or settings could not be had back
 * is UNDO_OTHERWISE; one that is here and is not right stays down, under the drawn name, and
 * noted: -1. */
int link_back(const struct nets *nets, const struct journal *journal,
	const struct journal_rec *rec, struct vst_err *err);

/* What is known of one that is not where it was moved to; differs: what has its number there is
 * another one. EXEC_GONE: provably. EXEC_UNKNOWN, with err: it may live somewhere, or it is
 * here, brought by a run that did not come to its end. */
enum exec_present link_back_present(const struct nets *nets, const struct journal *journal,
	const struct rec_move *rec, const char *differs, struct vst_err *err);

/* UNDO_KEPT, of an interface that is not seen because there is not to be seen. */
int link_back_keep(const struct nets *nets, const char *name, struct vst_err *err);

/* CLOCK_BOOTTIME in ns, for rec_move.saved_at. */
uint64_t link_back_now(void);
