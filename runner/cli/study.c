/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/error.h"
#include "cli/command.h"
#include "common/locate.h"
#include "common/signals.h"
#include "common/store_records.h"
#include "documents/kind.h"
#include "output/terminal.h"
#include "process/memory.h"
#include "run/files/run_labels.h"
#include "study/deterministic.h"
#include "study/findings.h"
#include "study/folder.h"
#include "study/kinds.h"
#include "study/rounds.h"

#include <sodium.h>
#include <string.h>

struct arguments {
    const char *kinds, *config, *output, *baseline, *policy, *find, *budget, *store;
    struct words labels;
    json_t *label_json;
    struct study_overrides overrides;
    bool clocks[STUDY_CLOCKS], has_clocks;
    uint64_t seed;
    bool has_seed, dry_run, resume, deterministic;
};

static const char *clock_name(size_t index) {
    return index < STUDY_CLOCKS ? study_clock_name((enum study_clock)index) : NULL;
}

static const struct cli_option option_rows[] = {
    {.name = "kinds",
     .argument = "KIND,...",
     OPTION_TEXT_TO(struct arguments, kinds),
     .sentence =
         "what is compared: native, kvm, xen-pv, xen-pvh, xen-hvm, xen-pvhvm: "
         "on a machine that QEMU emulates; qemu-tcg: a guest of QEMU here; LAUNCHER/KIND: another launcher "
         "(kvm/kvm: this machine's KVM); here: this machine, without a guest"},
    {.name = "config",
     .argument = "FILE",
     .names = NAMES_STUDY,
     OPTION_TEXT_TO(struct arguments, config),
     .sentence = "a study document, instead of --kinds",
     .more = "The file study.schema.json describes its shape."},
    {.name = "suite",
     .argument = "FILE",
     .names = NAMES_SUITE,
     OPTION_TEXT_TO(struct arguments, overrides.suite),
     .sentence = "a suite, as a file or by name, instead of the document's; with --kinds it is quick-study "
                 "unless given"},
    {.name = "rounds",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, overrides.rounds, 1, STUDY_ROUNDS_MAX),
     .sentence = "boots of each configuration (default 3 in real time, 1 where instructions are counted)"},
    {.name = "find",
     .argument = "DIFFERENCE",
     OPTION_TEXT_TO(struct arguments, find),
     .sentence =
         "boot as often as it takes to find this difference in real time, \"5%\" or a factor, \"1.5\"",
     .more = "A slowdown of that size is then found in every resource with a probability of 90%, if boots "
             "differ as they usually do. From the third round on the boots so far are compared, and no more "
             "are made once every answer is sure; all looks share the error of one comparison."},
    {.name = "budget",
     .argument = "TIME",
     OPTION_TEXT_TO(struct arguments, budget),
     .sentence = "boot as often as this time allows, \"20min\"; with --find, no more often than it needs"},
    {.name = "clocks",
     .argument = "CLOCK,...",
     OPTION_SET_TO(struct arguments, clocks, clock_name),
     OPTION_GIVEN_TO(struct arguments, has_clocks),
     .sentence =
         "real-time, instructions: what an emulated guest's clock counts; both unless given, in two passes "
         "that are never mixed in one table"},
    {.name = "seed",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, seed, 0, INT64_MAX),
     OPTION_GIVEN_TO(struct arguments, has_seed),
     .sentence = "decides the order of boots; recorded, and random unless given"},
    {.name = "output",
     .letter = 'o',
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, output),
     .sentence = "the study's folder (default vmsuite-study/NAME-TIME)"},
    {.name = "label",
     .argument = "NAME=VALUE",
     OPTION_LIST_TO(struct arguments, labels),
     .sentence = "label the runs in their records, such as commit=1f3a; may be given several times"},
    {.name = "store",
     .argument = "STORE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, store),
     .sentence = "add the study's records to this store, a file or postgresql://..., at its end"},
    {.name = "dry-run",
     .letter = 'n',
     OPTION_FLAG_TO(struct arguments, dry_run),
     .sentence = "print configurations, boots, what they can find, and an estimate; boot nothing"},
    {.name = "resume",
     OPTION_FLAG_TO(struct arguments, resume),
     .sentence = "continue the study in the folder: a boot whose record is complete is not repeated"},
    {.name = "deterministic",
     OPTION_FLAG_TO(struct arguments, deterministic),
     .sentence =
         "count instructions, and write baseline.json: figures that repeat (suite deterministic, unless one "
         "is given)"},
    {.name = "baseline",
     .argument = "NAME",
     OPTION_TEXT_TO(struct arguments, baseline),
     .sentence = "the configuration that the others are compared with (default native, else the first); with "
                 "--deterministic: a file of an earlier study's figures",
     .more =
         "With --deterministic, each figure is compared with the file's, within its tolerance. Exits with 1 "
         "where one is beyond it, either way, naming configuration, case, metric and change. Figures that "
         "have to wait for the real host are not gated. A file of another suite is refused."},
    {.name = "policy",
     .argument = "FILE",
     .names = NAMES_POLICY,
     OPTION_TEXT_TO(struct arguments, policy),
     .sentence =
         "with --deterministic: tolerances of a new baseline, as a file or by name (default deterministic)",
     .more = "Each tolerance has its reason; policy.schema.json describes the shape."},
};

