/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boots of a study, one after the other or side by side, and what is said of each. */
#include "study/run.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "common/exit_status.h"
#include "common/signals.h"
#include "guest/boot/measure_guest.h"
#include "guest/launchers/launcher.h"
#include "output/terminal.h"
#include "places/place_visits.h"
#include "run/files/run_identity.h"
#include "study/findings.h"
#include "study/pool.h"

/* What an emulated host has beside its guest, and its files in memory. */
#define HOST_MEMORY (UINT64_C(2) << 30)

/* The boots under one clock. */
struct pass {
    struct study_run *run;
    enum study_clock clock;
    size_t *jobs; /* those that are not settled, for the pool */
    int status;   /* so far: EXIT_DONE or EXIT_FAILED */
};

static const struct visit *boot_of(const struct pass *pass, size_t boot) {
    return &pass->run->boots[pass->clock].visits[boot];
}

static void begin_line(const struct pass *pass, size_t boot, const char *names) {
    const struct study_run *run = pass->run;
    size_t before = pass->clock == STUDY_REAL_TIME ? 0 : run->boots[STUDY_REAL_TIME].n_visits;

    terminal_print(stderr, "[%zu/%zu] %s, round %u: %s", before + boot + 1,
                   run->boots[STUDY_REAL_TIME].n_visits + run->boots[STUDY_INSTRUCTIONS].n_visits,
                   study_clock_words(pass->clock), boot_of(pass, boot)->round, names);
}

/* The set that a boot belongs to: those of one study in real time, in rounds of one boot of each
 * configuration. The same when the study is continued. */
static void find_set(const struct pass *pass, size_t boot, struct outcome_set *ret_set) {
    const struct study *study = pass->run->study;
    const char *output = pass->run->output;
    cleanup_free char *folder = realpath(output, NULL), *text = NULL;
    struct outcome_set set = {.run = boot_of(pass, boot)->round, .runs = study->rounds[pass->clock]};

    *ret_set = (struct outcome_set){0};
    if (pass->clock == STUDY_REAL_TIME)
        text = text_new("%s %ju %s", study->name, (uintmax_t)study->seed, folder ? folder : output);
    if (!text)
        return;
    run_identity_derive(text, set.id);
    set.looks = looks_first(&study->goal, study->n_entries, set.runs);
    *ret_set = set;
}

/* At the places that the boot is still to measure, their trials in turn. */
static int measure_at_places(const struct pass *pass, size_t boot, const struct measure_options *options) {
    const struct study_run *run = pass->run;
    struct place places[STUDY_CONFIGURATIONS_MAX], all[STUDY_CONFIGURATIONS_MAX];
    struct measure_places_request request = {
        .configuration = &run->study->entries[boot_of(pass, boot)->member].configurations[pass->clock],
        .places = places,
        .all = all,
        .modules = run->modules,
        .options = options,
        .leaves_out = true};
    int status;

    for (size_t i = 0; i < run->study->n_entries; i++) {
        if (run_wants(run, pass->clock, boot, i))
            places[request.n_places++] = run->study->entries[i].place;
        if (run_has(run, pass->clock, boot, i) && !run->troubles[i])
            all[request.n_all++] = run->study->entries[i].place;
    }
    status = place_visits_make(&request, 0);
    /* A place that is lost ends its own part of the boot, not the study. */
    return status == EXIT_INTERRUPTED && signals_count() == 0 ? EXIT_FAILED : status;
}

/* Measures once; returns what run says of it. What was interrupted goes on from its journal, which a guest's
 * run has lost with the guest. A device that was given up is given up for a run that begins. */
static int measure_once(const struct pass *pass, size_t boot) {
    const struct study_run *run = pass->run;
    const struct study_entry *entry = &run->study->entries[boot_of(pass, boot)->member];
    const struct configuration *configuration = &entry->configurations[pass->clock];
    struct measure_options options = {
        .output = run->folders[pass->clock], .progress = PROGRESS_NONE, .quiet = true};

    find_set(pass, boot, &options.set);
    options.labels = json_object_size(run->study->labels) > 0 ? run->study->labels : NULL;
    if (configuration->guest.present)
        return guest_measure(configuration, run->modules, &options, NULL);
    options.resume = run->resume && options.set.id[0] && !configuration->destroys;
    return entry->place.kind ? measure_at_places(pass, boot, &options)
                             : measure_configuration(configuration, run->modules, &options);
}

