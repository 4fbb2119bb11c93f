/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of one configuration over several places: their trials in turn, a record of each. */
#ifndef VMSUITE_RUNNER_PLACES_MEASURE_PLACES_H
#define VMSUITE_RUNNER_PLACES_MEASURE_PLACES_H

#include "places/kinds/place.h"
#include "run/measure.h"

struct measure_places_request {
    const struct configuration *configuration;
    const struct place *places;
    size_t n_places;
    /* those of the whole run, where others of them are visited apart (place_visits.h); NULL: no others are */
    const struct place *all;
    size_t n_all;
    /* where the other end of network cases is started; NULL: as the configuration says */
    const struct place *peer;
    const struct module_list *modules;
    const struct measure_options *options; /* its set has an id */
    bool allow_mismatch;
    /* a place that cannot be reached, or is not what is expected, is left out, and does not end the run
     * before it begins */
    bool leaves_out;
};

/* Measures places that take turns, writes the records, and prints what measure_configuration prints. Returns
 * the program's exit status; what went wrong is reported on stderr. A place that is lost does not end the run
 * of the others; it is then as if interrupted, and --resume goes on. */
int measure_places(const struct measure_places_request *request);

/* The name that the records of a place go by: the place's own, behind that of the configuration unless that
 * is "here". -EINVAL with a sentence where it is no name of a record. The caller frees. */
int measure_places_name(const struct configuration *configuration, const struct place *place, char **ret_name,
                        struct vms_error *error);

/* The configuration as the record of a place holds it, and what that says of the places of the run, all but
 * "driver". NULL without memory. The caller frees. */
json_t *measure_places_given(const struct measure_places_request *request, const struct place *place);
json_t *measure_places_all(const struct measure_places_request *request, const struct place *place);

/* What would be run: the plan, and how each place is reached. Returns the exit status. */
int measure_places_dry_run(const struct measure_places_request *request);

#endif
