/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What exits of a guest cost, by the cases of the module exits (or cpu) in the same comparison: how much
 * longer each kind of exit takes than the same does in the baseline. */
#ifndef VMSUITE_RESULTS_COMPARE_EXPLAIN_EXIT_PRICES_H
#define VMSUITE_RESULTS_COMPARE_EXPLAIN_EXIT_PRICES_H

#include "compare/comparison/comparison.h"

/* In seconds; NaN: not measured. */
struct exit_prices {
    double exit_s;   /* CPUID: what each hypervisor has to handle, and does next to nothing for */
    double device_s; /* what a process of the host answers */
    double reason_s[HOST_REASONS]; /* of each reason; where it has no price of its own, that of CPUID */
};

/* By how much a metric of a module is above the baseline's, in the cases of the same two sides; NaN: not
 * measured. */
double exit_prices_apart(const struct comparison *comparison, size_t other, const char *module,
                         const char *metric);

/* Reads the prices for the side `other`. */
void exit_prices_read(const struct comparison *comparison, size_t other, struct exit_prices *ret_prices);

#endif
