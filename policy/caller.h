/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs vestibule. Filled once by privileged/self/caller.c and passed to every judgement. */
#pragma once

#include <stdint.h>

/* By what a process has more rights than its caller: the first of these that is so. */
enum surplus {
	SURPLUS_NONE,
	SURPLUS_GID,    /* real and effective group differ: setgid */
	SURPLUS_UID,    /* likewise: setuid, of root or of another user */
	SURPLUS_CAPS,   /* capabilities that the caller could not pass on: of the file */
	SURPLUS_SECURE, /* AT_SECURE: a security module's change at exec */
};

struct caller {
	uint32_t uid; /* real */
	uint32_t gid; /* real */
	int has_less; /* has fewer rights than the process: surplus is not NONE */
	enum surplus surplus;
	int has_none;        /* is not root; no capability is permitted, no id differs */
	int is_root;         /* uid 0 in its user namespace, without SECBIT_NOROOT */
	int is_setuid;       /* has less, by a setuid program of root's alone */
	int is_caps;         /* has less, by a setgid program with FILE_CAPABILITIES alone */
	int in_init_userns;  /* in the initial user namespace */
	int net_is_init;     /* the network namespace belongs to the initial user namespace */
	int mnt_is_init;     /* the mount namespace likewise */
	uint32_t parser_uid; /* as whom the parser runs, where that can be changed */
	uint32_t parser_gid;
	uint64_t userns_ino; /* nsfs inode of the user namespace */
};

/* Root of the machine, who is not judged by the policy: what he asks for is done. */
static inline int caller_is_machine_root(const struct caller *caller)
{
	return caller->is_root && caller->in_init_userns && !caller->has_less;
}
