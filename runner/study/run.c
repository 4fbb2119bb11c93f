/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/run.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/terminal.h"
#include "common/estimate.h"
#include "common/exit_status.h"
#include "common/signals.h"
#include "documents/claims.h"
#include "guest/boot/measure_guest.h"
#include "guest/launchers/launcher.h"
#include "run/looks.h"
#include "run/run_identity.h"
#include "study/findings.h"
#include "study/pool.h"
#include "study/rounds.h"

#include <string.h>

/* What an emulated host has beside its guest, and its files in memory. */
#define HOST_MEMORY (UINT64_C(2) << 30)

static const struct configuration *configuration_of(const struct study_run *run, size_t entry) {
    return &run->study->entries[entry].configurations[STUDY_REAL_TIME];
}

/* Why a configuration cannot be measured here: owned; NULL where it can. */
static char *find_trouble(const struct study_run *run, size_t entry) {
    const struct configuration *configuration = configuration_of(run, entry);
    struct vms_error error = {"its guest is not emulated, so its clock cannot count instructions"};
    char *sentences = NULL;

    if (!run->study->entries[entry].has[STUDY_REAL_TIME] &&
        !run->study->entries[entry].has[STUDY_INSTRUCTIONS])
        return strdup(error.text);
    if (!configuration->guest.present)
        return claims_check(configuration, ".", &sentences) > 0 ? sentences : NULL;
    if (launcher_find(configuration->guest.launcher)->available(&error) < 0)
        return strdup(error.text);
    return NULL;
}

static int prepare_entry(struct study_run *run, size_t entry) {
    run->troubles[entry] = find_trouble(run, entry);
    for (int clock = 0; clock < STUDY_CLOCKS; clock++) {
        struct run_tally *tally = &run->tallies[entry][clock];
        struct record_list records = {0};
        int status;

        if (!run->study->entries[entry].has[clock])
            continue;
        tally->wanted = run->study->rounds[clock];
        tally->estimate = rounds_estimate_boot(&run->study->entries[entry].configurations[clock],
                                               run->unestimated[0] ? NULL : run->unestimated);
        status = run_records(run, entry, (enum study_clock)clock, &records);
        tally->kept = records.n_paths < tally->wanted ? (unsigned)records.n_paths : tally->wanted;
        records_done(&records);
        if (status < 0)
            return status;
    }
    return 0;
}

int run_prepare(const struct study *study, const struct module_list *modules, const char *output,
                struct study_run *ret_run, struct vms_error *error) {
    struct study_run run = {.study = study, .modules = modules, .output = output};
    int status = boots_plan(study, &run.boots);

    run.troubles = calloc(study->n_entries, sizeof(*run.troubles));
    run.tallies = calloc(study->n_entries, sizeof(*run.tallies));
    for (int i = 0; i < STUDY_CLOCKS; i++)
        if (asprintf(&run.folders[i], "%s/%s", output, study_clock_name((enum study_clock)i)) < 0)
            run.folders[i] = NULL;
    if (!run.troubles || !run.tallies || !run.folders[0] || !run.folders[1])
        status = -ENOMEM;
    for (size_t i = 0; status == 0 && i < study->n_entries; i++)
        status = prepare_entry(&run, i);
    if (status < 0) {
        run_done(&run);
        return error_memory(error);
    }
    *ret_run = run;
    return 0;
}

void run_done(struct study_run *run) {
    for (size_t i = 0; run->troubles && i < run->study->n_entries; i++)
        free(run->troubles[i]);
    for (size_t i = 0; i < STUDY_CLOCKS; i++)
        free(run->folders[i]);
    free(run->troubles);
    free(run->tallies);
    boots_done(&run->boots);
    *run = (struct study_run){0};
}

int run_records(const struct study_run *run, size_t entry, enum study_clock clock, struct record_list *list) {
    return records_find(run->folders[clock], &run->study->entries[entry].configurations[clock], list);
}

