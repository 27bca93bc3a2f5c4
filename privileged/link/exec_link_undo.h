/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undo of interfaces that were made, and the presence of those made or moved.
 */
#pragma once

#include "../act/exec.h"
#include "nets.h"

/* The undo function (exec.h) of a JOURNAL_LINK; link_back() is that of a JOURNAL_MOVE. `nets`
 * are the namespaces of the record's run. A link made there is deleted by nsid, which needs no
 * socket there. */
int exec_link_undo(const struct nets *nets, const struct journal_rec *rec, struct vst_err *err);

/* Whether the record's link is still there as it was made or moved. EXEC_UNKNOWN sets err. */
enum exec_present exec_link_present(const struct nets *nets, const struct journal *journal,
	const struct journal_rec *rec, struct vst_err *err);
