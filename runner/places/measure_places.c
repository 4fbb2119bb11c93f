/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/measure_places.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/name.h"
#include "base/text.h"
#include "common/exit_status.h"
#include "common/signals.h"
#include "output/output.h"
#include "output/terminal.h"
#include "places/ending.h"
#include "record/value.h"
#include "run/files/provenance.h"

#include <string.h>

int measure_places_name(const struct configuration *configuration, const struct place *place, char **ret_name,
                        struct vms_error *error) {
    bool is_here = strcmp(configuration->name, "here") == 0;
    cleanup_free char *name =
        text_new("%s%s%s", is_here ? "" : configuration->name, is_here ? "" : "+", place->name);

    if (!name)
        return error_memory(error);
    if (!name_is_safe(name))
        return error_set(
            error, -EINVAL,
            "the records of the place \"%.80s\" would be named \"%.150s\", which must be " NAME_RULE
            ": name the place, as in \"web=%.80s\"",
            place->text, name, place->text);
    *ret_name = TAKE(name);
    return 0;
}

json_t *measure_places_given(const struct measure_places_request *request, const struct place *place) {
    json_t *given = json_deep_copy(request->configuration->json);

    return value_finish(given, given ? value_set(given, "place", json_string(place->text)) : 0);
}

json_t *measure_places_all(const struct measure_places_request *request, const struct place *place) {
    const struct place *places = request->all ? request->all : request->places;
    size_t n = request->all ? request->n_all : request->n_places;
    json_auto_t *all = json_array();
    int failed = 0;

    for (size_t i = 0; i < n; i++)
        failed |= json_array_append_new(all, json_string(places[i].name));
    return value_finish(json_pack("{s:s, s:O, s:s, s:[]}", "place", place->name, "all", all, "turns",
                                  place->kind->is_visited ? "runs" : "trials", "frozen"),
                        failed);
}

/* Every place's run has the seed of the first: the same work, in the same order. */
static int begin_station(struct tour *tour, struct station *station, struct vms_error *error) {
    const struct measure_places_request *request = tour->request;
    const struct measure_options *options = request->options;
    json_auto_t *given = measure_places_given(request, station->place);
    const struct logbook_suite suite = {&request->configuration->suite, request->configuration->suite_json,
                                        given};
    bool is_first = station == tour->stations;
    int status = run_identity_new(request->configuration, options->has_seed ? &options->seed : NULL,
                                  &options->set, &station->run);

    if (status < 0 || !given)
        return error_memory(error);
    if (!is_first)
        station->run.seed = tour->stations[0].run.seed;
    free(TAKE(station->run.configuration));
    status = measure_places_name(request->configuration, station->place, &station->run.configuration, error);
    if (status == 0)
        status = options->resume
                     ? logbook_resume(options->output, &suite, &station->run, &station->book, error)
                     : logbook_begin(options->output, &suite, &station->run, &station->book, error);
    station->is_done = status == -EALREADY;
    if (status < 0)
        return station->is_done ? 0 : status;
    for (size_t i = 0; i < station->run.n_cases; i++)
        if (station->run.cases[i].together)
            station->run.cases[i].neighbours = (unsigned)tour->n_stations - 1;
    if (options->compress && run_files_pack(&station->book.files) < 0)
        return error_memory(error);
    return provenance_note(request->modules, &station->run) < 0 ? error_memory(error) : 0;
}

/* Says what went wrong. */
static int fail(enum exit_status status, const struct vms_error *error) {
    terminal_print(stderr, "vmsuite run: %s\n", error->text);
    return status;
}

static int name_place(const struct station *station, int status, struct vms_error *error) {
    struct vms_error reason = *error;

    return error_set(error, status, "the place %s: %.400s", station->place->text, reason.text);
}

/* True where the machine there is not what it has to be; that is said. */
static bool is_something_else(const struct tour *tour, const struct station *station) {
    if (!station->mismatch || tour->task.allow_mismatch)
        return false;
    terminal_print(
        stderr, "vmsuite run: the place %s is not what is expected; nothing was measured%s.\n%s\n%s",
        station->place->text, tour->request->leaves_out ? " there" : "", station->mismatch,
        tour->request->leaves_out ? "" : "--allow-mismatch measures anyway and marks every trial.\n");
    return true;
}

