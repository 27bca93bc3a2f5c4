/*
 * The memory of the JSON library: a fixed block, so that nothing has to be asked of the kernel
 * once the filter is on. Untouched pages of it cost nothing.
 */
#pragma once

#include <stddef.h>

#include "../ipc/limits.h"

/*
 * What yajl holds at most: a decoded string, and behind it the copy of a token that the end of
 * the document cut off. Together these are never more than the document; each buffer grows by
 * doubling, in place. Its handle, its lexer and one stack of states are a few KiB.
 */
#define ARENA_SIZE (2 * VST_DOC_MAX + 16384)

struct arena {
	size_t used;
	size_t last; /* where the latest block begins: it can grow in place */
	_Alignas(16) unsigned char bytes[ARENA_SIZE];
};

void arena_init(struct arena *arena);

/* Like malloc, free and realloc, with the arena as their first argument, but that an exhausted
 * arena ends the process with VST_PARSER_INTERNAL: yajl never looks at what it is given. Only
 * the latest block's memory is ever used again. */
void *arena_alloc(void *arena, size_t len);
void arena_free(void *arena, void *block);
void *arena_realloc(void *arena, void *block, size_t len);
