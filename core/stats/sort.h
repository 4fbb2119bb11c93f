/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VMSUITE_CORE_STATS_SORT_H
#define VMSUITE_CORE_STATS_SORT_H

#include <stddef.h>

/* Sorts numbers, none of which is NaN, in ascending order; -0 comes before 0. */
void sort_numbers(double *values, size_t n);

#endif
