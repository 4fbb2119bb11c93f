/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite module try` and `check`, which both measure with a module in a file. */
#include "base/cleanup.h"
#include "base/text.h"
#include "cli/module.h"
#include "common/signals.h"
#include "files/private.h"
#include "files/tree.h"
#include "process/memory.h"
#include "run/measure.h"
#include "sdk/conformance.h"
#include "sdk/module_file.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

/* Where `try` leaves its records, as run does. */
#define OUTPUT_FOLDER "vmsuite-results"

struct measure_arguments {
    unsigned trials;
    bool details;
};

static const struct measure_arguments once = {.trials = 1}, thrice = {.trials = 3};

#define TRIALS_ROW                                                                                           \
    {                                                                                                        \
        .name = "trials", .argument = "N",                                                                   \
        OPTION_COUNT_TO(struct measure_arguments, trials, 1, SUITE_TRIALS_MAX),                              \
        .sentence = "how many trials a case has"                                                             \
    }

/* Of each command that measures with a module in a file. */
#define MODULE_OPERANDS                                                                                      \
    {                                                                                                        \
        .usage = "FILE.so [NAME=VALUE...]", .missing = "the module's file is needed", .min = 1,              \
        .max = OPERANDS_ANY, .names = NAMES_FILE                                                             \
    }

static const struct cli_option try_rows[] = {
    TRIALS_ROW,
    {.name = "details",
     OPTION_FLAG_TO(struct measure_arguments, details),
     .sentence = "print each warning after the table, not a line for each kind"},
};
static const struct cli_option check_rows[] = {TRIALS_ROW};

/* Measures the module of the first word with the parameters of the others. Returns the exit status. */
static int measure(const struct cli_command *command, const struct module_file *file,
                   const struct words *words, unsigned trials, const struct measure_options *options) {
    struct configuration configuration = {0};
    struct problems problems = {0};
    int status = EXIT_USAGE;

    if (module_file_configure(file, words->words + 1, words->n_words - 1, trials, &problems, &configuration) <
        0)
        problems_print(&problems, stderr);
    else if (signals_catch() < 0)
        status = command_fail(command, EXIT_FAILED, "signals cannot be caught");
    else
        status = measure_configuration(&configuration, &file->modules, options);
    configuration_done(&configuration);
    problems_done(&problems);
    return status;
}

static int run_try(const struct cli_command *command, void *given, const struct words *words) {
    const struct measure_arguments *arguments = given;
    const struct measure_options options = {
        .output = OUTPUT_FOLDER, .details = arguments->details, .all_metrics = true};
    struct module_file file;
    struct vms_error error = {""};
    int status = EXIT_USAGE;

    (void)memory_choose(MEMORY_WAITS); /* its folders are removed at its end only */
    if (module_file_open(words->words[0], &file, &error) < 0)
        (void)command_fail(command, EXIT_USAGE, "%s", error.text);
    else
        status = measure(command, &file, words, arguments->trials, &options);
    module_file_done(&file);
    return status;
}

const struct cli_command module_try = {
    .name = "module try",
    .summary = "measure with the module in a file",
    .description = "Measures one case of the module, with its defaults or the given parameters, without a "
                   "configuration. The record goes where those of a run go.",
    .operands = MODULE_OPERANDS,
    .options = try_rows,
    .n_options = VMS_LENGTH(try_rows),
    .arguments_size = sizeof(struct measure_arguments),
    .defaults = &once,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite module try ./mine.so size=64KiB size=1MiB --trials 3", NULL},
    .run = run_try,
};

/* Judges the one record in the folder. */
static int print_rules(const struct cli_command *command, const struct module_file *file,
                       const char *folder) {
    cleanup_free char *pattern = text_new("%s/*.json", folder);
    struct vms_error error = {"it left no record"};
    glob_t records = {0};
    int n_failed = -1;

    if (pattern && glob(pattern, 0, NULL, &records) == 0 && records.gl_pathc == 1)
        n_failed = conformance_print(file->module, records.gl_pathv[0], &error);
    globfree(&records);
    if (n_failed < 0)
        return command_fail(command, EXIT_FAILED, "%s", error.text);
    printf("%s: %s\n", file->module->name, n_failed == 0 ? "all rules hold" : "not all rules hold");
    return n_failed == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int check(const struct cli_command *command, const struct module_file *file, const struct words *words,
                 unsigned trials) {
    struct vms_error error = {""};
    cleanup_free char *folder = private_folder("/var/tmp", "vmsuite-module-", &error);
    const struct measure_options options = {.output = folder, .quiet = true, .progress = PROGRESS_NONE};
    int status;

    if (!folder)
        return command_fail(command, EXIT_FAILED, "%s", error.text);
    printf("%-6s  loads: ABI %d.%d, workload version %u, parameters: %zu, metrics: %zu\n", "ok",
           file->module->abi_major, file->module->abi_minor, file->module->workload_version,
           file->module->n_params, file->module->n_metrics);
    (void)fflush(stdout);
    status = measure(command, file, words, trials, &options);
    if (status == EXIT_DONE || status == EXIT_FAILED)
        status = print_rules(command, file, folder);
    (void)tree_remove(folder);
    return status;
}

static int run_check(const struct cli_command *command, void *given, const struct words *words) {
    const struct measure_arguments *arguments = given;
    struct module_file file;
    struct vms_error error = {""};
    int status = EXIT_USAGE;

    (void)memory_choose(MEMORY_WAITS); /* its folders are removed at its end only */
    if (module_file_open(words->words[0], &file, &error) < 0)
        (void)command_fail(command, EXIT_USAGE, "%s", error.text);
    else
        status = check(command, &file, words, arguments->trials);
    module_file_done(&file);
    return status;
}

const struct cli_command module_check = {
    .name = "module check",
    .summary = "check the module in a file against the rules for modules",
    .description =
        "Loads the module, measures it with its defaults or the given parameters, and prints a line for "
        "each rule: that it loads, ends well or says what the machine lacks, and reports a headline. Rows "
        "of its tables that were not reported are noted. Nothing is kept.",
    .operands = MODULE_OPERANDS,
    .options = check_rows,
    .n_options = VMS_LENGTH(check_rows),
    .arguments_size = sizeof(struct measure_arguments),
    .defaults = &thrice,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite module check ./mine.so", NULL},
    .run = run_check,
};
