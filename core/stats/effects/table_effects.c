/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/table_effects.h"

#include "base/cleanup.h"
#include "stats/effects/balance.h"
#include "stats/effects/moments.h"
#include "stats/effects/shared_shift.h"
#include "stats/effects/table_pairs.h"

#include <errno.h>
#include <math.h>

/* The runs of either side that have a figure. */
struct row_moments {
    struct moments sides[2];
};

/* The mean variance of a side's runs, over the rows that show it. */
static double side_variance(const struct row_moments *rows, size_t n, size_t side) {
    double sum = 0, count = 0;

    for (size_t i = 0; i < n; i++) {
        const struct moments *moments = &rows[i].sides[side];

        if (moments->k < 2)
            continue;
        sum += moments->squares / (moments->k - 1);
        count++;
    }
    return count > 0 ? sum / count : 0;
}

/* The sides of a row, with the variances of the table. */
static void sides_of(const struct row_moments *row, const double variances[2],
                     struct balance_side ret_sides[2]) {
    for (size_t i = 0; i < 2; i++)
        ret_sides[i] = (struct balance_side){row->sides[i].k, variances[i]};
}

static bool has_runs(const struct row_moments *row) {
    return row->sides[0].k >= 2 && row->sides[1].k >= 2;
}

static bool is_constant(const struct row_moments *row) {
    return row->sides[0].squares + row->sides[1].squares <= 0;
}

static double common_variance(const struct row_moments *row, const struct balance *balance) {
    return (row->sides[0].squares / balance->factor[0] + row->sides[1].squares / balance->factor[1]) /
           balance->df;
}

/* With more runs each row knows its own variance, and nobody asks what the others add. */
#define SHARED_RUNS_MAX 500

/* How many independent rows the table is worth, from the rows that have all runs. */
static int count_rows(const struct effect_table *table, const struct row_moments *rows,
                      const double variances[2], double *ret_worth) {
    size_t size = table->n_runs[0] + table->n_runs[1], first = table->n_rows;
    cleanup_free double *deviations = calloc(size + 1, sizeof(*deviations));
    struct shared_shift shared;
    int status = shared_shift_init(&shared, size <= SHARED_RUNS_MAX ? size : 0);

    *ret_worth = 1;
    if (size > SHARED_RUNS_MAX) {
        shared_shift_done(&shared);
        return status;
    }
    if (!deviations)
        status = -ENOMEM;
    for (size_t i = 0; status == 0 && i < table->n_rows; i++) {
        if ((size_t)rows[i].sides[0].k != table->n_runs[0] || (size_t)rows[i].sides[1].k != table->n_runs[1])
            continue;
        first = first < i ? first : i;
        for (size_t j = 0; j < size; j++) {
            size_t side = j >= table->n_runs[0];
            const struct moments *moments = &rows[i].sides[side];

            deviations[j] = (table->rows[i].runs[side][side ? j - table->n_runs[0] : j] - moments->mean) /
                            sqrt(moments->k);
        }
        shared_shift_add(&shared, deviations);
    }
    if (status == 0 && first < table->n_rows && has_runs(&rows[first])) {
        struct balance_side sides[2];
        struct balance balance;

        sides_of(&rows[first], variances, sides);
        balance_of(sides, &balance);
        *ret_worth = shared_shift_rows(&shared, balance.effective);
    }
    shared_shift_done(&shared);
    return status;
}

/* Runs that all gave the same figure, different on the two sides: what they would differ by is below their
 * resolution, or they are two runs that happen to agree. Three of a side that agree are taken for a tenth of
 * the usual shift. */
#define CONSTANT_SHARE 0.1

static struct effect effect_of_constants(const struct effect_row *row, const struct row_moments *moments) {
    struct effect effect = {.estimate = moments->sides[1].mean - moments->sides[0].mean,
                            .df = 1,
                            .unknown = 2,
                            .prior = row->prior};

    if (moments->sides[0].k > 2 && moments->sides[1].k > 2)
        effect.prior.median *= CONSTANT_SHARE;
    return effect;
}

/* The effective degrees of freedom of rows with as many runs as the last one, which are most of a table's:
 * what takes the time are quantiles of F. */
struct freedom {
    double k[2], effective, capped;
};

static void find_freedom(const struct balance_side sides[2], double worth, struct freedom *known) {
    if (known->k[0] == sides[0].k && known->k[1] == sides[1].k)
        return;
    known->effective = balance_effective(sides, worth, &known->capped);
    known->k[0] = sides[0].k;
    known->k[1] = sides[1].k;
}

