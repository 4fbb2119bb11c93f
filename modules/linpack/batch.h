/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Systems that are solved in one timed piece: as they were made, and the copies that are worked on. */
#ifndef VMSUITE_MODULES_LINPACK_BATCH_H
#define VMSUITE_MODULES_LINPACK_BATCH_H

#include "shared/memory/region.h"

#include <stdbool.h>
#include <vmsuite/module.h>

struct batch {
    size_t n; /* the order of each system */
    bool is_double;
    size_t count;         /* of systems */
    uint64_t seed;        /* of the first one; the others follow */
    struct region region; /* all that follows */
    char *made;           /* count systems, each n columns and the right-hand side */
    char *work;           /* the same, overwritten by the solver */
    char *kept;           /* solutions of so many rounds, each those of all systems */
    size_t rounds;        /* at least 1 */
    double *row;          /* n numbers */
    int *pivots;          /* n numbers */
};

/* Bytes that a batch takes. */
uint64_t batch_bytes(size_t n, bool is_double, size_t count);

/* Maps the batch and generates its systems, from seed on. -ENOMEM names the sizes. */
int batch_init(size_t n, bool is_double, size_t count, uint64_t seed, struct batch *ret_batch,
               struct vms_error *error);
/* Gives the memory back; an empty batch is left alone. */
void batch_done(struct batch *batch);

/* Makes the working copies anew. */
void batch_reset(struct batch *batch);

/* The working copy of system i: its matrix, and its right-hand side that becomes the solution. */
void *batch_matrix(const struct batch *batch, size_t i);
void *batch_side(const struct batch *batch, size_t i);

/* Keeps the solutions that are in the working copies as those of a round, so that they can be judged later:
 * to judge them at once would cool the caches for the next piece that is timed. */
void batch_keep(struct batch *batch, size_t round);

/* Judges the kept solutions of the first `rounds` rounds; writes the largest normalised residual. -EBADMSG
 * names the system, its seed and its residual where that is beyond SYSTEM_RESIDUAL_LIMIT or not a number. */
int batch_check(const struct batch *batch, size_t rounds, double *ret_residual, struct vms_error *error);

#endif
