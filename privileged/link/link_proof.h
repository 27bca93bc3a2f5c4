/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a link here is the one that was moved. Root there controlled everything except what
 * is checked here. The drawn name proves nothing: root there can learn it.
 */
#pragma once

#include "../act/exec.h"
#include "link_id.h"

enum link_proof {
	LINK_IS_IT,
	LINK_IS_ANOTHER,
	LINK_IS_UNKNOWN, /* nothing tells */
};

/* Judges a link here. Under the record's own name, which only root here can have given it, the
 * sysfs inode is not asked for: root here may have made the link again. *ret_why, static, is
 * the end of a sentence, except for LINK_IS_IT. */
enum link_proof link_prove(struct nl *here, const struct rec_move *rec,
	const struct nl_link *link, const char **ret_why);

/* Moves a link that arrived, and is not proved to be the record's, to ns_there, renamed first
 * to a newly drawn name, so that rec->way is not seen there. UNDO_KEPT for LINK_IS_UNKNOWN,
 * else -1; err says what became of it. If it cannot be moved, it stays here, down, named
 * rec->way. */
int link_send_back(struct nl *here, int ns_there, const struct rec_move *rec,
	const struct nl_link *link, enum link_proof proof, const char *why,
	struct vst_err *err);