/* The boot's record is there, or it cannot be had here. */
static bool is_settled(const struct study_run *run, const struct boot_step *step) {
    return run->troubles[step->entry] || step->round <= run->tallies[step->entry][step->clock].kept;
}

static double boot_seconds(const struct study_run *run, const struct boot_step *step) {
    const struct run_tally *tally = &run->tallies[step->entry][step->clock];

    return tally->ok > 0 ? tally->seconds / tally->ok : tally->estimate;
}

/* Seconds of the boots from `first` on. */
static double remaining(const struct study_run *run, size_t first) {
    double seconds = 0;

    for (size_t i = first; i < run->boots.n_steps; i++)
        if (!is_settled(run, &run->boots.steps[i]))
            seconds += boot_seconds(run, &run->boots.steps[i]);
    return seconds;
}

void run_print(FILE *file, const struct study_run *run) {
    const struct study *study = run->study;
    char time_text[UNITS_TEXT_SIZE];

    terminal_print(file, "study %s: suite %s, %zu configuration%s, seed %ju\n", study->name,
                   configuration_of(run, 0)->suite.name, study->n_entries, study->n_entries == 1 ? "" : "s",
                   (uintmax_t)study->seed);
    for (int clock = 0; clock < STUDY_CLOCKS; clock++)
        if (study->clocks[clock])
            terminal_print(file, "  %s: %u round%s\n", study_clock_words((enum study_clock)clock),
                           study->rounds[clock], study->rounds[clock] == 1 ? "" : "s");
    terminal_print(file, "  compared with %s\n", configuration_of(run, study->baseline)->name);
    for (size_t i = 0; i < study->n_entries; i++) {
        const struct configuration *configuration = configuration_of(run, i);
        const char *kind = configuration->guest.present ? configuration->guest.kind : "";

        terminal_print(file, "  %-16s %s%s%s%s%s\n", configuration->name,
                       configuration->guest.present ? configuration->guest.launcher : "this machine",
                       *kind ? " " : "", kind, run->troubles[i] ? ": cannot be measured here: " : "",
                       run->troubles[i] ? run->troubles[i] : "");
    }
    for (size_t i = 0; i < run->boots.n_steps; i++) {
        const struct boot_step *step = &run->boots.steps[i];

        terminal_print(file, "  boot %2zu: %s, round %u: %s%s\n", i + 1, study_clock_words(step->clock),
                       step->round, configuration_of(run, step->entry)->name,
                       run->troubles[step->entry] ? ": left out"
                       : is_settled(run, step)    ? ": its record is there"
                                                  : "");
    }
    rounds_print(file, study);
    estimate_format_time(remaining(run, 0), time_text);
    terminal_print(file, "estimated: %s\n", time_text);
    if (run->unestimated[0])
        terminal_print(file, "Not all of it is estimated: %s.\n", run->unestimated);
}

static void begin_line(const struct study_run *run, size_t index) {
    const struct boot_step *step = &run->boots.steps[index];

    terminal_print(stderr, "[%zu/%zu] %s, round %u: %s", index + 1, run->boots.n_steps,
                   study_clock_words(step->clock), step->round, configuration_of(run, step->entry)->name);
}

/* The set that a boot belongs to: those of one study in real time, in rounds of one boot of each
 * configuration. The same when the study is continued. */
static void find_set(const struct study_run *run, const struct boot_step *step, struct outcome_set *ret_set) {
    const struct study *study = run->study;
    cleanup_free char *folder = realpath(run->output, NULL), *text = NULL;
    struct outcome_set set = {.run = step->round, .runs = study->rounds[step->clock]};

    *ret_set = (struct outcome_set){0};
    if (step->clock != STUDY_REAL_TIME ||
        asprintf(&text, "%s %ju %s", study->name, (uintmax_t)study->seed, folder ? folder : run->output) < 0)
        return;
    run_identity_derive(text, set.id);
    set.looks = looks_first(&study->goal, study->n_entries, set.runs);
    *ret_set = set;
}

