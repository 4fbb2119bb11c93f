/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE_MIN ((size_t)16 << 10)
#define BLOCK_SIZE_MAX ((size_t)1 << 20) /* of the doubling; what is larger gets a block of its size */

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

static struct arena_block *add_block(struct arena *arena, size_t size) {
    size_t room = arena->blocks ? 2 * arena->blocks->size : BLOCK_SIZE_MIN;
    struct arena_block *block;

    if (room > BLOCK_SIZE_MAX)
        room = BLOCK_SIZE_MAX;
    if (room < size)
        room = size;
    if (room > SIZE_MAX - sizeof(*block))
        return NULL;
    block = malloc(sizeof(*block) + room);
    if (!block)
        return NULL;
    *block = (struct arena_block){.next = arena->blocks, .size = room};
    arena->blocks = block;
    return block;
}

void *arena_new(struct arena *arena, size_t size) {
    const size_t alignment = alignof(max_align_t);
    struct arena_block *block = arena->blocks;
    void *bytes;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + alignment - 1) / alignment * alignment;
    if (!block || block->size - block->used < size)
        block = add_block(arena, size);
    if (!block)
        return NULL;
    bytes = block->bytes + block->used;
    block->used += size;
    return bytes;
}

char *arena_text(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_new(arena, length + 1);

    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void *arena_grow(struct arena *arena, void *array, size_t n, size_t size) {
    void *grown;

    if ((n & (n - 1)) != 0) /* not full: 0 and the powers of two are */
        return array;
    grown = n > SIZE_MAX / 4 / size ? NULL : arena_new(arena, (n ? 2 * n : 1) * size);
    if (grown && n > 0)
        memcpy(grown, array, n * size);
    return grown;
}

void arena_reset(struct arena *arena) {
    struct arena_block *block = arena->blocks, *older;

    if (!block)
        return;
    for (older = block->next; older; older = block->next) {
        block->next = older->next;
        free(older);
    }
    block->used = 0;
}

void arena_done(struct arena *arena) {
    arena_reset(arena);
    free(arena->blocks);
    arena->blocks = NULL;
}
