/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From hosts' figures to the population's, and to those that stand out. */
#include "fleet/fleet.h"

#include "base/cleanup.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

#define FLEET_ERROR 0.05     /* of all hosts and rows together */
#define MAD_OF_NORMAL 1.4826 /* a standard deviation in median absolute deviations */
/* As many hosts' standard deviation is known as well as all hosts' median deviation. */
#define MAD_EFFICIENCY 0.37

/* Room for a row: `variances` is what effects are pooled with, `own` what each host by itself says. */
struct columns {
    double *effects, *variances, *own, *sorted, *squares, *df, *shares;
};
#define COLUMNS 7

static double sign_of(const struct fleet_row *row) {
    return row->metric->better == VMS_LOWER ? 1 : -1; /* more is slower */
}

/* What hosts' means are known by: from run to run where some host has several runs, else from trial to
 * trial. */
static void find_within(const struct fleet *fleet, const struct fleet_cell *cells,
                        const struct columns *columns, double *ret_variances) {
    bool has_runs = false;

    for (size_t i = 0; i < fleet->n_hosts; i++)
        has_runs |= cells[i].n_runs > 1;
    for (size_t i = 0; i < fleet->n_hosts; i++) {
        double n = cells[i].n_runs;

        columns->squares[i] = has_runs ? cells[i].squares : cells[i].trial_squares;
        columns->df[i] = n == 0 ? 0 : has_runs ? n - 1 : cells[i].trial_df;
        columns->shares[i] = n == 0 ? (double)NAN : has_runs ? 1 / n : cells[i].trial_share;
    }
    random_effects_within(columns->squares, columns->df, columns->shares, fleet->n_hosts, ret_variances);
}

static void pool_level(const struct fleet *fleet, struct fleet_row *row, size_t configuration,
                       const struct columns *columns) {
    for (size_t i = 0; i < fleet->n_hosts; i++) {
        columns->effects[i] = row->cells[configuration][i].log;
        columns->own[i] = row->cells[configuration][i].own;
    }
    find_within(fleet, row->cells[configuration], columns, columns->variances);
    random_effects_pool(columns->effects, columns->variances, fleet->n_hosts, &row->level[configuration]);
}

/* What the second configuration costs each host that has both. */
static size_t take_costs(const struct fleet *fleet, const struct fleet_row *row,
                         const struct columns *columns) {
    size_t n = 0;

    find_within(fleet, row->cells[0], columns, columns->variances);
    find_within(fleet, row->cells[1], columns, columns->sorted);
    for (size_t i = 0; i < fleet->n_hosts; i++) {
        columns->effects[i] = sign_of(row) * (row->cells[1][i].log - row->cells[0][i].log);
        columns->variances[i] += columns->sorted[i];
        columns->own[i] = row->cells[0][i].own + row->cells[1][i].own;
        n += isfinite(columns->effects[i]);
    }
    return n;
}

/* Of hosts that have one or the other: the difference of two populations, with Welch's degrees of freedom. */
static void set_difference(struct fleet_row *row) {
    const struct random_effects *a = &row->level[0], *b = &row->level[1];
    double variance = a->variance + b->variance, half = variance == 0 ? 0 : (double)NAN;

    if (variance > 0) {
        double df =
            variance * variance /
            (a->variance * a->variance / ((double)a->n - 1) + b->variance * b->variance / ((double)b->n - 1));

        half = gsl_cdf_tdist_Pinv(0.975, df) * sqrt(variance);
    }
    row->cost = (struct random_effects){.n = a->n + b->n,
                                        .mean = sign_of(row) * (b->mean - a->mean),
                                        .variance = variance,
                                        .between = NAN,
                                        .between_part = NAN};
    row->cost.ci95[0] = row->cost.mean - half;
    row->cost.ci95[1] = row->cost.mean + half;
}

static double median_of(double *values, size_t n) {
    gsl_sort(values, 1, n);
    return gsl_stats_median_from_sorted_data(values, 1, n);
}

/* How far each host is from the median one, in robust standard deviations, or in what its own figure may be
 * off by where that is more. */
