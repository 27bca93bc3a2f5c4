/*
 * Which names of interfaces a document has used, and which peers: one table for both, of 4
 * bytes a string. At the limits that is half a MiB, of the one that the parser may take beside
 * the document.
 */
#pragma once

#include <stdint.h>

#include "../ipc/limits.h"

/* A power of two, well above the strings that fit in a document: 87,380, of 43,690 times
 * `{"name":"a","peer":"b"},`. */
#define SEEN_SLOTS 131072

struct seen {
	const char *base; /* what the strings lie behind */
	uint32_t n_slots; /* in use: as many as the document's length asks for */
	uint32_t slots[SEEN_SLOTS];
};

enum names_of {
	NAMES_NAME,
	NAMES_PEER,
};

/* The table is all zero. Strings will lie in the len bytes at base, which stay as they are. */
void seen_init(struct seen *names, const char *base, uint32_t len);

/* Adds the string, 1 to VST_IFNAME_MAX bytes. 1 if it is new among its kind, else 0. */
int seen_add(struct seen *names, enum names_of kind, const char *bytes, uint32_t len);
