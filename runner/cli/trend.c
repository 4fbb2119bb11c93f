/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/trend.h"
#include "cli/command.h"
#include "common/store_records.h"
#include "output/output.h"
#include "output/terminal.h"

#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *store, *output, *label;
    struct trend_options options;
    bool json, fail_on_change, details;
};

static const struct arguments defaults = {
    .options = {.last = TREND_LAST, .recent = TREND_RECENT, .error = TREND_ERROR, .seed = TREND_SEED}};

static const struct cli_option option_rows[] = {
    {.name = "store",
     .argument = "STORE",
     .names = NAMES_FILE,
     .required = true,
     OPTION_TEXT_TO(struct arguments, store),
     .sentence = "a file, or a server: postgresql://..."},
    {.name = "case",
     .argument = "PATTERN",
     OPTION_TEXT_TO(struct arguments, options.choice.cases),
     .sentence = "only cases that match, such as 'tcp*'"},
    {.name = "metric",
     .argument = "PATTERN",
     OPTION_TEXT_TO(struct arguments, options.choice.metric),
     .sentence = "metrics that match instead of each case's headline, such as '* p99'"},
    {.name = "config",
     .argument = "PATTERN",
     OPTION_TEXT_TO(struct arguments, options.choice.configuration),
     .sentence = "only configurations that match"},
    {.name = "machine",
     .argument = "PATTERN",
     OPTION_TEXT_TO(struct arguments, options.choice.machine),
     .sentence = "only kinds of machine that match, such as 'kvm*'"},
    {.name = "by",
     .argument = "WHAT",
     OPTION_CHOICE_TO(struct arguments, options.by, history_by_name),
     .sentence =
         "what a point is: each run, or all runs of a label, kernel, hypervisor or version (of vmsuite)"},
    {.name = "label",
     .argument = "NAME[=VALUE]",
     OPTION_TEXT_TO(struct arguments, label),
     .sentence =
         "the label that --by label goes by, and that is shown; with a value, only runs that have it"},
    {.name = "since",
     .argument = "TIME",
     OPTION_TEXT_TO(struct arguments, options.choice.since),
     .sentence = "only runs that began then or later, in UTC: 2026-01-31, or 2026-01-31T12:00:00Z"},
    {.name = "until",
     .argument = "TIME",
     OPTION_TEXT_TO(struct arguments, options.choice.until),
     .sentence = "only runs that began before"},
    {.name = "last",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, options.last, CHANGE_POINT_POINTS_MIN, CHANGE_POINT_POINTS_MAX),
     .sentence = "search the newest N points of each history"},
    {.name = "fail-on-change",
     OPTION_FLAG_TO(struct arguments, fail_on_change),
     .sentence = "the gate: exit 1 where the newest change of a history is for the worse, and recent",
     .more = "Exit 4 where nothing is worse, but some history has fewer than 8 points, too few to tell."},
    {.name = "recent",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, options.recent, 1, CHANGE_POINT_POINTS_MAX),
     .sentence = "a change is recent within the newest N points"},
    {.name = "error",
     .argument = "SHARE",
     OPTION_SHARE_TO(struct arguments, options.error),
     .sentence = "how often any change at all may be found where nothing changes"},
    {.name = "seed",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, options.seed, 0, UINT64_MAX),
     .sentence = "seed of the random orders that the figures are compared with"},
    {.name = "details",
     OPTION_FLAG_TO(struct arguments, details),
     .sentence = "show every history, not only those that changed"},
    {.name = "json", OPTION_FLAG_TO(struct arguments, json), .sentence = "write JSON instead"},
    OUTPUT_ROW(struct arguments, output),
};

/* Whether people's terminal takes UTF-8, by the variables that say it. */
static bool takes_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < VMS_LENGTH(names); i++) {
        const char *value = getenv(names[i]);

        if (value && *value)
            return strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
    }
    return false;
}

static int write_out(struct history *history, const struct arguments *arguments, const struct trend *trend,
                     struct vms_error *error) {
    const struct trend_view view = {
        .is_utf8 = takes_utf8(), .details = arguments->details, .gated = arguments->fail_on_change};
    struct output output;
    int status = output_open(arguments->output ? arguments->output : OUTPUT_STDOUT, &output, error);

    if (status < 0)
        return status;
    status = arguments->json ? trend_write_json(output.file, history, trend, arguments->fail_on_change, error)
                             : trend_print(output.file, history, trend, &view, error);
    return output_end(&output, status, error);
}

static int gate(const struct arguments *arguments, const struct trend *trend) {
    if (!arguments->fail_on_change)
        return EXIT_DONE;
    switch (trend_gate(trend)) {
    case TREND_FAILED:
        return EXIT_FAILED;
    case TREND_INCONCLUSIVE:
        return EXIT_INCONCLUSIVE;
    case TREND_PASSED:
        break;
    }
    return EXIT_DONE;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    struct arguments *arguments = given;
    struct history *history = NULL;
    struct vms_error error = {""};
    struct trend trend = {0};
    int status, result;

    (void)words;
    if (!(arguments->options.error > 0 && arguments->options.error < 1))
        return command_usage_error(command, "--error must be between 0%% and 100%%");
    store_take_label(arguments->label, &arguments->options.choice);
    if (arguments->options.by == HISTORY_BY_LABEL && !arguments->options.choice.label)
        return command_usage_error(command, "--by label: say which with --label NAME");
    if (!store_is_time(arguments->options.choice.since) || !store_is_time(arguments->options.choice.until))
        return command_usage_error(command, STORE_TIME_RULE);
    status = history_open(arguments->store, DATABASE_READ, &history, &error);
    if (status == 0)
        status = trend_find(history, &arguments->options, &trend, &error);
    if (status == 0)
        status = write_out(history, arguments, &trend, &error);
    result = status < 0 ? command_fail(command, exit_status_of(status), "%s", error.text)
                        : gate(arguments, &trend);
    if (status == 0 && trend.n_lines == 0)
        terminal_print(stderr, "vmsuite trend: nothing in the store matches\n");
    trend_done(&trend);
    history_close(history);
    return result;
}

const struct cli_command command_trend = {
    .name = "trend",
    .summary = "say since when a case is slower or faster",
    .description =
        "Searches the histories of a store for changes (E-divisive, docs/store.md): for each case, "
        "configuration and kind of machine how much, since when, and what else changed on the machine then. "
        "Where nothing changes, one store in twenty still shows a change, however many cases it has.",
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_INCONCLUSIVE, EXIT_DONE},
    .examples =
        (const char *const[]){"vmsuite trend --store history.db",
                              "vmsuite trend --store history.db --case 'tcp*' --fail-on-change", NULL},
    .run = run,
};