/* What goes together. */
static int settle(const struct cli_command *command, struct arguments *arguments) {
    struct vms_error error = {""};

    if (goal_parse(arguments->find, arguments->budget, &arguments->overrides.goal, &error) < 0)
        return command_usage_error(command, "%s", error.text);
    if (run_labels_parse(arguments->labels.words, arguments->labels.n_words, &arguments->label_json, &error) <
        0)
        return command_usage_error(command, "%s", error.text);
    arguments->overrides.labels = arguments->label_json;
    if (arguments->overrides.rounds > 0 && goal_is_set(&arguments->overrides.goal))
        return command_usage_error(command, "--rounds fixes the number of boots: leave out --find and "
                                            "--budget");
    if (arguments->kinds && arguments->config)
        return command_usage_error(command,
                                   "--kinds and --config are two ways to say what is studied: give one of "
                                   "them");
    if (!arguments->kinds && !arguments->config && !arguments->resume)
        return command_usage_error(command, "say what is studied: --kinds, or a study's file");
    if (arguments->resume && !arguments->output)
        return command_usage_error(command, "--resume: say with --output which folder the study is in");
    if (arguments->policy && !arguments->deterministic)
        return command_usage_error(command, "--policy goes with --deterministic");
    if (arguments->deterministic && arguments->has_clocks)
        return command_usage_error(command, "--deterministic counts instructions: no --clocks");
    if (arguments->deterministic)
        arguments->clocks[STUDY_INSTRUCTIONS] = true;
    if (arguments->deterministic || arguments->has_clocks)
        arguments->overrides.clocks = arguments->clocks;
    if (!arguments->deterministic)
        arguments->overrides.baseline = arguments->baseline;
    if (arguments->has_seed)
        arguments->overrides.seed = &arguments->seed;
    arguments->overrides.otherwise = arguments->deterministic ? "deterministic"
                                     : arguments->kinds       ? "quick-study"
                                                              : NULL;
    return EXIT_DONE;
}

/* The document that the command line means: a file's, or one made of kinds. */
static int find_document(const struct arguments *arguments, struct problems *problems,
                         struct document *ret_document) {
    struct vms_error error = {""};
    cleanup_free char *file = NULL;

    if (arguments->kinds) {
        *ret_document = (struct document){.file = strdup("--kinds"), .problems = problems};
        ret_document->json = kinds_document(arguments->kinds, &error);
        if (ret_document->file && ret_document->json)
            return 0;
        problems_add(problems, "--kinds", 0, NULL, "%s", error.text);
        document_done(ret_document);
        return -EINVAL;
    }
    file = arguments->config ? locate_document("studies", NULL, arguments->config, &error)
                             : folder_document(arguments->output, &error);
    if (!file) {
        problems_add(problems, "study", 0, NULL, "%s", error.text);
        return -EINVAL;
    }
    if (document_read(file, problems, ret_document) < 0)
        return -EINVAL;
    if (kind_expect(ret_document, KIND_STUDY))
        return 0;
    document_done(ret_document);
    return -EINVAL;
}

static int fail(const struct vms_error *error, int status) {
    terminal_print(stderr, "vmsuite study: %s\n", error->text);
    return status;
}

/* Adds all records that the study has. */
static int add_to_store(const char *store, const struct study_run *run, int status) {
    struct record_list records = {0};
    struct vms_error error = {""};
    int result = 0;

    for (size_t i = 0; result == 0 && i < run->study->n_entries; i++)
        for (int clock = 0; result == 0 && clock < STUDY_CLOCKS; clock++)
            if (run->study->entries[i].has[clock])
                result = run_records(run, i, (enum study_clock)clock, &records, &error);
    result = result < 0 ? fail(&error, EXIT_FAILED)
                        : store_records("study", store, records.paths, records.n_paths);
    records_done(&records);
    return result > status ? result : status;
}

/* The gate decides where everything was measured. */
static int answer(const struct arguments *arguments, const struct study_run *run,
                  const struct deterministic *deterministic, int status) {
    struct vms_error error = {""};
    int result = 0;

    run_summary(run);
    for (int clock = 0; result == 0 && clock < STUDY_CLOCKS; clock++)
        result = findings_write(run, (enum study_clock)clock, &error);
    if (result == 0 && arguments->deterministic)
        result = deterministic_answer(deterministic, run, &error);
    if (result < 0)
        return fail(&error, EXIT_FAILED);
    return result > status ? result : status;
}

