/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/tails.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const struct tail tails[] = {{"p99", 0.99}, {"p99.9", 0.999}, {"p90", 0.9}, {"p99.99", 0.9999}};

const struct tail *tails_at(size_t index) {
    return index < VMS_LENGTH(tails) ? &tails[index] : NULL;
}

bool tails_are_of(const struct view_metric *metric) {
    return metric->shape == VMS_DISTRIBUTION && metric->better == VMS_LOWER;
}

/* Half a sample less is forgiven: 1 - 0.99 is not 0.01 in binary. */
static bool is_enough(const struct tail *tail, uint64_t n) {
    return (double)n * (1 - tail->q) >= TAIL_SAMPLES_BEYOND - 0.5 * (1 - tail->q);
}

double tails_value(const struct tail *tail, const struct view_sample *sample) {
    const struct view_distribution *distribution = sample->distribution;

    if (!distribution || !is_enough(tail, distribution->n))
        return NAN;
    for (size_t i = 0; i < distribution->n_quantiles; i++)
        if (distribution->quantiles[i].q == tail->q)
            return distribution->quantiles[i].value;
    return NAN;
}

static int add_samples(struct sketch *sketch, const struct view_distribution *distribution) {
    int status = distribution->histogram || distribution->n_values > 0 ? 0 : -ENODATA;

    if (distribution->histogram)
        sketch_merge(sketch, distribution->histogram);
    else
        for (size_t i = 0; status == 0 && i < distribution->n_values; i++)
            status = sketch_add(sketch, distribution->values[i], 1);
    return status;
}

double tails_merged(const struct tail *tail, const struct view_case *outcome, size_t metric) {
    struct sketch all = {0};

    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_sample *sample = view_find_sample(&outcome->trials[i], metric);

        if (outcome->trials[i].status != OUTCOME_OK || !sample)
            continue;
        if (!sample->distribution || add_samples(&all, sample->distribution) < 0)
            return NAN;
    }
    return is_enough(tail, sketch_count(&all)) ? sketch_quantile(&all, tail->q) : (double)NAN;
}

bool tails_is_name(const char *metric) {
    const char *space = strrchr(metric, ' ');

    for (size_t i = 0; space && i < VMS_LENGTH(tails); i++)
        if (strcmp(space + 1, tails[i].name) == 0)
            return true;
    return false;
}
