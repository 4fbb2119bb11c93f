/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/error.h"
#include "cli/fleet.h"
#include "common/locate.h"
#include "fleet/node_state.h"
#include "output/terminal.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

struct arguments {
    const char *nodes, *config, *program;
    struct configuration_overrides overrides;
    struct words options;
    bool pairs;
};

static const struct cli_option option_rows[] = {
    {.name = "nodes",
     .argument = "LIST",
     OPTION_TEXT_TO(struct arguments, nodes),
     .sentence = "the nodes, as Slurm lists them, such as n[1-40],login"},
    {.name = "pairs",
     OPTION_FLAG_TO(struct arguments, pairs),
     .sentence = "measure the network between the first node and the second, the third and the fourth, ...",
     .more = "In both directions, each a job of its own on both nodes: one is the client, the other serves."},
    {.name = "config",
     .argument = "FILE",
     .names = NAMES_CONFIGURATION,
     OPTION_TEXT_TO(struct arguments, config),
     .sentence = "a configuration, as a file or by name (default here)"},
    {.name = "suite",
     .argument = "FILE",
     .names = NAMES_SUITE,
     OPTION_TEXT_TO(struct arguments, overrides.suite),
     .sentence = "a suite, as a file or by name, instead of the configuration's own"},
    {.name = "trials",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, overrides.trials, 1, SUITE_TRIALS_MAX),
     .sentence = "trials of every case, instead of the suite's"},
    {.name = "program",
     .argument = "FILE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, program),
     .sentence =
         "the vmsuite that is installed on the nodes, instead of a bundle of this one; guests need it"},
    {.name = "sbatch",
     .argument = "OPTION",
     OPTION_LIST_TO(struct arguments, options),
     .sentence = "a further option for sbatch with its value, in one word; may be given several times",
     .more = "Such as --sbatch=--time=1:00:00 or --sbatch=--partition=all."},
};

/* What every job would refuse is refused here. */
static int check_configuration(const struct arguments *arguments, const struct configuration *configuration,
                               struct vms_error *error) {
    if (configuration->guest.present && !arguments->program)
        return error_set(error, -EINVAL,
                         "configuration \"%s\" boots guests: a bundle cannot, so name the nodes' own vmsuite "
                         "with --program",
                         configuration->name);
    if (configuration->n_places > 0 || configuration->destroys)
        return error_set(error, -EINVAL, "a fleet's configuration has no \"places\" and no \"destroys\"");
    if (configuration->suite.together)
        return error_set(error, -EINVAL,
                         "suite \"%s\" measures several places at the same time, and a job has one",
                         configuration->suite.name);
    if (arguments->pairs && (configuration->guest.present || configuration->has_peer))
        return error_set(error, -EINVAL, "with --pairs a configuration has no \"guest\" and no \"peer\"");
    if (goal_is_set(&configuration->goal))
        return error_set(
            error, -EINVAL,
            "a fleet's configuration has no \"find\" and no \"budget\": each node or pair is one "
            "run, and more nodes make the answer sharper, not more runs of one");
    return 0;
}

/* Begins a fleet in a folder. */
static int begin(const struct arguments *arguments, const char *path, struct fleet_folder *folder,
                 struct vms_error *error) {
    struct configuration configuration = {0};
    struct module_list modules;
    struct problems problems = {0};
    struct fleet_request request = {.configuration = &configuration,
                                    .program = arguments->program,
                                    .modules = &modules,
                                    .pairs = arguments->pairs};
    int status = locate_modules(&modules, error);

    if (status < 0)
        return status;
    (void)configuration_read(arguments->config ? arguments->config : "here", &arguments->overrides, &modules,
                             &problems, &configuration);
    problems_print(&problems, stderr);
    if (problems.n_problems > 0)
        status = error_set(error, -EINVAL, "nothing was submitted");
    else
        status = check_configuration(arguments, &configuration, error);
    if (status == 0)
        status = slurm_expand(arguments->nodes, &request.names, &request.n_names, error);
    if (status == 0)
        status = fleet_folder_make(path, &request, folder, error);
    problems_done(&problems);
    configuration_done(&configuration);
    module_list_done(&modules);
    return status;
}