static void deviate(const struct fleet *fleet, struct fleet_row *row, const struct columns *columns) {
    double scale;
    size_t n = 0;

    for (size_t i = 0; i < fleet->n_hosts; i++) {
        row->effects[i] = columns->effects[i];
        row->deviations[i] = NAN;
        if (isfinite(columns->effects[i]))
            columns->sorted[n++] = columns->effects[i];
    }
    row->centre = n > 0 ? median_of(columns->sorted, n) : (double)NAN;
    if (n < FLEET_HOSTS_LEAST)
        return;
    for (size_t i = 0; i < n; i++)
        columns->sorted[i] = fabs(columns->sorted[i] - row->centre);
    scale = MAD_OF_NORMAL * median_of(columns->sorted, n);
    for (size_t i = 0; i < fleet->n_hosts; i++) {
        double own = isfinite(columns->own[i]) ? sqrt(columns->own[i]) : 0, unit = fmax(scale, own),
               deviation = columns->effects[i] - row->centre;

        if (isfinite(deviation))
            row->deviations[i] = unit > 0         ? deviation / unit
                                 : deviation != 0 ? copysign(HUGE_VAL, deviation)
                                                  : 0;
    }
}

static int judge_row(const struct fleet *fleet, struct fleet_row *row, const struct columns *columns) {
    size_t both = 0;

    row->deviations = calloc(fleet->n_hosts + 1, sizeof(*row->deviations));
    row->effects = calloc(fleet->n_hosts + 1, sizeof(*row->effects));
    if (!row->deviations || !row->effects)
        return -ENOMEM;
    for (size_t i = 0; i < fleet->n_configurations; i++)
        pool_level(fleet, row, i, columns);
    if (fleet->n_configurations > 1)
        both = take_costs(fleet, row, columns);
    else
        for (size_t i = 0; i < fleet->n_hosts; i++)
            columns->effects[i] *= sign_of(row);
    row->paired = both > 0;
    if (row->paired)
        random_effects_pool(columns->effects, columns->variances, fleet->n_hosts, &row->cost);
    else if (fleet->n_configurations > 1)
        set_difference(row);
    deviate(fleet, row, columns);
    return 0;
}

static int by_distance(const void *a, const void *b) {
    const struct fleet_outlier *first = a, *second = b;
    double one = fabs(log(first->factor)), other = fabs(log(second->factor));

    if (one != other)
        return one < other ? 1 : -1;
    return first->host != second->host ? (first->host < second->host ? -1 : 1)
                                       : (first->row < second->row ? -1 : 1);
}

/* Bonferroni's share for each host and row; the median deviation of n hosts is known as their standard
 * deviation is from as many hosts as its efficiency says, so that Student's t has that many degrees of
 * freedom. */
static double limit_of(const struct fleet *fleet, const struct fleet_row *row) {
    size_t n = 0;

    for (size_t i = 0; i < fleet->n_hosts; i++)
        n += isfinite(row->effects[i]);
    if (n < FLEET_HOSTS_LEAST)
        return HUGE_VAL;
    return gsl_cdf_tdist_Qinv(FLEET_ERROR / 2 / (double)(fleet->n_hosts * fleet->n_rows),
                              MAD_EFFICIENCY * ((double)n - 1));
}

static int add_outlier(struct fleet *fleet, size_t row, size_t host) {
    struct fleet_outlier *grown =
        reallocarray(fleet->outliers, fleet->n_outliers + 1, sizeof(*fleet->outliers));

    if (!grown)
        return -ENOMEM;
    fleet->outliers = grown;
    grown[fleet->n_outliers++] =
        (struct fleet_outlier){host, row, exp(fleet->rows[row].effects[host] - fleet->rows[row].centre)};
    return 0;
}

static int find_outliers(struct fleet *fleet, double margin) {
    for (size_t i = 0; i < fleet->n_rows; i++) {
        const struct fleet_row *row = &fleet->rows[i];
        double limit = limit_of(fleet, row);

        for (size_t host = 0; host < fleet->n_hosts; host++)
            if (fabs(row->deviations[host]) > limit &&
                fabs(row->effects[host] - row->centre) > log1p(margin) && add_outlier(fleet, i, host) < 0)
                return -ENOMEM;
    }
    if (fleet->n_outliers > 0)
        qsort(fleet->outliers, fleet->n_outliers, sizeof(*fleet->outliers), by_distance);
    return 0;
}

int fleet_finish(struct fleet *fleet, double margin) {
    size_t n = fleet->n_hosts + 1;
    cleanup_free double *room = calloc(COLUMNS * n, sizeof(*room));
    struct columns columns = {room,         room + n,     room + 2 * n, room + 3 * n,
                              room + 4 * n, room + 5 * n, room + 6 * n};
    int status = room ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < fleet->n_rows; i++)
        status = judge_row(fleet, &fleet->rows[i], &columns);
    if (status == 0)
        status = fleet_find_gaps(fleet);
    return status == 0 ? find_outliers(fleet, margin) : status;
}

const struct random_effects *fleet_result(const struct fleet *fleet, const struct fleet_row *row) {
    return fleet->n_configurations > 1 ? &row->cost : &row->level[0];
}
