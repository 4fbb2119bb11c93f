/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/station_progress.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <string.h>

/* Takes a case's state over; the group keeps its place's name, and cases are counted over all places. */
static const struct outcome_case *refresh(struct station_progress *progress, const struct station *stations,
                                          const struct turn *turn) {
    struct outcome_case *copy = &progress->run.cases[turn->place * progress->n_cases + turn->index];
    char *group = copy->group;

    *copy = stations[turn->place].run.cases[turn->index];
    copy->group = group;
    copy->id = (unsigned)(turn->place * progress->n_cases + turn->index + 1);
    return copy;
}

static int add_station(struct station_progress *progress, const struct station *stations, size_t place,
                       const struct vms_estimate *estimates) {
    const struct station *station = &stations[place];

    for (size_t i = 0; i < progress->n_cases; i++) {
        size_t at = place * progress->n_cases + i;

        if (i >= station->run.n_cases)
            continue;
        progress->plan.estimates[at] = estimates[i];
        progress->run.cases[at].group = text_new("%s: %s", station->place->name, station->run.cases[i].group);
        if (!progress->run.cases[at].group)
            return -ENOMEM;
        (void)refresh(progress, stations, &(struct turn){.place = place, .index = i});
    }
    return 0;
}

int station_progress_begin(struct station_progress *progress, enum progress_mode mode,
                           const struct station *stations, size_t n_stations, const struct turns *turns) {
    const struct station *first = stations;
    size_t n;

    while (first->is_done)
        first++;
    *progress = (struct station_progress){.n_cases = first->run.n_cases};
    n = n_stations * progress->n_cases;
    progress->run.cases = calloc(n + 1, sizeof(*progress->run.cases));
    progress->plan.estimates = calloc(n + 1, sizeof(*progress->plan.estimates));
    progress->plan.steps = calloc(turns->n_turns + 1, sizeof(*progress->plan.steps));
    if (!progress->run.cases || !progress->plan.estimates || !progress->plan.steps)
        return -ENOMEM;
    progress->run.n_cases = n;
    memcpy(progress->run.run_id, first->run.set.id, sizeof(progress->run.run_id));
    memcpy(progress->plan.trouble, first->book.plan.trouble, sizeof(progress->plan.trouble));
    for (size_t i = 0; i < n_stations; i++)
        if (add_station(progress, stations, i, first->book.plan.estimates) < 0)
            return -ENOMEM;
    for (size_t i = 0; i < turns->n_turns; i++)
        progress->plan.steps[i] = (struct plan_step){
            turns->turns[i].place * progress->n_cases + turns->turns[i].index, turns->turns[i].trial};
    progress->plan.n_steps = turns->n_turns;
    progress_begin(&progress->progress, mode, &progress->run, &progress->plan);
    return 0;
}

void station_progress_turn(struct station_progress *progress, const struct station *stations,
                           const struct turn *turn) {
    progress_begin_step(&progress->progress, refresh(progress, stations, turn));
    progress_stage(&progress->progress, PROGRESS_TRIAL, turn->trial);
}

void station_progress_step(struct station_progress *progress, const struct station *stations,
                           const struct turn *turn, const struct outcome_trial *trial) {
    progress_step(&progress->progress, refresh(progress, stations, turn), trial);
}

int station_progress_tick(void *context) {
    struct station_progress *progress = context;

    return progress_tick(&progress->progress);
}

void station_progress_done(struct station_progress *progress) {
    for (size_t i = 0; progress->run.cases && i < progress->run.n_cases; i++)
        free(progress->run.cases[i].group);
    free(progress->run.cases);
    plan_done(&progress->plan);
    *progress = (struct station_progress){.n_cases = 0};
}
