/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/runs/run_noise.h"

#include "base/cleanup.h"
#include "stats/runs/autocorrelation.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

void run_noise_add(struct run_noise *noise, size_t side, const struct run_figure *figure) {
    struct run_noise_side *own = &noise->sides[side];
    double n = (double)figure->n;

    if (figure->n < 2)
        return;
    own->squares += figure->squares;
    own->runs++;
    own->trials += n;
    if (!(figure->squares > 0))
        return;
    own->moving += n;
    own->correlations += n * figure->products / figure->squares;
}

/* What processes of each correlation show in n trials. */
struct expected {
    size_t n;
    struct autocorrelation at[AUTOCORRELATION_STEPS];
};

struct expectations {
    struct expected *all; /* owned: one for each number of trials */
    size_t n;
};

/* Trials of a run: the mean. */
static size_t count_trials(const struct run_noise_side *side) {
    return side->runs > 0 ? (size_t)lround(side->trials / side->runs) : 2;
}

static const struct expected *find(const struct expectations *expectations,
                                   const struct run_noise_side *side) {
    size_t n = count_trials(side);

    for (size_t i = 0; i < expectations->n; i++)
        if (expectations->all[i].n == n)
            return &expectations->all[i];
    return NULL;
}

static int expect(struct expectations *expectations, const struct run_noise_side *side) {
    struct expected *grown;

    if (find(expectations, side))
        return 0;
    grown = reallocarray(expectations->all, expectations->n + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    expectations->all = grown;
    grown += expectations->n++;
    grown->n = count_trials(side);
    for (size_t i = 0; i < AUTOCORRELATION_STEPS; i++)
        autocorrelation_of((double)i * AUTOCORRELATION_STEP, grown->n, &grown->at[i]);
    return 0;
}

static int expect_all(const struct run_noise *noise, size_t n_rows, struct expectations *ret) {
    int status = 0;

    for (size_t i = 0; i < n_rows; i++)
        for (size_t side = 0; status == 0 && side < 2; side++)
            status = expect(ret, &noise[i].sides[side]);
    return status;
}

/* How strongly the trials of each row are correlated, as a step of the grid. */
static int learn_steps(const struct run_noise *noise, size_t n_rows, const struct expectations *expectations,
                       size_t *ret_steps) {
    cleanup_free struct autocorrelation_seen *seen = calloc(2 * n_rows + 1, sizeof(*seen));

    if (!seen)
        return -ENOMEM;
    for (size_t i = 0; i < 2 * n_rows; i++) {
        const struct run_noise_side *side = &noise[i / 2].sides[i % 2];
        const struct expected *expected = find(expectations, side);

        seen[i] = (struct autocorrelation_seen){.correlation =
                                                    side->moving > 0 ? side->correlations / side->moving : 0,
                                                .runs = side->moving / (double)expected->n,
                                                .expected = expected->at,
                                                .n = expected->n};
    }
    return autocorrelation_learn(seen, n_rows, ret_steps);
}

/* The variance of the row's process, by what its runs should show of it. */
static struct variance process_variance(const struct run_noise *noise,
                                        const struct expectations *expectations, size_t step) {
    double squares = 0, expected = 0, df = 0;

    for (size_t i = 0; i < 2; i++) {
        const struct run_noise_side *side = &noise->sides[i];
        const struct autocorrelation *of = &find(expectations, side)->at[step];

        squares += side->squares;
        expected += side->runs * of->squares;
        df += side->runs * of->df;
    }
    return (struct variance){expected > 0 ? squares / expected : 0, df};
}

static int set_variances(const struct run_noise *noise, size_t n_rows,
                         const struct expectations *expectations, struct variance *ret_variances) {
    cleanup_free struct variance *own = calloc(n_rows + 1, sizeof(*own));
    cleanup_free size_t *steps = calloc(n_rows + 1, sizeof(*steps));
    struct variance learned;
    int status = own && steps ? learn_steps(noise, n_rows, expectations, steps) : -ENOMEM;

    if (status < 0)
        return status;
    for (size_t i = 0; i < n_rows; i++)
        own[i] = process_variance(&noise[i], expectations, steps[i]);
    learned = moderation_learn(own, n_rows);
    for (size_t i = 0; i < n_rows; i++) {
        struct variance known = moderation_apply(learned, own[i]);

        for (size_t side = 0; side < 2; side++) {
            const struct run_noise_side *runs = &noise[i].sides[side];
            double share = runs->runs > 0 ? find(expectations, runs)->at[steps[i]].mean : 1;

            /* Both sides hold the same knowledge: half of its degrees of freedom each. */
            ret_variances[2 * i + side] =
                (struct variance){known.df > 0 ? RUN_TRIM_VARIANCE * share * known.value : INFINITY,
                                  known.df > 0 ? known.df / 2 : 1};
        }
    }
    return 0;
}

int run_noise_variances(const struct run_noise *noise, size_t n_rows, struct variance *ret_variances) {
    struct expectations expectations = {0};
    int status = expect_all(noise, n_rows, &expectations);

    if (status == 0)
        status = set_variances(noise, n_rows, &expectations, ret_variances);
    free(expectations.all);
    return status;
}
