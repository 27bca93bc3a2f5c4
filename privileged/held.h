/*
 * What the journal says is held for a bundle, compared with the kernel.
 */
#pragma once

#include "../ipc/err.h"
#include "../policy/caller.h"
#include "journal.h"
#include "nl.h"

/* Refuses (VST_EXIT_CONFLICT) if an earlier run never ended: prints what it may have left, one
 * line each, and names the journal. state_path is the directory's name for messages. */
int held_refuse_unfinished(
	const struct journal *journal, const char *state_path, struct vst_err *err);

/* What is there of a verb's earlier, committed runs. */
enum held {
	HELD_NONE,    /* nothing, or nothing any more: its records are UNDONE now */
	HELD_ALL,     /* everything, for the same plan and process */
	HELD_CHANGED, /* everything, but for another plan */
	HELD_OTHER,   /* something, for another process */
	HELD_PARTLY,  /* some of it is gone; err says which */
};

/* prepare: the mounts in the bundle. bundle_fd is what the records' pin names. */
int held_prepare(struct journal *journal, int bundle_fd, uint64_t plan_hash, enum held *ret,
	struct vst_err *err);

/* How an attach looks at its earlier self. */
struct held_view {
	const struct caller *caller;
	const struct rec_run *now; /* target_id, target_pid, netns and plan_hash of this run */
	struct nl *here;
	struct nl *there; /* NULL: not to be had */
};

/* attach: links and namespaces. */
int held_attach(struct journal *journal, const struct held_view *view, enum held *ret,
	struct vst_err *err);

/* Whether any committed attach run has a record of a link that is not UNDONE. */
int held_links(const struct journal *journal);

/* One line for a record: "mount /b/rootfs", "interface wg0", "directory /var/x". */
void held_describe(
	const struct journal *journal, const struct journal_rec *rec, char *ret, size_t size);
