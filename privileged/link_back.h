/*
 * Bringing a moved link back. Its root there could change all of it but what it is: what a move
 * keeps is set right there, and again here, where nobody else has a hand in it; it arrives down
 * and under a drawn name, and gets its names, addresses and routes when all else is right.
 */
#pragma once

#include <stdint.h>

#include "exec.h"
#include "nets.h"

/* See exec.h; nets are the two namespaces of the record's run. UNDO_BUSY: its root there
 * changes it all the time. One whose name, alternative names or settings could not be had back
 * is UNDO_OTHERWISE; one that is here and is not right stays down, under the drawn name, and
 * noted: -1. */
int link_back(const struct nets *nets, const struct journal *journal,
	const struct journal_rec *rec, struct vst_err *err);

/* Whether the other end of a pair, which was here, tells that the moved one lives somewhere. */
int link_back_lives(const struct nets *nets, const struct rec_move *rec);

/* UNDO_KEPT, of an interface that is not seen because there is not to be seen. */
int link_back_keep(const struct nets *nets, const char *name, struct vst_err *err);

/* CLOCK_BOOTTIME in ns, for rec_move.saved_at. */
uint64_t link_back_now(void);
