/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/report.h"
#include "cli/by_label.h"
#include "cli/command.h"
#include "output/terminal.h"
#include "site/site.h"

#include <stdio.h>

struct arguments {
    const char *output, *figures, *baseline, *store, *records, *by;
};

#define PAGE "report.html"
#define SITE "vmsuite-history"

static const struct arguments defaults = {0};

static const struct cli_option option_rows[] = {
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, output),
     .sentence =
         "the page (default " PAGE "); without records: the folder of a store's pages (default " SITE ")"},
    {.name = "store",
     .argument = "STORE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, store),
     .sentence = "show since when the records' cases are slower or faster, from this store, a file or "
                 "postgresql://...",
     .more = "The page then has a section with the history of each case, under the same configuration and on "
             "the same kind of machine. Without records: pages over the whole store, an index with a search, "
             "and a page for each case."},
    {.name = "records",
     .argument = "PREFIX",
     OPTION_TEXT_TO(struct arguments, records),
     .sentence = "for a store's pages: link each record, as PREFIX and its name; PREFIX is such as "
                 "../records/"},
    {.name = "figures",
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct arguments, figures),
     .sentence = "also write each figure's Vega specification with its data into DIR"},
    {.name = "by",
     .argument = "LABEL",
     OPTION_TEXT_TO(struct arguments, by),
     .sentence =
         "compare the hosts that this label of the records names, such as node: what stands out, and a heat "
         "map",
     .more = "As `vmsuite compare --by`; with --output alone."},
    {.name = "baseline",
     .argument = "NAME",
     OPTION_TEXT_TO(struct arguments, baseline),
     .sentence = "the configuration that the others are compared with, instead of the native one"},
};

static int write_all(const struct arguments *arguments, const struct report *report) {
    struct vms_error error = {""};
    int status = report_write_page(arguments->output, report, &error);

    if (status == 0 && arguments->figures)
        status = report_write_figures(arguments->figures, report, &error);
    if (status < 0) {
        terminal_print(stderr, "vmsuite report: %s\n", error.text);
        return EXIT_FAILED;
    }
    terminal_print(stderr, "report: %s\n", arguments->output);
    return EXIT_DONE;
}

static int report_records(const struct arguments *arguments, char **paths, size_t n_paths) {
    struct reader **readers = NULL;
    struct history *history = NULL;
    struct report *report = NULL;
    struct vms_error error = {""};
    int status = reader_open_all(paths, n_paths, &readers, &error);

    if (status == 0)
        status = report_new(readers, n_paths, arguments->baseline, &report, &error);
    if (status == 0 && arguments->store)
        status = history_open(arguments->store, DATABASE_READ, &history, &error);
    if (history)
        status = report_add_history(report, history, &error);
    if (status < 0) {
        terminal_print(stderr, "vmsuite report: %s\n", error.text);
        status = (int)exit_status_of(status);
    } else {
        status = write_all(arguments, report);
    }
    report_free(report);
    history_close(history);
    reader_close_all(readers, n_paths);
    return status;
}

static int report_store(const struct cli_command *command, const struct arguments *arguments) {
    const struct trend_options options = {
        .last = TREND_LAST, .recent = TREND_RECENT, .error = TREND_ERROR, .seed = TREND_SEED};
    const char *folder = arguments->output ? arguments->output : SITE;
    struct history *history = NULL;
    struct vms_error error = {""};
    size_t pages = 0;
    int status = history_open(arguments->store, DATABASE_READ, &history, &error);

    if (status == 0)
        status = site_write(folder, history, &options, arguments->records, &pages, &error);
    history_close(history);
    if (status < 0)
        return command_fail(command, exit_status_of(status), "%s", error.text);
    terminal_print(stderr, "report: %zu pages, %s/index.html\n", pages, folder);
    return EXIT_DONE;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    struct arguments *arguments = given;

    if (arguments->records && (!arguments->store || words->n_words > 0))
        return command_usage_error(command, "--records goes with a store's pages: --store, and no record");
    if (arguments->store && words->n_words == 0 && (arguments->figures || arguments->baseline))
        return command_usage_error(command, "--figures and --baseline go with records");
    if (arguments->store && words->n_words == 0)
        return report_store(command, arguments);
    if (words->n_words == 0)
        return command_usage_error(command, "which record?");
    if (!arguments->output)
        arguments->output = PAGE;
    if (arguments->by && (arguments->store || arguments->figures || arguments->baseline))
        return command_usage_error(command, "--by goes with --output alone");
    if (arguments->by)
        return by_label_report(command, arguments->by, arguments->output, words);
    return report_records(arguments, words->words, words->n_words);
}

const struct cli_command command_report = {
    .name = "report",
    .summary = "make one HTML page of records, with figures",
    .description =
        "Writes one HTML file that shows what the records say, with figures and tables; it opens offline. "
        "Records of one configuration are pooled. Records from several folders are shown as environments "
        "side by side, each under its folder's name.",
    .usage =
        (const char *const[]){"RECORD... [--store STORE] [OPTION...]", "--store STORE [OPTION...]", NULL},
    .operands = {.usage = "RECORD...",
                 .missing = "which record?",
                 .max = OPERANDS_ANY,
                 .names = NAMES_RECORD},
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite report native.json xen-pv.json xen-hvm.json -o page.html",
                                      "vmsuite report native.json kvm.json --store history.db -o page.html",
                                      "vmsuite report --store history.db -o history", NULL},
    .run = run,
};
