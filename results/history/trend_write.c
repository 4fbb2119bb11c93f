/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/units.h"
#include "history/query_row.h"
#include "history/trend.h"
#include "output/terminal.h"
#include "record/text/json_writer.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

#define TREND_SCHEMA "vmsuite.trend/1"
#define SPARK_WIDTH 20
#define FACTS_SHOWN 3

static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                     "\u2585", "\u2586", "\u2587", "\u2588"};
static const char *const marks[] = {"_", ".", ",", "-", "~", "+", "*", "#"};

/* The mean of the points that share a column. */
static double column_of(const struct trend_line *line, size_t column, size_t width) {
    size_t first = column * line->n / width, end = (column + 1) * line->n / width;
    double sum = 0;

    for (size_t i = first; i < end; i++)
        sum += trend_height(line, i);
    return sum / (double)(end - first);
}

void trend_spark(const struct trend_line *line, size_t width, bool is_utf8,
                 char ret_text[static 4 * TREND_SPARK_MAX]) {
    const char *const *shapes = is_utf8 ? blocks : marks;
    double least = INFINITY, most = -INFINITY;
    size_t length = 0;

    width = width > line->n ? line->n : width;
    width = width >= TREND_SPARK_MAX ? TREND_SPARK_MAX - 1 : width;
    for (size_t i = 0; i < width; i++) {
        least = fmin(least, column_of(line, i, width));
        most = fmax(most, column_of(line, i, width));
    }
    ret_text[0] = '\0';
    for (size_t i = 0; i < width; i++) {
        double share = most > least ? (column_of(line, i, width) - least) / (most - least) : 0.5;
        const char *shape = shapes[(size_t)fmin(share * 8, 7)];

        memcpy(ret_text + length, shape, strlen(shape) + 1);
        length += strlen(shape);
    }
}

static int print_changes(FILE *file, struct history *history, const struct trend_line *line,
                         struct vms_error *error) {
    for (size_t i = line->changes.n; i > 0; i--) {
        const struct change_point *change = &line->changes.points[i - 1];
        const struct history_point *point = line->trend[change->at].first;
        cleanup_free char *words = NULL;
        char words_of_change[QUERY_CHANGE_SIZE];
        double levels[2];
        int status = trend_facts_words(history, line, change, FACTS_SHOWN, &words, error);

        if (status < 0)
            return status;
        trend_levels(line, change, levels);
        query_change(line->series, levels[0], levels[1], words_of_change);
        terminal_print(file, "      %s since %s%s%s%s%s (%s)\n", words_of_change, point->run->started_at,
                       *point->run->label ? " (" : "", point->run->label, *point->run->label ? ")" : "",
                       *words ? "" : ", nothing known changed on the machine",
                       *words ? words : point->run->record);
    }
    return 0;
}

static int print_line(FILE *file, struct history *history, const struct trend_line *line, bool is_utf8,
                      struct vms_error *error) {
    char spark[4 * TREND_SPARK_MAX], value[UNITS_TEXT_SIZE];

    trend_spark(line, SPARK_WIDTH, is_utf8, spark);
    units_format_value(line->n > 0 ? line->trend[line->n - 1].figure : NAN, line->series->unit, value);
    terminal_print(file, "  %s %s, %s\n      %s latest %s, %zu point%s on %s\n", line->series->label,
                   line->series->metric, line->points.points->run->configuration, spark, value, line->n,
                   line->n == 1 ? "" : "s", line->points.points->run->machine);
    if (!line->is_searched)
        terminal_print(file, "      too few to tell: %d are needed\n", CHANGE_POINT_POINTS_MIN);
    else if (line->changes.n == 0)
        terminal_print(file, "      steady\n");
    return print_changes(file, history, line, error);
}

/* "1 of 12 histories changed. 8 are steady, 3 have too few points to tell (fewer than 8)." */
static void print_summary(FILE *file, const struct trend *trend, bool details) {
    size_t n_changed = 0, n_short = trend->n_lines - trend->n_searched;

    for (size_t i = 0; i < trend->n_lines; i++)
        n_changed += trend->lines[i].changes.n > 0;
    terminal_print(file, "%zu of %zu %s changed", n_changed, trend->n_lines,
                   trend->n_lines == 1 ? "history" : "histories");
    if (trend->n_searched > n_changed)
        terminal_print(file, "; steady: %zu", trend->n_searched - n_changed);
    if (n_short > 0)
        terminal_print(file, "; too few points to tell (fewer than %d): %zu", CHANGE_POINT_POINTS_MIN,
                       n_short);
    terminal_print(file, "%s\n", n_changed == trend->n_lines || details ? "" : " (--details shows them)");
}

/* "Gate failed: 2 of 12 histories became worse within their newest 10 points". */
static void print_gate(FILE *file, const struct trend *trend) {
    const char *noun = trend->n_lines == 1 ? "history" : "histories";
    size_t n_short = trend->n_lines - trend->n_searched;

    switch (trend_gate(trend)) {
    case TREND_FAILED:
        terminal_print(file, "\nGate failed: %zu of %zu %s became worse within the newest %u points\n",
                       trend->n_worse, trend->n_lines, noun, trend->options.recent);
        break;
    case TREND_INCONCLUSIVE:
        terminal_print(file, "\nGate inconclusive: %zu of %zu %s with too few points to tell\n", n_short,
                       trend->n_lines, noun);
        break;
    case TREND_PASSED:
        terminal_print(file, "\nGate passed: of %zu %s none became worse within the newest %u points\n",
                       trend->n_lines, noun, trend->options.recent);
    }
}

