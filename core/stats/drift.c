/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/drift.h"

#include <math.h>

/* Mean and sum of squared deviations of the values' logarithms. */
static void sum_up(const double *values, size_t n, double *ret_mean, double *ret_squares) {
    double mean = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        double delta = log(values[i]) - mean; /* Welford 1962 */

        mean += delta / (double)(i + 1);
        squares += delta * (log(values[i]) - mean);
    }
    *ret_mean = mean;
    *ret_squares = squares;
}

static bool has_logarithms(const double *values, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(values[i] > 0))
            return false;
    return true;
}

double drift_squares(const double *values, size_t n) {
    double mean, squares = NAN;

    if (has_logarithms(values, n))
        sum_up(values, n, &mean, &squares);
    return squares;
}

bool drift_measure(const double *values, size_t n, struct drift *ret) {
    size_t first = n / 2, second = n - first;
    double mean[2], squares[2], df = (double)n - 2, variance, difference;

    if (n < DRIFT_VALUES_MIN || !has_logarithms(values, n))
        return false;
    sum_up(values, first, &mean[0], &squares[0]);
    sum_up(values + first, second, &mean[1], &squares[1]);
    variance = (squares[0] + squares[1]) / df;
    if (variance <= 0)
        return false;
    difference = mean[0] - mean[1];
    ret->half_variance = variance * (1 / (double)first + 1 / (double)second) / 2;
    ret->ratio = difference * difference / (2 * ret->half_variance) * (df - 2) / df;
    return true;
}
