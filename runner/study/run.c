/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/run.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "documents/claims.h"
#include "guest/launchers/launcher.h"
#include "output/terminal.h"
#include "places/place_visits.h"
#include "study/rounds.h"

#include <string.h>

static const struct configuration *configuration_of(const struct study_run *run, size_t entry) {
    return &run->study->entries[entry].configurations[STUDY_REAL_TIME];
}

static int check_visit(const struct configuration *configuration, const struct place *place,
                       struct vms_error *error) {
    return place_visits_check(&(const struct measure_places_request){.configuration = configuration,
                                                                     .places = place,
                                                                     .n_places = 1},
                              error);
}

/* Why a configuration cannot be measured here: owned; NULL where it can. */
static char *find_trouble(const struct study_run *run, size_t entry) {
    const struct configuration *configuration = configuration_of(run, entry);
    const struct place *place = &run->study->entries[entry].place;
    struct vms_error error = {"its guest is not emulated, so its clock cannot count instructions"};
    char *sentences = NULL;

    if (!run->study->entries[entry].has[STUDY_REAL_TIME] &&
        !run->study->entries[entry].has[STUDY_INSTRUCTIONS])
        return strdup(error.text);
    if (place->kind)
        return place_kind_available(place->kind, &error) < 0 || check_visit(configuration, place, &error) < 0
                   ? strdup(error.text)
                   : NULL;
    if (!configuration->guest.present)
        return claims_check(configuration, ".", &sentences) > 0 ? sentences : NULL;
    if (launcher_find(configuration->guest.launcher)->available(&error) < 0)
        return strdup(error.text);
    return NULL;
}

static bool *settled_at(const struct study_run *run, enum study_clock clock, unsigned round, size_t entry) {
    return &run->settled[clock][(round - 1) * run->study->n_entries + entry];
}

/* The round, or the first of all (0), in which the entry is not settled yet; 0 where there is none. */
static unsigned find_round(const struct study_run *run, enum study_clock clock, size_t entry,
                           unsigned round) {
    unsigned rounds = run->study->rounds[clock], at = round > 0 ? round : 1;

    while (round == 0 && at <= rounds && *settled_at(run, clock, at, entry))
        at++;
    return at <= rounds && !*settled_at(run, clock, at, entry) ? at : 0;
}

/* In which rounds the entry is there: each record stands for its own, so that rounds are whole when the study
 * is continued; one that does not say which, for the first that none stands for. */
static void settle_rounds(struct study_run *run, enum study_clock clock, size_t entry,
                          const struct record_list *records) {
    struct run_tally *tally = &run->tallies[entry][clock];

    tally->found = records->n_paths;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < records->n_paths; i++) {
            unsigned round = records_round(records->paths[i], NULL);

            if ((round > 0) != (pass == 0))
                continue;
            round = find_round(run, clock, entry, round);
            if (round == 0)
                continue;
            *settled_at(run, clock, round, entry) = true;
            tally->kept++;
        }
}

static int prepare_entry(struct study_run *run, size_t entry, struct vms_error *error) {
    run->troubles[entry] = find_trouble(run, entry);
    for (int clock = 0; clock < STUDY_CLOCKS; clock++) {
        struct run_tally *tally = &run->tallies[entry][clock];
        struct record_list records = {0};
        int status;

        if (!run->study->entries[entry].has[clock])
            continue;
        tally->wanted = run->study->rounds[clock];
        tally->estimate = rounds_estimate_boot(&run->study->entries[entry], (enum study_clock)clock,
                                               run->unestimated[0] ? NULL : run->unestimated);
        status = run_records(run, entry, (enum study_clock)clock, &records, error);
        settle_rounds(run, (enum study_clock)clock, entry, &records);
        records_done(&records);
        if (status < 0)
            return status;
    }
    return 0;
}

static int plan_boots(struct study_run *run, enum study_clock clock) {
    const struct study *study = run->study;
    cleanup_free bool *takes_part = calloc(study->n_entries, sizeof(*takes_part));
    int status = takes_part ? 0 : -ENOMEM;

    for (size_t i = 0; takes_part && i < study->n_entries; i++)
        takes_part[i] = study->entries[i].has[clock] && study->entries[i].lead == i;
    if (status == 0)
        status =
            visits_plan(study->n_entries, takes_part, study->rounds[clock], study->seed, &run->boots[clock]);
    run->settled[clock] = calloc(study->rounds[clock] * study->n_entries + 1, sizeof(bool));
    return run->settled[clock] ? status : -ENOMEM;
}

int run_prepare(const struct study *study, const struct module_list *modules, const char *output,
                struct study_run *ret_run, struct vms_error *error) {
    struct study_run run = {.study = study, .modules = modules, .output = output};
    int status = 0;

    run.troubles = calloc(study->n_entries, sizeof(*run.troubles));
    run.tallies = calloc(study->n_entries, sizeof(*run.tallies));
    for (int i = 0; status == 0 && i < STUDY_CLOCKS; i++)
        status = plan_boots(&run, (enum study_clock)i);
    for (int i = 0; i < STUDY_CLOCKS; i++)
        run.folders[i] = text_new("%s/%s", output, study_clock_name((enum study_clock)i));
    if (!run.troubles || !run.tallies || !run.folders[0] || !run.folders[1])
        status = -ENOMEM;
    if (status < 0)
        (void)error_memory(error);
    for (size_t i = 0; status == 0 && i < study->n_entries; i++)
        status = prepare_entry(&run, i, error);
    if (status < 0) {
        run_done(&run);
        return status;
    }
    *ret_run = run;
    return 0;
}

