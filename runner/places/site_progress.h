/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a run over places is: the same lines as of a run on one machine, with the place before each case. */
#ifndef VMSUITE_RUNNER_PLACES_SITE_PROGRESS_H
#define VMSUITE_RUNNER_PLACES_SITE_PROGRESS_H

#include "places/site.h"
#include "places/turns.h"
#include "run/progress.h"

struct site_progress {
    struct progress progress;
    struct outcome_run
        run; /* the cases of all places, one place after the other: copies that own their group only */
    struct plan plan;
    size_t n_cases; /* of one place */
};

/* -ENOMEM. The caller frees with site_progress_done. */
int site_progress_begin(struct site_progress *progress, enum progress_mode mode, const struct site *sites,
                        size_t n_sites, const struct turns *turns);
void site_progress_turn(struct site_progress *progress, const struct site *sites, const struct turn *turn);
/* The turn is over; `trial` NULL: it was left out. */
void site_progress_step(struct site_progress *progress, const struct site *sites, const struct turn *turn,
                        const struct outcome_trial *trial);
/* For channels: `context` is the structure. */
int site_progress_tick(void *context);
void site_progress_done(struct site_progress *progress);

#endif
