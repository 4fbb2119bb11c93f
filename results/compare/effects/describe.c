/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the trials of a row look like, whatever run they are of: description, no verdict. */
#include "compare/effects/effects.h"

#include "compare/effects/pool.h"
#include "record/view/tails.h"
#include "stats/ranktest.h"
#include "stats/stats.h"

#include <math.h>

/* Sorts the values. */
static void set_figure(const struct series *series, const struct pool *pool, struct compare_figure *figure) {
    struct stats_distribution distribution;

    stats_distribute(pool->values, pool->n, &distribution);
    figure->n_runs = series->n_runs;
    figure->n_trials = series->n_values;
    figure->median = distribution.quantiles[1];
    figure->mean = distribution.mean;
    figure->sd = distribution.sd;
    figure->pooled = series->tail && series->samples && !series->partial
                         ? sketch_quantile(series->samples, series->tail->q)
                         : (double)NAN;
    figure->cv = figure->mean != 0 ? figure->sd / fabs(figure->mean) : (double)NAN;
}

static int describe_row(struct comparison *comparison, struct compare_row *row,
                        const struct row_series *pair) {
    struct pool pools[2] = {{0}, {0}};
    int status = 0;

    for (size_t i = 0; status == 0 && i < 2; i++) {
        status = pool_read(&pools[i], comparison->raw->spill, pair->sides[i], comparison->options.seed);
        if (status < 0)
            break;
        set_figure(pair->sides[i], &pools[i], &row->figures[i]);
        comparison->sides[i == 0 ? 0 : row->other].n_selected += pair->sides[i]->n_values > pools[i].n;
    }
    if (status == 0) {
        row->p_ranks = ranktest_mann_whitney(pools[0].values, pools[0].n, pools[1].values, pools[1].n);
        row->cliff_delta = ranktest_cliff_delta(pools[0].values, pools[0].n, pools[1].values, pools[1].n);
    }
    pool_done(&pools[0]);
    pool_done(&pools[1]);
    return status;
}

int compare_describe(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < comparison->n_rows; i++)
        status = describe_row(comparison, &comparison->rows[i], &comparison->raw->pairs[i]);
    return status;
}
