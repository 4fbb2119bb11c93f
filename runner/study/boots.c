/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/boots.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

static void add_round(const struct study *study, enum study_clock clock, unsigned round,
                      struct boot_list *boots, gsl_rng *generator) {
    size_t before = boots->n_steps;

    for (size_t i = 0; i < study->n_entries; i++)
        if (study->entries[i].has[clock])
            boots->steps[boots->n_steps++] = (struct boot_step){i, clock, round};
    if (boots->n_steps > before) /* GSL refuses to shuffle nothing */
        gsl_ran_shuffle(generator, boots->steps + before, boots->n_steps - before, sizeof(*boots->steps));
}

int boots_plan(const struct study *study, struct boot_list *ret_boots) {
    struct boot_list boots = {
        .steps = calloc(
            study->n_entries * (study->rounds[STUDY_REAL_TIME] + study->rounds[STUDY_INSTRUCTIONS]) + 1,
            sizeof(*boots.steps))};
    gsl_rng *generator = gsl_rng_alloc(gsl_rng_mt19937);

    if (!boots.steps || !generator) {
        free(boots.steps);
        gsl_rng_free(generator);
        return -ENOMEM;
    }
    gsl_rng_set(generator, (unsigned long)study->seed);
    for (int clock = 0; clock < STUDY_CLOCKS; clock++)
        for (unsigned round = 1; round <= study->rounds[clock]; round++)
            add_round(study, (enum study_clock)clock, round, &boots, generator);
    gsl_rng_free(generator);
    *ret_boots = boots;
    return 0;
}

void boots_done(struct boot_list *boots) {
    free(boots->steps);
    *boots = (struct boot_list){0};
}
