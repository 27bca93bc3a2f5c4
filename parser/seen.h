/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash set of the names and peers of interfaces that a document has used. One table holds
 * both, with 4 bytes a slot: at most half a MiB.
 */
#pragma once

#include <stdint.h>

#include "../ipc/limits.h"

/* A power of two, well above the number of strings that fit in a document: 87,380, in 43,690
 * times `{"name":"a","peer":"b"},`. */
#define SEEN_SLOTS 131072

struct seen {
	const char *base;           /* slots hold offsets from here */
	uint32_t n_slots;           /* slots in use, chosen by the document's length */
	uint32_t slots[SEEN_SLOTS]; /* 0: free */
};

enum names_of {
	NAMES_NAME,
	NAMES_PEER,
};

/* *names must be all zero. All strings must lie in the len bytes at base and must not change.
 */
void seen_init(struct seen *names, const char *base, uint32_t len);

/* Adds a string of 1 to VST_IFNAME_MAX bytes. Returns 1 if it is new in its kind, else 0. */
int seen_add(struct seen *names, enum names_of kind, const char *bytes, uint32_t len);
