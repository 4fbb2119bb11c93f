/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scripted clock for modules that time pieces of several operations. It keeps an account of its own of how
 * many operations a piece has: it is asked for its step first; then a piece grows until it takes long enough
 * or has as many as it may; then come the pieces that count, which take once, twice, ... as long for each
 * operation. */
#ifndef VMSUITE_TESTS_MODULES_PIECES_H
#define VMSUITE_TESTS_MODULES_PIECES_H

#include <stdbool.h>
#include <stdint.h>

#define STEP_NS 10
#define STEP_CALLS 200 /* the clock's step is asked for a hundred times */

struct pieces {
    uint64_t least_ns;     /* what a piece takes at the least */
    unsigned operation_ns; /* of one operation */
    unsigned most;         /* operations of a piece at the most; 0: any number */
    uint64_t now_ns, n;    /* n: operations of the piece */
    unsigned call, sample;
    bool sized;
};

/* Begins with a further kind of operation. */
static inline void pieces_restart(struct pieces *pieces) {
    pieces->call = pieces->sample = 0;
    pieces->n = 0;
    pieces->sized = false;
}

/* How many operations the next piece has while it is sized: 1, 1, 2, 4, ... */
static inline void pieces_grow(struct pieces *pieces) {
    if (pieces->n > 1 || pieces->call > STEP_CALLS + 3) {
        if (pieces->n * pieces->operation_ns >= pieces->least_ns ||
            (pieces->most > 0 && 2 * pieces->n > pieces->most)) {
            pieces->sized = true;
            return;
        }
        pieces->n *= 2;
    }
    if (pieces->n == 0)
        pieces->n = 1;
}

/* Whether the next look at the clock ends a piece. */
static inline bool pieces_ends(const struct pieces *pieces) {
    return pieces->call >= STEP_CALLS && pieces->call % 2 == 1;
}

/* A look at the clock. */
static inline uint64_t pieces_now(struct pieces *pieces) {
    bool ends = pieces_ends(pieces);
    unsigned call = pieces->call++;

    if (call < STEP_CALLS)
        return pieces->now_ns += STEP_NS;
    if (ends)
        return pieces->now_ns += pieces->n * pieces->operation_ns * (pieces->sized ? ++pieces->sample : 1);
    if (!pieces->sized)
        pieces_grow(pieces);
    return pieces->now_ns;
}

#endif
