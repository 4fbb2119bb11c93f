/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/run_noise.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>

#define CORRELATION_TRIALS_MIN 5
#define CORRELATION_PRIOR 0.5
#define CORRELATION_PRIOR_TRIALS 50
#define CORRELATION_MAX 0.8

void run_noise_add(struct run_noise *noise, size_t side, const struct run_figure *figure) {
    double n = (double)figure->n;

    noise->trials[side] = noise->trials[side] > 0 ? fmin(noise->trials[side], n) : n;
    noise->squares += figure->squares;
    noise->df += n - 1;
    if (figure->n < CORRELATION_TRIALS_MIN || !(figure->squares > 0))
        return;
    noise->correlations += (figure->products / figure->squares + 1 / n) / (1 - 3 / n);
    noise->runs++;
}

/* How many times the noise of independent trials. */
static double inflation(const struct run_noise *noise, size_t n_rows) {
    double sum = 0, runs = 0, trials = 0, correlation;

    for (size_t i = 0; i < n_rows; i++) {
        sum += noise[i].correlations;
        runs += noise[i].runs;
        trials += noise[i].runs > 0 ? noise[i].df + noise[i].runs : 0;
    }
    if (runs == 0)
        return 1;
    correlation = fmin(CORRELATION_MAX, fmax(0, sum / runs));
    correlation = (trials * correlation + CORRELATION_PRIOR_TRIALS * CORRELATION_PRIOR) /
                  (trials + CORRELATION_PRIOR_TRIALS);
    return (1 + correlation) / (1 - correlation);
}

int run_noise_variances(const struct run_noise *noise, size_t n_rows, struct variance *ret_variances) {
    cleanup_free struct variance *own = calloc(n_rows + 1, sizeof(*own));
    double factor = RUN_TRIM_VARIANCE * inflation(noise, n_rows);
    struct variance learned;

    if (!own)
        return -ENOMEM;
    for (size_t i = 0; i < n_rows; i++)
        own[i] = (struct variance){noise[i].df > 0 ? noise[i].squares / noise[i].df : 0, noise[i].df};
    learned = moderation_learn(own, n_rows);
    for (size_t i = 0; i < n_rows; i++) {
        struct variance known = moderation_apply(learned, own[i]);

        for (size_t side = 0; side < 2; side++) {
            double n = fmax(1, noise[i].trials[side]);

            /* Both sides hold the same knowledge: half of its degrees of freedom each. */
            ret_variances[2 * i + side] = (struct variance){
                known.df > 0 ? factor * known.value / n : INFINITY, known.df > 0 ? known.df / 2 : 1};
        }
    }
    return 0;
}
