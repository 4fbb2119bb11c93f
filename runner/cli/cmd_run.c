/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/units.h"
#include "cli/command.h"
#include "common/locate.h"
#include "common/signals.h"
#include "documents/claims.h"
#include "guest/boot/measure_guest.h"
#include "run/measure.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

/* Where records go unless --output says otherwise. */
#define OUTPUT_FOLDER "vmsuite-results"
#define CONFIGURATIONS_MAX 64

static const char help[] =
    "usage: vmsuite run [CONFIGURATION...] [OPTION...]\n\n"
    "Measures each configuration with its suite and writes a JSON record. Without a configuration it takes\n"
    "\"here\", which expects nothing, and the suite \"quick\".\n\n"
    "  --config FILE       a configuration, as a file or by name (xen-pv); may be given several times\n"
    "  --suite FILE        a suite, as a file or by name, instead of the configuration's own\n"
    "  --output DIR        where record and journal go (default " OUTPUT_FOLDER
    "); \"-\": the record to stdout\n"
    "  --scratch DIR       where disk cases write (default: the output folder)\n"
    "  --trials N          trials of every case, instead of the suite's\n"
    "  --only GLOB         only the groups or modules that match, such as 'tcp*'\n"
    "  --seed N            decides the order of the trials; recorded, and drawn where it is not given\n"
    "  --dry-run           print every case, the counts and an estimate; measure nothing\n"
    "  --resume            go on with the configuration's newest unfinished run in the output folder\n"
    "  --retry-noisy N     measure a trial that was disturbed again, up to N times; all are kept\n"
    "  --allow-mismatch    measure even where the machine is not what the configuration expects; every "
    "trial\n"
    "                      and the record say so\n"
    "  --progress MODE     auto (default), plain, json (JSON lines on stdout) or none\n"
    "  --quiet             neither progress nor table\n"
    "  --help              this text\n\n"
    "Exit status: 0 done; 1 measured, but something failed; 2 wrong use or bad input; 3 the machine is not "
    "what the\n"
    "configuration expects; 130 interrupted (finished trials are kept).\n";

struct arguments {
    const char *configurations[CONFIGURATIONS_MAX];
    size_t n_configurations;
    bool allow_mismatch;
    struct configuration_overrides overrides;
    struct measure_options options;
};

enum {
    OPT_CONFIG = 256,
    OPT_SUITE,
    OPT_OUTPUT,
    OPT_SCRATCH,
    OPT_TRIALS,
    OPT_ONLY,
    OPT_SEED,
    OPT_DRY_RUN,
    OPT_RESUME,
    OPT_ALLOW_MISMATCH,
    OPT_RETRY_NOISY,
    OPT_PROGRESS,
    OPT_QUIET,
    OPT_HELP
};

static const struct option long_options[] = {{"config", required_argument, NULL, OPT_CONFIG},
                                             {"suite", required_argument, NULL, OPT_SUITE},
                                             {"output", required_argument, NULL, OPT_OUTPUT},
                                             {"scratch", required_argument, NULL, OPT_SCRATCH},
                                             {"trials", required_argument, NULL, OPT_TRIALS},
                                             {"only", required_argument, NULL, OPT_ONLY},
                                             {"seed", required_argument, NULL, OPT_SEED},
                                             {"dry-run", no_argument, NULL, OPT_DRY_RUN},
                                             {"resume", no_argument, NULL, OPT_RESUME},
                                             {"retry-noisy", required_argument, NULL, OPT_RETRY_NOISY},
                                             {"allow-mismatch", no_argument, NULL, OPT_ALLOW_MISMATCH},
                                             {"progress", required_argument, NULL, OPT_PROGRESS},
                                             {"quiet", no_argument, NULL, OPT_QUIET},
                                             {"help", no_argument, NULL, OPT_HELP},
                                             {0}};

static int add_configuration(struct arguments *arguments, const char *name) {
    if (arguments->n_configurations == CONFIGURATIONS_MAX)
        return command_usage_error("run", "more than %d configurations", CONFIGURATIONS_MAX);
    arguments->configurations[arguments->n_configurations++] = name;
    return EXIT_DONE;
}

static int take_number(const char *option, const char *text, uint64_t min, uint64_t max,
                       uint64_t *ret_number) {
    struct vms_error error;

    if (units_parse_count(text, ret_number, &error) < 0)
        return command_usage_error("run", "%s: %s", option, error.text);
    if (*ret_number < min || *ret_number > max)
        return command_usage_error("run", "%s: %s is outside its limits, %ju to %ju", option, text,
                                   (uintmax_t)min, (uintmax_t)max);
    return EXIT_DONE;
}

