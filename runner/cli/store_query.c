/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite store query` and `vmsuite store export`. */
#include "cli/store.h"
#include "common/store_records.h"
#include "history/query.h"
#include "output/output.h"
#include "output/terminal.h"

#include <string.h>

struct arguments {
    const char *store, *output, *label;
    struct query query;
    bool has_last, spreadsheet;
};

static const struct arguments defaults = {0};

#define STORE_ROW                                                                                            \
    {                                                                                                        \
        .name = "store", .argument = "STORE", .names = NAMES_FILE, .required = true,                         \
        OPTION_TEXT_TO(struct arguments, store), .sentence = "a file, or a server: postgresql://..."         \
    }
#define CHOICE_ROWS                                                                                          \
    {.name = "metric",                                                                                       \
     .argument = "PATTERN",                                                                                  \
     OPTION_TEXT_TO(struct arguments, query.choice.metric),                                                  \
     .sentence = "metrics that match instead of each case's headline, such as '* p99'"},                     \
        {.name = "config",                                                                                   \
         .argument = "PATTERN",                                                                              \
         OPTION_TEXT_TO(struct arguments, query.choice.configuration),                                       \
         .sentence = "only configurations that match"},                                                      \
        {.name = "machine",                                                                                  \
         .argument = "PATTERN",                                                                              \
         OPTION_TEXT_TO(struct arguments, query.choice.machine),                                             \
         .sentence = "only kinds of machine that match, such as 'kvm*'"},                                    \
        {.name = "label",                                                                                    \
         .argument = "NAME[=VALUE]",                                                                         \
         OPTION_TEXT_TO(struct arguments, label),                                                            \
         .sentence = "show this label of the runs; with a value, only runs that have it"},                   \
        {.name = "since",                                                                                    \
         .argument = "TIME",                                                                                 \
         OPTION_TEXT_TO(struct arguments, query.choice.since),                                               \
         .sentence = "only runs that began then or later, in UTC: 2026-01-31, or 2026-01-31T12:00:00Z"},     \
        {.name = "until",                                                                                    \
         .argument = "TIME",                                                                                 \
         OPTION_TEXT_TO(struct arguments, query.choice.until),                                               \
         .sentence = "only runs that began before"},                                                         \
        OUTPUT_ROW(struct arguments, output)

static const struct cli_option query_rows[] = {
    STORE_ROW,
    {.name = "case",
     .argument = "PATTERN",
     OPTION_TEXT_TO(struct arguments, query.choice.cases),
     .sentence = "every run of the cases that match, such as 'tcp*', instead of the latest of all"},
    {.name = "last",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, query.last, 1, 100000),
     OPTION_GIVEN_TO(struct arguments, has_last),
     .sentence =
         "the runs before the latest whose median is shown (default 20); with --case: only the last N"},
    {.name = "by",
     .argument = "WHAT",
     OPTION_CHOICE_TO(struct arguments, query.by, history_by_name),
     .sentence =
         "what is compared: runs, or the means of all runs of a label, kernel, hypervisor or version (of "
         "vmsuite)"},
    CHOICE_ROWS,
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     OPTION_CHOICE_TO(struct arguments, query.format, query_format_name),
     .sentence = "table, csv or jsonl"},
    SPREADSHEET_ROW(struct arguments, spreadsheet),
};

static const char *sample_format_name(size_t index) {
    return query_format_name(index + QUERY_CSV);
}

static const struct cli_option export_rows[] = {
    STORE_ROW,
    {.name = "case",
     .argument = "PATTERN",
     OPTION_TEXT_TO(struct arguments, query.choice.cases),
     .sentence = "only cases that match, such as 'tcp*'"},
    CHOICE_ROWS,
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     OPTION_CHOICE_TO(struct arguments, query.format, sample_format_name),
     .sentence = "csv or jsonl"},
    SPREADSHEET_ROW(struct arguments, spreadsheet),
};

typedef int query_writer(FILE *, struct history *, const struct query *, size_t *, struct vms_error *);

static int write_out(struct history *history, const struct arguments *arguments, query_writer *write,
                     size_t *ret_n, struct vms_error *error) {
    struct output output;
    int status = output_open(arguments->output ? arguments->output : OUTPUT_STDOUT, &output, error);

    if (status < 0)
        return status;
    return output_end(&output, write(output.file, history, &arguments->query, ret_n, error), error);
}

static int ask(const struct cli_command *command, struct arguments *arguments, query_writer *write) {
    struct history *history = NULL;
    struct vms_error error = {""};
    size_t n = 0;
    int status;

    if (arguments->spreadsheet && arguments->query.format != QUERY_CSV)
        return command_usage_error(command, SPREADSHEET_ONLY_CSV);
    if (arguments->spreadsheet)
        arguments->query.format = QUERY_SPREADSHEET;
    store_take_label(arguments->label, &arguments->query.choice);
    if (!store_is_time(arguments->query.choice.since) || !store_is_time(arguments->query.choice.until))
        return command_usage_error(command, STORE_TIME_RULE);
    status = history_open(arguments->store, DATABASE_READ, &history, &error);
    if (status == 0)
        status = write_out(history, arguments, write, &n, &error);
    history_close(history);
    if (status < 0)
        return command_fail(command, exit_status_of(status), "%s", error.text);
    if (n == 0)
        terminal_print(stderr, "vmsuite %s: nothing in the store matches\n", command->name);
    return EXIT_DONE;
}

static int run_query(const struct cli_command *command, void *given, const struct words *words) {
    struct arguments *arguments = given;
    bool is_history = arguments->query.choice.cases != NULL;

    (void)words;
    if (arguments->query.by != HISTORY_BY_RUN && is_history)
        return command_usage_error(command,
                                   "--by goes with the latest of all cases, and --case shows each run");
    if (arguments->query.by == HISTORY_BY_LABEL && !arguments->label)
        return command_usage_error(command, "--by label: say which with --label NAME");
    if (!arguments->has_last && !is_history)
        arguments->query.last = QUERY_LAST;
    return ask(command, arguments, is_history ? query_runs : query_latest);
}

static int run_export(const struct cli_command *command, void *given, const struct words *words) {
    struct arguments *arguments = given;

    (void)words;
    arguments->query.format += QUERY_CSV;
    return ask(command, arguments, query_samples);
}

const struct cli_command store_query = {
    .name = "store query",
    .summary = "show the latest figure of each case, or the history of some",
    .description =
        "Shows the latest figure of each case beside the median of the runs before, for each configuration "
        "and kind of machine; with --case, a row for each run.",
    .options = query_rows,
    .n_options = VMS_LENGTH(query_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .examples =
        (const char *const[]){"vmsuite store query --store history.db",
                              "vmsuite store query --store history.db --by label --label commit",
                              "vmsuite store query --store history.db --case 'stream*' --label commit", NULL},
    .run = run_query,
};

const struct cli_command store_export = {
    .name = "store export",
    .summary = "write every value of every trial that a store holds",
    .description = "Writes tidy rows, one for each value of a trial, with what the run was made on.",
    .options = export_rows,
    .n_options = VMS_LENGTH(export_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite store export --store history.db -o samples.csv", NULL},
    .run = run_export,
};
