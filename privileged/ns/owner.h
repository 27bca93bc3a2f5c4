/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a namespace is: by the user namespaces above it (NS_GET_USERNS, NS_GET_PARENT, 4.9;
 * NS_GET_OWNER_UID, 4.11). */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../ipc/op.h"

enum owner {
	OWNER_INITIAL, /* It belongs to the initial user namespace, or is that. */
	OWNER_UID, /* The topmost user namespace below the initial one was made by this uid. */
};

/* Finds out who owns the namespace of this type. The topmost user namespace of its chain below
 * the initial one is what counts: who made that has every right over all beneath it, and an
 * owner further down has none over what is beside him. Only in the initial user namespace.
 * VST_EXIT_UNSUPPORTED: the kernel does not tell. */
int owner_of(
	int ns_fd, enum vst_ns type, enum owner *ret, uint32_t *ret_uid, struct vst_err *err);
