/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/runs/run_figure.h"

#include "stats/sort.h"

#include <math.h>

/* The logarithm; a zero counts as `least`. */
static double log_of(double value, double least) {
    return log(value > 0 ? value : least);
}

static void measure_noise(const double *values, size_t n, double least, struct run_figure *ret) {
    double mean = 0, last = NAN;

    for (size_t i = 0; i < n; i++)
        mean += log_of(values[i], least) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double deviation = log_of(values[i], least) - mean;

        ret->squares += deviation * deviation;
        if (i > 0)
            ret->products += deviation * last;
        last = deviation;
    }
}

static double trimmed_log(const double *sorted, size_t n) {
    size_t cut = (size_t)(RUN_TRIM * (double)n);
    double sum = 0;

    for (size_t i = cut; i < n - cut; i++)
        sum += log(sorted[i]);
    return sum / (double)(n - 2 * cut);
}

void run_figure_of(double *values, size_t n, struct run_figure *ret) {
    double least = INFINITY;

    *ret = (struct run_figure){.n = n};
    for (size_t i = 0; i < n; i++) {
        ret->mean += values[i] / (double)n;
        if (values[i] > 0 && values[i] < least)
            least = values[i];
    }
    if (isfinite(least))
        measure_noise(values, n, least, ret);
    sort_numbers(values, n);
    ret->log = trimmed_log(values, n);
}

void run_figure_give(struct run_figure *figure, double value) {
    figure->mean = value;
    figure->log = log(value);
}
