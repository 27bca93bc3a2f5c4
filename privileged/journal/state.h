/* The state directory: /run/vestibule, or what --root names. */
#pragma once

#include <stddef.h>

#include "../../ipc/err.h"
#include "../../policy/caller.h"
#include "journal.h"

#define STATE_DIR "/run/vestibule"

/* Opens the state directory, O_DIRECTORY. `root` is --root's argument, opened relative to
 * cwd_fd, or NULL. It must be a directory of the effective uid without any right for others,
 * and no symbolic link (else VST_EXIT_CONFLICT); it is made (0700) where its parent exists:
 * /run/vestibule only by root of the initial user namespace. Without `root` elsewhere:
 * VST_EXIT_USAGE, naming the option; `root` from a caller with less: VST_EXIT_DENIED. *ret_path
 * is what messages call it, to be quoted: `root` as it is, or STATE_DIR. Must not run before
 * the parser was reaped. */
int state_open(const char *root, int cwd_fd, const struct caller *caller, int *ret_dir_fd,
	const char **ret_path, struct vst_err *err);

/* The same to look only: nothing is made. 1 with *ret_dir_fd and *ret_path, 0 if there is none
 * (and where none could be without --root), -1 if it cannot be read or may not be believed. */
int state_look(const char *root, int cwd_fd, const struct caller *caller, int *ret_dir_fd,
	const char **ret_path, struct vst_err *err);

/* The key of the bundle: its directory, our mount namespace, this boot. Without /proc the boot
 * has no id: fine where dir_fd is in memory, VST_EXIT_UNSUPPORTED elsewhere. */
int state_key(int dir_fd, int bundle_fd, struct journal_key *ret_key, struct vst_err *err);

/* Calls each(arg, name) for every journal in the directory; stops at -1. The names are looked
 * at as they are read: what comes or goes meanwhile may be missed. */
int state_list(int dir_fd, int (*each)(void *arg, const char *name, struct vst_err *err),
	void *arg, struct vst_err *err);
