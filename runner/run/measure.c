/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/measure.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "children/children.h"
#include "common/exit_status.h"
#include "common/signals.h"
#include "common/store_records.h"
#include "output/output.h"
#include "output/terminal.h"
#include "record/file/store.h"
#include "record/identity/table.h"
#include "run/execute/execute.h"
#include "run/files/logbook.h"
#include "run/files/provenance.h"
#include "run/files/run_identity.h"
#include "run/notice/closing.h"
#include "run/notice/run_warnings.h"
#include "run/peer/local_peer.h"
#include "run/peer/meet_peer.h"

#include <math.h>
#include <string.h>

/* The longest that the idle machine is watched before a run and after it. */
#define WATCHED_MOST_S 1.0
#define CHILDREN_NS (5 * NS_PER_S) /* until what a killed keeper left is gone */

/* Everything that a run holds while it goes on. */
struct measurement {
    const struct configuration *configuration;
    const struct module_list *modules;
    const struct measure_options *options;
    char *folder;    /* of the record, the journal and, unless another is named, the scratch */
    bool own_folder; /* it was made for this run and goes with it: */
    struct scratch own;
    struct outcome_run run;
    struct logbook book;
    struct scratch scratch;
    struct local_peer local_peer;
    struct peer_address peer;
    struct machine before, after;
    struct closing_kinds kinds; /* of the warnings */
};

static int open_folder(struct measurement *measurement, struct vms_error *error) {
    const char *place = getenv("TMPDIR");
    int status;

    measurement->own_folder = strcmp(measurement->options->output, "-") == 0;
    if (!measurement->own_folder) {
        measurement->folder = strdup(measurement->options->output);
        if (!measurement->folder)
            return error_memory(error);
        return output_make_folder(measurement->folder, error) < 0
                   ? -EIO
                   : output_check_folder(measurement->folder, error);
    }
    status =
        scratch_make_by_path(place && *place ? place : "/var/tmp", "vmsuite-run-", &measurement->own, error);
    if (status < 0)
        return status;
    measurement->folder = strdup(measurement->own.folder);
    return measurement->folder ? 0 : error_memory(error);
}

static int start_peer(struct measurement *measurement, struct vms_error *error) {
    bool needed = false;
    int status = 0;

    for (size_t i = 0; i < measurement->run.n_cases; i++)
        needed = needed || (measurement->run.cases[i].module->needs & VMS_NEEDS_PEER);
    measurement->peer = measurement->configuration->peer;
    if (needed && !measurement->configuration->has_peer)
        status = local_peer_start(measurement->modules, &measurement->local_peer, &measurement->peer, error);
    if (needed && status == 0)
        status = meet_peer(&measurement->run, &measurement->local_peer, &measurement->peer, error);
    return status;
}

static int open_book(struct measurement *measurement, struct vms_error *error) {
    const struct logbook_suite suite = {&measurement->configuration->suite,
                                        measurement->configuration->suite_json,
                                        measurement->configuration->json};

    return measurement->options->resume
               ? logbook_resume(measurement->folder, &suite, &measurement->run, &measurement->book, error)
               : logbook_begin(measurement->folder, &suite, &measurement->run, &measurement->book, error);
}

/* Everything before the first trial. */
static int open_measurement(struct measurement *measurement, struct vms_error *error) {
    const char *root = measurement->configuration->scratch;
    const char *place;
    const struct configuration *configuration = measurement->configuration;
    int status = 0;

    /* A run that is resumed, too: by now the name may be another disk's. */
    if (configuration->destroys)
        status = given_up_check(configuration->destroys, &configuration->device, error);
    if (status == 0)
        status = open_folder(measurement, error);
    if (status == 0)
        status = open_book(measurement, error);
    if (status < 0)
        return status;
    if (measurement->options->compress && run_files_pack(&measurement->book.files) < 0)
        return error_memory(error);
    place = root ? root : measurement->folder;
    if (access(place, F_OK) < 0)
        return error_set(error, -errno, "the scratch folder %s: %s", place, strerror(errno));
    status = scratch_make(place, SCRATCH_PREFIX, &measurement->scratch, error);
    if (status == 0 && measurement->book.plan.trouble[0])
        (void)outcome_run_warn(&measurement->run, "%s: its deadlines and the time left are guesses",
                               measurement->book.plan.trouble);
    if (status == 0 && measurement->scratch.others > 0)
        (void)outcome_run_warn(
            &measurement->run,
            "%u other run%s of vmsuite had not ended when this one began: they disturb each other",
            measurement->scratch.others, measurement->scratch.others == 1 ? "" : "s");
    if (status == 0 && provenance_note(measurement->modules, &measurement->run) < 0)
        status = error_memory(error);
    return status == 0 ? start_peer(measurement, error) : status;
}

