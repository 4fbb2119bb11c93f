/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/run_places.h"
#include "common/locate.h"
#include "common/signals.h"
#include "common/store_records.h"
#include "documents/claims.h"
#include "guest/boot/measure_guest.h"
#include "run/files/run_labels.h"
#include "run/measure.h"
#include "run/set/design.h"
#include "run/set/run_set.h"

#include <string.h>
#include <unistd.h>

/* Where records go unless --output says otherwise. */
#define OUTPUT_FOLDER "vmsuite-results"
#define CONFIGURATIONS_MAX 64

struct arguments {
    struct words given; /* --config */
    struct words labels;
    json_t *label_json;
    struct words on; /* places, as they were typed */
    const char *peer;
    struct configuration_overrides overrides;
    struct measure_options options;
    bool allow_mismatch;
    unsigned runs;
    const char *find, *budget;
    struct goal goal;
    struct design design;
    const char *configurations[CONFIGURATIONS_MAX];
    size_t n_configurations;
    struct run_places places;
};

static const struct arguments defaults = {.options = {.output = OUTPUT_FOLDER}};

static const struct cli_option option_rows[] = {
    {.name = "config",
     .argument = "FILE",
     .names = NAMES_CONFIGURATION,
     OPTION_LIST_TO(struct arguments, given),
     .sentence = "a configuration, as a file or by name (xen-pv); may be given several times"},
    {.name = "suite",
     .argument = "FILE",
     .names = NAMES_SUITE,
     OPTION_TEXT_TO(struct arguments, overrides.suite),
     .sentence = "a suite, as a file or by name, instead of the configuration's own"},
    {.name = "on",
     .argument = "PLACE",
     .names = NAMES_PLACE,
     OPTION_LIST_TO(struct arguments, on),
     .sentence = "measure at this place, such as ssh://db1, nspawn:DIR or kvm; may be given several times",
     .more =
         "An agent is started at each place, and brought there where the place has no vmsuite; the trials of "
         "all places are run in turn, in random order, so that what disturbs one disturbs the others as "
         "often. Each place has a record of its own, and those after the first are compared with it. With "
         "--runs 4 or more they are compared in pairs. NAME=PLACE names a place; kvm:vcpus=1,2 means one "
         "place for each value; `vmsuite list places` shows the kinds. A configuration's \"places\" say the "
         "same."},
    {.name = "peer",
     .argument = "PLACE",
     .names = NAMES_PLACE,
     OPTION_TEXT_TO(struct arguments, peer),
     .sentence = "with --on: start the other end of network cases at this place",
     .more =
         "It listens on all addresses of that place, for the agents of this run alone, which try them one "
         "after the other. Without it each place has its own peer, on loopback."},
    {.name = "output",
     .letter = 'o',
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, options.output),
     .sentence = "where record and journal go; \"-\": the record goes to standard output"},
    {.name = "compress",
     OPTION_FLAG_TO(struct arguments, options.compress),
     .sentence = "pack the record with zstd: its name ends in .json.zst",
     .more = "All commands that read records read it packed; zstd -d unpacks it."},
    {.name = "label",
     .argument = "NAME=VALUE",
     OPTION_LIST_TO(struct arguments, labels),
     .sentence = "call the run this in its record, such as commit=1f3a; may be given several times"},
    {.name = "store",
     .argument = "STORE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, options.store),
     .sentence = "add the record to this store, a file or postgresql://..., too",
     .more = "A run that was interrupted is added when it has been resumed."},
    {.name = "scratch",
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, overrides.scratch),
     .sentence = "where disk cases write, instead of the output folder",
     .more = "Folders of runs that were killed are removed there."},
    {.name = "trials",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, overrides.trials, 1, SUITE_TRIALS_MAX),
     .sentence = "trials of every case, instead of the suite's"},
    {.name = "only",
     .argument = "GLOB",
     OPTION_LIST_TO(struct arguments, overrides.only),
     .sentence = "only the groups or modules that match, such as 'tcp*'; may be given several times"},
    {.name = "seed",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, options.seed, 0, INT64_MAX),
     OPTION_GIVEN_TO(struct arguments, options.has_seed),
     .sentence = "decides the order of the trials; recorded, and random unless given"},
    {.name = "dry-run",
     .letter = 'n',
     OPTION_FLAG_TO(struct arguments, options.dry_run),
     .sentence =
         "print every case, the counts, what the plan can find, and an estimate of time, disk and traffic; "
         "measure nothing"},
    {.name = "resume",
     OPTION_FLAG_TO(struct arguments, options.resume),
     .sentence = "continue the configuration's newest unfinished run in the output folder"},
    {.name = "runs",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, runs, 1, RUN_SET_RUNS_MAX),
     .sentence = "make N whole runs of each configuration, each with a record of its own",
     .more =
         "Each run is a process of its own, and each round takes the configurations in random order: what "
         "differs between runs by chance, such as where memory lies, then shows between the records. They "
         "carry the id of their set; with --resume an interrupted set continues. A given seed is that of the "
         "first run, and the others count on from it."},
    {.name = "find",
     .argument = "DIFFERENCE",
     OPTION_TEXT_TO(struct arguments, find),
     .sentence = "choose runs and trials so that this difference is found, \"5%\" or a factor, \"1.5\"",
     .more =
         "A slowdown of that size is then found in every resource with a probability of 90%, if runs and "
         "trials differ as they usually do. A number of trials given with --trials stays. With several "
         "configurations or places, those after the first are compared with it from the third round on, and "
         "no more runs are made once every answer is sure; all looks share the error of one comparison."},
    {.name = "budget",
     .argument = "TIME",
     OPTION_TEXT_TO(struct arguments, budget),
     .sentence = "choose runs and trials so that all runs together take about this time, \"20min\"",
     .more = "With --find, no more runs than that difference needs."},
    {.name = "retry-noisy",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, options.retry_noisy, 0, 100),
     .sentence = "measure a trial that was disturbed again, up to N times; all attempts are kept",
     .more =
         "Steal, load of others, page faults and throttling disturb a trial. The disturbed attempts are kept "
         "with it in the record and do not count."},
    {.name = "allow-mismatch",
     OPTION_FLAG_TO(struct arguments, allow_mismatch),
     .sentence =
         "measure even where the machine is not what the configuration expects; every trial and the record "
         "say so"},
    {.name = "progress",
     .argument = "MODE",
     OPTION_CHOICE_TO(struct arguments, options.progress, progress_mode_name),
     .sentence = "auto, plain (a line per finished case), json (JSON lines on standard output) or none"},
    {.name = "quiet",
     .letter = 'q',
     OPTION_FLAG_TO(struct arguments, options.quiet),
     .sentence = "no progress, no table"},
    {.name = "all-metrics",
     OPTION_FLAG_TO(struct arguments, options.all_metrics),
     .sentence = "print a row for each metric, not only for the one that a case is judged by"},
    {.name = "details",
     OPTION_FLAG_TO(struct arguments, options.details),
     .sentence = "print each warning after the table, not a line for each kind"},
};