/* Measures once; returns what run says of it. */
static int measure_once(const struct study_run *run, const struct boot_step *step) {
    const struct configuration *configuration = &run->study->entries[step->entry].configurations[step->clock];
    struct measure_options options = {
        .output = run->folders[step->clock], .progress = PROGRESS_NONE, .quiet = true};

    find_set(run, step, &options.set);
    options.labels = json_object_size(run->study->labels) > 0 ? run->study->labels : NULL;
    return configuration->guest.present ? guest_measure(configuration, run->modules, &options)
                                        : measure_configuration(configuration, run->modules, &options);
}

/* Whether one more whole record is there than was counted so far. */
static bool has_new_record(const struct study_run *run, const struct boot_step *step) {
    const struct run_tally *tally = &run->tallies[step->entry][step->clock];
    struct record_list records = {0};
    bool is_new = run_records(run, step->entry, step->clock, &records) == 0 &&
                  records.n_paths > tally->kept + tally->ok;

    records_done(&records);
    return is_new;
}

/* Some boots of the plan, in order. */
struct pass {
    struct study_run *run;
    const size_t *steps; /* indexes of run->boots.steps */
    int status;          /* so far: EXIT_DONE or EXIT_FAILED */
};

static void begin_boot(void *context, size_t job) {
    const struct pass *pass = context;
    const struct study_run *run = pass->run;
    size_t index = pass->steps[job];
    char one[UNITS_TEXT_SIZE], all[UNITS_TEXT_SIZE];

    estimate_format_time(boot_seconds(run, &run->boots.steps[index]), one);
    estimate_format_time(remaining(run, index), all);
    begin_line(run, index);
    terminal_print(stderr, ": about %s; to the study's end about %s\n", one, all);
}

static int work_boot(void *context, size_t job) {
    const struct pass *pass = context;
    int status = measure_once(pass->run, &pass->run->boots.steps[pass->steps[job]]);

    return status == EXIT_INTERRUPTED ? EXIT_FAILED : status;
}

static void end_boot(void *context, size_t job, int status, double seconds) {
    struct pass *pass = context;
    struct study_run *run = pass->run;
    const struct boot_step *step = &run->boots.steps[pass->steps[job]];
    struct run_tally *tally = &run->tallies[step->entry][step->clock];
    bool recorded = has_new_record(run, step);

    begin_line(run, pass->steps[job]);
    terminal_print(stderr, ": %s after %.0f s\n",
                   !recorded             ? "FAILED"
                   : status == EXIT_DONE ? "ok"
                                         : "measured, but a case failed",
                   seconds);
    tally->ok += recorded;
    tally->failed += !recorded;
    tally->partial |= recorded && status != EXIT_DONE;
    tally->seconds += recorded ? seconds : 0;
    if (!recorded || status != EXIT_DONE)
        pass->status = EXIT_FAILED;
}

/* Whether the rounds so far are enough, after the boot `job` of the pass, which may be its round's last. */
static bool is_enough(const struct pass *pass, struct looks *looks, size_t job, size_t n) {
    const struct study_run *run = pass->run;
    const struct boot_step *step = &run->boots.steps[pass->steps[job]];
    struct vms_error error = {""};
    bool sure = false;

    if (!goal_is_set(&run->study->goal) || job + 1 == n ||
        run->boots.steps[pass->steps[job + 1]].round == step->round)
        return false;
    if (looks_is_due(looks, step->round) &&
        findings_look(run, step->clock, looks, step->round, &sure, &error) < 0)
        terminal_print(stderr, "the boots so far are not compared: %s\n", error.text);
    return sure ||
           looks_is_time_up(looks, step->round, step->round - run->boots.steps[pass->steps[0]].round + 1);
}

/* In this process, one after the other: what is measured in real time bears no other load. False where a
 * signal came. */
