/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/run_measure.h"
#include "common/locate.h"
#include "run/files/run_labels.h"
#include "run/set/run_set.h"

#include <string.h>

/* Where records go unless --output says otherwise. */
#define OUTPUT_FOLDER "vmsuite-results"

static const struct run_arguments defaults = {.options = {.output = OUTPUT_FOLDER}};

static const struct cli_option option_rows[] = {
    {.name = "config",
     .argument = "FILE",
     .names = NAMES_CONFIGURATION,
     OPTION_LIST_TO(struct run_arguments, given),
     .sentence = "a configuration, as a file or by name (xen-pv); may be given several times"},
    {.name = "suite",
     .argument = "FILE",
     .names = NAMES_SUITE,
     OPTION_TEXT_TO(struct run_arguments, overrides.suite),
     .sentence = "a suite, as a file or by name, instead of the configuration's own"},
    {.name = "on",
     .argument = "PLACE",
     .names = NAMES_PLACE,
     OPTION_LIST_TO(struct run_arguments, on),
     .sentence = "measure at this place, such as ssh://db1, nspawn:DIR or kvm; may be given several times",
     .more =
         "An agent is started at each place, and brought there where the place has no vmsuite; the trials of "
         "all places are run in turn, in random order, so that what disturbs one disturbs the others as "
         "often. Each place has a record of its own, and those after the first are compared with it. With "
         "--runs 4 or more they are compared in pairs. A guest that hands its record out when all is "
         "measured, such as emulated-xen-pv, takes no turns: each run boots it anew. NAME=PLACE names a "
         "place; kvm:vcpus=1,2 means one place for each value; `vmsuite list places` shows the kinds. A "
         "configuration's \"places\" say the same."},
    {.name = "peer",
     .argument = "PLACE",
     .names = NAMES_PLACE,
     OPTION_TEXT_TO(struct run_arguments, peer),
     .sentence = "with --on: start the other end of network cases at this place",
     .more =
         "It listens on all addresses of that place, for the agents of this run alone, which try them one "
         "after the other. Without it each place has its own peer, on loopback."},
    {.name = "keep-bundle",
     OPTION_FLAG_TO(struct run_arguments, options.keep_bundle),
     .sentence = "with --on: leave the program at the places that it is brought to",
     .more = "It stays in a folder vmsuite-bundle.HASH below TMPDIR or /var/tmp there, and the next run with "
             "this option and the same program finds it and brings nothing. Remove it by hand."},
    {.name = "output",
     .letter = 'o',
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct run_arguments, options.output),
     .sentence = "where record and journal go; \"-\": the record goes to standard output"},
    {.name = "compress",
     OPTION_FLAG_TO(struct run_arguments, options.compress),
     .sentence = "pack the record with zstd: its name ends in .json.zst",
     .more = "All commands that read records read it packed; zstd -d unpacks it."},
    {.name = "label",
     .argument = "NAME=VALUE",
     OPTION_LIST_TO(struct run_arguments, labels),
     .sentence = "label the run in its record, such as commit=1f3a; may be given several times"},
    {.name = "store",
     .argument = "STORE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct run_arguments, options.store),
     .sentence = "add the record to this store, a file or postgresql://..., too",
     .more = "A run that was interrupted is added when it has been resumed."},
    {.name = "scratch",
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct run_arguments, overrides.scratch),
     .sentence = "where disk cases write, instead of the output folder",
     .more = "Folders of runs that were killed are removed there."},
    {.name = "trials",
     .argument = "N",
     OPTION_COUNT_TO(struct run_arguments, overrides.trials, 1, SUITE_TRIALS_MAX),
     .sentence = "trials of every case, instead of the suite's"},
    {.name = "only",
     .argument = "GLOB",
     OPTION_LIST_TO(struct run_arguments, overrides.only),
     .sentence = "only the groups or modules that match, such as 'tcp*'; may be given several times"},
    {.name = "seed",
     .argument = "N",
     OPTION_COUNT_TO(struct run_arguments, options.seed, 0, INT64_MAX),
     OPTION_GIVEN_TO(struct run_arguments, options.has_seed),
     .sentence = "decides the order of the trials; recorded, and random unless given"},
    {.name = "dry-run",
     .letter = 'n',
     OPTION_FLAG_TO(struct run_arguments, options.dry_run),
     .sentence =
         "print every case, the counts, what the plan can find, and an estimate of time, disk and traffic; "
         "measure nothing"},
    {.name = "resume",
     OPTION_FLAG_TO(struct run_arguments, options.resume),
     .sentence = "continue the configuration's newest unfinished run in the output folder"},
    {.name = "runs",
     .argument = "N",
     OPTION_COUNT_TO(struct run_arguments, runs, 1, RUN_SET_RUNS_MAX),
     .sentence = "make N whole runs of each configuration, each with a record of its own",
     .more =
         "Each run is a process of its own, and each round takes the configurations in random order: what "
         "differs between runs by chance, such as where memory lies, then shows between the records. They "
         "carry the id of their set; with --resume an interrupted set continues. A given seed is that of the "
         "first run, and the others count on from it."},
    {.name = "find",
     .argument = "DIFFERENCE",
     OPTION_TEXT_TO(struct run_arguments, find),
     .sentence = "choose runs and trials so that this difference is found, \"5%\" or a factor, \"1.5\"",
     .more =
         "A slowdown of that size is then found in every resource with a probability of 90%, if runs and "
         "trials differ as they usually do. A number of trials given with --trials stays. With several "
         "configurations or places, those after the first are compared with it from the third round on, and "
         "no more runs are made once every answer is sure; all looks share the error of one comparison."},
    {.name = "budget",
     .argument = "TIME",
     OPTION_TEXT_TO(struct run_arguments, budget),
     .sentence = "choose runs and trials so that all runs together take about this time, \"20min\"",
     .more = "With --find, no more runs than that difference needs."},
    {.name = "retry-noisy",
     .argument = "N",
     OPTION_COUNT_TO(struct run_arguments, options.retry_noisy, 0, 100),
     .sentence = "measure a disturbed trial again, up to N times; all attempts are kept",
     .more =
         "Steal, load of others, page faults and throttling disturb a trial. The disturbed attempts are kept "
         "with it in the record and do not count."},
    {.name = "allow-mismatch",
     OPTION_FLAG_TO(struct run_arguments, allow_mismatch),
     .sentence =
         "measure even where the machine is not what the configuration expects; every trial and the record "
         "say so"},
    {.name = "progress",
     .argument = "MODE",
     OPTION_CHOICE_TO(struct run_arguments, options.progress, progress_mode_name),
     .sentence = "auto, plain (a line per finished case), json (JSON lines on standard output) or none"},
    {.name = "quiet",
     .letter = 'q',
     OPTION_FLAG_TO(struct run_arguments, options.quiet),
     .sentence = "no progress, no table"},
    {.name = "all-metrics",
     OPTION_FLAG_TO(struct run_arguments, options.all_metrics),
     .sentence = "print a row for each metric, not only for the one that a case is judged by"},
    {.name = "details",
     OPTION_FLAG_TO(struct run_arguments, options.details),
     .sentence = "print each warning after the table, not a line for each kind"},
};