static int find_peer(struct tour *tour, struct vms_error *error) {
    const struct configuration *configuration = tour->request->configuration;
    int status = 0;

    if (tour->request->peer)
        status = meeting_at_place(&tour->peer, &tour->bundle, &tour->meeting, error);
    else if (configuration->has_peer && meeting_at_address(&configuration->peer, &tour->meeting) < 0)
        status = error_memory(error);
    tour->task.peer = tour->meeting.peer;
    return status;
}

/* One that is visited again holds its tree itself where the one that held it is done. */
static void share_trees(struct tour *tour) {
    for (size_t i = 0; i < tour->n_stations; i++) {
        if (tour->stations[i].is_done)
            continue;
        for (size_t k = 0; k < i; k++)
            tour->places[i].shares |=
                !tour->stations[k].is_done && place_is_within(&tour->places[i], &tour->places[k]);
        tour->peer.shares |= tour->peer.kind && place_is_within(&tour->peer, &tour->places[i]);
    }
}

/* The last of those before that number that is a guest, whose image may do for others. */
static const struct station *last_guest(const struct tour *tour, size_t number) {
    while (number-- > 0)
        if (tour->stations[number].guest)
            return &tour->stations[number];
    return NULL;
}

/* Gets a place ready for its first trial. The exit status; negative errno with a sentence. */
static int open_station(struct tour *tour, size_t number, struct vms_error *error) {
    struct station *station = &tour->stations[number];
    int status = station_find_guest(station, &tour->task, last_guest(tour, number), error);

    if (status == 0)
        status = station_reach(station, &tour->task, error);
    if (status < 0 && status != -ECANCELED)
        return name_place(station, status, error);
    return is_something_else(tour, station) ? EXIT_MISMATCH : status;
}

/* Goes on without a place: nothing is measured there, and nothing is left. */
static int leave_out(struct tour *tour, struct station *station, int result, const struct vms_error *reason) {
    if (result < 0)
        result = fail(EXIT_USAGE, reason);
    station_leave(station);
    if (!tour->request->options->resume)
        logbook_discard(&station->book);
    station->is_done = true;
    tour->left_out = result > tour->left_out ? result : tour->left_out;
    return EXIT_DONE;
}

/* Everything before the first trial. The exit status; negative errno with a sentence. */
static int open_tour(struct tour *tour, struct vms_error *error) {
    const char *output = tour->request->options->output;
    int status = output_make_folder(output, error) < 0 ? -EIO : output_check_folder(output, error),
        result = EXIT_DONE;

    for (size_t i = 0; status == 0 && i < tour->n_stations; i++)
        status = begin_station(tour, &tour->stations[i], error);
    share_trees(tour);
    if (status == 0)
        status = find_peer(tour, error);
    for (size_t i = 0; status == 0 && i < tour->n_stations && signals_count() == 0; i++) {
        if (tour->stations[i].is_done)
            continue;
        status = open_station(tour, i, error);
        if (status != EXIT_DONE && tour->request->leaves_out && signals_count() == 0)
            status = leave_out(tour, &tour->stations[i], status, error);
        if (status == EXIT_MISMATCH) {
            result = EXIT_MISMATCH;
            status = 0;
        }
    }
    if (signals_count() > 0)
        return EXIT_INTERRUPTED;
    return status < 0 ? status : result;
}

static const struct station *first_to_do(const struct tour *tour) {
    for (size_t i = 0; i < tour->n_stations; i++)
        if (!tour->stations[i].is_done)
            return &tour->stations[i];
    return NULL;
}

/* Places whose records are written have no turns any more; the order of the others stays. */
static void drop_done(struct tour *tour) {
    size_t n = 0;

    for (size_t i = 0; i < tour->turns.n_turns; i++)
        if (!tour->stations[tour->turns.turns[i].place].is_done)
            tour->turns.turns[n++] = tour->turns.turns[i];
    tour->turns.n_turns = n;
}

static int plan_turns(struct tour *tour, struct vms_error *error) {
    const struct station *station = first_to_do(tour);
    cleanup_free unsigned *trials = calloc(station->run.n_cases + 1, sizeof(*trials));
    cleanup_free bool *together = calloc(station->run.n_cases + 1, sizeof(*together));
    const struct turns_request request = {.trials = trials,
                                          .together = together,
                                          .n_cases = station->run.n_cases,
                                          .n_places = tour->n_stations,
                                          .seed = station->run.seed,
                                          .sequential = tour->request->configuration->suite.sequential};

    for (size_t i = 0; trials && together && i < station->run.n_cases; i++) {
        trials[i] = station->book.plan.benchmarks[i]->trials;
        together[i] = station->run.cases[i].together;
    }
    if (!trials || !together || turns_make(&request, &tour->turns) < 0)
        return error_memory(error);
    drop_done(tour);
    return 0;
}

