/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/effects/pool.h"

#include <errno.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>

/* A run's values while it is read: `take` of `n`. */
struct share {
    size_t n, take;
};

/* Takes a selection without replacement, in order (Knuth, The Art of Computer Programming, 3.4.2, S). */
static int select_values(struct spill_reader *reader, gsl_rng *random, struct share share, double *ret) {
    int status = 0;

    while (status == 0 && share.take > 0) {
        bool taken = gsl_rng_uniform(random) * (double)share.n < (double)share.take;

        status = spill_next(reader, taken ? ret++ : NULL, 1);
        share.take -= taken;
        share.n--;
    }
    return status < 0 ? status : spill_next(reader, NULL, share.n);
}

static int read_run(struct pool *pool, struct spill_reader *reader, gsl_rng *random, size_t most) {
    double *values = pool->values + pool->n, number;
    struct share share;
    int status = spill_next(reader, &number, 1);

    if (status < 0)
        return status;
    share.n = (size_t)number;
    share.take = share.n < most ? share.n : most;
    status = share.take == share.n ? spill_next(reader, values, share.n)
                                   : select_values(reader, random, share, values);
    pool->n += share.take;
    return status;
}

int pool_read(struct pool *pool, const struct spill *spill, const struct series *series, uint64_t seed) {
    size_t most = series->n_values, share = POOL_VALUES_MAX / series->n_blocks, room;
    struct spill_reader reader;
    gsl_rng *random = most > POOL_VALUES_MAX ? gsl_rng_alloc(gsl_rng_mt19937) : NULL;
    int status = spill_reader_init(&reader, spill, &series->values);

    if (most > POOL_VALUES_MAX) {
        status = status == 0 && !random ? -ENOMEM : status;
        most = share > 0 ? share : 1;
    }
    room = most < series->n_values ? most * series->n_blocks : series->n_values;
    *pool = (struct pool){.values = malloc(room * sizeof(*pool->values))};
    if (status == 0 && !pool->values)
        status = -ENOMEM;
    if (random)
        gsl_rng_set(random, (unsigned long)((seed ^ seed >> 32) & 0xffffffff)); /* it takes 32 bits */
    for (size_t i = 0; status == 0 && i < series->n_blocks; i++)
        status = read_run(pool, &reader, random, most);
    spill_reader_done(&reader);
    gsl_rng_free(random);
    return status;
}

void pool_done(struct pool *pool) {
    free(pool->values);
}
