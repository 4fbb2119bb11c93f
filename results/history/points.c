/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/points.h"

#include "base/error.h"
#include "base/units.h"
#include "record/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A column's text, copied. */
static const char *keep(struct arena *arena, const struct statement *statement, unsigned column) {
    const char *text = statement_text(statement, column);

    return arena_text(arena, text, strlen(text));
}

static int add_series(struct history_list *list, const struct statement *row,
                      const struct history_choice *choice) {
    struct history_series *grown;

    if (!history_matches(choice->cases, statement_text(row, 2)) ||
        !history_matches(choice->metric, statement_text(row, 5)) ||
        (!choice->metric && !statement_whole(row, 8)))
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

static int read_series(struct history *history, const struct history_choice *choice,
                       struct history_list *list, struct vms_error *error) {
    static const char sql[] =
        "SELECT s.id, s.work, w.label, w.module, w.resource, s.metric, s.better, s.unit, s.headline FROM "
        "works w "
        "JOIN series s ON s.work = w.id ORDER BY w.resource COLLATE \"C\", w.label COLLATE \"C\", s.id";
    struct statement *statement = NULL;
    int status = database_prepare(history_database(history), sql, &statement, error), step = 0;

    if (status < 0)
        return status;
    while (status == 0 && (step = statement_step(statement, error)) == 1)
        status = add_series(list, statement, choice);
    if (status < 0)
        (void)error_memory(error);
    statement_free(statement);
    return status < 0 ? status : step;
}

int history_list_read(struct history *history, const struct history_choice *choice,
                      struct history_list *ret_list, struct vms_error *error) {
    int status;

    *ret_list = (struct history_list){0};
    status = read_series(history, choice, ret_list, error);
    return status < 0 || ret_list->n == 0 ? status
                                          : history_runs_read(history, choice, &ret_list->runs, error);
}

void history_list_done(struct history_list *list) {
    arena_done(&list->arena);
    history_runs_done(&list->runs);
}

static int add_point(struct history_points *points, const struct history_run *run,
                     const struct statement *row) {
    struct history_point *point = arena_grow(&points->arena, points->points, points->n, sizeof(*point));

    if (!point)
        return -ENOMEM;
    points->points = point;
    point[points->n++] = (struct history_point){.run = run,
                                                .number = statement_whole(row, 1),
                                                .log = statement_real(row, 2),
                                                .mean = statement_real(row, 3),
                                                .median = statement_real(row, 4),
                                                .sd = statement_real(row, 5),
                                                .trials = (unsigned)statement_whole(row, 6),
                                                .noisy = (unsigned)statement_whole(row, 7)};
    return 0;
}

/* The runs of a list are in order of their histories. */
static int compare_points(const void *a, const void *b) {
    const struct history_point *x = a, *y = b;

    return x->run != y->run ? (x->run > y->run) - (x->run < y->run)
                            : (x->number > y->number) - (x->number < y->number);
}

int history_points_read(struct history *history, const struct history_list *list, int64_t series,
                        struct history_points *ret_points, struct vms_error *error) {
    static const char sql[] =
        "SELECT run, number, log, mean, median, sd, trials, noisy FROM figures WHERE series = $1 "
        "ORDER BY run, number";
    struct statement *statement = NULL;
    int status = database_prepare(history_database(history), sql, &statement, error), step = 0;

    *ret_points = (struct history_points){0};
    if (status < 0)
        return status;
    statement_set_whole(statement, 1, series);
    while (status == 0 && (step = statement_step(statement, error)) == 1) {
        const struct history_run *run = history_runs_find(&list->runs, statement_whole(statement, 0));

        status = run ? add_point(ret_points, run, statement) : 0;
    }
    if (status < 0)
        (void)error_memory(error);
    statement_free(statement);
    if (ret_points->n > 0)
        history_sort(ret_points->points, ret_points->n, sizeof(*ret_points->points), compare_points);
    return status < 0 ? status : step;
}

void history_points_done(struct history_points *points) {
    arena_done(&points->arena);
}

const struct history_point *history_points_find(const struct history_points *points,
                                                const struct history_run *run, int64_t number) {
    const struct history_point key = {.run = run, .number = number};

    return points->n > 0 ? bsearch(&key, points->points, points->n, sizeof(key), compare_points) : NULL;
}

size_t history_points_stretch(const struct history_points *points, size_t first) {
    const struct history_run *run = points->points[first].run, *next;
    size_t n = 1;

    for (; first + n < points->n; n++) {
        next = points->points[first + n].run;
        if (strcmp(run->configuration, next->configuration) != 0 || strcmp(run->machine, next->machine) != 0)
            break;
    }
    return n;
}

double point_figure(const struct history_point *point) {
    return isfinite(point->log) ? exp(point->log) : point->mean;
}

double series_loss(const struct history_series *series, double a, double b) {
    if (!(a > 0) || !(b >= 0) || series->better == VMS_NEITHER)
        return NAN;
    return series->better == VMS_LOWER ? b / a - 1 : 1 - b / a;
}
