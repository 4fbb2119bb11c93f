/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/place_visits.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "common/estimate.h"
#include "common/exit_status.h"
#include "guest/boot/boot_limits.h"
#include "guest/boot/measure_guest.h"
#include "guest/launchers/launcher.h"
#include "output/terminal.h"
#include "record/value.h"
#include "run/files/run_files.h"

#include <string.h>

size_t place_visits_count(const struct place *places, size_t n_places) {
    size_t n = 0, in_turn = 0;

    for (size_t i = 0; i < n_places; i++) {
        n += places[i].kind->is_visited;
        in_turn += !places[i].kind->is_visited;
    }
    return n + (in_turn > 0);
}

/* What a guest cannot do that nobody drives. */
static const char *find_lack(const struct measure_places_request *request) {
    if (request->configuration->suite.together)
        return "measures by itself, and the suite measures all places at the same time (\"together\")";
    if (request->peer)
        return "has its network cases' other end beside it, on this machine: leave out --peer";
    if (request->configuration->has_peer)
        return "has its network cases' other end beside it, on this machine: leave out the configuration's "
               "\"peer\"";
    return NULL;
}

static int check(const struct measure_places_request *request, const struct place *place,
                 struct vms_error *error) {
    const char *lack = find_lack(request);
    struct vms_error reason = {""};
    int status;

    if (lack)
        return error_set(
            error, -EINVAL,
            "the place \"%.100s\" is a guest that hands its record out when all is measured: it %s",
            place->text, lack);
    if (request->options && request->options->dry_run)
        return 0;
    status = guest_available(&place->guest, &reason);
    return status < 0 ? error_set(error, status, "the place \"%.100s\" cannot be booted: %.300s", place->text,
                                  reason.text)
                      : 0;
}

int place_visits_check(const struct measure_places_request *request, struct vms_error *error) {
    int status = 0;

    if (request->peer && request->peer->kind->is_visited)
        return error_set(
            error, -EINVAL,
            "--peer \"%.100s\": a guest that hands its record out when all is measured starts no "
            "peer for others; a configuration's \"guest\" with \"role\": \"serves\" does",
            request->peer->text);
    for (size_t i = 0; status == 0 && i < request->n_places; i++)
        if (request->places[i].kind->is_visited)
            status = check(request, &request->places[i], error);
    return status;
}

/* What the kind is must be detected in it, unless the configuration expects something else. */
static int add_expectation(const struct place *place, json_t *json) {
    const struct launcher *launcher = launcher_find(place->guest.launcher);
    const struct launcher_kind *kind = launcher ? launcher_kind(launcher, place->guest.kind) : NULL;
    json_t *expect = json_object_get(json, "expect");

    if (!kind)
        return -1;
    if (!expect && (json_object_set_new(json, "expect", json_object()) < 0 ||
                    !(expect = json_object_get(json, "expect"))))
        return -1;
    return json_object_get(expect, "virtualization")
               ? 0
               : json_object_set_new(expect, "virtualization", json_string(kind->virtualization));
}

/* The configuration as the guest gets it, under the name of its record. */
static json_t *new_job(const struct configuration *configuration, const struct place *place,
                       const char *name) {
    json_t *json = json_deep_copy(configuration->json);
    int failed = json ? 0 : -1;

    failed |= value_set(json, "configuration", json_string(name));
    failed |= failed ? 0 : add_expectation(place, json);
    return value_finish(json, failed);
}

/* What is borrowed stays the configuration's and the place's. */
static struct configuration at_place(const struct configuration *configuration, const struct place *place) {
    struct configuration at = *configuration;

    if (place->guest.present)
        at.guest = place->guest;
    return at;
}

double place_visits_boot_s(const struct configuration *configuration, const struct place *place) {
    const struct configuration at = at_place(configuration, place);

    return at.guest.present ? boot_limits_of(&at).boot : 0;
}