static int add_configuration(const struct cli_command *command, struct arguments *arguments,
                             const char *name) {
    if (arguments->n_configurations == CONFIGURATIONS_MAX)
        return command_usage_error(command, "more than %d configurations", CONFIGURATIONS_MAX);
    arguments->configurations[arguments->n_configurations++] = name;
    return EXIT_DONE;
}

/* Collects the configurations, and refuses options that do not go together. */
static int settle(const struct cli_command *command, struct arguments *arguments, const struct words *words) {
    struct vms_error error = {""};
    int status = EXIT_DONE;

    for (size_t i = 0; status == EXIT_DONE && i < arguments->given.n_words; i++)
        status = add_configuration(command, arguments, arguments->given.words[i]);
    for (size_t i = 0; status == EXIT_DONE && i < words->n_words; i++)
        status = add_configuration(command, arguments, words->words[i]);
    if (status == EXIT_DONE && arguments->n_configurations == 0)
        status = add_configuration(command, arguments, "here");
    if (status != EXIT_DONE)
        return status;
    if (goal_parse(arguments->find, arguments->budget, &arguments->goal, &error) < 0)
        return command_usage_error(command, "%s", error.text);
    if (arguments->runs > 0 && goal_is_set(&arguments->goal))
        return command_usage_error(command, "--runs fixes the number of runs: leave out --find and --budget");
    if (run_labels_parse(arguments->labels.words, arguments->labels.n_words, &arguments->label_json, &error) <
        0)
        return command_usage_error(command, "%s", error.text);
    arguments->options.labels = arguments->label_json;
    if (arguments->options.quiet && arguments->options.progress != PROGRESS_JSON)
        arguments->options.progress = PROGRESS_NONE;
    if (strcmp(arguments->options.output, "-") != 0)
        return EXIT_DONE;
    if (arguments->runs > 0 || goal_is_set(&arguments->goal))
        return command_usage_error(
            command,
            "--runs, --find and --budget write several records, so they need a folder, not --output -");
    if (arguments->options.store)
        return command_usage_error(command, "--store needs the record in a folder, not --output -");
    if (arguments->options.compress)
        return command_usage_error(command, "--compress needs a folder, not --output -");
    if (arguments->options.resume)
        return command_usage_error(command,
                                   "--resume needs the folder of the unfinished run, not --output -");
    if (arguments->options.progress == PROGRESS_JSON || arguments->n_configurations > 1)
        return command_usage_error(
            command,
            "--output - leaves standard output to one record: no --progress json, one configuration");
    return EXIT_DONE;
}

