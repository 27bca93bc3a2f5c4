/* SPDX-License-Identifier: Apache-2.0 */
#include "seen.h"

#include <assert.h>
#include <string.h>

/* The bits of a slot, from high to low: offset, length, kind. No string is empty, so 0 can mean
 * a free slot. */
#define LEN_BITS 4
#define KIND_BITS 1
#define OFFSET_SHIFT (LEN_BITS + KIND_BITS)

/* The shortest name or peer in a document, with its key. It bounds how many there can be. */
#define STRING_LEN (sizeof "\"peer\":\"b\"," - 1)

void seen_init(struct seen *names, const char *base, uint32_t len)
{
	_Static_assert(VST_IFNAME_MAX < 1 << LEN_BITS, "a length fits");
	_Static_assert((uint64_t)VST_DOC_MAX << OFFSET_SHIFT <= UINT32_MAX, "an offset fits");
	_Static_assert(VST_DOC_MAX / STRING_LEN < SEEN_SLOTS, "a slot is free");
	names->base = base;
	/* Fewer slots for a small document, so that it touches few pages. */
	names->n_slots = 16;
	while (names->n_slots <= len / STRING_LEN + 1)
		names->n_slots *= 2;
	assert(names->n_slots <= SEEN_SLOTS);
}

int seen_add(struct seen *names, enum names_of kind, const char *bytes, uint32_t len)
{
	uint32_t hash = 2166136261u + kind; /* FNV-1a */

	assert(bytes > names->base && len > 0 && len <= VST_IFNAME_MAX);
	for (uint32_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
	for (uint32_t i = hash;; i++) {
		uint32_t *slot = &names->slots[i & (names->n_slots - 1)];

		if (*slot == 0) {
			*slot = (uint32_t)(bytes - names->base) << OFFSET_SHIFT |
				len << KIND_BITS | kind;
			return 1;
		}
		if ((*slot & ((1u << OFFSET_SHIFT) - 1)) == (len << KIND_BITS | kind) &&
			memcmp(names->base + (*slot >> OFFSET_SHIFT), bytes, len) == 0)
			return 0;
	}
}
