/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/compare.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "cli/by_label.h"
#include "cli/command.h"
#include "common/locate.h"
#include "compare/formats/formats.h"
#include "compare/gate.h"
#include "compare/load.h"
#include "documents/kind.h"
#include "history/history.h"
#include "output/output.h"
#include "output/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct arguments {
    struct compare_options compare;
    double margin, fail_above; /* NaN where the command line does not say */
    bool strict, gated;
    struct compare_view view;
    struct words metrics;
    unsigned format;
    const char *output, *policy, *store, *by;
    struct words baselines;
};

static const struct arguments defaults = {
    .compare = {.margin = COMPARE_MARGIN, .run_shift = NAN, .seed = 1, .error = COMPARE_ERROR},
    .margin = NAN,
    .fail_above = NAN};

static const struct cli_option option_rows[] = {
    {.name = "baseline",
     .argument = "FILE",
     .names = NAMES_RECORD,
     OPTION_LIST_TO(struct arguments, baselines),
     .sentence = "a further run of the baseline; may be given several times"},
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     OPTION_CHOICE_TO(struct arguments, format, compare_format_name),
     .sentence = "table, markdown, json, csv or junit"},
    OUTPUT_ROW(struct arguments, output),
    {.name = "by",
     .argument = "LABEL",
     OPTION_TEXT_TO(struct arguments, by),
     .sentence =
         "compare the hosts that this label of the records names, such as node; with one configuration or "
         "two",
     .more =
         "Each host counts once, however many runs it has; intervals are those of the hosts' mean, and hosts "
         "that stand out are named. The first record's configuration is the baseline of the other. It takes "
         "--format table or json, --output, and --equivalent-within, here the least difference that stands "
         "out."},
    {.name = "equivalent-within",
     .argument = "SHARE",
     OPTION_SHARE_TO(struct arguments, margin),
     .sentence = "margin within which two figures count as equal (default 3%)"},
    {.name = "fail-above",
     .argument = "SHARE",
     OPTION_SHARE_TO(struct arguments, fail_above),
     OPTION_GIVEN_TO(struct arguments, gated),
     .sentence = "the gate: exit 1 where a loss is above this beyond doubt, such as 5%",
     .more =
         "Exit 4 where a loss is above it, but not beyond doubt. At most one comparison in a hundred fails "
         "though no loss is above the limit."},
    {.name = "policy",
     .argument = "FILE",
     .names = NAMES_POLICY,
     OPTION_TEXT_TO(struct arguments, policy),
     OPTION_GIVEN_TO(struct arguments, gated),
     .sentence = "limits per resource, group, module and metric, as a file or by name",
     .more = "The file policy.schema.json describes it. Options on the command line replace the policy's "
             "defaults, not its rules."},
    {.name = "strict",
     OPTION_FLAG_TO(struct arguments, strict),
     OPTION_GIVEN_TO(struct arguments, gated),
     .sentence = "the gate fails for undecided rows and for cases that could not be compared, too"},
    {.name = "allow-different",
     OPTION_FLAG_TO(struct arguments, compare.allow_different),
     .sentence = "compare cases that are not the same work, too, and mark them"},
    {.name = "details",
     OPTION_FLAG_TO(struct arguments, view.details),
     .sentence = "every case with its interval and p-values, every difference with its values"},
    SPREADSHEET_ROW(struct arguments, view.spreadsheet),
    {.name = "all-metrics",
     OPTION_FLAG_TO(struct arguments, view.all_metrics),
     .sentence = "the other metrics of each case, too; they are shown but not tested"},
    {.name = "why",
     OPTION_FLAG_TO(struct arguments, view.why),
     .sentence = "what goes together with each loss: exits, processor time of the host, stalls",
     .more =
         "In a table and in markdown. Shares are counts of the same runs, not a proof of cause; the suite "
         "why.json measures what exits cost and what time is taken."},
    {.name = "metric",
     .argument = "NAME",
     OPTION_LIST_TO(struct arguments, metrics),
     .sentence = "test this metric beside each case's headline; may be given several times",
     .more = "Each further claim makes all others a little harder to be sure of."},
    {.name = "run-shift",
     .argument = "SHARE",
     OPTION_SHARE_TO(struct arguments, compare.run_shift),
     .sentence = "how far a whole run may be off, where one run does not show it (default 2 to 3%)",
     .more =
         "The median of standard deviations that are thought possible. Several runs of each configuration "
         "show how far they are off, and this is not used."},
    {.name = "store",
     .argument = "STORE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, store),
     .sentence = "learn from the runs of this store how far a single run may be off",
     .more =
         "Earlier runs of the same case on the same kind of machine then take the place of the assumption; "
         "those that are compared do not count. A case about which the store knows too little is compared as "
         "if there were none."},
    {.name = "seed",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, compare.seed, 0, UINT64_MAX),
     .sentence = "seed of the selection where a figure has more than 131072 trials"},
};

