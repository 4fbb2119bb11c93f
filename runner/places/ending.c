/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/ending.h"

#include "base/clock.h"
#include "base/error.h"
#include "common/exit_status.h"
#include "common/signals.h"
#include "common/store_records.h"
#include "output/terminal.h"
#include "places/group_notice.h"
#include "record/file/store.h"
#include "record/identity/table.h"
#include "record/value.h"

#include <errno.h>

/* Which place this is, of which; what was held still meanwhile; and what the driver itself took during
 * trials. */
static json_t *new_places(const struct tour *tour, const struct station *station) {
    json_t *json = measure_places_all(tour->request, station->place),
           *frozen = json_object_get(json, "frozen");
    int failed = json ? value_set(json, "driver", record_driver(tour->own_s, tour->taken_s)) : 0;

    for (size_t i = 0; i < tour->n_stations; i++)
        if (tour->stations[i].was_frozen)
            failed |= json_array_append_new(frozen, json_string(tour->stations[i].place->name));
    return value_finish(json, failed);
}

static int write_record(const struct tour *tour, struct station *station, struct vms_error *error) {
    json_auto_t *given = measure_places_given(tour->request, station->place),
                *places = new_places(tour, station);
    const struct record_context context = {.places = places,
                                           .labels = tour->request->options->labels,
                                           .suite = tour->request->configuration->suite_json,
                                           .configuration = given,
                                           .machines = {station->machines[0], station->machines[1]}};
    json_auto_t *record = record_new(&station->run, &context);

    if (!given || !places || !record ||
        (station->guest && driven_guest_describe(station->guest, station->run.configuration, record) < 0))
        return error_memory(error);
    return store_write(station->book.files.record, record, error);
}

/* Ends a place's run, and writes its record. */
static int end_station(struct tour *tour, struct station *station, struct vms_error *error) {
    struct vms_error reason = {""};
    int status;

    if (station->is_up && signals_count() == 0 && station_end(station, &reason) < 0)
        (void)outcome_run_warn(&station->run, "the place was lost at the end: %s", reason.text);
    station_leave(station);
    if (signals_count() > 0 || station->is_lost)
        station->run.status = OUTCOME_INTERRUPTED;
    station->run.duration_s = station->book.before_s + (double)(clock_now_ns() - tour->start_ns) / NS_PER_S;
    outcome_run_settle(&station->run);
    if (closing_judge(&station->run, station->mismatch, group_notice_of(station), &station->kinds) < 0)
        return error_memory(error);
    status = write_record(tour, station, error);
    if (status == 0 && station->run.status != OUTCOME_INTERRUPTED)
        logbook_discard(&station->book);
    return status;
}

static int exit_status(const struct station *station) {
    if (station->is_done)
        return EXIT_DONE;
    if (station->run.status == OUTCOME_INTERRUPTED)
        return EXIT_INTERRUPTED;
    return station->run.status == OUTCOME_OK ? EXIT_DONE : EXIT_FAILED;
}

static void report(const struct tour *tour, const struct station *station) {
    FILE *file = tour->request->options->progress == PROGRESS_JSON ? stderr : stdout;

    if (tour->request->options->quiet || station->is_done)
        return;
    if (tour->n_stations > 1 || tour->request->all)
        terminal_print(stderr, "%s:\n", station->run.configuration);
    else
        table_print(file, &station->run, tour->request->options->all_metrics);
    (void)fflush(file);
    closing_warnings(stderr, &station->run, &station->kinds, tour->request->options->details);
    terminal_print(stderr, "record: %s\n", station->book.files.record);
}

/* An interrupted run goes into the store when it has been resumed. */
static int add_to_store(const struct tour *tour, const struct station *station, int status) {
    const char *store = tour->request->options->store;
    int stored;

    if (!store || status == EXIT_INTERRUPTED)
        return status;
    stored = store_records("run", store, (char *const[]){station->book.files.record}, 1);
    return stored > status ? stored : status;
}

int ending_write(struct tour *tour, struct vms_error *error) {
    int status = group_notice(tour->stations, tour->n_stations) < 0 ? error_memory(error) : 0,
        worst = EXIT_DONE;

    for (size_t i = 0; i < tour->n_stations; i++) {
        struct station *station = &tour->stations[i];
        int result;

        if (station->is_done)
            continue;
        if (end_station(tour, station, status == 0 ? error : NULL) < 0)
            status = -EIO;
        result = exit_status(station);
        report(tour, station);
        result = add_to_store(tour, station, result);
        worst = result > worst ? result : worst;
    }
    return status < 0 ? status : worst;
}
