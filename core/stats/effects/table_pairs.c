/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/table_pairs.h"

#include "base/cleanup.h"
#include "stats/effects/moments.h"
#include "stats/effects/shared_shift.h"

#include <errno.h>
#include <math.h>

/* A row's differences, round by round. */
static struct moments differences_of(const struct effect_row *row, size_t n, double *ret_differences) {
    for (size_t i = 0; i < n; i++)
        ret_differences[i] = row->runs[1][i] - row->runs[0][i];
    return moments_of(ret_differences, n);
}

static bool is_paired(const struct moments *moments, size_t n_rounds) {
    return (size_t)moments->k == n_rounds && moments->squares > 0;
}

/* How many independent rows the paired ones are worth. */
static int count_rows(const struct effect_table *table, const struct moments *rows, double *ret_worth) {
    size_t n = table->n_runs[0];
    cleanup_free double *deviations = calloc(n, sizeof(*deviations));
    struct shared_shift shared;
    int status = shared_shift_init(&shared, n);

    if (!deviations)
        status = -ENOMEM;
    for (size_t i = 0; status == 0 && i < table->n_rows; i++) {
        if (!is_paired(&rows[i], n))
            continue;
        (void)differences_of(&table->rows[i], n, deviations);
        for (size_t j = 0; j < n; j++)
            deviations[j] -= rows[i].mean;
        shared_shift_add(&shared, deviations);
    }
    if (status == 0)
        *ret_worth = shared_shift_rows(&shared, (double)n - 1);
    shared_shift_done(&shared);
    return status;
}

static struct variance own_variance(const struct moments *moments) {
    return (struct variance){moments->squares / (moments->k - 1), moments->k - 1};
}

static int learn(const struct moments *rows, size_t n_rows, size_t n_rounds, struct variance *ret_learned) {
    cleanup_free struct variance *variances = calloc(n_rows + 1, sizeof(*variances));
    size_t n = 0;

    if (!variances)
        return -ENOMEM;
    for (size_t i = 0; i < n_rows; i++)
        if (is_paired(&rows[i], n_rounds))
            variances[n++] = own_variance(&rows[i]);
    *ret_learned = moderation_learn(variances, n);
    return 0;
}

int table_pairs(const struct effect_table *table, struct effect *ret_effects) {
    size_t n = table->n_runs[0];
    cleanup_free struct moments *rows = calloc(table->n_rows + 1, sizeof(*rows));
    cleanup_free double *differences = calloc(n, sizeof(*differences));
    struct variance learned;
    double worth = 1;
    int status = rows && differences ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < table->n_rows; i++)
        rows[i] = differences_of(&table->rows[i], n, differences);
    if (status == 0)
        status = learn(rows, table->n_rows, n, &learned);
    if (status == 0)
        status = count_rows(table, rows, &worth);
    for (size_t i = 0; status == 0 && i < table->n_rows; i++) {
        struct variance known;

        if (!is_paired(&rows[i], n))
            continue;
        known = moderation_apply(learned, own_variance(&rows[i]));
        ret_effects[i] = (struct effect){.estimate = ret_effects[i].estimate,
                                         .variance = known.value / rows[i].k,
                                         .df = fmin(known.df, worth * (rows[i].k - 1)),
                                         .paired = true};
    }
    return status;
}
