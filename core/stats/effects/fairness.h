/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How evenly something is shared out. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_FAIRNESS_H
#define VMSUITE_CORE_STATS_EFFECTS_FAIRNESS_H

#include <stddef.h>

/* Jain's index of n shares (Jain, Chiu and Hawe 1984): 1 where all are equal, 1 / n where one has all. NaN
 * without a share, or where one is negative or not finite, or all are 0. */
double fairness_index(const double *shares, size_t n);

#endif
