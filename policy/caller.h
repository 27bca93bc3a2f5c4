/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs vestibule. Filled once by privileged/self/caller.c and passed to every judgement. */
#pragma once

#include <stdint.h>

struct caller {
	uint32_t uid;        /* real */
	uint32_t gid;        /* real */
	int has_less;        /* has fewer rights than the process: setuid, file capabilities */
	int is_root;         /* uid 0 in its user namespace, without SECBIT_NOROOT */
	int in_init_userns;  /* in the initial user namespace */
	uint64_t userns_ino; /* nsfs inode of the user namespace */
};
