/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/sequential.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double sequential_spent(double error, double fraction) {
    if (!(fraction > 0))
        return 0;
    return fraction < 1 ? 2 * gsl_cdf_ugaussian_Q(gsl_cdf_ugaussian_Qinv(error / 2) / sqrt(fraction)) : error;
}

void sequential_init(struct sequential *sequential, double error, size_t most) {
    *sequential = (struct sequential){.error = error, .most = most};
}

void sequential_resume(struct sequential *sequential, size_t first, size_t rounds) {
    sequential->spent =
        rounds > first ? sequential_spent(sequential->error, (double)(rounds - 1) / (double)sequential->most)
                       : 0;
}

double sequential_look(struct sequential *sequential, size_t rounds) {
    double spent = sequential_spent(sequential->error, (double)rounds / (double)sequential->most);
    double level = fmax(0, spent - sequential->spent);

    sequential->spent = fmax(spent, sequential->spent);
    return level;
}