/* A record that stdout did not take is kept beside the run's folder, which goes. */
static void rescue_record(const struct measurement *measurement, const json_t *record,
                          struct vms_error *error) {
    const char *folder = measurement->own.folder, *name = strrchr(measurement->book.files.record, '/') + 1;
    cleanup_free char *path = text_new("%.*s%s", (int)(strrchr(folder, '/') + 1 - folder), folder, name);

    if (path && error && store_write(path, record, NULL) == 0) {
        struct vms_error cause = *error;

        (void)error_set(error, -EIO, "%.300s; the record is kept in %s", cause.text, path);
    }
}

static int write_record(struct measurement *measurement, struct vms_error *error) {
    struct record_context context = {.labels = measurement->options->labels,
                                     .suite = measurement->configuration->suite_json,
                                     .configuration = measurement->configuration->json,
                                     .before = &measurement->before,
                                     .after = &measurement->after};
    json_auto_t *record = record_new(&measurement->run, &context);
    int status;

    if (!record)
        return error_set(error, -ENOMEM, "out of memory for the record; the journal %s is kept",
                         measurement->book.files.journal);
    if (measurement->own_folder) {
        status = store_write(OUTPUT_STDOUT, record, error);
        if (status < 0)
            rescue_record(measurement, record, error);
    } else {
        status = store_write(measurement->book.files.record, record, error);
    }
    return status;
}

/* Everything that the finished run is to be warned of. */
static int judge(struct measurement *measurement) {
    const struct machine_fact *group = machine_find(&measurement->before, "cgroup.cpu_group");
    int status = closing_judge(&measurement->run, measurement->configuration->claims.mismatch,
                               group && group->status == FACT_VALUE ? group->text : "", &measurement->kinds);

    if (status == 0)
        status = run_warnings_changes(&measurement->run, &measurement->before, &measurement->after);
    return status < 0 ? status
                      : run_warnings_stalls(&measurement->run, &measurement->before, &measurement->after);
}

/* Reads the machine's facts, and remembers what that took. */
static int read_facts(struct measurement *measurement, struct machine *ret_machine) {
    struct machine_source source = machine_source_here();
    uint64_t start_ns = clock_now_ns();
    int status = machine_read(&source, measurement->scratch.folder, ret_machine);

    measurement->run.facts_s += (double)(clock_now_ns() - start_ns) / NS_PER_S;
    return status;
}

/* While nothing of ours runs: what is taken then, is taken by others. A short run has no time for it. */
static void watch_idle(const struct progress *progress, struct machine_watch *found,
                       struct machine *machine) {
    if (idle_watch_is_due(progress->total_cost, 0))
        machine_watch(fmin(IDLE_WATCH_SHARE * progress->total_cost, WATCHED_MOST_S), found);
    if (machine->virtualization)
        (void)idle_watch_note(found, machine);
}

static int measure(struct measurement *measurement, struct vms_error *error) {
    struct progress progress;
    struct machine_watch first = {.error = {""}};
    struct idle_watch idle;
    struct execution execution = {
        .processes = {.run = &measurement->run,
                      .plan = &measurement->book.plan,
                      .scratch = &measurement->scratch,
                      .destroys = measurement->configuration->destroys,
                      .peer = &measurement->peer,
                      .local_peer = &measurement->local_peer,
                      .progress = &progress,
                      .idle = &idle,
                      .retry_noisy = measurement->options->retry_noisy,
                      .flags = measurement->configuration->claims.mismatch ? OUTCOME_MISMATCH : 0},
        .journal = measurement->book.journal,
        .before_s = measurement->book.before_s};
    int status = read_facts(measurement, &measurement->before);
    int written;

    measurement->run.clock_cost_s = clock_cost_s();
    progress_begin(&progress, measurement->options->progress, &measurement->run, &measurement->book.plan);
    watch_idle(&progress, &first, &measurement->before);
    idle_watch_begin(&idle);
    if (status == 0)
        status = execute(&execution, error);
    (void)read_facts(measurement, &measurement->after);
    if (signals_count() == 0)
        watch_idle(&progress, &idle.found, &measurement->after);
    if (status == 0)
        status = judge(measurement);
    written = write_record(measurement, status == 0 ? error : NULL);
    progress_end(&progress, written == 0 && !measurement->own_folder ? measurement->book.files.record : NULL);
    if (status == 0 && written == 0 && measurement->run.status != OUTCOME_INTERRUPTED)
        logbook_discard(&measurement->book);
    return status < 0 ? status : written;
}