/* Both sides have several runs. */
static struct effect effect_of_runs(const struct row_moments *row, const double variances[2],
                                    struct variance learned, double worth, struct freedom *freedom) {
    struct balance_side sides[2];
    struct balance balance;
    struct variance common;

    sides_of(row, variances, sides);
    balance_of(sides, &balance);
    find_freedom(sides, worth, freedom);
    common = (struct variance){common_variance(row, &balance), balance.df};
    return (struct effect){.estimate = row->sides[1].mean - row->sides[0].mean,
                           .variance =
                               moderation_apply(learned, common).value *
                               (balance.factor[0] / row->sides[0].k + balance.factor[1] / row->sides[1].k),
                           .df = fmin(learned.df + freedom->effective, worth * freedom->capped)};
}

/* A side with one run, or both. */
static struct effect effect_of_single(const struct effect_row *row, const struct row_moments *moments,
                                      const struct variance learned[2]) {
    struct effect effect = {.estimate = moments->sides[1].mean - moments->sides[0].mean, .prior = row->prior};
    double spread = 0;

    for (size_t i = 0; i < 2; i++) {
        struct variance part = row->noise[i];
        double k = moments->sides[i].k;

        if (k < 2 && row->learned[i].df > 0) {
            part = row->learned[i];
            effect.floor = part.value;
        } else if (k < 2) {
            effect.unknown++;
        } else {
            part =
                moderation_apply(learned[i], (struct variance){moments->sides[i].squares / (k - 1), k - 1});
            effect.floor = part.value;
            part.value /= k;
        }
        if (!(part.value > 0))
            continue;
        effect.variance += part.value;
        spread += part.value * part.value / part.df;
    }
    effect.df = effect.variance > 0 ? effect.variance * effect.variance / spread : 1;
    if (row->learned[0].df > 0 &&
        row->learned[1].df > 0) /* perhaps from the same runs: they are not two estimates */
        effect.df = fmin(effect.df, fmin(row->learned[0].df, row->learned[1].df));
    return effect;
}

static int learn_side(const struct row_moments *rows, size_t n, size_t side, struct variance *ret) {
    cleanup_free struct variance *variances = calloc(n + 1, sizeof(*variances));
    size_t count = 0;

    if (!variances)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        double df = rows[i].sides[side].k - 1;

        if (df >= 1)
            variances[count++] = (struct variance){rows[i].sides[side].squares / df, df};
    }
    *ret = moderation_learn(variances, count);
    return 0;
}

static int learn_common(const struct row_moments *rows, size_t n, const double variances[2],
                        struct variance *ret) {
    cleanup_free struct variance *common = calloc(n + 1, sizeof(*common));
    size_t count = 0;

    if (!common)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct balance_side sides[2];
        struct balance balance;

        if (!has_runs(&rows[i]))
            continue;
        sides_of(&rows[i], variances, sides);
        balance_of(sides, &balance);
        common[count++] = (struct variance){common_variance(&rows[i], &balance), balance.df};
    }
    *ret = moderation_learn(common, count);
    return 0;
}

int table_effects(const struct effect_table *table, struct effect *ret_effects) {
    cleanup_free struct row_moments *rows = calloc(table->n_rows + 1, sizeof(*rows));
    struct variance learned, sides[2];
    struct freedom freedom = {0};
    double variances[2], worth = 1;
    int status = rows ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < table->n_rows; i++)
        for (size_t side = 0; side < 2; side++)
            rows[i].sides[side] = moments_of(table->rows[i].runs[side], table->n_runs[side]);
    for (size_t side = 0; status == 0 && side < 2; side++) {
        variances[side] = side_variance(rows, table->n_rows, side);
        status = learn_side(rows, table->n_rows, side, &sides[side]);
    }
    if (status == 0)
        status = learn_common(rows, table->n_rows, variances, &learned);
    if (status == 0)
        status = count_rows(table, rows, variances, &worth);
    for (size_t i = 0; status == 0 && i < table->n_rows; i++)
        ret_effects[i] = !has_runs(&rows[i]) ? effect_of_single(&table->rows[i], &rows[i], sides)
                         : is_constant(&rows[i])
                             ? effect_of_constants(&table->rows[i], &rows[i])
                             : effect_of_runs(&rows[i], variances, learned, worth, &freedom);
    return status == 0 && table->rounds >= TABLE_PAIRS_MIN ? table_pairs(table, ret_effects) : status;
}
