/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was measured, compared with a baseline. */
#include "study/baseline.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "output/terminal.h"
#include "record/json.h"
#include "stats/stats.h"

#include <math.h>
#include <string.h>

/* What makes two figures those of the same work; beside it stand the values. */
static const char *const identity_keys[] = {"group",  "resource", "module", "workload_version",
                                            "params", "path",     "metric", "unit"};
/* What of a configuration explains a change. */
static const char *const context_keys[] = {"virtualization", "kernel", "command_line", "appliance"};

struct hold {
    FILE *file;
    const char *configuration;
    struct baseline_verdict verdict;
};

static const json_t *find_configuration(const json_t *baseline, const char *name) {
    const json_t *configuration;
    size_t index;

    json_array_foreach (json_object_get(baseline, "configurations"), index, configuration)
        if (strcmp(json_text(configuration, "configuration"), name) == 0)
            return configuration;
    return NULL;
}

static const json_t *find_figure(const json_t *configuration, const json_t *wanted) {
    const json_t *figure;
    size_t index;

    json_array_foreach (json_object_get(configuration, "figures"), index, figure) {
        bool same = true;

        for (size_t i = 0; i < VMS_LENGTH(identity_keys); i++)
            same &= json_equal(json_object_get(figure, identity_keys[i]),
                               json_object_get(wanted, identity_keys[i]));
        if (same)
            return figure;
    }
    return NULL;
}

/* Over the boots; NaN where there is none. */
static double median_of(const json_t *figure) {
    const json_t *array = json_object_get(figure, "values"), *value;
    cleanup_free double *values = calloc(json_array_size(array) + 1, sizeof(*values));
    struct stats_distribution distribution;
    size_t index;

    if (!values || json_array_size(array) == 0)
        return NAN;
    json_array_foreach (array, index, value)
        values[index] = json_number_value(value);
    stats_distribute(values, json_array_size(array), &distribution);
    return distribution.quantiles[1];
}

static void format(const json_t *figure, double value, char ret_text[static UNITS_TEXT_SIZE]) {
    enum vms_unit unit;

    if (units_from_name(json_text(figure, "unit"), &unit) == 0)
        units_format_value(value, unit, ret_text);
    else
        (void)snprintf(ret_text, UNITS_TEXT_SIZE, "%.6g", value);
}

static void report(struct hold *hold, const char *word, const json_t *figure) {
    terminal_print(hold->file, "  %-8s %s: %s %s", word, hold->configuration, json_text(figure, "case"),
                   json_text(figure, "metric"));
}

static void hold_figure(struct hold *hold, const json_t *wanted, const json_t *now) {
    const json_t *tolerance = json_object_get(wanted, "tolerance");
    const json_t *figure = find_figure(now, wanted);
    double before = median_of(wanted), after = figure ? median_of(figure) : (double)NAN, change;
    char texts[2][UNITS_TEXT_SIZE];

    if (!json_is_number(tolerance)) {
        hold->verdict.n_free++;
        return;
    }
    if (!isfinite(after)) {
        hold->verdict.n_missing++;
        report(hold, "MISSING", wanted);
        fputs(": not measured, or not the same work\n", hold->file);
        return;
    }
    change = after == before ? 0 : after / before - 1;
    if (fabs(change) <= json_number_value(tolerance)) {
        hold->verdict.n_held++;
        return;
    }
    hold->verdict.n_changed++;
    format(wanted, before, texts[0]);
    format(wanted, after, texts[1]);
    report(hold, "CHANGED", wanted);
    terminal_print(hold->file, ": %s, was %s: ", texts[1], texts[0]);
    if (before > 0)
        terminal_print(hold->file, "%+.2f%%, ", 100 * change);
    terminal_print(hold->file, "tolerated %.3g%%\n", 100 * json_number_value(tolerance));
}

static void report_context(const struct hold *hold, const json_t *wanted, const json_t *now) {
    for (size_t i = 0; i < VMS_LENGTH(context_keys); i++) {
        const char *before = json_text(wanted, context_keys[i]), *after = json_text(now, context_keys[i]);

        if (*after && strcmp(before, after) != 0)
            terminal_print(hold->file, "  also different in %s: %s \"%s\", was \"%s\"\n", hold->configuration,
                           context_keys[i], after, before);
    }
}

static void hold_configuration(struct hold *hold, const json_t *baseline, const json_t *now) {
    const json_t *wanted, *figure;
    size_t index;

    hold->configuration = json_text(now, "configuration");
    wanted = find_configuration(baseline, hold->configuration);
    if (!wanted) {
        hold->verdict.n_missing++;
        terminal_print(hold->file, "  MISSING  %s: the baseline lacks it: write a new one\n",
                       hold->configuration);
        return;
    }
    json_array_foreach (json_object_get(wanted, "figures"), index, figure)
        hold_figure(hold, figure, now);
    report_context(hold, wanted, now);
}

bool baseline_hold(FILE *file, const json_t *baseline, const json_t *now,
                   struct baseline_verdict *ret_verdict) {
    struct hold hold = {.file = file};
    const json_t *configuration;
    size_t index;
    bool passed;

    json_array_foreach (json_object_get(now, "configurations"), index, configuration)
        hold_configuration(&hold, baseline, configuration);
    json_array_foreach (json_object_get(baseline, "configurations"), index, configuration)
        if (!find_configuration(now, json_text(configuration, "configuration")))
            terminal_print(file, "  left out: %s, which is not in this study\n",
                           json_text(configuration, "configuration"));
    passed = hold.verdict.n_changed == 0 && hold.verdict.n_missing == 0 && hold.verdict.n_held > 0;
    terminal_print(file,
                   "deterministic gate %s: %zu figure%s held, %zu changed, %zu missing, %zu not gated\n",
                   passed ? "passed" : "FAILED", hold.verdict.n_held, hold.verdict.n_held == 1 ? "" : "s",
                   hold.verdict.n_changed, hold.verdict.n_missing, hold.verdict.n_free);
    *ret_verdict = hold.verdict;
    return passed;
}
