/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/resample.h"

#include "base/cleanup.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* With more runs than this the variance between them says all, and trials are not drawn again. */
#define TWO_STAGES_MAX 50
#define BLOCK_DRAWS 200 /* of one run, for the variance of its figure */

enum { MEDIAN, MEAN, TRIMMED, KINDS };
#define TRIM 0.2 /* of the values at each end */

/* The logarithm of a run's figure, by kind. */
struct block_facts {
    double log[KINDS];
};

struct side {
    const struct resample_side *given;
    struct block_facts *facts; /* owned, one per block */
    double log[KINDS];         /* the side's figure: mean over its runs */
    double between[KINDS];     /* variance of the runs' figures, 0 for a single run */
    double unit[KINDS];        /* n times the variance that the noise of its n trials gives a run's figure */
    double within[KINDS];      /* mean of unit / n over the runs */
    double trial_df;           /* sum over the runs of n - 1 */
    size_t n_largest;
};

static void sum_up(double *values, size_t n, double ret_log[KINDS]) {
    gsl_sort(values, 1, n);
    ret_log[MEDIAN] = log(gsl_stats_median_from_sorted_data(values, 1, n));
    ret_log[MEAN] = log(gsl_stats_mean(values, 1, n));
    ret_log[TRIMMED] = log(gsl_stats_trmean_from_sorted_data(TRIM, values, 1, n));
}

static void draw_block(gsl_rng *random, const struct resample_block *block, double *work,
                       double ret_log[KINDS]) {
    for (size_t i = 0; i < block->n; i++)
        work[i] = block->values[gsl_rng_uniform_int(random, block->n)];
    sum_up(work, block->n, ret_log);
}

/* Figure of a run, and what its noise adds to the side's unit variance. `work` has room for the block. */
static void learn_block(gsl_rng *random, const struct resample_block *block, struct side *side, double *work,
                        struct block_facts *ret) {
    double logs[BLOCK_DRAWS * KINDS], n = (double)block->n;

    memcpy(work, block->values, block->n * sizeof(*work));
    sum_up(work, block->n, ret->log);
    if (block->n < 2 || side->given->n_blocks > TWO_STAGES_MAX)
        return;
    for (size_t i = 0; i < BLOCK_DRAWS; i++)
        draw_block(random, block, work, &logs[i * KINDS]);
    /* Drawing from n values shows (n - 1) / n of their variance; a run weighs by its n - 1 degrees of
     * freedom. */
    for (int kind = 0; kind < KINDS; kind++)
        side->unit[kind] += n * n * gsl_stats_variance(&logs[kind], KINDS, BLOCK_DRAWS);
    side->trial_df += n - 1;
}

static int check_side(const struct resample_side *given) {
    if (given->n_blocks == 0)
        return -EINVAL;
    for (size_t i = 0; i < given->n_blocks; i++) {
        if (given->blocks[i].n == 0)
            return -EINVAL;
        for (size_t j = 0; j < given->blocks[i].n; j++)
            if (!(given->blocks[i].values[j] > 0))
                return -EDOM;
    }
    return 0;
}

static void learn_between(struct side *side) {
    size_t n = side->given->n_blocks, stride = sizeof(*side->facts) / sizeof(double);

    for (int kind = 0; kind < KINDS; kind++) {
        side->log[kind] = gsl_stats_mean(&side->facts[0].log[kind], stride, n);
        side->between[kind] = n > 1 ? gsl_stats_variance(&side->facts[0].log[kind], stride, n) : 0;
    }
}

static int learn_side(gsl_rng *random, struct side *side) {
    const struct resample_side *given = side->given;
    cleanup_free double *work = NULL;
    int status = check_side(given);

    if (status < 0)
        return status;
    for (size_t i = 0; i < given->n_blocks; i++)
        if (given->blocks[i].n > side->n_largest)
            side->n_largest = given->blocks[i].n;
    side->facts = calloc(given->n_blocks, sizeof(*side->facts));
    work = malloc(side->n_largest * sizeof(*work));
    if (!side->facts || !work)
        return -ENOMEM;
    for (size_t i = 0; i < given->n_blocks; i++)
        learn_block(random, &given->blocks[i], side, work, &side->facts[i]);
    for (int kind = 0; kind < KINDS; kind++) {
        side->unit[kind] /= side->trial_df > 0 ? side->trial_df : 1;
        for (size_t i = 0; i < given->n_blocks; i++)
            side->within[kind] += side->unit[kind] / (double)given->blocks[i].n / (double)given->n_blocks;
    }
    learn_between(side);
    return 0;
}

/* The variance between runs, as the allowance and what both sides' runs show make it. */
static double run_variance(const struct side sides[2], int kind, const struct resample_allowance *allowance,
                           double *ret_df) {
    double df = 0, shown = 0;

    for (int i = 0; i < 2; i++) {
        double side_df = (double)sides[i].given->n_blocks - 1;

        /* Runs' figures also differ because their trials do. */
        shown += side_df * fmax(0, sides[i].between[kind] - sides[i].within[kind]);
        df += side_df;
    }
    *ret_df = allowance->df + df;
    return (allowance->df * allowance->sd * allowance->sd + shown) / *ret_df;
}

