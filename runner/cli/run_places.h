/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The places of `vmsuite run`: read, and measured in a set of runs. */
#ifndef VMSUITE_RUNNER_CLI_RUN_PLACES_H
#define VMSUITE_RUNNER_CLI_RUN_PLACES_H

#include "cli/option.h"
#include "places/measure_places.h"

struct run_places {
    const struct configuration *configurations; /* borrowed */
    size_t n_configurations;
    struct place places[PLACES_MAX], peer;
    size_t n_places;
};

/* Reads the places of the command line, else those of the configuration, and the peer's (NULL: none).
 * -EINVAL, -E2BIG with a sentence. The caller frees with run_places_done, also after a failure. */
int run_places_read(const struct words *on, const char *peer, const struct configuration *configurations,
                    size_t n_configurations, struct run_places *ret_places, struct vms_error *error);
void run_places_done(struct run_places *places);

/* Refuses what is not possible at places. -EINVAL with a sentence. */
int run_places_check(const struct run_places *places, const struct measure_options *options,
                     struct vms_error *error);

/* Seconds that a run of each place takes beside its cases: the boots of guests. */
double run_places_boot_s(const struct run_places *places);

/* What would be run, where, and which of the places take no turns. Returns the exit status. */
int run_places_dry_run(const struct measure_places_request *request);

/* Makes the runs of a set, in programs of their own, each of which makes one visit (place_visits.h); then
 * compares the records. `configuration` is as it was typed; where a goal is set, sure answers or its budget
 * may end the runs early. Returns the exit status. */
int run_places_measure(const struct measure_places_request *request, const char *configuration, unsigned runs,
                       const struct goal *goal);

#endif
