/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the samples of a case can be taken for draws from one distribution: drift over the run, and two
 * groups. */
#ifndef VMSUITE_CORE_STATS_STABILITY_H
#define VMSUITE_CORE_STATS_STABILITY_H

#include <stdbool.h>
#include <stddef.h>

#define STABILITY_LEAST 8 /* fewer samples are not judged */

struct stability {
    size_t n;
    bool judged;      /* n is enough and the values differ */
    double rho;       /* Spearman's rank correlation of value and order */
    double p;         /* two-sided, by Student's t with n - 2 degrees of freedom */
    double change;    /* median of the last third against that of the first, - 1 */
    bool drifts;      /* p < 0.01 and |change| > 1% */
    double explained; /* share of the variance that the best split in two groups explains */
    double apart;     /* distance of the groups' means as a share of the overall mean */
    size_t n_low;     /* samples in the lower group */
    bool bimodal;     /* see the limits in stability.c */
};

/* Judges `values` (n of them) that were taken at the times or positions `order`, strictly rising or not.
 * Figures that cannot be determined are NaN. -ENOMEM. */
int stability_judge(const double *values, const double *order, size_t n, struct stability *ret);

#endif
