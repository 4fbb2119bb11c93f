/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/set/visits.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>

static void add_round(size_t n_members, const bool *takes_part, unsigned round, gsl_rng *generator,
                      struct visits *visits) {
    size_t before = visits->n_visits;

    for (size_t i = 0; i < n_members; i++)
        if (!takes_part || takes_part[i])
            visits->visits[visits->n_visits++] = (struct visit){i, round};
    if (visits->n_visits > before) /* GSL refuses to shuffle nothing */
        gsl_ran_shuffle(generator, visits->visits + before, visits->n_visits - before,
                        sizeof(*visits->visits));
}

int visits_plan(size_t n_members, const bool *takes_part, unsigned rounds, uint64_t seed,
                struct visits *ret_visits) {
    struct visits visits = {.visits = calloc(n_members * rounds + 1, sizeof(*visits.visits))};
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);

    if (!visits.visits || !generator) {
        free(visits.visits);
        if (generator)
            gsl_rng_free(generator);
        return -ENOMEM;
    }
    gsl_rng_set(generator, (unsigned long)seed);
    for (unsigned round = 1; round <= rounds; round++)
        add_round(n_members, takes_part, round, generator, &visits);
    gsl_rng_free(generator);
    *ret_visits = visits;
    return 0;
}

void visits_done(struct visits *visits) {
    free(visits->visits);
    *visits = (struct visits){0};
}

static bool is_enough(const struct visits_work *work, struct looks *looks, unsigned round, unsigned n_made) {
    if (!goal_is_set(work->goal))
        return false;
    if (n_made == 1)
        looks_resume(looks, round);
    return (work->is_sure && looks_is_due(looks, round) && work->is_sure(work->context, looks, round)) ||
           looks_is_time_up(looks, round, n_made);
}

bool visits_make(const struct visits_work *work) {
    const struct visits *visits = work->visits;
    unsigned n_made = 0; /* rounds, here: those before had their looks when they were made */
    struct looks looks;

    looks_init(&looks, work->rounds, work->goal->budget_s);
    for (size_t i = 0; i < visits->n_visits;) {
        unsigned round = visits->visits[i].round;
        bool any = false;

        for (; i < visits->n_visits && visits->visits[i].round == round; i++) {
            if (work->is_settled(work->context, i))
                continue;
            if (!work->make(work->context, i))
                return false;
            any = true;
        }
        if (any && is_enough(work, &looks, round, ++n_made))
            return true;
    }
    return true;
}
