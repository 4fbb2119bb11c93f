/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chain of cache lines in one random cycle: each line says which one comes next, so that no load can begin
 * before the one before it has ended. */
#ifndef VMSUITE_MODULES_MEMLAT_CHAIN_H
#define VMSUITE_MODULES_MEMLAT_CHAIN_H

#include "shared/memory/region.h"

struct chain_line {
    struct chain_line *next;
    uint64_t ordinal; /* its place in the cycle, from 0 */
};

struct chain {
    struct region region;
    size_t lines;
    size_t line_bytes;
    struct chain_line *at; /* where the last walk ended */
};

#define CHAIN_STEP 16 /* loads are counted in these */

/* Maps `bytes` (at least two lines) and links their lines in one cycle, through an order drawn from `seed`
 * (which takes an eighth as much memory again while it is made). Errors as for region_map. */
int chain_init(size_t bytes, size_t line_bytes, enum region_pages pages, uint64_t seed,
               struct chain *ret_chain, struct vms_error *error);
/* Gives the memory back; an empty chain is left alone. */
void chain_done(struct chain *chain);

/* Goes `loads` lines on, a multiple of CHAIN_STEP. */
void chain_walk(struct chain *chain, size_t loads);

/* Checks every link, and that the last walk ended `loads` lines behind the line of the ordinal `from`.
 * -EBADMSG names the line. */
int chain_check(const struct chain *chain, uint64_t from, size_t loads, struct vms_error *error);

#endif