/* A fleet that is there already is what it was begun as. */
static int open_folder(const struct cli_command *command, const struct arguments *arguments, const char *path,
                       struct fleet_folder *folder) {
    bool has_more = arguments->nodes || arguments->config || arguments->program || arguments->pairs ||
                    arguments->overrides.suite || arguments->overrides.trials > 0;
    struct vms_error error = {""};
    int status = fleet_folder_read(path, folder, &error);

    if (status == 0 && has_more) {
        fleet_folder_done(folder);
        return command_usage_error(
            command,
            "%s holds a fleet: it goes on as it was begun, without --nodes, --pairs, --config, --suite, "
            "--trials or --program",
            path);
    }
    if (status == 0)
        status = fleet_folder_check(folder->path, &error);
    if (status == 0)
        status = fleet_folder_hold(folder, &error);
    if (status == 0)
        return EXIT_DONE;
    fleet_folder_done(folder);
    if (status != -ENOENT)
        return command_fail(command, EXIT_USAGE, "%s", error.text);
    if (!arguments->nodes)
        return command_usage_error(command, "--nodes must say which nodes are measured");
    status = begin(arguments, path, folder, &error);
    return status < 0 ? command_fail(command, EXIT_USAGE, "%s", error.text) : EXIT_DONE;
}

/* Submits a unit's job where it is neither done nor on its way. A job that was submitted, but not noted, by a
 * submit that was killed is noted. */
static int submit_unit(const struct fleet_folder *folder, const struct fleet_unit *unit,
                       const struct slurm_queue *queue, const struct words *options, size_t *n,
                       struct vms_error *error) {
    struct node_state state;
    bool missing;
    uint64_t id;
    int status = node_state_read(folder, unit, queue, &state, error);

    if (status < 0)
        return status;
    missing = state.phase != NODE_DONE && state.phase != NODE_WAITING && state.phase != NODE_RUNNING;
    if (missing)
        status = fleet_folder_submit(folder, unit, options->words, options->n_words, &id, error);
    else if (!state.is_noted)
        status = fleet_folder_note_job(folder, unit, state.job, error);
    *n += status == 0 && missing;
    node_state_done(&state);
    return status;
}

/* Submits what is missing, and says how much. */
static int submit_missing(const struct fleet_folder *folder, const struct words *options, size_t *ret_n,
                          struct vms_error *error) {
    struct slurm_queue queue = {0};
    int status = slurm_read_queue(folder->name, &queue, error);

    *ret_n = 0;
    for (size_t i = 0; status == 0 && i < folder->n_nodes; i++)
        status = submit_unit(folder, &folder->units[i], &queue, options, ret_n, error);
    slurm_queue_done(&queue);
    return status;
}

/* What follows sbatch's options would be its script. */
static bool are_options(const struct words *options) {
    for (size_t i = 0; i < options->n_words; i++)
        if (strncmp(options->words[i], "--", 2) != 0 || strlen(options->words[i]) == 2)
            return false;
    return true;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    const struct arguments *arguments = given;
    struct fleet_folder folder = {0};
    struct vms_error error = {""};
    size_t n;
    int status;

    if (!are_options(&arguments->options))
        return command_usage_error(command, "--sbatch takes an option in one word, such as --time=1:00:00");
    if (arguments->program && arguments->program[0] != '/')
        return command_usage_error(command, "--program takes an absolute path, which the nodes have");
    if (sodium_init() < 0)
        return command_fail(command, EXIT_FAILED, "libsodium cannot be used here");
    /* Nobody else writes what jobs run from, or what they write: sbatch hands the mask on. */
    (void)umask(umask(0) | S_IWGRP | S_IWOTH);
    status = open_folder(command, arguments, words->words[0], &folder);
    if (status != EXIT_DONE)
        return status;
    if (submit_missing(&folder, &arguments->options, &n, &error) < 0)
        status = command_fail(command, EXIT_FAILED,
                              "%s; what is submitted stays, and the same command goes on", error.text);
    else
        terminal_print(stderr,
                       "fleet %s: %zu of %zu %s submitted; `vmsuite fleet status` says how far they are\n",
                       folder.name, n, folder.n_nodes, folder.pairs ? "directions of pairs" : "nodes");
    fleet_folder_done(&folder);
    return status;
}

const struct cli_command fleet_submit = {
    .name = "fleet submit",
    .summary = "submit one job for each node that has no record yet",
    .usage = (const char *const[]){"--nodes LIST [OPTION...] DIR", "DIR", NULL},
    .description =
        "Begins a fleet in DIR, which all nodes must see under the same path, and submits a job of its "
        "own for each node: a node is measured alone, its record is DIR/records/NODE. The same command "
        "without --nodes submits again what is missing, failed or lost; a run that was begun goes on "
        "where it stopped. With --pairs a record is of two nodes, DIR/records/CLIENT+SERVER.",
    .operands = {.usage = "DIR", .missing = "which folder?", .min = 1, .max = 1, .names = NAMES_FOLDER},
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .examples =
        (const char *const[]){"vmsuite fleet submit --nodes n[1-40] --suite quick /shared/fleet",
                              "vmsuite fleet submit --pairs --nodes n[1-40] --suite net.json /shared/net",
                              "vmsuite fleet submit /shared/fleet", NULL},
    .run = run,
};
