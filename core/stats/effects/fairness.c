/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/fairness.h"

#include <math.h>

double fairness_index(const double *shares, size_t n) {
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isfinite(shares[i]) || shares[i] < 0)
            return NAN;
        sum += shares[i];
        squares += shares[i] * shares[i];
    }
    return squares > 0 ? sum * sum / ((double)n * squares) : NAN;
}
