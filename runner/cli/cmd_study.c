/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/units.h"
#include "cli/command.h"
#include "common/locate.h"
#include "common/signals.h"
#include "study/answer.h"
#include "study/deterministic.h"
#include "study/folder.h"
#include "study/kinds.h"

#include <getopt.h>
#include <sodium.h>
#include <string.h>

static const char help[] =
    "usage: vmsuite study --kinds KIND,... [--suite FILE] [OPTION...]\n"
    "       vmsuite study --config FILE [OPTION...]\n"
    "       vmsuite study --resume --output DIR\n\n"
    "Boots the guests of several configurations, measures one suite in each, and compares them with the\n"
    "first. In every round each configuration is booted once, in random order: one boot, one record.\n\n"
    "  --kinds KIND,...    native, kvm, xen-pv, xen-pvh, xen-hvm, xen-pvhvm: on a machine that QEMU "
    "emulates;\n"
    "                      qemu-tcg: a guest of QEMU here; LAUNCHER/KIND: another launcher (kvm/kvm: this\n"
    "                      machine's KVM); here: this machine, without a guest\n"
    "  --config FILE       a study document, instead of --kinds\n"
    "  --suite FILE        a suite, as a file or by name (with --kinds: santos-2008-small)\n"
    "  --rounds N          boots of each configuration (default 1)\n"
    "  --clocks CLOCK,...  real-time, instructions (what an emulated guest's clock counts); default both, "
    "in\n"
    "                      two passes that never stand in one table\n"
    "  --seed N            decides the order of boots; recorded, and drawn where it is not given\n"
    "  --output DIR        the study's folder (default: vmsuite-study/NAME-TIME)\n"
    "  --dry-run           print configurations, boots and an estimate; boot nothing\n"
    "  --resume            go on with the study in the folder: a boot whose record is whole is not repeated\n"
    "  --deterministic     count instructions, and write baseline.json: figures that repeat (suite\n"
    "                      deterministic)\n"
    "  --baseline FILE     with --deterministic: hold the figures against that file, each within its "
    "tolerance\n"
    "  --policy FILE       with --deterministic: tolerances of a new baseline, as a file or by name "
    "(default\n"
    "                      deterministic)\n"
    "  --help              this text\n\n"
    "Exit status: 0 done; 1 a guest or a case failed, or a figure is not that of the baseline (the study\n"
    "has gone on with the rest); 2 wrong use or bad input, nothing was booted; 130 interrupted (finished\n"
    "records are kept).\n";

struct options {
    const char *kinds, *config, *output, *baseline, *policy;
    struct study_overrides overrides;
    bool clocks[STUDY_CLOCKS];
    uint64_t seed;
    bool dry_run, resume, deterministic, help;
};

static int set_clocks(struct options *options, const char *list) {
    cleanup_free char *words = strdup(list);
    char *rest = words;

    for (char *word = strsep(&rest, ","); word; word = strsep(&rest, ",")) {
        bool known = false;

        for (int i = 0; i < STUDY_CLOCKS; i++)
            if (strcmp(word, study_clock_name((enum study_clock)i)) == 0)
                options->clocks[i] = known = true;
        if (!known)
            return command_usage_error("study", "--clocks: \"%s\" is neither real-time nor instructions",
                                       word);
    }
    options->overrides.clocks = options->clocks;
    return EXIT_DONE;
}

static int set_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *ret) {
    struct vms_error error = {""};

    if (units_parse_count(text, ret, &error) < 0)
        return command_usage_error("study", "%s: %s", option, error.text);
    if (*ret < min || *ret > max)
        return command_usage_error("study", "%s: %s is outside its limits, %ju to %ju", option, text,
                                   (uintmax_t)min, (uintmax_t)max);
    return EXIT_DONE;
}

static int set_option(struct options *options, int option) {
    uint64_t number = 0;
    int status = EXIT_DONE;

    switch (option) {
    case 'k':
        options->kinds = optarg;
        break;
    case 'c':
        options->config = optarg;
        break;
    case 's':
        options->overrides.suite = optarg;
        break;
    case 'r':
        status = set_number("--rounds", optarg, 1, STUDY_ROUNDS_MAX, &number);
        options->overrides.rounds = (unsigned)number;
        break;
    case 'C':
        return set_clocks(options, optarg);
    case 'S':
        options->overrides.seed = &options->seed;
        return set_number("--seed", optarg, 0, INT64_MAX, &options->seed);
    case 'o':
        options->output = optarg;
        break;
    case 'n':
        options->dry_run = true;
        break;
    case 'R':
        options->resume = true;
        break;
    case 'd':
        options->deterministic = true;
        break;
    case 'b':
        options->baseline = optarg;
        break;
    case 'p':
        options->policy = optarg;
        break;
    case 'h':
        options->help = true;
        break;
    default:
        return command_usage_error("study", "an option is unknown or lacks its value");
    }
    return status;
}

/* What goes together. */
static int settle(struct options *options, int n_words) {
    if (n_words > 0)
        return command_usage_error("study", "every word is an option's: there is one too many");
    if (options->kinds && options->config)
        return command_usage_error("study",
                                   "--kinds and --config are two ways to say what is studied: take one");
    if (!options->kinds && !options->config && !options->resume)
        return command_usage_error("study", "say what is studied: --kinds or --config");
    if (options->resume && !options->output)
        return command_usage_error("study", "--resume: say with --output which folder the study is in");
    if ((options->baseline || options->policy) && !options->deterministic)
        return command_usage_error("study", "--baseline and --policy go with --deterministic");
    if (options->deterministic && options->overrides.clocks)
        return command_usage_error("study", "--deterministic counts instructions: no --clocks");
    if (options->deterministic) {
        options->clocks[STUDY_INSTRUCTIONS] = true;
        options->overrides.clocks = options->clocks;
    }
    options->overrides.otherwise = options->deterministic ? "deterministic"
                                   : options->kinds       ? "santos-2008-small"
                                                          : NULL;
    return EXIT_DONE;
}