int trend_print(FILE *file, struct history *history, const struct trend *trend, const struct trend_view *view,
                struct vms_error *error) {
    const char *resource = "";
    int status = 0;

    if (trend->n_lines > 0)
        print_summary(file, trend, view->details);
    for (size_t i = 0; status == 0 && i < trend->n_lines; i++) {
        const struct trend_line *line = &trend->lines[i];

        if (line->changes.n == 0 && !view->details)
            continue;
        if (strcmp(line->series->resource, resource) != 0) {
            fputc('\n', file);
            terminal_print(file, "%s\n", line->series->resource);
        }
        resource = line->series->resource;
        status = print_line(file, history, line, view->is_utf8, error);
    }
    if (status == 0 && view->gated)
        print_gate(file, trend);
    return status;
}

static json_t *new_change(struct history *history, const struct trend_line *line,
                          const struct change_point *change, struct vms_error *error) {
    const struct history_point *point = line->trend[change->at].first;
    json_auto_t *facts = trend_facts(history, line, change, error);
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "at", json_integer((json_int_t)change->at));
    failed |= value_set(json, "since", value_text(point->run->started_at));
    failed |= value_set(json, "run_id", value_text(point->run->run_id));
    failed |= value_set(json, "record", value_text(point->run->record));
    failed |= value_set(json, "label", value_text(*point->run->label ? point->run->label : NULL));
    failed |= value_set(json, "loss", value_number(trend_loss(line, change)));
    failed |= value_set(
        json, "worse",
        line->series->better == VMS_NEITHER ? json_null() : json_boolean(trend_direction(line, change) > 0));
    failed |= value_set(json, "p", value_number(change->p));
    failed |= json_object_set(json, "facts", facts);
    if (failed && facts)
        (void)error_memory(error);
    return value_finish(json, failed);
}

static json_t *new_figures(const struct trend_line *line) {
    json_t *figures = json_array();
    int failed = 0;

    for (size_t i = 0; i < line->n; i++)
        failed |= json_array_append_new(figures, value_number(line->trend[i].figure));
    return value_finish(figures, failed);
}

static json_t *new_line(struct history *history, const struct trend *trend, const struct trend_line *line,
                        struct vms_error *error) {
    json_t *json = json_object(), *changes = json_array();
    int failed = 0;

    failed |= value_set(json, "case", value_text(line->series->label));
    failed |= value_set(json, "resource", value_text(line->series->resource));
    failed |= value_set(json, "metric", value_text(line->series->metric));
    failed |= value_set(json, "unit", value_text(units_name(line->series->unit)));
    failed |= value_set(json, "better", value_text(value_better_name(line->series->better)));
    failed |= value_set(json, "configuration", value_text(line->points.points->run->configuration));
    failed |= value_set(json, "machine", value_text(line->points.points->run->machine));
    failed |= value_set(json, "status",
                        value_text(!line->is_searched    ? "too-few"
                                   : line->changes.n > 0 ? "changed"
                                                         : "steady"));
    failed |= value_set(json, "recent", json_boolean(trend_is_recent(trend, line)));
    failed |= value_set(json, "figures", new_figures(line));
    for (size_t i = 0; i < line->changes.n && !failed; i++) {
        json_t *change = new_change(history, line, &line->changes.points[i], error);

        failed |= json_array_append_new(changes, change);
    }
    failed |= value_set(json, "changes", changes);
    return value_finish(json, failed);
}

static json_t *new_gate(const struct trend *trend) {
    static const char *const outcomes[] = {
        [TREND_PASSED] = "passed", [TREND_FAILED] = "failed", [TREND_INCONCLUSIVE] = "inconclusive"};
    enum trend_gate outcome = trend_gate(trend);
    json_t *json = json_object();
    int failed = 0;

    failed |= value_set(json, "outcome", json_string(outcomes[outcome]));
    failed |= value_set(json, "passed", json_boolean(outcome == TREND_PASSED));
    failed |= value_set(json, "recent", value_whole(trend->options.recent));
    failed |= value_set(json, "worse", value_whole(trend->n_worse));
    failed |= value_set(json, "too_few", value_whole(trend->n_lines - trend->n_searched));
    return value_finish(json, failed);
}

int trend_write_json(FILE *file, struct history *history, const struct trend *trend, bool gated,
                     struct vms_error *error) {
    json_auto_t *json = json_object();
    json_t *lines = json_array();
    int failed = 0;

    error->text[0] = '\0';
    failed |= value_set(json, "schema", json_string(TREND_SCHEMA));
    failed |= value_set(json, "by", json_string(history_by_name(trend->options.by)));
    failed |= value_set(json, "error", value_number(trend->options.error));
    failed |= value_set(json, "seed", value_whole(trend->options.seed));
    failed |= value_set(json, "searched", json_integer((json_int_t)trend->n_searched));
    failed |= value_set(json, "gate", gated ? new_gate(trend) : json_null());
    for (size_t i = 0; i < trend->n_lines && !failed; i++)
        failed |= json_array_append_new(lines, new_line(history, trend, &trend->lines[i], error));
    failed |= value_set(json, "series", lines);
    if (failed)
        return *error->text ? -EIO : error_memory(error);
    if (json_write(file, json) < 0)
        return error_set(error, -EIO, "cannot write the trend: %s", strerror(errno));
    return 0;
}