static int read_policy(const char *name, struct compare_gate *gate, double *margin) {
    struct problems problems = {0};
    struct document document = {0};
    struct vms_error error = {""};
    cleanup_free char *file = locate_document("policies", NULL, name, &error);
    int status;

    if (!file)
        problems_add(&problems, "--policy", 0, NULL, "%s", error.text);
    else if (document_read(file, &problems, &document) == 0 && kind_expect(&document, KIND_POLICY) &&
             gate_read(document.json, gate, margin, &error) < 0)
        problems_add(&problems, file, 0, NULL, "%s", error.text);
    problems_print(&problems, stderr);
    document_done(&document);
    status = problems.n_problems == 0 ? EXIT_DONE : EXIT_USAGE;
    problems_done(&problems);
    return status;
}

/* What the policy says, and what the command line says instead. Rules stand before both. */
static int settle(struct arguments *arguments, struct compare_gate *ret_gate) {
    int status =
        arguments->policy ? read_policy(arguments->policy, ret_gate, &arguments->compare.margin) : EXIT_DONE;

    if (!isnan(arguments->fail_above))
        ret_gate->fail_above = arguments->fail_above;
    if (!isnan(arguments->margin))
        arguments->compare.margin = arguments->margin;
    ret_gate->strict |= arguments->strict;
    return status;
}

/* The files in the order that compare_load wants: the runs of the baseline first. */
static int load(struct comparison *comparison, const struct arguments *arguments, char *const *files,
                size_t n_files, struct vms_error *error) {
    cleanup_free char **paths = calloc(n_files + arguments->baselines.n_words, sizeof(*paths));

    if (!paths)
        return error_memory(error);
    paths[0] = files[0];
    for (size_t i = 0; i < arguments->baselines.n_words; i++)
        paths[1 + i] = arguments->baselines.words[i];
    for (size_t i = 1; i < n_files; i++)
        paths[arguments->baselines.n_words + i] = files[i];
    return compare_load(comparison, paths, n_files + arguments->baselines.n_words,
                        1 + arguments->baselines.n_words, error);
}

/* Colour is for people at a terminal who have not said no (https://no-color.org). */
static bool wants_colour(const struct arguments *arguments) {
    const char *no_colour = getenv("NO_COLOR");

    return !arguments->output && terminal_takes_codes(STDOUT_FILENO) && !(no_colour && *no_colour);
}

/* Of the terminal that it goes to: what COLUMNS says, as other programs have it, or what the terminal does;
 * 0: it is none. */