/* Holds what the configurations expect against this machine, before anything is measured. */
static int check_claims(const struct arguments *arguments, struct configuration *configurations) {
    const char *output = arguments->options.output;
    int status = EXIT_DONE;

    for (size_t i = 0; i < arguments->n_configurations; i++) {
        struct configuration *configuration = &configurations[i];
        const char *scratch = configuration->scratch ? configuration->scratch : output;
        int broken;

        if (configuration->guest.present)
            continue; /* its claims are about the guest, which holds them against itself */
        broken = claims_check(configuration, access(scratch, F_OK) == 0 ? scratch : ".",
                              &configuration->claims.mismatch);

        if (broken < 0) {
            fputs("vmsuite run: out of memory\n", stderr);
            return EXIT_FAILED;
        }
        if (broken == 0 || arguments->allow_mismatch)
            continue;
        terminal_print(
            stderr,
            "vmsuite run: this machine is not what configuration \"%s\" expects; nothing was measured.\n"
            "%s\n"
            "`vmsuite env` shows the evidence; --allow-mismatch measures anyway and marks every trial.\n",
            configuration->name, configuration->claims.mismatch);
        status = EXIT_MISMATCH;
    }
    return status;
}

/* Chooses runs and trials where a difference or a budget is given, here or in a configuration. */
static int choose_runs(struct arguments *arguments, struct configuration *configurations) {
    size_t n_places = arguments->places.n_places,
           n_sides = n_places > 0 ? n_places : arguments->n_configurations;
    unsigned runs = arguments->runs;

    for (size_t i = 0; i < arguments->n_configurations && arguments->runs == 0; i++) {
        struct configuration *configuration = &configurations[i];
        const struct goal *goal = goal_is_set(&arguments->goal) ? &arguments->goal : &configuration->goal;
        struct vms_error error = {""};
        struct design design;

        if (!goal_is_set(goal) || configuration->guest.present)
            continue;
        if (design_suite(goal, n_sides, arguments->overrides.trials > 0, &configuration->suite, &design,
                         &error) < 0) {
            terminal_print(stderr, "vmsuite run: %s\n", error.text);
            return EXIT_USAGE;
        }
        json_decref(configuration->suite_json);
        configuration->suite_json = suite_resolved(&configuration->suite);
        if (design.runs > runs) {
            runs = design.runs;
            arguments->design = design;
            arguments->goal = *goal;
        }
    }
    arguments->runs = runs;
    return EXIT_DONE;
}

