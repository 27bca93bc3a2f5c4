/* Who runs vestibule. Captured once by privileged/self/caller.c; an argument of every rule. */
#pragma once

#include <stdint.h>

struct caller {
	uint32_t uid; /* real */
	uint32_t gid; /* real */
	int has_less; /* the process has more rights than its caller: setuid, file capabilities
		       */
	int is_root; /* uid 0 with the rights of root in its user namespace: no SECBIT_NOROOT */
	int in_init_userns;  /* whether uid 0 is the machine's root */
	uint64_t userns_ino; /* nsfs inode of the user namespace */
};
