/*
 * Network interfaces that were made or moved: whether they are there, and taking them back.
 */
#pragma once

#include "../act/exec.h"
#include "nets.h"

/* See exec.h; of what was made: link_back is that of what was moved. nets are the two
 * namespaces of the record's run. What was made there is deleted by the number of there. */
int exec_link_undo(const struct nets *nets, const struct journal_rec *rec, struct vst_err *err);

/* Whether the record's link is still there as it was made or moved. */
enum exec_present exec_link_present(const struct nets *nets, const struct journal *journal,
	const struct journal_rec *rec, struct vst_err *err);