/* What became of the entry in the boot that ended with `status`: OUTCOME_LOST where there is not one more
 * whole record than was counted so far. */
static enum outcome_status outcome_of(const struct pass *pass, size_t boot, size_t entry, int status) {
    const struct run_tally *tally = &pass->run->tallies[entry][pass->clock];
    enum outcome_status outcome = status == EXIT_DONE ? OUTCOME_OK : OUTCOME_FAILED, found;
    struct record_list records = {0};
    struct vms_error error = {""};
    int seen = run_records(pass->run, entry, pass->clock, &records, &error);

    if (seen < 0)
        terminal_print(stderr, "whether the boot left a record cannot be seen: %s\n", error.text);
    if (seen < 0 || records.n_paths <= tally->found + tally->ok)
        outcome = OUTCOME_LOST;
    for (size_t i = 0; outcome == OUTCOME_FAILED && i < records.n_paths; i++)
        if (records_round(records.paths[i], &found) == boot_of(pass, boot)->round)
            outcome = found;
    records_done(&records);
    return outcome;
}

static void begin_boot(const struct pass *pass, size_t boot) {
    cleanup_free char *names = run_names(pass->run, pass->clock, boot);
    char one[UNITS_TEXT_SIZE], all[UNITS_TEXT_SIZE];

    estimate_format_time(run_boot_seconds(pass->run, pass->clock, boot), one);
    estimate_format_time(run_remaining(pass->run, pass->clock, boot), all);
    begin_line(pass, boot, names ? names : "");
    terminal_print(stderr, ": about %s; to the study's end about %s\n", one, all);
}

static void end_entry(const struct pass *pass, size_t boot, size_t entry, enum outcome_status outcome,
                      double seconds, double share) {
    struct run_tally *tally = &pass->run->tallies[entry][pass->clock];
    bool recorded = outcome != OUTCOME_LOST;

    begin_line(pass, boot, pass->run->study->entries[entry].name);
    terminal_print(stderr, ": %s after %.0f s\n",
                   !recorded               ? "FAILED"
                   : outcome == OUTCOME_OK ? "ok"
                                           : "measured, but a case failed",
                   seconds);
    tally->ok += recorded;
    tally->failed += !recorded;
    tally->partial |= recorded && outcome != OUTCOME_OK;
    tally->seconds += recorded ? share : 0;
}

static void end_boot(struct pass *pass, size_t boot, int status, double seconds) {
    size_t n = 0;

    for (size_t i = 0; i < pass->run->study->n_entries; i++)
        n += run_wants(pass->run, pass->clock, boot, i);
    for (size_t i = 0; i < pass->run->study->n_entries; i++) {
        enum outcome_status outcome;

        if (!run_wants(pass->run, pass->clock, boot, i))
            continue;
        outcome = outcome_of(pass, boot, i, status);
        end_entry(pass, boot, i, outcome, seconds, seconds / (double)n);
        if (status != EXIT_DONE || outcome != OUTCOME_OK)
            pass->status = EXIT_FAILED;
    }
}

static bool is_settled(void *context, size_t boot) {
    const struct pass *pass = context;

    return run_is_settled(pass->run, pass->clock, boot);
}

/* In this process: what is measured in real time bears no other load. False where a signal came. */
static bool make_boot(void *context, size_t boot) {
    struct pass *pass = context;
    uint64_t start = clock_now_ns();
    int status;

    begin_boot(pass, boot);
    status = measure_once(pass, boot);
    if (status == EXIT_INTERRUPTED || signals_count() > 0)
        return false;
    end_boot(pass, boot, status, (double)(clock_now_ns() - start) / (double)NS_PER_S);
    return true;
}

/* Where that cannot be seen, it is said, and they are not. */
static bool is_sure(void *context, struct looks *looks, unsigned round) {
    const struct pass *pass = context;
    struct vms_error error = {""};
    bool sure = false;

    if (findings_look(pass->run, pass->clock, looks, round, &sure, &error) < 0)
        terminal_print(stderr, "the boots so far are not compared: %s\n", error.text);
    return sure;
}

static void begin_job(void *context, size_t job) {
    const struct pass *pass = context;

    begin_boot(pass, pass->jobs[job]);
}

static int work_job(void *context, size_t job) {
    const struct pass *pass = context;
    int status = measure_once(pass, pass->jobs[job]);

    return status == EXIT_INTERRUPTED ? EXIT_FAILED : status;
}