/* All runs of a set, in programs of their own: nothing more is to be measured here. */
static int measure_set(const struct arguments *arguments, const struct configuration *configurations,
                       bool *ret_ready) {
    const struct run_set_request request = {.output = arguments->options.output,
                                            .configurations = arguments->configurations,
                                            .n_configurations = arguments->n_configurations,
                                            .runs = arguments->runs,
                                            .baseline = configurations[0].name,
                                            .goal = arguments->goal,
                                            .resume = arguments->options.resume};

    *ret_ready = false;
    for (size_t i = 0; i < arguments->n_configurations; i++)
        if (configurations[i].guest.present) {
            terminal_print(
                stderr,
                "vmsuite run: --runs, --find and --budget make runs on this machine, and configuration "
                "\"%s\" boots a guest: a study's rounds repeat those\n",
                configurations[i].name);
            return EXIT_USAGE;
        }
    if (goal_is_set(&arguments->goal))
        design_print(stderr, &arguments->design, &arguments->goal);
    return run_set_measure(&request);
}

/* The store of the command line, else that of the configuration. */
static struct measure_options options_of(const struct arguments *arguments,
                                         const struct configuration *configuration) {
    struct measure_options options = arguments->options;

    if (!options.store)
        options.store = configuration->store;
    return options;
}

/* Asks each store whether it can be written, before the work. */
static int check_stores(const struct arguments *arguments, const struct configuration *configurations) {
    int status = EXIT_DONE;

    for (size_t i = 0; status == EXIT_DONE && i < arguments->n_configurations; i++) {
        const char *store = options_of(arguments, &configurations[i]).store;

        if (store && strcmp(arguments->options.output, "-") == 0) {
            terminal_print(stderr,
                           "vmsuite run: configuration \"%s\" names a store, which needs the record in a "
                           "folder, not --output -\n",
                           configurations[i].name);
            status = EXIT_USAGE;
        } else if (store) {
            status = store_check("run", store);
        }
    }
    return status;
}

static int measure_at_places(const struct arguments *arguments, const struct configuration *configuration,
                             const struct module_list *modules, bool is_member) {
    const struct measure_options options = options_of(arguments, configuration);
    const struct measure_places_request request = {.configuration = configuration,
                                                   .places = arguments->places.places,
                                                   .n_places = arguments->places.n_places,
                                                   .peer = arguments->peer ? &arguments->places.peer : NULL,
                                                   .modules = modules,
                                                   .options = &options,
                                                   .allow_mismatch = arguments->allow_mismatch};

    if (arguments->options.dry_run)
        return measure_places_dry_run(&request);
    if (is_member)
        return measure_places(&request);
    if (goal_is_set(&arguments->goal))
        design_print(stderr, &arguments->design, &arguments->goal);
    return run_places_measure(&request, arguments->configurations[0], arguments->runs, &arguments->goal);
}

/* One after the other; of a set's member the one that is its. The worst exit status. */
static int measure_each(const struct arguments *arguments, const struct configuration *configurations,
                        const struct module_list *modules, const struct run_set_member *member, int status) {
    for (size_t i = 0; i < arguments->n_configurations && signals_count() == 0; i++) {
        const struct configuration *configuration = &configurations[i];
        const struct measure_options options = options_of(arguments, configuration);
        int result;

        if (member && i != member->configuration)
            continue;
        if (configuration->guest.present)
            result = guest_measure(configuration, modules, &options);
        else if (arguments->options.dry_run)
            result = measure_dry_run(configuration, &arguments->options);
        else
            result = measure_configuration(configuration, modules, &options);
        status = result > status ? result : status;
    }
    return status;
}

