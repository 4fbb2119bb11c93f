/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/moments.h"

#include <math.h>

struct moments moments_of(const double *values, size_t n) {
    struct moments moments = {0};

    for (size_t i = 0; i < n; i++) {
        double delta = values[i] - moments.mean; /* Welford 1962 */

        if (isnan(values[i]))
            continue;
        moments.k++;
        moments.mean += delta / moments.k;
        moments.squares += delta * (values[i] - moments.mean);
    }
    if (moments.k == 0)
        moments.mean = NAN;
    return moments;
}
