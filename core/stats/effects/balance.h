/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sides whose runs differ by unequal amounts. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_BALANCE_H
#define VMSUITE_CORE_STATS_EFFECTS_BALANCE_H

/* A side: its number of runs (two or more), and the variance between them. */
struct balance_side {
    double k;
    double variance;
};

/* How the sides' variances compare with a common one. */
struct balance {
    double factor[2]; /* a side's variance over the common one */
    double df;        /* of the common variance: of all runs */
    double effective; /* of the variance of the sides' difference: Welch (1947), Satterthwaite (1946) */
};

/* Compares both sides, of which each has at least two runs. */
void balance_of(const struct balance_side sides[2], struct balance *ret);

/*
 * The effective degrees of freedom where the balance itself is only estimated, from as much as `rows`
 * independent rows. Welch's formula takes the estimated variances for the true ones, which claims up to 10%
 * instead of 5% where the more variable side has few runs. Here its terms are averages over what the true
 * ratio of the variances may be (the estimated one times F), and sides with unequal numbers of runs, seen by
 * one row, get at most d (1 + d / D), where d and D are the smaller and larger number of runs less 1.
 */
double balance_effective(const struct balance_side sides[2], double rows, double *ret_capped);

#endif