/* One draw of a side: the mean logarithm of its runs' figures. */
static void draw_side(gsl_rng *random, const struct side *side, double *work, double ret_log[KINDS]) {
    size_t n = side->given->n_blocks;

    for (int kind = 0; kind < KINDS; kind++)
        ret_log[kind] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t drawn = n > 1 ? gsl_rng_uniform_int(random, n) : 0;
        double log[KINDS];

        if (n > TWO_STAGES_MAX)
            memcpy(log, side->facts[drawn].log, sizeof(log));
        else
            draw_block(random, &side->given->blocks[drawn], work, log);
        for (int kind = 0; kind < KINDS; kind++)
            ret_log[kind] += log[kind] / (double)n;
    }
}

/* Ratio, interval and standard error of one kind from its draws, which are sorted. */
static void finish(const struct side sides[2], int kind, double variance, double run_df, double *draws,
                   struct resample_ratio *ret) {
    double model = 0, squares = 0;

    for (int i = 0; i < 2; i++) {
        double k = (double)sides[i].given->n_blocks, within = sides[i].within[kind] / k;

        model += variance / k + within;
        squares += sides[i].trial_df > 0 ? within * within / sides[i].trial_df : 0;
    }
    /* The two sides share one estimate of the variance between runs. */
    squares +=
        pow(variance / (double)sides[0].given->n_blocks + variance / (double)sides[1].given->n_blocks, 2) /
        run_df;
    ret->df = squares > 0 ? model * model / squares : run_df;
    ret->log_se = fmax(sqrt(model), gsl_stats_sd(draws, 1, RESAMPLE_DRAWS));
    ret->ratio = exp(sides[1].log[kind] - sides[0].log[kind]);
    gsl_sort(draws, 1, RESAMPLE_DRAWS);
    ret->ci95[0] = exp(gsl_stats_quantile_from_sorted_data(draws, 1, RESAMPLE_DRAWS, 0.025));
    ret->ci95[1] = exp(gsl_stats_quantile_from_sorted_data(draws, 1, RESAMPLE_DRAWS, 0.975));
}

/* All draws, of each kind in a row. */
static void draw_all(gsl_rng *random, const struct side sides[2], const double variance[KINDS], double *work,
                     double *ret_draws) {
    for (size_t i = 0; i < RESAMPLE_DRAWS; i++) {
        double log[2][KINDS];

        for (int j = 0; j < 2; j++) {
            double shift = gsl_ran_ugaussian(random) / (double)sides[j].given->n_blocks;

            draw_side(random, &sides[j], work, log[j]);
            for (int kind = 0; kind < KINDS; kind++)
                log[j][kind] += sqrt(variance[kind]) * shift;
        }
        for (int kind = 0; kind < KINDS; kind++)
            ret_draws[(size_t)kind * RESAMPLE_DRAWS + i] = log[1][kind] - log[0][kind];
    }
}

/* One trial a run says nothing of the noise within it. */
static bool is_known(const struct side *side) {
    return side->trial_df > 0 || side->given->n_blocks > TWO_STAGES_MAX;
}

static void forget(struct resample_ratio *ratio) {
    ratio->ci95[0] = ratio->ci95[1] = NAN;
    ratio->log_se = INFINITY;
}

static int estimate(gsl_rng *random, struct side sides[2], const struct resample_allowance *allowance,
                    struct resample_estimate *ret) {
    size_t largest = sides[0].n_largest > sides[1].n_largest ? sides[0].n_largest : sides[1].n_largest;
    cleanup_free double *work = malloc(largest * sizeof(*work));
    cleanup_free double *draws = malloc(KINDS * RESAMPLE_DRAWS * sizeof(*draws));
    struct resample_ratio ratios[KINDS];
    double variance[KINDS], run_df;

    if (!work || !draws)
        return -ENOMEM;
    for (int kind = 0; kind < KINDS; kind++)
        variance[kind] = run_variance(sides, kind, allowance, &run_df);
    draw_all(random, sides, variance, work, draws);
    for (int kind = 0; kind < KINDS; kind++) {
        finish(sides, kind, variance[kind], run_df, draws + (size_t)kind * RESAMPLE_DRAWS, &ratios[kind]);
        if (!is_known(&sides[0]) || !is_known(&sides[1]))
            forget(&ratios[kind]);
    }
    ret->medians = ratios[MEDIAN];
    ret->means = ratios[MEAN];
    ret->trimmed = ratios[TRIMMED];
    ret->run_sd = sqrt(variance[TRIMMED]);
    ret->within_sd = sqrt((sides[0].unit[TRIMMED] + sides[1].unit[TRIMMED]) / 2);
    return 0;
}

int resample_ratio(const struct resample_side *baseline, const struct resample_side *other,
                   const struct resample_allowance *allowance, uint64_t seed, struct resample_estimate *ret) {
    struct side sides[2] = {{.given = baseline}, {.given = other}};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    int status;

    gsl_rng_set(random, (unsigned long)((seed ^ seed >> 32) & 0xffffffff)); /* it takes 32 bits */
    status = learn_side(random, &sides[0]);
    if (status == 0)
        status = learn_side(random, &sides[1]);
    if (status == 0)
        status = estimate(random, sides, allowance, ret);
    gsl_rng_free(random);
    free(sides[0].facts);
    free(sides[1].facts);
    return status;
}
