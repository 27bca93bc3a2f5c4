/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory: /run/vestibule, or --root's; of a caller with less,
 * /run/vestibule/users/UID, which is root's, too. */
#pragma once

#include <stddef.h>

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "journal.h"

#define STATE_DIR "/run/vestibule"

/* Opens the state directory; *ret_dir_fd is the caller's. `root` is --root's argument, relative
 * to cwd_fd, or NULL for the default. The directory must belong to the effective uid, give
 * others no rights and be no symbolic link, else VST_EXIT_CONFLICT. A missing one is made
 * (0700) if its parent exists; the default only by root of the initial user namespace or for a
 * caller with less, else VST_EXIT_USAGE, naming --root. `root` from a caller with less:
 * VST_EXIT_DENIED. *ret_path is
 * its name for messages, to be quoted, borrowed. Mustn't run before the parser is reaped. */
int state_open(const char *root, int cwd_fd, const struct caller *caller, int *ret_dir_fd,
	const char **ret_path, struct vst_err *err);

/* As state_open, without making anything. 1 with *ret_dir_fd and *ret_path, 0 if there is no
 * state directory, -1 if it cannot be read or may not be trusted. */
int state_look(const char *root, int cwd_fd, const struct caller *caller, int *ret_dir_fd,
	const char **ret_path, struct vst_err *err);

/* Calls each(arg, uid, err) for every user who has a directory in STATE_DIR/users; stops at -1.
 * None if there is no such directory. */
int state_users(int (*each)(void *arg, uint32_t uid, struct vst_err *err), void *arg,
	struct vst_err *err);

/* The key of the bundle's journal: bundle directory, our mount namespace, this boot. Without
 * /proc the boot id is zero if dir_fd is in memory, else VST_EXIT_UNSUPPORTED. */
int state_key(int dir_fd, int bundle_fd, struct journal_key *ret_key, struct vst_err *err);

/* Calls each(arg, name, err) for every journal in the directory; stops at -1. Journals that
 * come or go meanwhile may be missed. */
int state_list(int dir_fd, int (*each)(void *arg, const char *name, struct vst_err *err),
	void *arg, struct vst_err *err);
