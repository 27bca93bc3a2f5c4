/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With whose rights a call is made, where the caller has less than the program
 * (policy/caller.h). What he names is looked up with his filesystem ids and without any
 * capability, so that the kernel answers him as it would without this program. A capability is
 * effective only around the call that needs it, and such a call takes no path that the kernel
 * would have to look up. For any other caller nothing here does anything: the program has what
 * its caller has.
 */
#pragma once

#include <linux/capability.h>
#include <stdint.h>

#include "../../ipc/err.h"
#include "../../policy/caller.h"

#define RIGHTS_MOUNT (UINT64_C(1) << CAP_SYS_ADMIN)    /* open_tree, move_mount, umount2 */
#define RIGHTS_NET (UINT64_C(1) << CAP_NET_ADMIN)      /* netlink, and settings of interfaces */
#define RIGHTS_INSPECT (UINT64_C(1) << CAP_SYS_PTRACE) /* the namespaces of a process */

/* From now on this process looks as the caller: filesystem ids are his real ones, the effective
 * set is empty; both are read back. After caps_limit, which then leaves it empty. */
int rights_begin(const struct caller *caller, struct vst_err *err);

/* Makes this process, which is root's, what a setuid program of root's is that the user
 * started: real ids and groups are his, and so is *caller. Without a user namespace in between.
 */
int rights_take(struct caller *caller, uint32_t uid, uint32_t gid, const uint32_t *groups,
	uint32_t n_groups, struct vst_err *err);

/* Gives up for good what the caller does not have: ids and capabilities are his, read back, and
 * caller->has_less is 0 afterwards. For verbs that need nothing more. */
int rights_shed(struct caller *caller, struct vst_err *err);

/* Makes the capabilities (bit n is capability n) effective until rights_lower; not nested. What
 * is not permitted is VST_EXIT_DENIED. rights_lower keeps errno; if it failed, the process ends
 * at once. */
int rights_raise(uint64_t set, struct vst_err *err);
void rights_lower(void);

/* Whether the caller has less, so that rights are borrowed. */
int rights_are_borrowed(void);

/* The filesystem uid is the program's own between these: for the state directory and the
 * policy, which are root's, and nothing else. Both keep errno, and end the process if they
 * fail. */
void rights_as_owner(void);
void rights_as_caller(void);
