/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of many samples. All is inline: a module links nothing of the host. */
#ifndef VMSUITE_MODULES_SHARED_CASE_NUMBERS_H
#define VMSUITE_MODULES_SHARED_CASE_NUMBERS_H

#include <stddef.h>
#include <stdlib.h>

static inline int numbers_compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Ascending; none is NaN. */
static inline void numbers_sort(double *values, size_t n) {
    qsort(values, n, sizeof(*values), numbers_compare);
}

/* Of n > 0 values in order, by linear interpolation between neighbours (R type 7), as records have them. */
static inline double numbers_quantile(const double *values, size_t n, double q) {
    double place = q * (double)(n - 1);
    size_t below = (size_t)place, above = below + 1 < n ? below + 1 : below;

    return values[below] + (place - (double)below) * (values[above] - values[below]);
}

#endif
