/* An entry of mounts[] as the parser sent it, judged. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../ipc/wire_get.h"

/* What the mounts of a request, all together, have used of the limits. */
struct validate_mounts {
	unsigned n_mounts;
	unsigned n_sources;
};

/* Judges a mount by the rules that vestibule-runtime.json(5) has for the options: masks,
 * opposites, what each action has and has not, keys, layers. NULL, or what is wrong with it:
 * one that no document could have asked for. */
const char *validate_mount(struct validate_mounts *mounts, const struct wire_op *op);

/* Whether none of the bytes is a control character (C0, DEL). */
int validate_is_clean(const char *s, size_t len);
