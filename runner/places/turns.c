/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/turns.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>

static void add_trial(struct turns *turns, size_t n_places, size_t index, unsigned trial) {
    for (size_t place = 0; place < n_places; place++)
        turns->turns[turns->n_turns++] = (struct turn){place, index, trial};
}

static void shuffle_from(struct turns *turns, size_t first, gsl_rng *generator) {
    gsl_ran_shuffle(generator, turns->turns + first, turns->n_turns - first, sizeof(*turns->turns));
}

/* Brings the turns from `first` on that are taken together behind the first of them, by place. */
static void gather(struct turns *turns, size_t first, const bool *together) {
    for (size_t i = first; together && i < turns->n_turns; i++) {
        struct turn *turn = &turns->turns[i];
        size_t place = 0;

        if (!together[turn->index])
            continue;
        for (size_t k = i; k < turns->n_turns; k++) {
            struct turn found = turns->turns[k];

            if (found.index != turn->index || found.trial != turn->trial)
                continue;
            memmove(&turns->turns[i + 1], &turns->turns[i], (k - i) * sizeof(found));
            turns->turns[i] = found;
            turns->turns[i++].place = place++;
        }
        i--;
    }
}

static void add_rounds(struct turns *turns, const struct turns_request *request, gsl_rng *generator) {
    const unsigned *trials = request->trials;
    unsigned most = 0;

    for (size_t i = 0; i < request->n_cases; i++)
        most = trials[i] > most ? trials[i] : most;
    for (unsigned trial = 1; trial <= most; trial++) {
        size_t first = turns->n_turns;

        for (size_t i = 0; i < request->n_cases; i++)
            if (trial <= trials[i])
                add_trial(turns, request->n_places, i, trial);
        shuffle_from(turns, first, generator);
        gather(turns, first, request->together);
    }
}

static void add_sequence(struct turns *turns, const struct turns_request *request, gsl_rng *generator) {
    for (size_t i = 0; i < request->n_cases; i++)
        for (unsigned trial = 1; trial <= request->trials[i]; trial++) {
            size_t first = turns->n_turns;

            add_trial(turns, request->n_places, i, trial);
            shuffle_from(turns, first, generator);
            gather(turns, first, request->together);
        }
}

int turns_make(const struct turns_request *request, struct turns *ret_turns) {
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);
    struct turns turns = {0};
    size_t n = 0;

    for (size_t i = 0; i < request->n_cases; i++)
        n += request->trials[i];
    turns.turns = calloc(n * request->n_places + 1, sizeof(*turns.turns));
    if (!generator || !turns.turns) {
        turns_done(&turns);
        if (generator)
            gsl_rng_free(generator);
        return -ENOMEM;
    }
    gsl_rng_set(generator, (unsigned long)request->seed);
    if (request->sequential)
        add_sequence(&turns, request, generator);
    else
        add_rounds(&turns, request, generator);
    gsl_rng_free(generator);
    *ret_turns = turns;
    return 0;
}

void turns_done(struct turns *turns) {
    free(turns->turns);
    *turns = (struct turns){0};
}
