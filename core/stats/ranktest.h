/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests on ranks: they assume nothing about the shape of the noise. */
#ifndef VMSUITE_CORE_STATS_RANKTEST_H
#define VMSUITE_CORE_STATS_RANKTEST_H

#include <stddef.h>

/* Up to this many values in all the p-value is exact; beyond, it is that of the normal approximation. */
#define RANKTEST_EXACT_MAX 40

/* Two-sided p-value of the Mann-Whitney test (Mann and Whitney 1947) of n_a against n_b finite values. Equal
 * values share the mean of their ranks. Exact: the permutation distribution of the rank sum given the ties,
 * twice the smaller tail, at most 1. Beyond RANKTEST_EXACT_MAX: normal with tie and continuity correction
 * (Lehmann, "Nonparametrics", 1.2 and 1.4; R: wilcox.test). NaN where a side is empty or memory is out. */
double ranktest_mann_whitney(const double *a, size_t n_a, const double *b, size_t n_b);

/* Cliff's delta (Cliff 1993): the share of pairs with b > a less the share with b < a, from -1 to 1. NaN
 * where a side is empty or memory is out. */
double ranktest_cliff_delta(const double *a, size_t n_a, const double *b, size_t n_b);

#endif
