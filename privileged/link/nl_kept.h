/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of a link that survive a move to another network namespace, and that root there can
 * change. They are saved before the move, then compared and corrected. A part of nl.h.
 */
#pragma once

#include "nl.h"

/* Saves the link as one RTM_NEWLINK message of at most `size` bytes, for the functions below.
 * VST_EXIT_UNSUPPORTED: the message does not fit; nl_kind.h does not know the link's kind; or
 * the link has what a move loses, or root there can replace, and nobody could restore: it is a
 * port, has a qdisc that somebody attached, an XDP program, or virtual functions. */
int nl_kept_save(struct nl *nl, uint32_t ifindex, const char *name, unsigned char *ret,
	size_t size, uint32_t *ret_len, struct vst_err *err);

/* Compares the link once with what was saved, and corrects what differs, one attribute at a
 * time. Alternative names that were not saved are removed; all of them unless keep_names.
 * Returns how many settings differed, or -1 with err. 0 means that the link is as it was, but
 * for its name and being up. *ret_what, static, names one that differed. */
int nl_kept_mend(struct nl *nl, uint32_t ifindex, const char *name, int keep_names,
	const unsigned char *kept, uint32_t len, const char **ret_what, struct vst_err *err);

/* As nl_kept_mend, for a link that is back and correct otherwise: the settings of its kind,
 * which depend on its namespace. 0, or -1 with err: a setting differs and cannot be set, or
 * another interface lies on the link that did not before. */
int nl_kept_settle(struct nl *nl, uint32_t ifindex, const char *name, const unsigned char *kept,
	uint32_t len, struct vst_err *err);

/* Restores the alternative names. Returns how many are taken by other links, the first of them
 * in ret_taken; or -1 with err. */
int nl_kept_names(struct nl *nl, uint32_t ifindex, const char *name, const unsigned char *kept,
	uint32_t len, char ret_taken[128], struct vst_err *err);
