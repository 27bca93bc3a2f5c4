/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of the JSON library: a fixed block, because the filter allows no call that asks
 * the kernel for memory. Pages that are never touched cost nothing.
 */
#pragma once

#include <stddef.h>

#include "../ipc/limits.h"

/*
 * The most that yajl can hold: a decoded string, and after it the copy of a token that the end
 * of the document cut off. Together they are never longer than the document. Each buffer grows
 * in place by doubling, hence the factor 2. yajl's handle, lexer and state stack take a few
 * KiB.
 */
#define ARENA_SIZE (2 * VST_DOC_MAX + 16384)

struct arena {
	size_t used; /* bytes in use */
	size_t last; /* offset of the latest block, the only one that can grow in place */
	_Alignas(16) unsigned char bytes[ARENA_SIZE];
};

void arena_init(struct arena *arena);

/* Like malloc, free and realloc, with the arena as first argument. yajl does not check for
 * NULL, so an exhausted arena ends the process with VST_PARSER_INTERNAL. Only the latest
 * block's memory is reused. */
void *arena_alloc(void *arena, size_t len);
void arena_free(void *arena, void *block);
void *arena_realloc(void *arena, void *block, size_t len);
