/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/view/tails.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Those that are compared first; the median, which is no tail, last. */
static const struct tail tails[] = {
    {"p99", 0.99}, {"p99.9", 0.999}, {"p90", 0.9}, {"p99.99", 0.9999}, {"p50", 0.5}};

const struct tail *tails_at(size_t index) {
    return index + 1 < VMS_LENGTH(tails) ? &tails[index] : NULL;
}

const struct tail *tails_asked(size_t index) {
    return index < VMS_LENGTH(tails) ? &tails[index] : NULL;
}

bool tails_are_of(const struct view_metric *metric) {
    return metric->shape == VMS_DISTRIBUTION && metric->better == VMS_LOWER;
}

/* Half a sample less is forgiven: 1 - 0.99 is not 0.01 in binary. */
static bool is_enough(const struct tail *tail, uint64_t n) {
    return (double)n * (1 - tail->q) >= TAIL_SAMPLES_BEYOND - 0.5 * (1 - tail->q);
}

/* The quantile that the record has of a trial's samples; NaN: none. */
static double exact_quantile(const struct tail *tail, const struct view_distribution *distribution) {
    for (size_t i = 0; i < distribution->n_quantiles; i++)
        if (distribution->quantiles[i].q == tail->q)
            return distribution->quantiles[i].value;
    return NAN;
}

double tails_value(const struct tail *tail, const struct view_sample *sample) {
    return sample->distribution && is_enough(tail, sample->distribution->n)
               ? exact_quantile(tail, sample->distribution)
               : (double)NAN;
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

static const struct view_sample *sample_of(const struct view_trial *trial, size_t metric) {
    return trial->status == OUTCOME_OK ? view_find_sample(trial, metric) : NULL;
}

int tails_merge(const struct view_case *outcome, size_t metric, struct sketch *samples) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < outcome->n_trials; i++) {
        const struct view_sample *sample = sample_of(&outcome->trials[i], metric);

        if (sample)
            status = sample->distribution ? add_samples(samples, sample->distribution) : -ENODATA;
    }
    return status;
}

/* What the histograms' quantiles of the single trials are off on average, as a logarithm; 0: nobody knows. */
static double rounding_of(const struct tail *tail, const struct view_case *outcome, size_t metric) {
    double sum = 0, n = 0;

    for (size_t i = 0; i < outcome->n_trials; i++) {
        const struct view_sample *sample = sample_of(&outcome->trials[i], metric);
        struct sketch own = {0};

        if (!sample || !sample->distribution || add_samples(&own, sample->distribution) < 0)
            continue;
        sum += log(exact_quantile(tail, sample->distribution) / sketch_quantile(&own, tail->q));
        n++;
    }
    return isfinite(sum) && n > 0 ? sum / n : 0;
}

double tails_of_run(const struct tail *tail, const struct sketch *samples, const struct view_case *outcome,
                    size_t metric) {
    double figure = sketch_quantile(samples, tail->q), rounding;

    if (!is_enough(tail, sketch_count(samples)))
        return NAN;
    rounding = exp(rounding_of(tail, outcome, metric));
    return figure * fmin(1 + SKETCH_ERROR, fmax(1 - SKETCH_ERROR, rounding)); /* within its bucket */
}

double tails_merged(const struct tail *tail, const struct view_case *outcome, size_t metric) {
    struct sketch samples = {0};

    return tails_merge(outcome, metric, &samples) < 0 ? (double)NAN
                                                      : tails_of_run(tail, &samples, outcome, metric);
}

bool tails_is_name(const char *metric) {
    const char *space = strrchr(metric, ' ');

    for (size_t i = 0; space && i < VMS_LENGTH(tails); i++)
        if (strcmp(space + 1, tails[i].name) == 0)
            return true;
    return false;
}