/* Reads all configurations before the first is measured, so that a mistake in the last costs nothing. */
static int run_all(struct arguments *arguments, const struct module_list *modules) {
    struct run_set_member member;
    bool is_member = run_set_read_member(&member);
    struct configuration configurations[CONFIGURATIONS_MAX] = {0};
    struct problems problems = {0};
    struct vms_error error = {""};
    int status = EXIT_DONE;
    bool ready;

    if (is_member)
        arguments->options.set = member.set;
    for (size_t i = 0; i < arguments->n_configurations; i++)
        (void)configuration_read(arguments->configurations[i], &arguments->overrides, modules, &problems,
                                 &configurations[i]);
    if (problems.n_problems > 0) {
        problems_print(&problems, stderr);
        status = EXIT_USAGE;
    } else if (signals_catch() < 0) {
        perror("vmsuite run: signals");
        status = EXIT_FAILED;
    } else if (run_places_read(&arguments->on, arguments->peer, configurations, arguments->n_configurations,
                               &arguments->places, &error) < 0 ||
               run_places_check(&arguments->places, &arguments->options, &error) < 0) {
        terminal_print(stderr, "vmsuite run: %s\n", error.text);
        status = EXIT_USAGE;
    } else if (!arguments->options.dry_run && arguments->places.n_places == 0) {
        status = check_claims(arguments, configurations);
    }
    if (status == EXIT_DONE && !arguments->options.dry_run && !is_member)
        status = check_stores(arguments, configurations);
    if (status == EXIT_DONE)
        status = choose_runs(arguments, configurations);
    ready = status == EXIT_DONE;
    if (ready && arguments->options.dry_run) {
        arguments->options.set.runs = arguments->runs;
        if (goal_is_set(&arguments->goal))
            design_print(stdout, &arguments->design, &arguments->goal);
    }
    if (ready && !arguments->options.dry_run)
        (void)memory_choose(MEMORY_WAITS);
    if (ready && arguments->places.n_places > 0) {
        status = measure_at_places(arguments, &configurations[0], modules, is_member);
        ready = false;
    }
    if (ready && arguments->runs > 0 && !arguments->options.dry_run && !is_member)
        status = measure_set(arguments, configurations, &ready);
    if (ready)
        status = measure_each(arguments, configurations, modules, is_member ? &member : NULL, status);
    for (size_t i = 0; i < arguments->n_configurations; i++)
        configuration_done(&configurations[i]);
    run_places_done(&arguments->places);
    problems_done(&problems);
    return status;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    struct arguments *arguments = given;
    struct module_list modules;
    struct vms_error error = {""};
    int status = settle(command, arguments, words);

    if (status == EXIT_DONE && locate_modules(&modules, &error) < 0)
        status = command_fail(command, EXIT_FAILED, "%s", error.text);
    else if (status == EXIT_DONE) {
        status = run_all(arguments, &modules);
        module_list_done(&modules);
    }
    json_decref(arguments->label_json);
    return status;
}

const struct cli_command command_run = {
    .name = "run",
    .summary = "measure a configuration and write a record",
    .description =
        "Measures each configuration with its suite and writes a JSON record. Without a configuration it "
        "takes \"here\", which expects nothing, and the suite \"quick\".",
    .operands = {.usage = "[CONFIGURATION...]", .max = OPERANDS_ANY, .names = NAMES_CONFIGURATION},
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses =
        (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_MISMATCH, EXIT_INTERRUPTED, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite run --suite machine --runs 3",
                                      "vmsuite run --on local --on cgroup:cpu=50% --runs 4", NULL},
    .run = run,
};