static void end_job(void *context, size_t job, int status, double seconds) {
    struct pass *pass = context;

    end_boot(pass, pass->jobs[job], status, seconds);
}

/* The most memory that a boot of the pass takes: the guest's, and that of the machine around it. */
static uint64_t memory_of(const struct pass *pass) {
    const struct study *study = pass->run->study;
    uint64_t most = 0;

    for (size_t i = 0; i < study->n_entries; i++) {
        const struct guest_settings *guest = &study->entries[i].configurations[pass->clock].guest;

        if (study->entries[i].has[pass->clock] && guest->memory + HOST_MEMORY > most)
            most = guest->memory + HOST_MEMORY;
    }
    return most;
}

/* What a boot takes, as far as those in real time show it. */
static double expected_seconds(const struct pass *pass, size_t boot) {
    const struct run_tally *tallies = pass->run->tallies[boot_of(pass, boot)->member];
    const struct run_tally *seen = &tallies[STUDY_REAL_TIME];

    return seen->ok > 0 ? seen->seconds / seen->ok : tallies[pass->clock].estimate;
}

static bool may_hang(const struct pass *pass, size_t boot) {
    const struct study_entry *entry = &pass->run->study->entries[boot_of(pass, boot)->member];

    return launcher_may_hang(&entry->configurations[pass->clock].guest);
}

static int by_length(const void *a, const void *b, void *context) {
    const struct pass *pass = context;
    double first = expected_seconds(pass, *(const size_t *)a),
           second = expected_seconds(pass, *(const size_t *)b);

    if (may_hang(pass, *(const size_t *)a) != may_hang(pass, *(const size_t *)b))
        return may_hang(pass, *(const size_t *)a) ? -1 : 1;
    return (first < second) - (first > second);
}

/* A load does not change what counts instructions: those boots share the processors. What may need
 * several boots, and then the longest, is begun first, so that it does not run on by itself; no order changes
 * what is counted. */
static bool boot_together(struct pass *pass) {
    size_t n = pass->run->boots[pass->clock].n_visits;
    struct pool_work work = {.context = pass, .begin = begin_job, .work = work_job, .end = end_job};
    bool whole = false;

    pass->jobs = calloc(n + 1, sizeof(*pass->jobs));
    for (size_t i = 0; pass->jobs && i < n; i++)
        if (!is_settled(pass, i))
            pass->jobs[work.n_jobs++] = i;
    if (pass->jobs) {
        qsort_r(pass->jobs, work.n_jobs, sizeof(*pass->jobs), by_length, pass);
        whole = pool_run(&work, pool_workers(memory_of(pass)));
    } else {
        pass->status = EXIT_FAILED;
        whole = true;
    }
    free(pass->jobs);
    return whole;
}

static bool boot_alone(struct pass *pass) {
    const struct study *study = pass->run->study;
    const struct visits_work work = {.context = pass,
                                     .visits = &pass->run->boots[pass->clock],
                                     .rounds = study->rounds[pass->clock],
                                     .goal = &study->goal,
                                     .is_settled = is_settled,
                                     .make = make_boot,
                                     .is_sure = is_sure};

    return visits_make(&work);
}

/* Does what is not there yet of one clock: EXIT_DONE, EXIT_FAILED or EXIT_INTERRUPTED. */
static int run_pass(struct study_run *run, enum study_clock clock) {
    struct pass pass = {.run = run, .clock = clock, .status = EXIT_DONE};
    bool whole = clock == STUDY_INSTRUCTIONS ? boot_together(&pass) : boot_alone(&pass);

    return whole ? pass.status : EXIT_INTERRUPTED;
}

int run_boots(struct study_run *run) {
    uint64_t start = clock_now_ns();
    int status = EXIT_DONE;

    for (size_t i = 0; i < run->study->n_entries; i++)
        if (run->troubles[i]) {
            terminal_print(stderr, "%s cannot be measured here: %s\n", run->study->entries[i].name,
                           run->troubles[i]);
            status = EXIT_FAILED;
        }
    for (int clock = 0; clock < STUDY_CLOCKS && status != EXIT_INTERRUPTED; clock++) {
        int result = run_pass(run, (enum study_clock)clock);

        if (result != EXIT_DONE)
            status = result;
    }
    run->seconds = (double)(clock_now_ns() - start) / (double)NS_PER_S;
    return status;
}