void run_done(struct study_run *run) {
    for (size_t i = 0; run->troubles && i < run->study->n_entries; i++)
        free(run->troubles[i]);
    for (size_t i = 0; i < STUDY_CLOCKS; i++) {
        free(run->folders[i]);
        free(run->settled[i]);
        visits_done(&run->boots[i]);
    }
    free(run->troubles);
    free(run->tallies);
    *run = (struct study_run){0};
}

int run_records(const struct study_run *run, size_t entry, enum study_clock clock, struct record_list *list,
                struct vms_error *error) {
    return records_find(run->folders[clock], &run->study->entries[entry], clock, list, error);
}

bool run_has(const struct study_run *run, enum study_clock clock, size_t boot, size_t entry) {
    return run->study->entries[entry].lead == run->boots[clock].visits[boot].member;
}

bool run_wants(const struct study_run *run, enum study_clock clock, size_t boot, size_t entry) {
    return run_has(run, clock, boot, entry) && !run->troubles[entry] &&
           !*settled_at(run, clock, run->boots[clock].visits[boot].round, entry);
}

bool run_is_settled(const struct study_run *run, enum study_clock clock, size_t boot) {
    for (size_t i = 0; i < run->study->n_entries; i++)
        if (run_wants(run, clock, boot, i))
            return false;
    return true;
}

char *run_names(const struct study_run *run, enum study_clock clock, size_t boot) {
    bool all = run_is_settled(run, clock, boot);
    char *names = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&names, &size);

    for (size_t i = 0; file && i < run->study->n_entries; i++)
        if (all ? run_has(run, clock, boot, i) : run_wants(run, clock, boot, i))
            (void)fprintf(file, "%s%s", ftell(file) > 0 ? ", " : "", run->study->entries[i].name);
    if (!file || fclose(file) != 0) {
        free(names);
        names = NULL;
    }
    return names;
}

double run_boot_seconds(const struct study_run *run, enum study_clock clock, size_t boot) {
    double seconds = 0;

    for (size_t i = 0; i < run->study->n_entries; i++) {
        const struct run_tally *tally = &run->tallies[i][clock];

        if (run_wants(run, clock, boot, i))
            seconds += tally->ok > 0 ? tally->seconds / tally->ok : tally->estimate;
    }
    return seconds;
}

double run_remaining(const struct study_run *run, enum study_clock clock, size_t boot) {
    double seconds = 0;

    for (int i = clock; i < STUDY_CLOCKS; i++, boot = 0)
        for (; boot < run->boots[i].n_visits; boot++)
            if (!run_is_settled(run, (enum study_clock)i, boot))
                seconds += run_boot_seconds(run, (enum study_clock)i, boot);
    return seconds;
}

static void print_entry(FILE *file, const struct study_run *run, size_t index) {
    const struct study_entry *entry = &run->study->entries[index];
    const struct configuration *configuration = configuration_of(run, index);
    const char *kind = configuration->guest.present ? configuration->guest.kind : "";

    terminal_print(file, "  %-16s %s%s%s%s%s\n", entry->name,
                   configuration->guest.present ? configuration->guest.launcher
                   : entry->place.kind          ? entry->place.text
                                                : "this machine",
                   *kind ? " " : "", kind, run->troubles[index] ? ": cannot be measured here: " : "",
                   run->troubles[index] ? run->troubles[index] : "");
}

/* Returns how many there are. */
static size_t print_boots(FILE *file, const struct study_run *run, enum study_clock clock, size_t before) {
    const struct visits *boots = &run->boots[clock];

    for (size_t i = 0; i < boots->n_visits; i++) {
        const struct visit *boot = &boots->visits[i];
        cleanup_free char *names = run_names(run, clock, i);

        terminal_print(file, "  boot %2zu: %s, round %u: %s%s\n", before + i + 1, study_clock_words(clock),
                       boot->round, names ? names : run->study->entries[boot->member].name,
                       !run_is_settled(run, clock, i) ? ""
                       : run->troubles[boot->member]  ? ": left out"
                                                      : ": its record is there");
    }
    return boots->n_visits;
}

void run_print(FILE *file, const struct study_run *run) {
    const struct study *study = run->study;
    char time_text[UNITS_TEXT_SIZE];
    size_t n_boots = 0;

    terminal_print(file, "study %s: suite %s, %zu configuration%s, seed %ju\n", study->name,
                   configuration_of(run, 0)->suite.name, study->n_entries, study->n_entries == 1 ? "" : "s",
                   (uintmax_t)study->seed);
    for (int clock = 0; clock < STUDY_CLOCKS; clock++)
        if (study->clocks[clock])
            terminal_print(file, "  %s: %u round%s\n", study_clock_words((enum study_clock)clock),
                           study->rounds[clock], study->rounds[clock] == 1 ? "" : "s");
    terminal_print(file, "  compared with %s\n", study->entries[study->baseline].name);
    for (size_t i = 0; i < study->n_entries; i++)
        print_entry(file, run, i);
    n_boots = print_boots(file, run, STUDY_REAL_TIME, n_boots);
    (void)print_boots(file, run, STUDY_INSTRUCTIONS, n_boots);
    rounds_print(file, study);
    estimate_format_time(run_remaining(run, STUDY_REAL_TIME, 0), time_text);
    terminal_print(file, "estimated: %s\n", time_text);
    if (run->unestimated[0])
        terminal_print(file, "The estimate is incomplete: %s.\n", run->unestimated);
}

static void print_tally(const struct study_run *run, size_t entry, enum study_clock clock) {
    const struct run_tally *tally = &run->tallies[entry][clock];

    if (tally->wanted == 0)
        return;
    terminal_print(stderr, "  %-16s %-20s %u of %u boots measured", run->study->entries[entry].name,
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
