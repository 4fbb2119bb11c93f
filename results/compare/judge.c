/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From two sets of figures to a verdict. */
#include "compare/parts.h"

#include "base/cleanup.h"
#include "stats/drift.h"
#include "stats/ranktest.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

/* A seed of its own for each row, so that a row's interval does not hang on the other rows (FNV-1a). */
static uint64_t row_seed(uint64_t seed, const struct compare_row *row) {
    const char *texts[] = {row->label, compare_text(row->identity, "module"),
                           compare_text(row->metric, "metric")};
    uint64_t hash = UINT64_C(14695981039346656037) ^ seed;

    for (size_t i = 0; i < VMS_LENGTH(texts); i++)
        for (const char *c = texts[i]; *c; c++)
            hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    return hash;
}

/* Over all trials of all runs. */
static struct compare_figure new_figure(const struct series *series, const struct pool *pool) {
    struct stats_distribution distribution;
    cleanup_free double *values = malloc(pool->n * sizeof(*values));
    struct compare_figure figure = {.n_runs = series->n_runs,
                                    .n_trials = series->n_values,
                                    .median = NAN,
                                    .mean = NAN,
                                    .sd = NAN,
                                    .cv = NAN};

    if (!values)
        return figure;
    memcpy(values, pool->values, pool->n * sizeof(*values));
    stats_distribute(values, pool->n, &distribution);
    figure.median = distribution.quantiles[1];
    figure.mean = distribution.mean;
    figure.sd = distribution.sd;
    if (figure.mean != 0)
        figure.cv = figure.sd / fabs(figure.mean);
    return figure;
}

static void set_loss(const struct compare_row *row, const struct resample_ratio *ratio, double *ret_loss,
                     double ret_interval[2]) {
    bool higher = strcmp(compare_text(row->metric, "better"), "higher") == 0;

    *ret_loss = higher ? 1 - ratio->ratio : ratio->ratio - 1;
    ret_interval[0] = higher ? 1 - ratio->ci95[1] : ratio->ci95[0] - 1;
    ret_interval[1] = higher ? 1 - ratio->ci95[0] : ratio->ci95[1] - 1;
}

static bool all_equal(const struct pool pools[2]) {
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < pools[i].n; j++)
            if (pools[i].values[j] != pools[0].values[0])
                return false;
    return true;
}

static void judge_without_ratio(struct compare_row *row) {
    row->loss = row->loss_ci95[0] = row->loss_ci95[1] = NAN;
    row->mean_loss = row->mean_loss_ci95[0] = row->mean_loss_ci95[1] = NAN;
    row->p_runs = NAN;
    row->p_equivalence = NAN;
    row->reason = "figures of 0 have no ratio";
}

/* The standard deviation of drift_measure's ratio over ten trials of steady noise: of F with 1 and 8 degrees
 * of freedom, over its mean. */
#define DRIFT_RATIO_SD 1.87

/* The drift of two sides beyond what chance makes of steady noise. Both are taken together, because the drift
 * of one alone is hardly known. */
static double common_drift(const struct compare_side *a, const struct compare_side *b) {
    double n = (double)(a->n_drift + b->n_drift);
    double mean = n > 0 ? ((double)a->n_drift * a->drift + (double)b->n_drift * b->drift) / n : 0;

    return n > 0 ? fmax(0, mean - DRIFT_RATIO_SD / sqrt(n)) : 0;
}

/* Variance that steady noise gives the halves of the row's runs. */
static double half_variance(const struct series *series) {
    return series->half_variance / (double)series->n_runs;
}

/* Where trials are flagged, whole runs differ, too: by this many times the noise within them, as measured
 * (tests/benchmark/simulate_verdicts.c, model "measured"), and known as well as from so many runs. */
#define DISTURBED_RATIO 1.5
#define DISTURBED_DF 4

/* What disturbances add to the variance between runs: by the share of trials that are flagged. */
static double disturbance(const struct compare_side *sides[2], const struct row_series *pair) {
    double n = (double)(sides[0]->n_trials + sides[1]->n_trials);
    double flagged = (double)(sides[0]->n_flagged + sides[1]->n_flagged);
    double df = pair->baseline->df + pair->other->df;
    double within = df > 0 ? (pair->baseline->squares + pair->other->squares) / df : 0;

    return n > 0 ? flagged / n * DISTURBED_RATIO * DISTURBED_RATIO * within : 0;
}

/* The allowance for the shift between runs: the one that was given, what the drift within the runs adds, and
 * what disturbances add. A drift that all cases share is seen but once in each run, so that it has few
 * degrees of freedom; the parts are joined as Welch and Satterthwaite do. */
static struct resample_allowance allow(const struct comparison *comparison, const struct compare_row *row,
                                       const struct row_series *pair) {
    const struct compare_side *sides[] = {&comparison->sides[0], &comparison->sides[row->other]};
    double given = pow(comparison->options.run_shift, 2);
    double steady = (half_variance(pair->baseline) + half_variance(pair->other)) / 2;
    double added = common_drift(sides[0], sides[1]) * steady;
    double drift_df = (double)(sides[0]->n_runs + sides[1]->n_runs);
    double disturbed = disturbance(sides, pair), all = given + added + disturbed;
    double squares =
        given * given / RESAMPLE_PRIOR_DF + added * added / drift_df + disturbed * disturbed / DISTURBED_DF;

    return (struct resample_allowance){.sd = sqrt(all),
                                       .df = squares > 0 ? all * all / squares : RESAMPLE_PRIOR_DF};
}