/* Takes one option; EXIT_DONE, or EXIT_USAGE where it is wrong. */
static int take_option(struct arguments *arguments, int option, const char *value) {
    struct measure_options *options = &arguments->options;
    uint64_t number = 0;
    int status = EXIT_DONE;

    switch (option) {
    case OPT_CONFIG:
        return add_configuration(arguments, value);
    case OPT_SUITE:
        arguments->overrides.suite = value;
        break;
    case OPT_OUTPUT:
        options->output = value;
        break;
    case OPT_SCRATCH:
        arguments->overrides.scratch = value;
        break;
    case OPT_TRIALS:
        status = take_number("--trials", value, 1, SUITE_TRIALS_MAX, &number);
        arguments->overrides.trials = (unsigned)number;
        break;
    case OPT_ONLY:
        arguments->overrides.only = value;
        break;
    case OPT_SEED:
        status = take_number("--seed", value, 0, INT64_MAX, &options->seed);
        options->has_seed = true;
        break;
    case OPT_DRY_RUN:
        options->dry_run = true;
        break;
    case OPT_RESUME:
        options->resume = true;
        break;
    case OPT_RETRY_NOISY:
        status = take_number("--retry-noisy", value, 0, 100, &number);
        options->retry_noisy = (unsigned)number;
        break;
    case OPT_ALLOW_MISMATCH:
        arguments->allow_mismatch = true;
        break;
    case OPT_PROGRESS:
        if (progress_mode_from_name(value, &options->progress) < 0)
            return command_usage_error("run", "--progress: \"%s\" is none of auto, plain, json, none", value);
        break;
    case OPT_QUIET:
        options->quiet = true;
        break;
    default:
        return command_usage_error("run", "an option is unknown or lacks its value");
    }
    return status;
}

/* EXIT_DONE; EXIT_USAGE; or -1 where help was asked for. */
static int parse(int argc, char **argv, struct arguments *arguments) {
    int option, status = EXIT_DONE;

    while (status == EXIT_DONE && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPT_HELP)
            return -1;
        status = take_option(arguments, option, optarg);
    }
    for (int i = optind; status == EXIT_DONE && i < argc; i++)
        status = add_configuration(arguments, argv[i]);
    if (status == EXIT_DONE && arguments->n_configurations == 0)
        status = add_configuration(arguments, "here");
    if (status != EXIT_DONE)
        return status;
    if (arguments->options.quiet && arguments->options.progress != PROGRESS_JSON)
        arguments->options.progress = PROGRESS_NONE;
    if (strcmp(arguments->options.output, "-") == 0) {
        if (arguments->options.resume)
            return command_usage_error("run",
                                       "--resume needs the folder of the unfinished run, not --output -");
        if (arguments->options.progress == PROGRESS_JSON || arguments->n_configurations > 1)
            return command_usage_error("run",
                                       "--output - leaves stdout to one record: no --progress=json, one "
                                       "configuration");
    }
    return status;
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
        fprintf(stderr,
                "vmsuite run: this machine is not what configuration \"%s\" claims; nothing was run.\n%s\n"
                "`vmsuite env` tells more; --allow-mismatch measures all the same and marks every trial.\n",
                configuration->name, configuration->claims.mismatch);
        status = EXIT_MISMATCH;
    }
    return status;
}

/* Reads all configurations before the first is measured, so that a mistake in the last costs nothing. */
static int run_all(const struct arguments *arguments, const struct module_list *modules) {
    struct configuration configurations[CONFIGURATIONS_MAX] = {0};
    struct problems problems = {0};
    int status = EXIT_DONE;
    bool ready;

    for (size_t i = 0; i < arguments->n_configurations; i++)
        (void)configuration_read(arguments->configurations[i], &arguments->overrides, modules, &problems,
                                 &configurations[i]);
    if (problems.n_problems > 0) {
        problems_print(&problems, stderr);
        status = EXIT_USAGE;
    } else if (signals_catch() < 0) {
        perror("vmsuite run: signals");
        status = EXIT_FAILED;
    } else if (!arguments->options.dry_run) {
        status = check_claims(arguments, configurations);
    }
    ready = status == EXIT_DONE;
    for (size_t i = 0; ready && i < arguments->n_configurations && signals_count() == 0; i++) {
        const struct configuration *configuration = &configurations[i];
        int result = configuration->guest.present
                         ? guest_measure(configuration, modules, &arguments->options)
                         : measure_configuration(configuration, modules, &arguments->options);

        status = result > status ? result : status;
    }
    for (size_t i = 0; i < arguments->n_configurations; i++)
        configuration_done(&configurations[i]);
    problems_done(&problems);
    return status;
}

int cmd_run(int argc, char **argv) {
    struct arguments arguments = {.options = {.output = OUTPUT_FOLDER}};
    struct module_list modules;
    struct vms_error error = {""};
    int status = parse(argc, argv, &arguments);

    if (status < 0) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (status != EXIT_DONE)
        return status;
    if (locate_modules(&modules, &error) < 0) {
        fprintf(stderr, "vmsuite run: %s\n", error.text);
        return EXIT_FAILED;
    }
    status = run_all(&arguments, &modules);
    module_list_done(&modules);
    return status;
}
