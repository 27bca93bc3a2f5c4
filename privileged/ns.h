/*
 * The types of namespaces, and vestibule's own, which stay the same for all of a run: each is
 * looked at once, and all through one pidfd of ourselves (6.11), which stays open; below 6.11
 * through /proc/self/ns.
 */
#pragma once

#include <stdint.h>

#include "../ipc/err.h"
#include "../ipc/op.h"

struct ns_kind {
	const char *name;
	int clone_flag;
	unsigned ioctl; /* of a pidfd */
};

extern const struct ns_kind ns_kinds[VST_NS_COUNT];

/* Opens our own. ret_ino may be NULL. No /proc where it is wanted: VST_EXIT_UNSUPPORTED. */
int ns_own_open(enum vst_ns ns, int *ret_fd, uint64_t *ret_ino, struct vst_err *err);

/* Its inode, of nsfs. */
int ns_own(enum vst_ns ns, uint64_t *ret_ino, struct vst_err *err);
