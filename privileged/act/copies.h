/*
 * What the kernel mounts along with ours: a mount on a shared one is copied to the peers of
 * that, and unmounted there with it; but a copy that somebody has mounted in stays. Those in
 * our own mount namespace are noted in the journal, each by its id, and taken back behind the
 * original.
 */
#pragma once

#include "exec.h"

/* Notes the copies that came with the record's mount a moment ago; from 6.8 on. A copy on one
 * of the host's own directories (host.h) is VST_EXIT_CONFLICT: all of it is to be taken back.
 */
int copies_note(struct exec_run *run, const struct rec_mount *rec, const char *rest,
	struct vst_err *err);

/* Whether the record is that of a copy. */
int copies_is(const struct journal_rec *rec);

/* Whether the mount that the record is a copy of is there: then it goes with that. */
int copies_has_original(
	const struct journal *journal, uint32_t run, const struct journal_rec *rec);

/* Forgets the copies of the run that are gone. */
void copies_forget(struct journal *journal, uint32_t run);
