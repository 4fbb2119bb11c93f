/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for many small things that are freed together. */
#ifndef VMSUITE_RESULTS_RECORD_ARENA_H
#define VMSUITE_RESULTS_RECORD_ARENA_H

#include <stddef.h>

struct arena_block;

/* Zeroed: empty. */
struct arena {
    struct arena_block *blocks; /* owned, the newest first */
};

/* `size` bytes, not initialised, aligned for any type; NULL without memory. */
void *arena_new(struct arena *arena, size_t size);
/* A copy of `length` bytes with a NUL behind them; NULL without memory. */
char *arena_text(struct arena *arena, const char *text, size_t length);
/* Makes room for one more element of `size` bytes in an array of `n`, whose capacity is always the power of
 * two from `n`: the array, moved perhaps, or NULL without memory. */
void *arena_grow(struct arena *arena, void *array, size_t n, size_t size);

/* Frees everything in it, but keeps the newest block for what comes next. */
void arena_reset(struct arena *arena);
void arena_done(struct arena *arena);

#endif