static int parse_options(int argc, char **argv, struct options *options) {
    static const struct option known[] = {
        {"kinds", required_argument, NULL, 'k'},    {"config", required_argument, NULL, 'c'},
        {"suite", required_argument, NULL, 's'},    {"rounds", required_argument, NULL, 'r'},
        {"clocks", required_argument, NULL, 'C'},   {"seed", required_argument, NULL, 'S'},
        {"output", required_argument, NULL, 'o'},   {"dry-run", no_argument, NULL, 'n'},
        {"resume", no_argument, NULL, 'R'},         {"deterministic", no_argument, NULL, 'd'},
        {"baseline", required_argument, NULL, 'b'}, {"policy", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},           {0}};
    int option, status = EXIT_DONE;

    optind = 1;
    while (status == EXIT_DONE && !options->help && (option = getopt_long(argc, argv, "", known, NULL)) != -1)
        status = set_option(options, option);
    return status != EXIT_DONE || options->help ? status : settle(options, argc - optind);
}

/* The document that the command line means: a file's, or one made of kinds. */
static int find_document(const struct options *options, struct problems *problems,
                         struct document *ret_document) {
    struct vms_error error = {""};
    cleanup_free char *file = NULL;

    if (options->kinds) {
        *ret_document = (struct document){.file = strdup("--kinds"), .problems = problems};
        ret_document->json = kinds_document(options->kinds, &error);
        if (ret_document->file && ret_document->json)
            return 0;
        problems_add(problems, "--kinds", 0, NULL, "%s", error.text);
        document_done(ret_document);
        return -EINVAL;
    }
    file = options->config ? locate_document("studies", options->config, &error)
                           : folder_document(options->output, &error);
    if (!file) {
        problems_add(problems, "study", 0, NULL, "%s", error.text);
        return -EINVAL;
    }
    return document_read(file, problems, ret_document);
}

static int fail(const struct vms_error *error, int status) {
    fprintf(stderr, "vmsuite study: %s\n", error->text);
    return status;
}

/* The gate decides where everything was measured. */
static int answer(const struct options *options, const struct study_run *run,
                  const struct deterministic *deterministic, int status) {
    struct vms_error error = {""};
    int result = 0;

    run_summary(run);
    for (int clock = 0; result == 0 && clock < STUDY_CLOCKS; clock++)
        result = answer_write(run, (enum study_clock)clock, &error);
    if (result == 0 && options->deterministic)
        result = deterministic_answer(deterministic, run, &error);
    if (result < 0)
        return fail(&error, EXIT_FAILED);
    return result > status ? result : status;
}

/* Everything is read and held against each other before anything is booted. */
static int run_study(const struct options *options, struct study *study, const struct module_list *modules) {
    struct deterministic deterministic = {0};
    struct vms_error error = {""};
    struct study_run run = {0};
    cleanup_free char *folder = NULL;
    int status = options->deterministic
                     ? deterministic_read(study, options->policy, options->baseline, &deterministic, &error)
                     : 0;

    if (status == 0)
        folder = folder_name(options->output, study->name, &error);
    if (status == 0 && !options->dry_run)
        status = folder ? folder_open(folder, study, options->resume, &error) : -ENOMEM;
    if (status == 0)
        status = run_prepare(study, modules, folder, &run, &error);
    if (status < 0) {
        deterministic_done(&deterministic);
        return fail(&error, EXIT_USAGE);
    }
    if (options->dry_run) {
        run_print(stdout, &run);
    } else if (signals_catch() < 0) {
        status = fail(&(struct vms_error){"signals cannot be caught"}, EXIT_FAILED);
    } else {
        fprintf(stderr, "study %s: %s\n", study->name, folder);
        status = run_boots(&run);
        if (status == EXIT_INTERRUPTED)
            fprintf(stderr,
                    "interrupted; finished records are kept: `vmsuite study --resume --output %s` goes on\n",
                    folder);
        else
            status = answer(options, &run, &deterministic, status);
    }
    run_done(&run);
    deterministic_done(&deterministic);
    return status;
}

/* A study that is gone on with has the seed it was begun with. */
static int take_seed(struct options *options) {
    struct vms_error error = {""};

    if (!options->resume || options->overrides.seed || (!options->kinds && !options->config))
        return EXIT_DONE;
    if (folder_seed(options->output, &options->seed, &error) < 0)
        return fail(&error, EXIT_USAGE);
    options->overrides.seed = &options->seed;
    return EXIT_DONE;
}

static int read_and_run(struct options *options, const struct module_list *modules) {
    struct problems problems = {0};
    struct document document = {0};
    struct study study = {0};
    int status = take_seed(options);

    if (status != EXIT_DONE)
        return status;
    if (find_document(options, &problems, &document) == 0) {
        (void)study_read(&document, &options->overrides, modules, &study);
        document_done(&document);
    }
    if (problems.n_problems > 0) {
        problems_print(&problems, stderr);
        status = EXIT_USAGE;
    } else {
        status = run_study(options, &study, modules);
    }
    study_done(&study);
    problems_done(&problems);
    return status;
}

int cmd_study(int argc, char **argv) {
    struct options options = {0};
    struct module_list modules;
    struct vms_error error = {""};
    int status = parse_options(argc, argv, &options);

    if (status != EXIT_DONE)
        return status;
    if (options.help) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (sodium_init() < 0 || locate_modules(&modules, &error) < 0)
        return fail(&error, EXIT_FAILED);
    status = read_and_run(&options, &modules);
    module_list_done(&modules);
    return status;
}