/* Boots what was prepared, and answers. The exit status. */
static int boot(const struct arguments *arguments, const struct deterministic *deterministic,
                const char *folder, const char *store, struct study_run *run) {
    int status;

    if (signals_catch() < 0)
        return fail(&(struct vms_error){"signals cannot be caught"}, EXIT_FAILED);
    terminal_print(stderr, "study %s: %s\n", run->study->name, folder);
    run->resume = arguments->resume;
    (void)memory_choose(MEMORY_WAITS);
    status = run_boots(run);
    if (status == EXIT_INTERRUPTED) {
        terminal_print(
            stderr,
            "interrupted; finished records are kept: `vmsuite study --resume --output %s` continues\n",
            folder);
        return status;
    }
    status = answer(arguments, run, deterministic, status);
    return store ? add_to_store(store, run, status) : status;
}

/* Everything is read and checked, each against the others, before anything is booted. */
static int run_study(const struct arguments *arguments, struct study *study,
                     const struct module_list *modules) {
    struct deterministic deterministic = {0};
    struct vms_error error = {""};
    struct study_run run = {0};
    const char *store = arguments->store ? arguments->store : study->store;
    cleanup_free char *folder = NULL;
    int status = arguments->deterministic ? deterministic_read(study, arguments->policy, arguments->baseline,
                                                               &deterministic, &error)
                                          : 0;

    if (status == 0)
        status = rounds_choose(study, &error);
    if (status == 0 && store && !arguments->dry_run)
        status =
            store_check("study", store) == EXIT_DONE ? 0 : error_set(&error, -EINVAL, "nothing was booted");
    if (status == 0 && !(folder = folder_name(arguments->output, study->name, &error)))
        status = -ENOMEM;
    if (status == 0 && !arguments->dry_run)
        status = folder_open(folder, study, arguments->resume, &error);
    if (status == 0)
        status = run_prepare(study, modules, folder, &run, &error);
    if (status < 0)
        status = fail(&error, EXIT_USAGE);
    else if (arguments->dry_run)
        run_print(stdout, &run);
    else
        status = boot(arguments, &deterministic, folder, store, &run);
    run_done(&run);
    deterministic_done(&deterministic);
    return status;
}

/* A study that is continued has the seed it was begun with. */
static int take_seed(struct arguments *arguments) {
    struct vms_error error = {""};

    if (!arguments->resume || arguments->overrides.seed || (!arguments->kinds && !arguments->config))
        return EXIT_DONE;
    if (folder_seed(arguments->output, &arguments->seed, &error) < 0)
        return fail(&error, EXIT_USAGE);
    arguments->overrides.seed = &arguments->seed;
    return EXIT_DONE;
}

static int read_and_run(struct arguments *arguments, const struct module_list *modules) {
    struct problems problems = {0};
    struct document document = {0};
    struct study study = {0};
    int status = take_seed(arguments);

    if (status != EXIT_DONE)
        return status;
    if (find_document(arguments, &problems, &document) == 0) {
        (void)study_read(&document, &arguments->overrides, modules, &study);
        document_done(&document);
    }
    if (problems.n_problems > 0) {
        problems_print(&problems, stderr);
        status = EXIT_USAGE;
    } else {
        status = run_study(arguments, &study, modules);
    }
    study_done(&study);
    problems_done(&problems);
    return status;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    struct arguments *arguments = given;
    struct module_list modules;
    struct vms_error error = {""};
    int status;

    if (words->n_words > 0 && arguments->config)
        return command_usage_error(command, "\"%s\" is a second study beside --config %s: give one of them",
                                   words->words[0], arguments->config);
    arguments->config = words->n_words > 0 ? words->words[0] : arguments->config;
    status = settle(command, arguments);
    if (status == EXIT_DONE && sodium_init() < 0)
        status = command_fail(command, EXIT_FAILED, "libsodium cannot be used here");
    if (status == EXIT_DONE && locate_modules(&modules, &error) < 0)
        status = command_fail(command, EXIT_FAILED, "%s", error.text);
    else if (status == EXIT_DONE) {
        status = read_and_run(arguments, &modules);
        module_list_done(&modules);
    }
    json_decref(arguments->label_json);
    return status;
}

const struct cli_command command_study = {
    .name = "study",
    .summary = "boot guests of several configurations, measure a suite in each, compare them",
    .usage = (const char *const[]){"--kinds KIND,... [--suite FILE] [OPTION...]", "STUDY [OPTION...]",
                                   "--resume --output DIR", NULL},
    .description =
        "Boots the guests of several configurations, measures one suite in each, and compares them with the "
        "first. Each round boots each of them once, in random order. STUDY is a file or a name (--config).",
    .operands = {.usage = "[STUDY]", .max = 1, .names = NAMES_STUDY},
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite study --kinds native,kvm,xen-pv,xen-hvm --rounds 2", NULL},
    .run = run,
};
