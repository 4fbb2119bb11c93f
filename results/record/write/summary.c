/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/write/summary.h"

#include "base/cleanup.h"

size_t summary_metrics(const struct outcome_case *outcome, unsigned ret_metrics[static SUMMARY_METRICS_MAX]) {
    bool seen[SUMMARY_METRICS_MAX] = {false};
    size_t n = 0;

    for (size_t i = 0; i < outcome->n_done; i++) {
        const struct outcome_trial *trial = &outcome->trials[i];

        for (size_t j = 0; trial->status == OUTCOME_OK && j < trial->n_metrics; j++) {
            unsigned metric = trial->metrics[j].metric;

            if (!seen[metric])
                ret_metrics[n++] = metric;
            seen[metric] = true;
        }
    }
    if (n == 0)
        ret_metrics[n++] = 0;
    return n;
}

int summary_metric(const struct outcome_case *outcome, unsigned metric, struct stats_summary *ret_summary) {
    cleanup_free double *values = calloc(outcome->n_done + 1, sizeof(*values));
    size_t n = 0;

    if (!values)
        return -ENOMEM;
    for (size_t i = 0; i < outcome->n_done; i++) {
        const struct outcome_trial *trial = &outcome->trials[i];

        for (size_t j = 0; trial->status == OUTCOME_OK && j < trial->n_metrics; j++)
            if (trial->metrics[j].metric == metric)
                values[n++] = trial->metrics[j].value;
    }
    stats_summarise(values, n, outcome->seed, ret_summary);
    return 0;
}
