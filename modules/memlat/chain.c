/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memlat/chain.h"

#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 wide;

static struct chain_line *line(const struct chain *chain, size_t i) {
    return (struct chain_line *)(void *)((char *)chain->region.start + i * chain->line_bytes);
}

/* A number below `bound`: the high half of a product (D. Lemire, "Fast random integer generation in an
 * interval", 2019, without the rejection that such bounds do not need) of splitmix64 (G. Steele, D. Lea,
 * C. Flood, "Fast splittable pseudorandom number generators", 2014). */
static size_t draw(uint64_t *state, size_t bound) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (size_t)(((wide)z * bound) >> 64);
}

/* Fisher and Yates: a cycle through the lines in an order in which all orders are alike. To draw the order
 * first and link afterwards makes no load wait for the one before it, which counts where a load takes so
 * long. */
static void draw_order(size_t *order, size_t lines, uint64_t seed) {
    for (size_t i = 0; i < lines; i++) {
        size_t other = draw(&seed, i + 1);

        order[i] = i;
        order[i] = order[other];
        order[other] = i;
    }
}

static void link_lines(struct chain *chain, const size_t *order) {
    for (size_t i = 0; i < chain->lines; i++) {
        struct chain_line *one = line(chain, order[i]);

        one->next = line(chain, order[i + 1 < chain->lines ? i + 1 : 0]);
        one->ordinal = i;
    }
    chain->at = line(chain, order[0]);
}

int chain_init(size_t bytes, size_t line_bytes, enum region_pages pages, uint64_t seed,
               struct chain *ret_chain, struct vms_error *error) {
    struct chain chain = {.lines = bytes / line_bytes, .line_bytes = line_bytes};
    size_t *order = malloc(chain.lines * sizeof(*order));
    int status;

    if (!order)
        return report_error(error, -ENOMEM, "no memory for the order of %zu lines", chain.lines);
    status = region_map(bytes, pages, "the chain", &chain.region, error);
    if (status == 0) {
        draw_order(order, chain.lines, seed);
        region_touch(&chain.region);
        link_lines(&chain, order);
        *ret_chain = chain;
    }
    free(order);
    return status;
}

void chain_done(struct chain *chain) {
    region_unmap(&chain->region);
}

void chain_walk(struct chain *chain, size_t loads) {
    struct chain_line *at = chain->at;

    for (size_t i = 0; i < loads; i += CHAIN_STEP)
        for (int step = 0; step < CHAIN_STEP; step++)
            at = at->next;
    chain->at = at;
}

int chain_check(const struct chain *chain, uint64_t from, size_t loads, struct vms_error *error) {
    uint64_t expected = (from + loads) % chain->lines;
    uintptr_t start = (uintptr_t)chain->region.start, end = start + chain->lines * chain->line_bytes;

    for (size_t i = 0; i < chain->lines; i++) {
        const struct chain_line *one = line(chain, i);
        uintptr_t next = (uintptr_t)one->next;

        if (next < start || next >= end || (next - start) % chain->line_bytes != 0 ||
            one->next->ordinal != (one->ordinal + 1) % chain->lines)
            return report_error(
                error, -EBADMSG,
                "verification failed: line %zu of %zu does not lead to the line that follows it", i,
                chain->lines);
    }
    if (chain->at->ordinal != expected)
        return report_error(error, -EBADMSG,
                            "verification failed: %zu loads ended at place %" PRIu64
                            " of the cycle, not %" PRIu64,
                            loads, chain->at->ordinal, expected);
    return 0;
}
