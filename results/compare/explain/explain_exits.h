/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much time a side's exits took: each reason's at its own price, the others at CPUID's. */
#ifndef VMSUITE_RESULTS_COMPARE_EXPLAIN_EXPLAIN_EXITS_H
#define VMSUITE_RESULTS_COMPARE_EXPLAIN_EXPLAIN_EXITS_H

#include "compare/explain/explain.h"

/* As a share of the time; NaN: they were not counted, or have no price. */
double explain_exits_time(const struct explanation *found);

/* "50000 a second, 2.000 us each", or what they were for. */
void explain_exits_write(FILE *file, const struct explanation *found);

#endif
