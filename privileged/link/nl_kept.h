/*
 * What a move to another network namespace keeps of a link, and the root of that namespace can
 * change: told by the kernel before the move, compared and set right afterwards. A part of
 * nl.h.
 */
#pragma once

#include "nl.h"

/* The link as the kernel tells it, one RTM_NEWLINK message of at most size bytes, with what the
 * others here look at. VST_EXIT_UNSUPPORTED: it does not fit; the link's kind is not among
 * those of nl_kind.h; or it has what a move loses or its root there can exchange, and nobody
 * could give back: it is a port of another one, has a queueing discipline of somebody's, a
 * program, or virtual functions. */
int nl_kept_save(struct nl *nl, uint32_t ifindex, const char *name, unsigned char *ret,
	size_t size, uint32_t *ret_len, struct vst_err *err);

/* Looks at the link once, and sets right whatever differs from what was saved, attribute by
 * attribute. Alternative names that were not saved are removed; all of them unless keep_names.
 * Returns how many differed (0: it is as it was, up or down and its name aside), or -1; one of
 * them is *ret_what, which is static. */
int nl_kept_mend(struct nl *nl, uint32_t ifindex, const char *name, int keep_names,
	const unsigned char *kept, uint32_t len, const char **ret_what, struct vst_err *err);

/* Of a link that is back, and as it was otherwise: the same for what depends on its namespace,
 * the settings of its kind. 0. -1, too, where some of them differ and cannot be set, and where
 * another interface lies on it that did not before. */
int nl_kept_settle(struct nl *nl, uint32_t ifindex, const char *name, const unsigned char *kept,
	uint32_t len, struct vst_err *err);

/* Gives the link its alternative names. Returns how many are taken by others, with the first of
 * them in ret_taken; or -1. */
int nl_kept_names(struct nl *nl, uint32_t ifindex, const char *name, const unsigned char *kept,
	uint32_t len, char ret_taken[128], struct vst_err *err);
