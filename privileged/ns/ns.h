/*
 * The types of namespaces, and vestibule's own, which stay the same for all of a run: through
 * one pidfd of ourselves (6.11), which stays open; below 6.11 through /proc/self/ns.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../ipc/op.h"

struct ns_kind {
	const char *name;
	int clone_flag;
	unsigned ioctl; /* of a pidfd */
};

extern const struct ns_kind ns_kinds[VST_NS_COUNT];

/* One of our own: the device of nsfs, on which every namespace lies, and its inode there. */
struct ns_own {
	uint64_t dev, ino;
};

/* Opens our own, proved to be of nsfs. No /proc where it is wanted: VST_EXIT_UNSUPPORTED. */
int ns_own_open(enum vst_ns ns, int *ret_fd, struct vst_err *err);

/* The id of a namespace, which is never given twice (6.18); 0: this kernel does not tell. */
uint64_t ns_id(int fd);

/* What is known of it; asked for once. */
int ns_own(enum vst_ns ns, struct ns_own *ret, struct vst_err *err);
