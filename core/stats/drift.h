/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Noise that changes slowly: what makes whole runs differ shows within a run, too, as a drift of its trials.
 */
#ifndef VMSUITE_CORE_STATS_DRIFT_H
#define VMSUITE_CORE_STATS_DRIFT_H

#include <stdbool.h>
#include <stddef.h>

#define DRIFT_VALUES_MIN 6

/* The drift within a row of figures in the order of time, on logarithms. */
struct drift {
    /* Squared difference of the halves' means against what the noise within the halves explains: 1 on average
     * where the noise is steady (F with 1 and n - 2 degrees of freedom over its mean), more where it drifts.
     */
    double ratio;
    double half_variance; /* of a half's mean, as the noise within the halves makes it */
};

/* The sum of the squared deviations of the values' logarithms from their mean, which is their noise where
 * they do not drift. NaN where a value is 0 or less. */
double drift_squares(const double *values, size_t n);

/* False: less than DRIFT_VALUES_MIN values, a value of 0 or less, or no noise at all. */
bool drift_measure(const double *values, size_t n, struct drift *ret);

#endif
