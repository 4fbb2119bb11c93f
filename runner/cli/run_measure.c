/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run_measure.h"

#include "common/exit_status.h"
#include "common/signals.h"
#include "common/store_records.h"
#include "documents/claims.h"
#include "guest/boot/measure_guest.h"
#include "output/terminal.h"
#include "places/place_visits.h"
#include "process/memory.h"
#include "run/set/run_set.h"

#include <string.h>
#include <unistd.h>

/* Holds what the configurations expect against this machine, before anything is measured. */
static int check_claims(const struct run_arguments *arguments, struct configuration *configurations) {
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

/* Runs are repeated on this machine; boots are not. */
static int refuse_guests(const struct run_arguments *arguments, const struct configuration *configurations) {
    for (size_t i = 0; i < arguments->n_configurations; i++) {
        const struct configuration *configuration = &configurations[i];

        if (!configuration->guest.present ||
            (arguments->runs == 0 && !goal_is_set(&arguments->goal) && !goal_is_set(&configuration->goal)))
            continue;
        terminal_print(
            stderr,
            "vmsuite run: --runs, --find and --budget make runs on this machine, and configuration "
            "\"%s\" boots a guest: a study's rounds repeat those\n",
            configuration->name);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

/* Chooses runs and trials where a difference or a budget is given, here or in a configuration. */
static int choose_runs(struct run_arguments *arguments, struct configuration *configurations) {
    size_t n_places = arguments->places.n_places,
           n_sides = n_places > 0 ? n_places : arguments->n_configurations;
    unsigned runs = arguments->runs;

    for (size_t i = 0; i < arguments->n_configurations && arguments->runs == 0; i++) {
        struct configuration *configuration = &configurations[i];
        const struct goal *goal = goal_is_set(&arguments->goal) ? &arguments->goal : &configuration->goal;
        const struct design_rounds rounds = {n_sides, run_places_boot_s(&arguments->places),
                                             arguments->overrides.trials > 0};
        struct vms_error error = {""};
        struct design design;

        if (!goal_is_set(goal) || configuration->guest.present)
            continue;
        if (design_suite(goal, &rounds, &configuration->suite, &design, &error) < 0) {
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
    return refuse_guests(arguments, configurations);
}

/* All runs of a set, in programs of their own: nothing more is to be measured here. */
static int measure_set(const struct run_arguments *arguments, const struct configuration *configurations) {
    const struct run_set_request request = {.output = arguments->options.output,
                                            .configurations = arguments->configurations,
                                            .n_configurations = arguments->n_configurations,
                                            .runs = arguments->runs,
                                            .baseline = configurations[0].name,
                                            .goal = arguments->goal,
                                            .resume = arguments->options.resume};

    if (goal_is_set(&arguments->goal))
        design_print(stderr, &arguments->design, &arguments->goal);
    return run_set_measure(&request);
}

/* The store of the command line, else that of the configuration. */
static struct measure_options options_of(const struct run_arguments *arguments,
                                         const struct configuration *configuration) {
    struct measure_options options = arguments->options;

    if (!options.store)
        options.store = configuration->store;
    return options;
}

/* Asks each store whether it can be written, before the work. */
static int check_stores(const struct run_arguments *arguments, const struct configuration *configurations) {
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

static int measure_at_places(const struct run_arguments *arguments, const struct configuration *configuration,
                             const struct module_list *modules, const struct run_set_member *member) {
    const struct measure_options options = options_of(arguments, configuration);
    const struct measure_places_request request = {.configuration = configuration,
                                                   .places = arguments->places.places,
                                                   .n_places = arguments->places.n_places,
                                                   .peer = arguments->peer ? &arguments->places.peer : NULL,
                                                   .modules = modules,
                                                   .options = &options,
                                                   .allow_mismatch = arguments->allow_mismatch};

    if (arguments->options.dry_run)
        return run_places_dry_run(&request);
    if (member)
        return place_visits_make(&request, member->configuration);
    if (goal_is_set(&arguments->goal))
        design_print(stderr, &arguments->design, &arguments->goal);
    return run_places_measure(&request, arguments->configurations[0], arguments->runs, &arguments->goal);
}

/* One after the other; of a set's member the one that is its. The worst exit status. */
static int measure_each(const struct run_arguments *arguments, const struct configuration *configurations,
                        const struct module_list *modules, const struct run_set_member *member) {
    int status = EXIT_DONE;

    for (size_t i = 0; i < arguments->n_configurations && signals_count() == 0; i++) {
        const struct configuration *configuration = &configurations[i];
        const struct measure_options options = options_of(arguments, configuration);
        int result;

        if (member && i != member->configuration)
            continue;
        if (configuration->guest.present)
            result = guest_measure(configuration, modules, &options, NULL);
        else if (arguments->options.dry_run)
            result = measure_dry_run(configuration, &arguments->options);
        else
            result = measure_configuration(configuration, modules, &options);
        status = result > status ? result : status;
    }
    return status;
}

/* Reads all that is to be measured, and where. The exit status, where it is not EXIT_DONE with a sentence on
 * stderr. */
static int read_all(struct run_arguments *arguments, const struct module_list *modules,
                    struct configuration *configurations) {
    struct problems problems = {0};
    struct vms_error error = {""};
    int status = EXIT_DONE;

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
    }
    problems_done(&problems);
    return status;
}

/* The same of everything before the first trial. */
static int get_ready(struct run_arguments *arguments, const struct module_list *modules, bool is_member,
                     struct configuration *configurations) {
    bool is_dry = arguments->options.dry_run;
    int status = read_all(arguments, modules, configurations);

    if (status == EXIT_DONE && !is_dry && arguments->places.n_places == 0)
        status = check_claims(arguments, configurations);
    if (status == EXIT_DONE && !is_dry && !is_member)
        status = check_stores(arguments, configurations);
    return status == EXIT_DONE ? choose_runs(arguments, configurations) : status;
}

static int measure(struct run_arguments *arguments, const struct configuration *configurations,
                   const struct module_list *modules, const struct run_set_member *member) {
    bool is_dry = arguments->options.dry_run;

    if (!is_dry)
        (void)memory_choose(MEMORY_WAITS);
    else if (goal_is_set(&arguments->goal))
        design_print(stdout, &arguments->design, &arguments->goal);
    if (is_dry)
        arguments->options.set.runs = arguments->runs;
    if (arguments->places.n_places > 0)
        return measure_at_places(arguments, &configurations[0], modules, member);
    return arguments->runs > 0 && !is_dry && !member
               ? measure_set(arguments, configurations)
               : measure_each(arguments, configurations, modules, member);
}

int run_measure(struct run_arguments *arguments, const struct module_list *modules) {
    struct configuration configurations[RUN_CONFIGURATIONS_MAX] = {0};
    struct run_set_member member;
    bool is_member = run_set_read_member(&member);
    int status;

    if (is_member)
        arguments->options.set = member.set;
    status = get_ready(arguments, modules, is_member, configurations);
    if (status == EXIT_DONE)
        status = measure(arguments, configurations, modules, is_member ? &member : NULL);
    for (size_t i = 0; i < arguments->n_configurations; i++)
        configuration_done(&configurations[i]);
    run_places_done(&arguments->places);
    return status;
}
