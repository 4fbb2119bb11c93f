/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much larger one set of figures is than another, with an interval that knows where its noise comes from.
 */
#ifndef VMSUITE_CORE_STATS_RESAMPLE_H
#define VMSUITE_CORE_STATS_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

/* The figures of one run: a block. Runs of one configuration differ by more than their trials do (memory
 * layout, placement, neighbours; Kalibera and Jones 2013), so that trials of one run are no substitute for
 * runs. */
struct resample_block {
    const double *values; /* > 0 */
    size_t n;             /* > 0 */
};

struct resample_side {
    const struct resample_block *blocks;
    size_t n_blocks; /* > 0 */
};

#define RESAMPLE_DRAWS 2000
/* The shift between runs that must be allowed for where the runs themselves do not show it. */
struct resample_allowance {
    double sd; /* relative: by how much a whole run may be off, one standard deviation */
    double df; /* how firmly that is held: as if df + 1 runs had shown it; > 0 */
};
#define RESAMPLE_PRIOR_DF 20 /* of an allowance that was given, not measured */

/* A ratio, other / baseline: each run counts the same, a side's figure is the geometric mean of its runs'
 * medians (or means). */
struct resample_ratio {
    double ratio;
    double ci95[2];
    double log_se; /* standard error of the ratio's logarithm: noise within runs and the shift between them */
    double df;     /* its degrees of freedom (Welch and Satterthwaite) */
};

struct resample_estimate {
    struct resample_ratio medians, means;
    /* 20% trimmed means: nearly as sharp as means where the noise is normal, and deaf to outliers as
     * medians are (Yuen 1974). The verdicts are taken from these. */
    struct resample_ratio trimmed;
    /* Standard deviations of logarithms: of one trial's figure within a run (from the noise of the trimmed
     * mean; 0 where nothing is known), and from run to run. */
    double within_sd;
    double run_sd;
};

/*
 * Estimates other / baseline. Where there is one run a side the data say nothing about the shift between
 * runs, and the allowance is taken; with more runs it is mixed with what they show (run_sd^2 = (allowance.df
 * * allowance.sd^2 + df * shown^2) / (allowance.df + df)).
 *
 * Interval: percentile bootstrap (Efron 1979) with two stages (Davison and Hinkley 1997, 3.8): runs are drawn
 * with replacement, then trials within each. Drawing k runs shows (k - 1) / k of the variance between them:
 * the rest, run_sd^2 / k^2, is added as a random shift of the side. The draws depend on `seed` alone.
 *
 * Single-trial runs (up to 50 of them) say nothing of the noise within: intervals are NaN, log_se is
 * infinite.
 *
 * -ENOMEM; -EINVAL: a side without figures; -EDOM: a figure is not above 0, so that there is no ratio.
 */
int resample_ratio(const struct resample_side *baseline, const struct resample_side *other,
                   const struct resample_allowance *allowance, uint64_t seed, struct resample_estimate *ret);

#endif
