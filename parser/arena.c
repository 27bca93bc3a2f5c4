/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../ipc/op.h"

/* Precedes each block. Its size is the alignment of blocks, so that they stay aligned. */
struct head {
	_Alignas(16) size_t len;
};

void arena_init(struct arena *arena)
{
	arena->used = 0;
	arena->last = SIZE_MAX;
}

static struct head *arena_head(struct arena *arena, size_t at)
{
	return (struct head *)(void *)(arena->bytes + at);
}

/* Places a block of len bytes with its head at `at`, and makes it the latest. */
static void *arena_place(struct arena *arena, size_t at, size_t len)
{
	size_t room = sizeof arena->bytes - at;

	if (room < sizeof(struct head) || len > room - sizeof(struct head))
		_exit(VST_PARSER_INTERNAL);
	len = (len + 15) & ~(size_t)15;
	arena->last = at;
	arena->used = at + sizeof(struct head) + len;
	arena_head(arena, at)->len = len;
	return arena->bytes + at + sizeof(struct head);
}

void *arena_alloc(void *ctx, size_t len)
{
	struct arena *arena = ctx;

	return arena_place(arena, arena->used, len);
}

void arena_free(void *ctx, void *block)
{
	struct arena *arena = ctx;

	if (block && arena->last != SIZE_MAX &&
		block == arena->bytes + arena->last + sizeof(struct head)) {
		arena->used = arena->last;
		arena->last = SIZE_MAX;
	}
}

void *arena_realloc(void *ctx, void *block, size_t len)
{
	struct arena *arena = ctx;
	struct head *head;
	void *moved;

	if (!block)
		return arena_alloc(ctx, len);
	head = (struct head *)block - 1;
	if (len <= head->len)
		return block;
	if (arena->last != SIZE_MAX && head == arena_head(arena, arena->last))
		return arena_place(arena, arena->last, len);
	moved = arena_alloc(ctx, len);
	memcpy(moved, block, head->len);
	return moved;
}