static int judge_pools(const struct comparison *comparison, struct compare_row *row,
                       const struct row_series *pair, const struct pool pools[2]) {
    const struct compare_options *options = &comparison->options;
    struct resample_side baseline = {pools[0].blocks, pools[0].n_blocks},
                         other = {pools[1].blocks, pools[1].n_blocks};
    struct resample_allowance allowance = allow(comparison, row, pair);
    int status = resample_ratio(&baseline, &other, &allowance, row_seed(options->seed, row), &row->estimate);

    row->p = ranktest_mann_whitney(pools[0].values, pools[0].n, pools[1].values, pools[1].n);
    row->cliff_delta = ranktest_cliff_delta(pools[0].values, pools[0].n, pools[1].values, pools[1].n);
    row->limit = NAN;
    if (status == -EDOM) {
        judge_without_ratio(row);
        return 0;
    }
    if (status < 0)
        return status;
    if (!isfinite(row->estimate.trimmed.log_se))
        row->reason = "one figure a run: make more runs";
    row->has_ratio = true;
    set_loss(row, &row->estimate.medians, &row->loss, row->loss_ci95);
    set_loss(row, &row->estimate.means, &row->mean_loss, row->mean_loss_ci95);
    row->p_runs = decide_difference(&row->estimate.trimmed);
    row->p_equivalence = decide_equivalence(&row->estimate.trimmed, options->margin);
    return 0;
}

static int judge_row(struct comparison *comparison, struct compare_row *row, const struct row_series *pair) {
    const struct series *series[] = {pair->baseline, pair->other};
    struct pool pools[2] = {{0}, {0}};
    int status = 0;

    for (size_t i = 0; status == 0 && i < 2; i++) {
        status = pool_read(&pools[i], comparison->raw->spill, series[i], comparison->options.seed);
        if (status < 0)
            break;
        row->figures[i] = new_figure(series[i], &pools[i]);
        comparison->sides[i == 0 ? 0 : row->other].n_selected += series[i]->n_values > pools[i].n;
        pool_condense(&pools[i]);
    }
    if (status == 0) {
        row->identical = all_equal(pools);
        status = judge_pools(comparison, row, pair, pools);
    }
    pool_done(&pools[0]);
    pool_done(&pools[1]);
    return status;
}

static int correct(struct comparison *comparison) {
    size_t n = comparison->n_rows;
    cleanup_free double *p = calloc(2 * n + 1, sizeof(*p));
    int status;

    if (!p)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        p[i] = comparison->rows[i].p;
        p[n + i] = comparison->rows[i].p_runs;
    }
    status = ranktest_holm(p, n, p);
    if (status == 0)
        status = ranktest_holm(p + n, n, p + n);
    for (size_t i = 0; i < n; i++) {
        comparison->rows[i].p_holm = p[i];
        comparison->rows[i].p_runs_holm = p[n + i];
    }
    return status;
}

double compare_p(const struct compare_row *row) {
    return row->has_ratio ? fmax(row->p_holm, row->p_runs_holm) : row->p_holm;
}

/* Trials of a run, on the side that has fewer. */
static size_t trials_of(const struct compare_row *row) {
    size_t a = row->figures[0].n_trials / row->figures[0].n_runs;
    size_t b = row->figures[1].n_trials / row->figures[1].n_runs;

    return a < b ? a : b;
}

static void decide(const struct comparison *comparison, struct compare_row *row) {
    bool higher = strcmp(compare_text(row->metric, "better"), "higher") == 0;
    size_t runs =
        row->figures[0].n_runs < row->figures[1].n_runs ? row->figures[0].n_runs : row->figures[1].n_runs;

    if (row->p_equivalence < DECIDE_ALPHA || row->identical) {
        row->verdict = COMPARE_EQUIVALENT;
        row->reason = NULL;
    } else if (row->has_ratio && compare_p(row) < DECIDE_ALPHA) {
        row->verdict = (row->estimate.trimmed.ratio < 1) == higher ? COMPARE_SLOWER : COMPARE_FASTER;
    } else {
        row->verdict = COMPARE_UNDECIDED;
        row->has_effort =
            row->has_ratio && isfinite(row->estimate.trimmed.log_se) &&
            decide_effort(&row->estimate, comparison->options.margin,
                          DECIDE_ALPHA / (double)comparison->n_rows, runs, trials_of(row), &row->effort);
    }
}

int compare_judge(struct comparison *comparison) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < comparison->n_rows; i++)
        status = judge_row(comparison, &comparison->rows[i], &comparison->raw->pairs[i]);
    if (status == 0)
        status = correct(comparison);
    for (size_t i = 0; status == 0 && i < comparison->n_rows; i++)
        decide(comparison, &comparison->rows[i]);
    return status;
}