static int exit_status(const struct outcome_run *run) {
    if (run->status == OUTCOME_INTERRUPTED)
        return EXIT_INTERRUPTED;
    return run->status == OUTCOME_OK ? EXIT_DONE : EXIT_FAILED;
}

/* The table goes to standard output, unless that is for programs: the record, or progress in JSON. */
static void report(const struct measurement *measurement) {
    bool is_taken = measurement->own_folder || measurement->options->progress == PROGRESS_JSON;
    FILE *file = is_taken ? stderr : stdout;

    if (measurement->options->quiet)
        return;
    table_print(file, &measurement->run, measurement->options->all_metrics);
    (void)fflush(file); /* before what follows on stderr; the program's end says it if this fails */
    closing_warnings(stderr, &measurement->run, &measurement->kinds, measurement->options->details);
    if (!measurement->own_folder)
        terminal_print(stderr, "record: %s\n", measurement->book.files.record);
    if (measurement->run.status == OUTCOME_INTERRUPTED && !measurement->own_folder)
        terminal_print(stderr,
                       "interrupted: the same command with --resume continues where this run stopped\n");
}

/* An interrupted run goes into the store when it has been resumed. */
static int add_to_store(const struct measurement *measurement, int status) {
    const char *store = measurement->options->store;
    int stored;

    if (!store || status == EXIT_INTERRUPTED)
        return status;
    stored = store_records("run", store, (char *const[]){measurement->book.files.record}, 1);
    return stored > status ? stored : status;
}

static void close_measurement(struct measurement *measurement) {
    local_peer_end(&measurement->local_peer);
    /* What lost both its process and that one's keeper came to us. */
    (void)children_end(clock_now_ns() + CHILDREN_NS);
    children_adopt(false);
    scratch_done(&measurement->scratch);
    scratch_done(&measurement->own);
    logbook_done(&measurement->book);
    outcome_run_done(&measurement->run);
    machine_done(&measurement->before);
    machine_done(&measurement->after);
    free(measurement->folder);
}

static int dry_run(const struct configuration *configuration, struct outcome_run *run) {
    struct vms_error error = {""};
    struct plan plan;

    if (plan_check(&configuration->suite, &error) < 0 ||
        plan_make(&configuration->suite, run, &plan, &error) < 0) {
        terminal_print(stderr, "vmsuite run: %s\n", error.text);
        return EXIT_USAGE;
    }
    printf("configuration %s\n", configuration->name);
    plan_print(stdout, &plan, run, &configuration->suite);
    plan_done(&plan);
    return EXIT_DONE;
}

int measure_dry_run(const struct configuration *configuration, const struct measure_options *options) {
    struct outcome_run run = {0};
    int result = EXIT_FAILED;

    if (run_identity_new(configuration, options->has_seed ? &options->seed : NULL, &options->set, &run) == 0)
        result = dry_run(configuration, &run);
    outcome_run_done(&run);
    return result;
}

int measure_configuration(const struct configuration *configuration, const struct module_list *modules,
                          const struct measure_options *options) {
    struct measurement measurement = {.configuration = configuration, .modules = modules, .options = options};
    struct vms_error error = {""};
    int status = run_identity_new(configuration, options->has_seed ? &options->seed : NULL, &options->set,
                                  &measurement.run),
        result;

    if (status < 0) {
        (void)error_memory(&error);
        result = EXIT_FAILED;
    } else {
        children_adopt(true);
        status = open_measurement(&measurement, &error);
        result = EXIT_USAGE;
        if (status == 0) {
            status = measure(&measurement, &error);
            result = status < 0 ? EXIT_FAILED : exit_status(&measurement.run);
            report(&measurement);
            if (status == 0)
                result = add_to_store(&measurement, result);
        } else if (status == -EALREADY) { /* the run was done before its set could note it */
            status = 0;
            result = EXIT_DONE;
        } else if (!options->resume) {
            logbook_discard(&measurement.book);
        }
    }
    if (status < 0)
        terminal_print(stderr, "vmsuite run: %s\n", error.text);
    close_measurement(&measurement);
    return result;
}