static bool boot_alone(struct pass *pass, size_t n) {
    struct looks looks;

    looks_init(&looks, pass->run->study->rounds[STUDY_REAL_TIME], pass->run->study->goal.budget_s);
    for (size_t i = 0; i < n; i++) {
        uint64_t start = clock_now_ns();
        int status;

        begin_boot(pass, i);
        status = measure_once(pass->run, &pass->run->boots.steps[pass->steps[i]]);
        if (status == EXIT_INTERRUPTED || signals_count() > 0)
            return false;
        end_boot(pass, i, status, (double)(clock_now_ns() - start) / (double)NS_PER_S);
        if (is_enough(pass, &looks, i, n))
            return true;
    }
    return true;
}

/* The most memory that a boot of the pass takes: the guest's, and that of the machine around it. */
static uint64_t memory_of(const struct study_run *run, enum study_clock clock) {
    uint64_t most = 0;

    for (size_t i = 0; i < run->study->n_entries; i++) {
        const struct guest_settings *guest = &run->study->entries[i].configurations[clock].guest;

        if (run->study->entries[i].has[clock] && guest->memory + HOST_MEMORY > most)
            most = guest->memory + HOST_MEMORY;
    }
    return most;
}

/* Does what is not there yet of one clock: EXIT_DONE, EXIT_FAILED or EXIT_INTERRUPTED. A load does not change
 * what counts instructions: those boots share the processors. */
static int run_pass(struct study_run *run, enum study_clock clock) {
    cleanup_free size_t *steps = calloc(run->boots.n_steps + 1, sizeof(*steps));
    struct pass pass = {.run = run, .steps = steps, .status = EXIT_DONE};
    struct pool_work work = {.context = &pass, .begin = begin_boot, .work = work_boot, .end = end_boot};
    bool whole;

    for (size_t i = 0; steps && i < run->boots.n_steps; i++)
        if (run->boots.steps[i].clock == clock && !is_settled(run, &run->boots.steps[i]))
            steps[work.n_jobs++] = i;
    if (!steps)
        return EXIT_FAILED;
    whole = clock == STUDY_INSTRUCTIONS ? pool_run(&work, pool_workers(memory_of(run, clock)))
                                        : boot_alone(&pass, work.n_jobs);
    return whole ? pass.status : EXIT_INTERRUPTED;
}

int run_boots(struct study_run *run) {
    uint64_t start = clock_now_ns();
    int status = EXIT_DONE;

    for (size_t i = 0; i < run->study->n_entries; i++)
        if (run->troubles[i]) {
            terminal_print(stderr, "%s cannot be measured here: %s\n", configuration_of(run, i)->name,
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

static void print_tally(const struct study_run *run, size_t entry, enum study_clock clock) {
    const struct run_tally *tally = &run->tallies[entry][clock];

    if (tally->wanted == 0)
        return;
    terminal_print(stderr, "  %-16s %-20s %u of %u boots measured", configuration_of(run, entry)->name,
                   study_clock_words(clock), tally->kept + tally->ok, tally->wanted);
    if (tally->kept > 0)
        terminal_print(stderr, " (%u before)", tally->kept);
    if (tally->ok > 0)
        terminal_print(stderr, ", %.0f s each", tally->seconds / tally->ok);
    terminal_print(stderr, "%s%s\n", tally->failed > 0 ? ", the others FAILED" : "",
                   tally->partial ? ", a case FAILED" : "");
}

void run_summary(const struct study_run *run) {
    char time_text[UNITS_TEXT_SIZE];

    estimate_format_time(run->seconds, time_text);
    terminal_print(stderr, "study %s: %s\n", run->study->name, time_text);
    for (int clock = 0; clock < STUDY_CLOCKS; clock++)
        for (size_t i = 0; i < run->study->n_entries; i++)
            print_tally(run, i, (enum study_clock)clock);
}
