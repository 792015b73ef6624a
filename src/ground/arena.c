/* SPDX-License-Identifier: ISC */
#include "dragoman/arena.h"

#include <glib.h>
#include <stdalign.h>
#include <string.h>

/* Each block is twice as large as the one before: an idle connection needs little, and a large
 * table few blocks. */
enum { BLOCK_SIZE_FIRST = 480, BLOCK_SIZE_MAX = 64 * 1024 };

struct block {
    struct block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) char octets[];
};

struct arena {
    struct block *blocks; /* the one in use first */
};

static struct block *block_new(struct block *next, size_t size) {
    struct block *block = g_malloc(sizeof *block + size);
    block->next = next;
    block->size = size;
    block->used = 0;
    return block;
}

struct arena *arena_new(void) {
    return g_new0(struct arena, 1);
}

static void free_blocks_until(struct arena *arena, struct block *last) {
    while (arena->blocks != last) {
        struct block *next = arena->blocks->next;
        g_free(arena->blocks);
        arena->blocks = next;
    }
}

void arena_free(struct arena *arena) {
    if (arena == NULL)
        return;
    free_blocks_until(arena, NULL);
    g_free(arena);
}

void arena_reset(struct arena *arena) {
    struct block *first = arena->blocks;
    while (first != NULL && first->next != NULL)
        first = first->next;
    free_blocks_until(arena, first);
    if (first != NULL)
        first->used = 0;
}

bool arena_is_empty(const struct arena *arena) {
    return arena->blocks == NULL || (arena->blocks->used == 0 && arena->blocks->next == NULL);
}

static size_t next_block_size(const struct arena *arena) {
    return arena->blocks == NULL ? BLOCK_SIZE_FIRST : MIN(arena->blocks->size * 2, BLOCK_SIZE_MAX);
}

void *arena_take(struct arena *arena, size_t size) {
    const size_t alignment = alignof(max_align_t);
    size_t rounded = (size + alignment - 1) / alignment * alignment;
    if (arena->blocks == NULL || arena->blocks->size - arena->blocks->used < rounded)
        arena->blocks = block_new(arena->blocks, MAX(rounded, next_block_size(arena)));
    void *taken = arena->blocks->octets + arena->blocks->used;
    arena->blocks->used += rounded;
    return memset(taken, 0, size);
}

char *arena_copy_octets(struct arena *arena, const char *octets, size_t length) {
    char *copy = arena_take(arena, length + 1);
    if (length > 0)
        memcpy(copy, octets, length);
    return copy;
}

char *arena_copy(struct arena *arena, const char *text) {
    return arena_copy_octets(arena, text, strlen(text));
}
