/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a caller with less has in use, by the journals of his directory, and the lock under
 * which that is counted and more of it begun. The lock is held for that alone, never while
 * anything is done, so that one who stops his run keeps nobody waiting but himself, and that
 * not here.
 */
#pragma once

#include <stdint.h>

#include "journal.h"

struct usage {
	uint32_t journals;
	uint64_t bytes;
	uint32_t binds; /* Namespaces that are bound, or that a run has begun to bind. */
};

/* Locks the directory; *ret_fd holds the lock. Waits like journal_open, else VST_EXIT_BUSY. */
int usage_lock(int dir_fd, int *ret_fd, struct vst_err *err);

/* Counts, without waiting for anybody's journal. `own` has our boot id. What cannot be read, or
 * is damaged, is an error: it may hold more. */
int usage_count(
	int dir_fd, const struct journal_key *own, struct usage *ret, struct vst_err *err);

/* Whether `bytes` more of records are within what one caller may have, and leave enough of the
 * file system to root: 0, else VST_EXIT_DENIED. Under the lock. */
int usage_has_room(int dir_fd, const struct usage *usage, size_t bytes, struct vst_err *err);

/* Makes room for the journal of the key: it is there, or is made, empty, because neither the
 * number nor the size of the caller's journals, nor what the file system has left, forbids it.
 * Else VST_EXIT_DENIED. Under the lock, which it takes. */
int usage_make_room(int dir_fd, const struct journal_key *key, struct vst_err *err);
