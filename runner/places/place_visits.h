/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The visits of one run over places: those that take turns trial by trial are one visit together; a guest
 * that hands its record out when all is measured is one by itself, from its boot to its end. */
#ifndef VMSUITE_RUNNER_PLACES_PLACE_VISITS_H
#define VMSUITE_RUNNER_PLACES_PLACE_VISITS_H

#include "places/measure_places.h"

/* How many visits the places take. */
size_t place_visits_count(const struct place *places, size_t n_places);

/* Whether what the run asks for can be had at those that are visited by themselves, and they can be booted
 * here (which a dry run does not ask). -errno with a sentence. */
int place_visits_check(const struct measure_places_request *request, struct vms_error *error);

/* Makes the visit of that number: as measure_places, of the request's places those of the visit. A guest
 * whose boot gave no record is lost, as a place is: EXIT_INTERRUPTED. */
int place_visits_make(const struct measure_places_request *request, size_t visit);

/* Seconds until a place measures, and of a whole visit to it, as far as they are estimated; of one that is no
 * guest no time is added to that of its cases. */
double place_visits_boot_s(const struct configuration *configuration, const struct place *place);
double place_visits_estimate(const struct configuration *configuration, const struct place *place,
                             char *ret_trouble);

/* Says which places take no turns, and how long a visit of each is; nothing where all do. */
void place_visits_print(FILE *file, const struct measure_places_request *request);

#endif
