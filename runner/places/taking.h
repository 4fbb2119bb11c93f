/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trials of a run over places, one place's at a time, or all places' at once. */
#ifndef VMSUITE_RUNNER_PLACES_TAKING_H
#define VMSUITE_RUNNER_PLACES_TAKING_H

#include "places/measure_places.h"
#include "places/meeting.h"
#include "places/station_progress.h"

/* A run over places while it goes on. */
struct tour {
    const struct measure_places_request *request;
    struct station_task task;
    struct bundle bundle;
    struct meeting meeting; /* the peer's place */
    struct place *places;   /* owned; what they hold is the request's */
    struct place peer;      /* the same */
    struct station *stations;
    size_t n_stations;
    int left_out; /* why some were: the exit status that says so; EXIT_DONE: none was */
    struct turns turns;
    struct station_progress progress;
    double start_s;
    uint64_t start_ns;
    double own_s, taken_s; /* processor time of this process while trials ran, and how long those took */
};

/* Takes the turn `*number`, or that and those behind it that are to be taken at the same time, and counts on.
 * A place that is lost is tried again; one that stays lost is given up, and the others go on. -errno with a
 * sentence where the run cannot. */
int taking_step(struct tour *tour, size_t *number, struct vms_error *error);

/* Holds a place still until its next turn, where that can be and there are others. */
void taking_rest(const struct tour *tour, struct station *station);

#endif
