/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a side's runs, or their differences, show. */
#ifndef VMSUITE_CORE_STATS_EFFECTS_MOMENTS_H
#define VMSUITE_CORE_STATS_EFFECTS_MOMENTS_H

#include <stddef.h>

struct moments {
    double k;       /* figures */
    double mean;    /* NaN without any */
    double squares; /* of the deviations from the mean: sum */
};

/* NaN is passed over. */
struct moments moments_of(const double *values, size_t n);

#endif
