/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A variance that many rows of a table estimate together. */
#ifndef VMSUITE_CORE_STATS_RUNS_MODERATION_H
#define VMSUITE_CORE_STATS_RUNS_MODERATION_H

#include <stddef.h>

/* With fewer variances nothing is learned from the others. */
#define MODERATION_ROWS_MIN 4

/* A variance and how firmly it is known, in degrees of freedom. */
struct variance {
    double value;
    double df;
};

/*
 * What the variances of a table have in common, as limma has it (Smyth 2004, section 6.2): each is an
 * estimate with its degrees of freedom of a true variance, and 1 / (true variance) is spread as chi-squared
 * with `df` degrees of freedom over df * value. The spread of the true variances is taken one standard error
 * of its own estimate wider than it appears, because tables of rows that are uneven, but look even, give
 * false verdicts. Variances of 0 (constant figures) do not take part. `df` is 0 where nothing is learned:
 * fewer than MODERATION_ROWS_MIN variances above 0.
 */
struct variance moderation_learn(const struct variance *variances, size_t n);

/* What `n` variances that are alike, each estimated with the degrees of freedom of `variance`, give on
 * average. */
struct variance moderation_expect(struct variance variance, size_t n);

/* A variance with what was learned: the weighted mean of both, by degrees of freedom, which add. */
struct variance moderation_apply(struct variance learned, struct variance own);

/* The x with psi1(x) = y (Newton's method on 1 / psi1; Smyth 2004, appendix). */
double moderation_trigamma_inverse(double y);

#endif
