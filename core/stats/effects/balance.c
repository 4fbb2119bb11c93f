/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/balance.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stddef.h>

#define VARIANCE_LEAST 1e-300
#define RATIOS 16       /* quantiles of F that averages are taken over */
#define ROWS_KNOWN 1000 /* from so many rows the balance is known */

void balance_of(const struct balance_side sides[2], struct balance *ret) {
    double all = 0, squares = 0, spread = 0;

    *ret = (struct balance){.factor = {1, 1}, .df = sides[0].k + sides[1].k - 2};
    for (size_t i = 0; i < 2; i++) {
        double mean = sides[i].variance / sides[i].k;

        all += mean;
        squares += mean * mean / (sides[i].k - 1);
        spread += (sides[i].k - 1) * sides[i].variance;
    }
    ret->effective = all > VARIANCE_LEAST ? all * all / squares : ret->df;
    for (size_t i = 0; i < 2 && spread > VARIANCE_LEAST; i++)
        ret->factor[i] = fmax(ret->df * sides[i].variance / spread, 1e-12);
}

double balance_effective(const struct balance_side sides[2], double rows, double *ret_capped) {
    double d[] = {sides[0].k - 1, sides[1].k - 1}, terms[2] = {0}, least = fmin(d[0], d[1]), df;
    double ratio = fmax(sides[0].variance, VARIANCE_LEAST) / sides[0].k /
                   (fmax(sides[1].variance, VARIANCE_LEAST) / sides[1].k);

    for (size_t i = 0; i < RATIOS; i++) {
        double quantile = ((double)i + 0.5) / RATIOS;
        double share =
            ratio * (rows < ROWS_KNOWN ? gsl_cdf_fdist_Pinv(quantile, rows * d[1], rows * d[0]) : 1);

        share = isfinite(share) ? share / (1 + share) : 1;
        terms[0] += share * share / RATIOS;
        terms[1] += (1 - share) * (1 - share) / RATIOS;
    }
    df = 1 / (terms[0] / d[0] + terms[1] / d[1]);
    *ret_capped = d[0] == d[1] ? df : fmin(df, least * (1 + least / fmax(d[0], d[1])));
    return df;
}
