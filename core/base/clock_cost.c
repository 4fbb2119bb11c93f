/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <gsl/gsl_statistics_double.h>

#define BATCHES 11
#define CALLS 1000

double clock_cost_s(void) {
    double batches[BATCHES];

    for (size_t batch = 0; batch < BATCHES; batch++) {
        uint64_t start_ns = clock_now_ns(), end_ns = start_ns;

        for (size_t call = 0; call < CALLS; call++)
            end_ns = clock_now_ns();
        batches[batch] = (double)(end_ns - start_ns) / CALLS / (double)NS_PER_S;
    }
    return gsl_stats_median(batches, 1, BATCHES);
}
