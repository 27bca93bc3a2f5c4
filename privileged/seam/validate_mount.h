/* SPDX-License-Identifier: Apache-2.0 */
/* Judges one entry of mounts[] as the parser sent it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../ipc/wire_get.h"

/* Totals over all mounts of a request, for the limits. */
struct validate_mounts {
	unsigned n_mounts;
	unsigned n_sources;
};

/* Judges a mount by the rules of vestibule-runtime.json(5): masks, opposite flags, the members
 * that its action has, keys, layers. Returns NULL, or what is wrong: an honest parser sends no
 * such mount, whatever the document says. */
const char *validate_mount(struct validate_mounts *mounts, const struct wire_op *op);

/* Whether none of the bytes is a control character (below 0x20, or DEL). */
int validate_is_clean(const char *s, size_t len);
