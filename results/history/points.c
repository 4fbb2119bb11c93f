/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/points.h"

#include "base/error.h"
#include "base/units.h"
#include "record/value.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <string.h>

static bool matches(const char *pattern, const char *text) {
    return !pattern || fnmatch(pattern, text, 0) == 0;
}

/* A column's text, copied. */
static const char *keep(struct arena *arena, const struct statement *statement, unsigned column) {
    const char *text = statement_text(statement, column);

    return arena_text(arena, text, strlen(text));
}

static int add_series(struct history_list *list, const struct statement *row,
                      const struct history_choice *choice) {
    struct history_series *grown;

    if (!matches(choice->cases, statement_text(row, 2)))
        return 0;
    grown = arena_grow(&list->arena, list->series, list->n, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    list->series = grown;
    grown += list->n++;
    *grown = (struct history_series){.id = statement_whole(row, 0),
                                     .work = statement_whole(row, 1),
                                     .label = keep(&list->arena, row, 2),
                                     .module = keep(&list->arena, row, 3),
                                     .resource = keep(&list->arena, row, 4),
                                     .metric = keep(&list->arena, row, 5)};
    if (units_from_name(statement_text(row, 7), &grown->unit) < 0)
        grown->unit = VMS_RATIO;
    if (value_better_from_name(statement_text(row, 6), &grown->better) < 0)
        grown->better = VMS_NEITHER;
    return grown->label && grown->module && grown->resource && grown->metric ? 0 : -ENOMEM;
}

int history_list_series(struct history *history, const struct history_choice *choice,
                        struct history_list *ret_list, struct vms_error *error) {
    static const char sql[] =
        "SELECT s.id, s.work, w.label, w.module, w.resource, s.metric, s.better, s.unit FROM works w "
        "JOIN series s ON s.work = w.id WHERE ($1 = '' AND s.headline = 1) OR s.metric = $1 "
        "ORDER BY w.resource COLLATE \"C\", w.label COLLATE \"C\", s.id";
    struct statement *statement = NULL;
    int status = database_prepare(history_database(history), sql, &statement, error), step = 0;

    *ret_list = (struct history_list){0};
    if (status < 0)
        return status;
    statement_set_text(statement, 1, choice->metric ? choice->metric : "");
    while (status == 0 && (step = statement_step(statement, error)) == 1)
        status = add_series(ret_list, statement, choice);
    if (status < 0)
        (void)error_memory(error);
    statement_free(statement);
    return status < 0 ? status : step;
}

void history_list_done(struct history_list *list) {
    arena_done(&list->arena);
}

static int add_point(struct history_points *list, const struct statement *row,
                     const struct history_choice *choice) {
    const char **texts[9], *label = statement_text(row, 8);
    struct history_point *point;

    if (!matches(choice->configuration, statement_text(row, 0)) ||
        !matches(choice->machine, statement_text(row, 1)) ||
        (choice->value && strcmp(choice->value, label) != 0))
        return 0;
    point = arena_grow(&list->arena, list->points, list->n, sizeof(*point));
    if (!point)
        return -ENOMEM;
    list->points = point;
    point += list->n++;
    *point = (struct history_point){.run = statement_whole(row, 9),
                                    .environment = statement_whole(row, 10),
                                    .log = statement_real(row, 11),
                                    .mean = statement_real(row, 12),
                                    .median = statement_real(row, 13),
                                    .sd = statement_real(row, 14),
                                    .trials = (unsigned)statement_whole(row, 15),
                                    .noisy = (unsigned)statement_whole(row, 16)};
    texts[0] = &point->configuration;
    texts[1] = &point->machine;
    texts[2] = &point->run_id;
    texts[3] = &point->record;
    texts[4] = &point->started_at;
    texts[5] = &point->kernel;
    texts[6] = &point->hypervisor;
    texts[7] = &point->version;
    texts[8] = &point->label;
    for (unsigned i = 0; i < VMS_LENGTH(texts); i++)
        if (!(*texts[i] = keep(&list->arena, row, i)))
            return -ENOMEM;
    return 0;
}

int history_list_points(struct history *history, int64_t series, const struct history_choice *choice,
                        struct history_points *ret_list, struct vms_error *error) {
    static const char sql[] =
        "SELECT r.configuration, r.machine, r.run_id, r.record, r.started_at, r.kernel, r.hypervisor, r.version, "
        "l.value, r.id, r.environment, f.log, f.mean, f.median, f.sd, f.trials, f.noisy FROM figures f "
        "JOIN runs r ON r.id = f.run LEFT JOIN labels l ON l.run = r.id AND l.name = $1 WHERE f.series = $2 "
        "ORDER BY r.configuration COLLATE \"C\", r.machine COLLATE \"C\", r.started_at COLLATE \"C\", r.id, f.number";
    struct statement *statement = NULL;
    int status = database_prepare(history_database(history), sql, &statement, error), step = 0;

    *ret_list = (struct history_points){0};
    if (status < 0)
        return status;
    statement_set_text(statement, 1, choice->label ? choice->label : "");
    statement_set_whole(statement, 2, series);
    while (status == 0 && (step = statement_step(statement, error)) == 1)
        status = add_point(ret_list, statement, choice);
    if (status < 0)
        (void)error_memory(error);
    statement_free(statement);
    return status < 0 ? status : step;
}

void history_points_done(struct history_points *list) {
    arena_done(&list->arena);
}

size_t history_points_stretch(const struct history_points *list, size_t first) {
    size_t n = 1;

    while (first + n < list->n &&
           strcmp(list->points[first].configuration, list->points[first + n].configuration) == 0 &&
           strcmp(list->points[first].machine, list->points[first + n].machine) == 0)
        n++;
    return n;
}

double point_figure(const struct history_point *point) {
    return isfinite(point->log) ? exp(point->log) : point->mean;
}

double series_loss(const struct history_series *series, double a, double b) {
    if (!(a > 0) || !(b > 0) || series->better == VMS_NEITHER)
        return NAN;
    return series->better == VMS_LOWER ? b / a - 1 : 1 - b / a;
}
