/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/measure_guest.h"

#include "base/clock.h"
#include "base/error.h"
#include "common/signals.h"
#include "common/store_records.h"
#include "guest/boot/guest_record.h"
#include "guest/boot/guest_run.h"
#include "guest/boot/host_client.h"
#include "guest/launchers/tuning.h"
#include "module/outcome.h"
#include "output/output.h"
#include "output/terminal.h"
#include "output/way.h"
#include "record/file/store.h"
#include "record/value.h"
#include "record/write/record.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

/* Seconds from one moment to another; NaN where either was not reached. */
static double between(uint64_t from_ns, uint64_t to_ns) {
    return from_ns > 0 && to_ns > 0 ? (double)(to_ns - from_ns) / NS_PER_S : (double)NAN;
}

/* What a place's record says of the run's places; a guest that another program drives is none. */
static int add_places(struct guest_run *run, struct vms_error *error) {
    json_t *places = run->visit ? json_deep_copy(run->visit->places) : NULL;
    int failed = 0;

    if (!run->visit)
        return 0;
    failed |= value_set(places, "driver", record_driver(run->own_s, run->taken_s));
    failed |= value_set(run->record, "places", places);
    return failed ? error_memory(error) : 0;
}

/* Adds what only the host knows. */
static int complete(struct guest_run *run, struct vms_error *error) {
    const struct guest_record about = {
        .name = run->configuration->name,
        .settings = &run->configuration->guest,
        .given = run->visit ? run->visit->given : run->configuration->json,
        .launcher = run->launcher,
        .hypervisor = run->shape.hypervisor,
        .set = &run->options->set,
        .detected = run->process.text.detected,
        .n_failed_boots = run->n_failed_boots,
        .appliance = &run->appliance,
        .boot_s = between(run->process.start_ns,
                          run->process.ready_ns > 0 ? run->process.ready_ns : run->process.end_ns),
        .ready_s = between(run->process.start_ns, run->process.able_ns),
        .answer_s = between(run->process.start_ns, run->process.answer_ns),
        .total_s = between(run->process.start_ns, run->process.end_ns),
        .stop_s = between(run->process.off_ns, run->process.end_ns),
        .monitor_memory = run->bill.memory,
        .kernel_s = run->process.text.up_s > 0 ? run->process.text.up_s : (double)NAN,
        .life = &run->life,
        .seen = run->seen,
        .moments = &run->moments};
    int status = guest_record_complete(run->record, &about, error);

    if (status == 0 && bill_add(&run->bill, run->record) < 0)
        status = error_memory(error);
    if (status == 0 && run->options->labels &&
        json_object_set(run->record, "labels", (json_t *)run->options->labels) < 0)
        status = error_memory(error);
    return status == 0 ? add_places(run, error) : status;
}

/* Writes the record under the run's name. */
static int store(const struct guest_run *run, struct vms_error *error) {
    struct run_files files = {0};
    int status;

    if (strcmp(run->options->output, "-") == 0)
        return store_write(OUTPUT_STDOUT, run->record, error);
    status = guest_record_files(run->record, run->configuration->name, run->options->output, &files, error);
    if (status == 0 && run->options->compress && run_files_pack(&files) < 0)
        status = error_memory(error);
    if (status == 0)
        status = store_write(files.record, run->record, error);
    if (status == 0 && !run->options->quiet)
        terminal_print(stderr, "record: %s\n", files.record);
    if (status == 0 && run->options->store &&
        store_records("run", run->options->store, (char *const[]){files.record}, 1) != EXIT_DONE)
        status = error_set(error, -EIO, "the record is complete, but it was not added to the store");
    run_files_done(&files);
    return status;
}

static void finish(struct guest_run *run, bool keep_console) {
    guest_process_end(&run->process);
    local_peer_end(&run->peer);
    if (run->console && !keep_console)
        (void)way_remove(run->console);
    bill_done(&run->bill);
    json_decref(run->seen);
    json_decref(run->record);
    appliance_done(&run->appliance);
    boot_files_done(&run->files);
    if (run->console_fd >= 0)
        (void)close(run->console_fd);
    free(run->console);
    free(run->monitor);
}

static int exit_status(const struct guest_run *run, int status) {
    const char *outcome = json_string_value(json_object_get(run->record, "status"));

    if (status == -EINTR || (status < 0 && signals_count() > 0)) /* whatever failed of it */
        return EXIT_INTERRUPTED;
    if (status < 0)
        return run->process.text.exit_status == EXIT_MISMATCH ? EXIT_MISMATCH : EXIT_FAILED;
    return outcome && strcmp(outcome, outcome_status_name(OUTCOME_OK)) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int measure(struct guest_run *run) {
    struct vms_error error = {""};
    int status = guest_run_prepare(run, &error), result;
    bool booted;

    if (status == 0)
        status = guest_run_boot(run, &error);
    if (status == 0)
        status = complete(run, &error);
    if (status == 0)
        status = store(run, &error);
    result = exit_status(run, status);
    booted = run->process.start_ns > 0;
    if (status < 0)
        terminal_print(stderr, "vmsuite run: the guest \"%s\" failed: %s\n", run->configuration->name,
                       error.text);
    if (status < 0 && booted)
        terminal_print(stderr, "its console: %s\n", run->console);
    finish(run, status < 0);
    return result;
}

int guest_available(const struct guest_settings *settings, struct vms_error *error) {
    int status = launcher_find(settings->launcher)->available(error);

    return status == 0 ? tuning_check(settings, error) : status;
}

int guest_measure(const struct configuration *configuration, const struct module_list *modules,
                  const struct measure_options *options, const struct guest_visit *visit) {
    struct guest_run run = {.configuration = configuration,
                            .modules = modules,
                            .options = options,
                            .visit = visit,
                            .launcher = launcher_find(configuration->guest.launcher),
                            .console_fd = -1};
    struct vms_error error = {""};

    if (run.launcher->shape)
        run.shape = run.launcher->shape(&configuration->guest);

    if (configuration->guest.serves && host_client_check(configuration, &error) < 0) {
        terminal_print(stderr, "vmsuite run: the configuration \"%s\": %s\n", configuration->name,
                       error.text);
        return EXIT_USAGE;
    }
    if (options->dry_run) {
        printf("in a guest: %s %s\n", run.launcher->name, configuration->guest.kind);
        return measure_dry_run(configuration, options);
    }
    if (options->resume) {
        terminal_print(stderr, "vmsuite run: a guest's run cannot be resumed: its journal was lost with "
                               "the guest\n");
        return EXIT_USAGE;
    }
    if (sodium_init() < 0)
        return EXIT_FAILED;
    if (guest_available(&configuration->guest, &error) < 0) {
        terminal_print(stderr, "vmsuite run: the guest \"%s\" cannot be booted: %s\n", configuration->name,
                       error.text);
        return EXIT_USAGE;
    }
    return measure(&run);
}
