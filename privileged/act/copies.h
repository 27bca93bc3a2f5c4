/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Propagated copies of our mounts. A mount on a shared mount is copied to its parent's peers,
 * and unmounted there with the original; but a copy that somebody has mounted something in
 * stays. Copies in our mount namespace are journalled, each by its id, and taken back after the
 * original. A mount that may be a copy or somebody else's is journalled as unsure: it is named
 * while it exists, and never unmounted.
 */
#pragma once

#include "exec.h"

/* Journals the copies that came with the record's mount a moment ago (6.8). A copy on one of
 * the host's own directories (host.h) is VST_EXIT_CONFLICT, and everything is to be taken back.
 */
int copies_note(struct exec_run *run, const struct rec_mount *rec, const char *rest,
	struct vst_err *err);

/* Whether the record is of a copy. */
int copies_is(const struct journal_rec *rec);

/* Whether the original of the record's copy exists, or may exist. If so, the copy is unmounted
 * with it. */
int copies_has_original(
	const struct journal *journal, uint32_t run, const struct journal_rec *rec);

/* The flags of a mount's record. A mount with a copy in the bundle is the bundle's too: the two
 * are unmounted together. */
uint32_t copies_flags(const struct journal *journal, const struct journal_rec *rec);

/* Marks copies of the run that are gone UNDONE. */
void copies_forget(struct journal *journal, uint32_t run);