double place_visits_estimate(const struct configuration *configuration, const struct place *place,
                             char *ret_trouble) {
    const struct configuration at = at_place(configuration, place);

    return boot_limits_job(&at, ret_trouble) + place_visits_boot_s(configuration, place);
}

/* All visits of a run have one seed: that of its set, unless one is given. */
static void choose_seed(const struct configuration *configuration, struct measure_options *options) {
    if (!options->has_seed)
        options->seed = configuration->suite.has_seed ? configuration->suite.seed
                                                      : strtoul(options->set.id, NULL, 16) & INT32_MAX;
    options->has_seed = true;
}

static bool has_record(const struct measure_places_request *request, const char *name, const json_t *given) {
    const struct outcome_set *set = &request->options->set;

    return set->id[0] && run_files_hold(request->options->output, name, given, set, NULL) > 0;
}

/* As an interrupted place's run goes on, this one is made anew, unless it was done. */
static int visit_guest(const struct measure_places_request *request, const struct place *place) {
    struct configuration at = at_place(request->configuration, place);
    struct measure_options options = *request->options;
    json_auto_t *given = measure_places_given(request, place), *places = measure_places_all(request, place);
    const struct guest_visit visit = {given, places, request->allow_mismatch};
    cleanup_free char *name = NULL;
    json_auto_t *job = NULL;
    struct vms_error error = {ERROR_MEMORY};
    int status =
        given && places ? measure_places_name(request->configuration, place, &name, &error) : -ENOMEM;

    if (status == 0 && !(job = new_job(request->configuration, place, name)))
        status = error_memory(&error);
    if (status < 0) {
        terminal_print(stderr, "vmsuite run: %s\n", error.text);
        return EXIT_FAILED;
    }
    if (options.resume && has_record(request, name, given))
        return EXIT_DONE;
    options.resume = false;
    at.name = name;
    at.json = job;
    choose_seed(request->configuration, &options);
    if (options.set.run > 1) /* as a run here counts on from the seed of the set's first */
        options.seed = (options.seed + options.set.run - 1) & INT64_MAX;
    status = guest_measure(&at, request->modules, &options, &visit);
    return status == EXIT_FAILED && !has_record(request, name, given) ? EXIT_INTERRUPTED : status;
}

/* Those that take turns, of a run that has others, too. */
static int visit_in_turn(const struct measure_places_request *request) {
    struct measure_options options = *request->options;
    struct measure_places_request part = *request;
    struct place places[PLACES_MAX];
    size_t n = 0;

    for (size_t i = 0; i < request->n_places; i++)
        if (!request->places[i].kind->is_visited)
            places[n++] = request->places[i];
    if (n == request->n_places)
        return measure_places(request);
    choose_seed(request->configuration, &options);
    part.options = &options;
    part.places = places;
    part.n_places = n;
    part.all = request->places;
    part.n_all = request->n_places;
    return measure_places(&part);
}

int place_visits_make(const struct measure_places_request *request, size_t visit) {
    size_t n_guests = 0;

    for (size_t i = 0; i < request->n_places; i++)
        n_guests += request->places[i].kind->is_visited;
    if (n_guests < request->n_places && visit == 0)
        return visit_in_turn(request);
    visit -= n_guests < request->n_places;
    for (size_t i = 0; i < request->n_places; i++)
        if (request->places[i].kind->is_visited && visit-- == 0)
            return visit_guest(request, &request->places[i]);
    return EXIT_FAILED;
}

void place_visits_print(FILE *file, const struct measure_places_request *request) {
    char time_text[UNITS_TEXT_SIZE];

    for (size_t i = 0; i < request->n_places; i++) {
        if (!request->places[i].kind->is_visited)
            continue;
        estimate_format_time(place_visits_estimate(request->configuration, &request->places[i], NULL),
                             time_text);
        terminal_print(file,
                       "%s takes no turns trial by trial: each run boots it anew and measures all of its "
                       "trials, about %s, before or after those of other places\n",
                       request->places[i].name, time_text);
    }
}
