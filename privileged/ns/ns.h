/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of namespaces, and vestibule's own namespaces, which do not change during a run.
 * They are opened through one pidfd of ourselves (6.11), which stays open; before 6.11 through
 * /proc/self/ns.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../ipc/op.h"

struct ns_kind {
	const char *name;
	int clone_flag;
	unsigned ioctl; /* PIDFD_GET_*_NAMESPACE. */
};

extern const struct ns_kind ns_kinds[VST_NS_COUNT];

/* The identity of a namespace of our own: the device of nsfs, the same for all namespaces, and
 * the inode. */
struct ns_own {
	uint64_t dev, ino;
};

/* Opens our own namespace; *ret_fd, proved to be on nsfs, is the caller's.
 * VST_EXIT_UNSUPPORTED: /proc is needed and missing. */
int ns_own_open(enum vst_ns ns, int *ret_fd, struct vst_err *err);

/* The id of a namespace, never reused (NS_GET_ID, 6.18); 0: unknown. */
uint64_t ns_id(int fd);

/* The kind of the namespace whose file path_fd (O_PATH) is: it is opened by /proc, and nothing
 * else can be. VST_NS_COUNT: it is none's, or that cannot be told. */
enum vst_ns ns_kind_of(int path_fd);

/* The identity of our own namespace, looked up once. */
int ns_own(enum vst_ns ns, struct ns_own *ret, struct vst_err *err);
