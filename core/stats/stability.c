/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/stability.h"

#include "base/cleanup.h"
#include "stats/sort.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#define DRIFT_P 0.01
#define DRIFT_CHANGE 0.01
/* Below this share of explained variance a split proves nothing: of 3,000 simulated samples each of normal,
 * uniform and log-normal (sigma 1) values, fewer than 1% pass it for n from 8 to 100. */
#define SPLIT_EXPLAINED(n) (0.90 + 0.6 / (double)(n))
#define SPLIT_APART 0.02
/* A group is at least a fifth of the samples: fewer are outliers, which the summary counts. */
#define SPLIT_GROUP(n) ((n) / 5 > 2 ? (n) / 5 : 2)

static double median_of(const double *values, size_t n, double *scratch) {
    memcpy(scratch, values, n * sizeof(*values));
    sort_numbers(scratch, n);
    return gsl_stats_median_from_sorted_data(scratch, 1, n);
}

/* `ordered` holds the values by their order; `work` 2 n doubles. */
static void judge_drift(const double *values, const double *order, size_t n, const double *ordered,
                        double *work, struct stability *ret) {
    size_t third = n / 3;
    double first = median_of(ordered, third, work), last = median_of(ordered + n - third, third, work);
    double t;

    ret->rho = gsl_stats_spearman(values, 1, order, 1, n, work);
    ret->change = first != 0 ? last / first - 1 : NAN;
    if (isnan(ret->rho))
        return;
    t = fabs(ret->rho) * sqrt((double)(n - 2) / fmax(1 - ret->rho * ret->rho, 1e-300));
    ret->p = 2 * gsl_cdf_tdist_Q(t, (double)(n - 2));
    ret->drifts = ret->p < DRIFT_P && fabs(ret->change) > DRIFT_CHANGE;
}

/* The split of sorted values with the least variance inside its groups (one-dimensional 2-means, all splits
 * tried). */
static void judge_groups(const double *sorted, size_t n, struct stability *ret) {
    double mean = gsl_stats_mean(sorted, 1, n), total = gsl_stats_tss_m(sorted, 1, n, mean);

    ret->explained = 0;
    for (size_t low = SPLIT_GROUP(n); low <= n - SPLIT_GROUP(n); low++) {
        double below = gsl_stats_mean(sorted, 1, low), above = gsl_stats_mean(sorted + low, 1, n - low);
        double inside =
            gsl_stats_tss_m(sorted, 1, low, below) + gsl_stats_tss_m(sorted + low, 1, n - low, above);

        if (1 - inside / total <= ret->explained)
            continue;
        ret->explained = 1 - inside / total;
        ret->apart = mean != 0 ? fabs((above - below) / mean) : (double)NAN;
        ret->n_low = low;
    }
    ret->bimodal = ret->explained > SPLIT_EXPLAINED(n) && ret->apart > SPLIT_APART;
}

int stability_judge(const double *values, const double *order, size_t n, struct stability *ret) {
    struct stability result = {.n = n, .rho = NAN, .p = NAN, .change = NAN, .explained = NAN, .apart = NAN};
    cleanup_free double *work = NULL;
    cleanup_free size_t *places = NULL;

    if (n < STABILITY_LEAST || gsl_stats_max(values, 1, n) == gsl_stats_min(values, 1, n)) {
        *ret = result;
        return 0;
    }
    work = malloc(3 * n * sizeof(*work));
    places = malloc(n * sizeof(*places));
    if (!work || !places)
        return -ENOMEM;
    result.judged = true;
    gsl_sort_index(places, order, 1, n);
    for (size_t i = 0; i < n; i++)
        work[2 * n + i] = values[places[i]];
    judge_drift(values, order, n, work + 2 * n, work, &result);
    sort_numbers(work + 2 * n, n);
    judge_groups(work + 2 * n, n, &result);
    *ret = result;
    return 0;
}