static size_t find_columns(const struct arguments *arguments) {
    const char *said = getenv("COLUMNS");
    struct winsize size = {0};

    if (arguments->output || !isatty(STDOUT_FILENO))
        return 0;
    if (said && *said && strspn(said, "0123456789") == strlen(said))
        return strtoul(said, NULL, 10);
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static int write_out(const struct comparison *comparison, const struct arguments *arguments) {
    struct compare_view view = arguments->view;
    struct vms_error error = {""};
    const char *format = compare_format_name(arguments->format);
    const char *path = arguments->output ? arguments->output : OUTPUT_STDOUT;
    struct output output;
    /* The table is made for terminals: it is escaped, and has colours. */
    int status = strcmp(format, "table") == 0 ? output_open_styled(path, &output, &error)
                                              : output_open(path, &output, &error);

    view.colour = wants_colour(arguments);
    view.columns = find_columns(arguments);
    if (status == 0) {
        status = compare_write(output.file, comparison, format, &view, &error);
        status = output_end(&output, status, &error);
    }
    if (status < 0) {
        terminal_print(stderr, "vmsuite compare: %s\n", error.text);
        return EXIT_FAILED;
    }
    /* A gate that compared nothing must not pass. */
    if (comparison->n_rows == 0) {
        terminal_print(stderr, "vmsuite compare: nothing was compared: no case is the same work in both\n");
        return EXIT_USAGE;
    }
    if (!comparison->gate)
        return EXIT_DONE;
    return comparison->gate->outcome == GATE_FAILED         ? EXIT_FAILED
           : comparison->gate->outcome == GATE_INCONCLUSIVE ? EXIT_INCONCLUSIVE
                                                            : EXIT_DONE;
}

/* Takes the rules of `gate` over. */
static int compare(const struct arguments *arguments, struct compare_gate *gate, char *const *files,
                   size_t n_files) {
    struct compare_options options = arguments->compare;
    struct comparison *comparison;
    struct vms_error error = {ERROR_MEMORY};
    int status;

    if (arguments->store &&
        (status = history_open(arguments->store, DATABASE_READ, &options.history, &error)) < 0) {
        gate_done(gate);
        terminal_print(stderr, "vmsuite compare: %s\n", error.text);
        return (int)exit_status_of(status);
    }
    options.metrics = arguments->metrics.words;
    options.n_metrics = arguments->metrics.n_words;
    comparison = compare_new(&options);
    status = comparison ? load(comparison, arguments, files, n_files, &error) : -ENOMEM;
    if (status == 0 && arguments->gated)
        status = gate_apply(comparison, gate, &error);
    else
        gate_done(gate);
    if (status < 0)
        terminal_print(stderr, "vmsuite compare: %s\n", error.text);
    status = status < 0 ? (int)exit_status_of(status) : write_out(comparison, arguments);
    compare_free(comparison);
    history_close(options.history);
    return status;
}

/* What --by has no use for. */
static const char *find_other(const struct arguments *arguments) {
    return arguments->gated                   ? "gate"
           : arguments->store                 ? "--store"
           : arguments->baselines.n_words > 0 ? "--baseline: the first record's configuration is the baseline"
           : arguments->metrics.n_words > 0   ? "--metric"
           : arguments->compare.allow_different   ? "--allow-different"
           : !isnan(arguments->compare.run_shift) ? "--run-shift"
           : arguments->view.details || arguments->view.all_metrics || arguments->view.why
               ? "--details, --all-metrics or --why"
               : NULL;
}

static int compare_hosts(const struct cli_command *command, const struct arguments *arguments,
                         const struct words *words) {
    const char *other = find_other(arguments);

    if (other)
        return command_usage_error(command, "--by takes no %s", other);
    return by_label_compare(
        command, arguments->by, isnan(arguments->margin) ? COMPARE_MARGIN : arguments->margin,
        compare_format_name(arguments->format), arguments->output ? arguments->output : OUTPUT_STDOUT, words);
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    struct arguments *arguments = given;
    struct compare_gate gate = {.fail_above = NAN};
    int status;

    if (arguments->view.spreadsheet && strcmp(compare_format_name(arguments->format), "csv") != 0)
        return command_usage_error(command, SPREADSHEET_ONLY_CSV);
    if (arguments->margin == 0)
        return command_usage_error(command, "--equivalent-within must be more than 0");
    if (arguments->by)
        return compare_hosts(command, arguments, words);
    status = settle(arguments, &gate);
    if (status == EXIT_DONE)
        return compare(arguments, &gate, words->words, words->n_words);
    gate_done(&gate);
    return status;
}

const struct cli_command command_compare = {
    .name = "compare",
    .summary = "say what a configuration costs against a baseline, and how sure that is",
    .description =
        "Compares each other configuration with the baseline: what each resource costs, then the headline "
        "metric of each case, with its 95% interval and a verdict: slower, faster, equivalent, undecided, "
        "or unconfirmed where one run cannot distinguish a loss from the amount by which a whole run may be "
        "off. At most one table in twenty holds a false verdict. Records of one configuration are its runs; "
        "three of each are worth taking. Where all records are of one configuration, the first is the "
        "baseline.",
    .operands =
        {.usage = "BASELINE OTHER...",
         .missing =
             "a baseline and at least one other record are needed; `vmsuite report RECORD` shows one alone",
         .min = 2,
         .max = OPERANDS_ANY,
         .names = NAMES_RECORD},
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_INCONCLUSIVE, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite compare native-*.json kvm-*.json",
                                      "vmsuite compare base-*.json new-*.json --fail-above 5%", NULL},
    .run = run,
};