static int add_configuration(const struct cli_command *command, struct run_arguments *arguments,
                             const char *name) {
    if (arguments->n_configurations == RUN_CONFIGURATIONS_MAX)
        return command_usage_error(command, "more than %d configurations", RUN_CONFIGURATIONS_MAX);
    arguments->configurations[arguments->n_configurations++] = name;
    return EXIT_DONE;
}

static int collect_configurations(const struct cli_command *command, struct run_arguments *arguments,
                                  const struct words *words) {
    int status = EXIT_DONE;

    for (size_t i = 0; status == EXIT_DONE && i < arguments->given.n_words; i++)
        status = add_configuration(command, arguments, arguments->given.words[i]);
    for (size_t i = 0; status == EXIT_DONE && i < words->n_words; i++)
        status = add_configuration(command, arguments, words->words[i]);
    return status == EXIT_DONE && arguments->n_configurations == 0
               ? add_configuration(command, arguments, "here")
               : status;
}

/* What needs a folder, or standard output for itself, does not go with --output -. */
static int check_standard_output(const struct cli_command *command, const struct run_arguments *arguments) {
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

/* Collects the configurations, and refuses options that do not go together. */
static int settle(const struct cli_command *command, struct run_arguments *arguments,
                  const struct words *words) {
    int status = collect_configurations(command, arguments, words);
    struct vms_error error = {""};

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
    if (arguments->options.quiet && arguments->options.progress != PROGRESS_JSON &&
        arguments->options.progress != PROGRESS_MARKS)
        arguments->options.progress = PROGRESS_NONE;
    return strcmp(arguments->options.output, "-") == 0 ? check_standard_output(command, arguments)
                                                       : EXIT_DONE;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    struct run_arguments *arguments = given;
    struct module_list modules;
    struct vms_error error = {""};
    int status = settle(command, arguments, words);

    if (status == EXIT_DONE && locate_modules(&modules, &error) < 0)
        status = command_fail(command, EXIT_FAILED, "%s", error.text);
    else if (status == EXIT_DONE) {
        status = run_measure(arguments, &modules);
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
    .arguments_size = sizeof(struct run_arguments),
    .defaults = &defaults,
    .statuses =
        (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_MISMATCH, EXIT_INTERRUPTED, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite run --suite machine --runs 3",
                                      "vmsuite run --on local --on cgroup:cpu=50% --runs 4", NULL},
    .run = run,
};
