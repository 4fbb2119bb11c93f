/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/tails.h"

#include <math.h>
#include <string.h>

static const struct tail tails[] = {{"p99", 0.99}, {"p99.9", 0.999}};

const struct tail *tails_at(size_t index) {
    return index < VMS_LENGTH(tails) ? &tails[index] : NULL;
}

bool tails_are_of(const struct view_metric *metric) {
    return metric->shape == VMS_DISTRIBUTION && metric->better == VMS_LOWER;
}

double tails_value(const struct tail *tail, const struct view_sample *sample) {
    const struct view_distribution *distribution = sample->distribution;

    /* Half a sample less is forgiven: 1 - 0.99 is not 0.01 in binary. */
    if (!distribution || (double)distribution->n * (1 - tail->q) < TAIL_SAMPLES_BEYOND - 0.5 * (1 - tail->q))
        return NAN;
    for (size_t i = 0; i < distribution->n_quantiles; i++)
        if (distribution->quantiles[i].q == tail->q)
            return distribution->quantiles[i].value;
    return NAN;
}

bool tails_is_name(const char *metric) {
    const char *space = strrchr(metric, ' ');

    for (size_t i = 0; space && i < VMS_LENGTH(tails); i++)
        if (strcmp(space + 1, tails[i].name) == 0)
            return true;
    return false;
}
