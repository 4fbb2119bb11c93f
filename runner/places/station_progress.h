/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a run over places is: the same lines as of a run on one machine, with the place before each
 * case. */
#ifndef VMSUITE_RUNNER_PLACES_STATION_PROGRESS_H
#define VMSUITE_RUNNER_PLACES_STATION_PROGRESS_H

#include "places/station.h"
#include "places/turns.h"
#include "run/notice/progress.h"

struct station_progress {
    struct progress progress;
    /* the cases of all places, one place after the other: copies that own their group only */
    struct outcome_run run;
    struct plan plan;
    size_t n_cases; /* of one place */
};

/* -ENOMEM. The caller frees with station_progress_done. */
int station_progress_begin(struct station_progress *progress, enum progress_mode mode,
                           const struct station *stations, size_t n_stations, const struct turns *turns);
void station_progress_turn(struct station_progress *progress, const struct station *stations,
                           const struct turn *turn);
/* The turn is over; `trial` NULL: it was left out. */
void station_progress_step(struct station_progress *progress, const struct station *stations,
                           const struct turn *turn, const struct outcome_trial *trial);
/* For channels: `context` is the structure. */
int station_progress_tick(void *context);
void station_progress_done(struct station_progress *progress);

#endif