static int run_turns(struct tour *tour, struct vms_error *error) {
    int status = plan_turns(tour, error);

    if (status == 0 && station_progress_begin(&tour->progress, tour->request->options->progress,
                                              tour->stations, tour->n_stations, &tour->turns) < 0)
        status = error_memory(error);
    for (size_t i = 0; i < tour->n_stations; i++) {
        tour->stations[i].channel.tick = station_progress_tick;
        tour->stations[i].channel.context = &tour->progress;
        taking_rest(tour, &tour->stations[i]);
    }
    for (size_t i = 0; status == 0 && i < tour->turns.n_turns && signals_count() == 0;)
        status = taking_step(tour, &i, error);
    progress_end(&tour->progress.progress, NULL);
    for (size_t i = 0; i < tour->n_stations; i++)
        tour->stations[i].channel.tick = NULL;
    return status;
}

/* Nothing was measured: nothing is left. */
static void discard(struct tour *tour) {
    for (size_t i = 0; i < tour->n_stations; i++) {
        station_leave(&tour->stations[i]);
        if (!tour->request->options->resume)
            logbook_discard(&tour->stations[i].book);
    }
}

static int measure(struct tour *tour) {
    struct vms_error error = {""}, reason = {""};
    int result = open_tour(tour, &error), ended;

    if (result != EXIT_DONE) {
        discard(tour);
        return result < 0 ? fail(EXIT_USAGE, &error) : result;
    }
    if (!first_to_do(tour))
        return tour->left_out;
    tour->start_ns = clock_now_ns();
    tour->start_s = (double)tour->start_ns / NS_PER_S - first_to_do(tour)->book.before_s;
    result = run_turns(tour, &error);
    ended = ending_write(tour, &reason);
    if (result < 0)
        return fail(EXIT_FAILED, &error);
    if (ended < 0)
        return fail(EXIT_FAILED, &reason);
    return ended > tour->left_out ? ended : tour->left_out;
}

static bool any_carries(const struct measure_places_request *request) {
    bool carries = request->peer && request->peer->kind->carries;

    for (size_t i = 0; i < request->n_places; i++)
        carries |= request->places[i].kind->carries;
    return carries;
}

int measure_places(const struct measure_places_request *request) {
    struct tour tour = {.request = request,
                        .n_stations = request->n_places,
                        .task = {.configuration = request->configuration,
                                 .allow_mismatch = request->allow_mismatch,
                                 .retry_noisy = request->options->retry_noisy},
                        .places = calloc(request->n_places, sizeof(struct place)),
                        .stations = calloc(request->n_places, sizeof(struct station))};
    struct vms_error error = {""};
    int status = tour.places && tour.stations ? 0 : error_memory(&error), result;

    tour.bundle.modules = request->modules;
    tour.task.bundle = &tour.bundle;
    for (size_t i = 0; status == 0 && i < tour.n_stations; i++) {
        tour.places[i] = request->places[i];
        tour.stations[i].place = &tour.places[i];
    }
    if (request->peer)
        tour.peer = *request->peer;
    if (status == 0 && any_carries(request))
        status = bundle_make(request->modules, &tour.bundle, &error);
    tour.bundle.is_kept = request->options->keep_bundle;
    result = status == 0 ? measure(&tour) : fail(EXIT_FAILED, &error);
    for (size_t i = 0; tour.stations && i < tour.n_stations; i++)
        station_done(&tour.stations[i]);
    meeting_end(&tour.meeting);
    station_progress_done(&tour.progress);
    turns_done(&tour.turns);
    bundle_done(&tour.bundle);
    free(tour.stations);
    free(tour.places);
    return result;
}

int measure_places_dry_run(const struct measure_places_request *request) {
    struct vms_error error = {""};
    int status = measure_dry_run(request->configuration, request->options);

    for (size_t i = 0; status == EXIT_DONE && i < request->n_places; i++) {
        cleanup_free char *name = NULL;
        struct argv command = {0};

        if (measure_places_name(request->configuration, &request->places[i], &name, &error) < 0 ||
            channel_command(&request->places[i], NULL, &command, &error) < 0) {
            terminal_print(stderr, "vmsuite run: %s\n", error.text);
            status = EXIT_USAGE;
        } else {
            terminal_print(stdout, "%-24s %s\n", name, request->places[i].text);
        }
        argv_done(&command);
    }
    return status;
}
