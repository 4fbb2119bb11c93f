/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/execute/enough.h"

#include "base/cleanup.h"
#include "base/units.h"

#include <math.h>

/* Beyond it the mean is as good as 0, and no measure. */
#define WIDTH_MOST 100

/* Half the interval's width as a share of the mean; NaN where it cannot be determined, as where the mean is
 * 0, but for figures that are all alike. */
static double half_width(const struct outcome_case *outcome, size_t *ret_n) {
    cleanup_free double *values = calloc(outcome->n_done + 1, sizeof(*values));
    struct stats_summary summary;
    size_t n = 0;
    double width;

    for (size_t i = 0; values && i < outcome->n_done; i++)
        if (outcome->trials[i].status == OUTCOME_OK && outcome->trials[i].n_metrics > 0)
            values[n++] = outcome->trials[i].metrics[0].value;
    *ret_n = n;
    if (n < 2)
        return NAN;
    stats_describe(values, n, &summary);
    if (summary.ci95_mean[1] == summary.mean)
        return 0;
    width = (summary.ci95_mean[1] - summary.mean) / fabs(summary.mean);
    return width < WIDTH_MOST ? width : (double)NAN;
}

bool enough_trials(struct outcome_case *outcome) {
    unsigned last = outcome->n_done > 0 ? outcome->trials[outcome->n_done - 1].trial : 0;
    char why[OUTCOME_FACT_SIZE];
    char within[UNITS_TEXT_SIZE];
    double width;
    size_t n;

    if (outcome->target <= 0 || outcome->n_done < ENOUGH_LEAST)
        return false;
    width = half_width(outcome, &n);
    units_format_number(100 * width, 2, within);
    if (n >= ENOUGH_LEAST && width <= outcome->target)
        (void)snprintf(why, sizeof(why), "auto: after %zu trials the mean is known within %s%%", n, within);
    else if (last >= outcome->n_trials && isnan(width))
        (void)snprintf(
            why, sizeof(why),
            "auto: the cap of %u trials was reached; how well the mean is known cannot be said: %s",
            outcome->n_trials, n < 2 ? "too few trials gave a figure" : "it is about 0");
    else if (last >= outcome->n_trials)
        (void)snprintf(why, sizeof(why),
                       "auto: the cap of %u trials was reached; the mean is known within %s%%",
                       outcome->n_trials, within);
    else
        return false;
    outcome->n_trials = last;
    outcome->target = 0;
    (void)outcome_facts_set(&outcome->facts, "trials", why);
    return true;
}
